"""Who may read which planted word, worked out from permissions.md by hand and apart from the product's queries."""

from dataclasses import dataclass

from access.actor import Actor, Role
from lib.paths import is_within
from tests.canaries import Canary, Owner


@dataclass(frozen=True)
class System:
    """Another system with a token for everything of one municipality (P20t): what 人事 exports."""

    municipality_id: int


# Whose sight a model's words follow.
OPEN = "everybody of the municipality"
PLACE = "names of departments: the line, who belongs there, and roles of the whole municipality"
CARD = "P01, P25: own, scope, HR, auditor, system administrator"
RECORD = "P04, P07: own, scope, HR"
COMMENT = "P12: the same"
MEMO = "P13: scope and HR, never the person"
DRAFT = "P05: the person alone"
WISH = "P32: the person and HR"
PLAN = "P16, P17, P18: the line and HR"
DUTY = "the same, and who belongs to the department"
MINE = "its owner alone"
HR = "P21, P22, P20t: HR"
PERSON = "HR and the person it is about"
DESK = "P24: editors of the municipality"
TRAIL = "P27a: auditor and system administrator"
NOBODY = "nobody"

SIGHT: dict[str, str] = {
    "organization.Municipality": OPEN,
    "organization.Department": PLACE,
    "organization.Staff": CARD,
    "organization.Posting": CARD,
    "organization.Position": OPEN,
    "organization.ImportBatch": HR,
    "organization.HeaderMapping": HR,
    "organization.ComingChange": HR,
    "organization.Job": MINE,
    "organization.Passkey": MINE,
    "organization.ApiToken": HR,
    "organization.StaffSession": MINE,
    "competency.Framework": DESK,
    "competency.FrameworkVersion": DESK,
    "competency.Category": DESK,
    "competency.Area": DESK,
    "competency.Stage": DESK,
    "competency.Cell": DESK,
    "competency.CellOrigin": DESK,
    "competency.StepWording": DESK,
    "competency.VersionComment": DESK,
    "competency.Qualification": OPEN,
    "competency.Provider": OPEN,
    "competency.Course": OPEN,
    "competency.Crosswalk": OPEN,
    "competency.CrosswalkItem": OPEN,
    "competency.CrosswalkLink": OPEN,
    "competency.ReferenceSurvey": DESK,
    "competency.Duty": DUTY,
    "competency.DutyDemand": DUTY,
    "assessments.Draft": DRAFT,
    "assessments.TransferWish": WISH,
    "assessments.SavedExport": MINE,
    "assessments.Proxy": PERSON,
    "assessments.Sheet": RECORD,
    "assessments.TrustedIssuer": HR,
    "assessments.Exclusion": HR,
    "assessments.Extension": HR,
    "assessments.Leftover": HR,
    "assessments.VersionChange": HR,
    "gaps.FourWayOverride": PLAN,
    "gaps.Measure": PLAN,
    "gaps.MeasurePerson": PLAN,
    "gaps.Need": PLAN,
    "gaps.Scenario": PLAN,
    "gaps.ScenarioMove": PLAN,
    "gaps.ScenarioStep": PLAN,
    "audit.Alarm": TRAIL,
    "privacy.Purpose": OPEN,
    "privacy.Hold": HR,
    "privacy.RightsRequest": HR,
}
_RECORDS = (
    "Experience", "Certification", "Training", "Career", "Handover", "Attachment", "RatingEvidence", "Revision", "Rating",
    "Target", "Statement", "ForeignRecord", "ForeignLevel", "EntryCell", "Confirmation", "Remark", "Reply",
    "Reconfirmation",
)  # fmt: skip
SIGHT |= {f"assessments.{name}": RECORD for name in _RECORDS}


def sight_of(canary: Canary) -> str:
    """Return whose sight a word follows. KeyError for a model that nobody has thought about."""
    if canary.model in ("assessments.Confirmation", "assessments.Remark") and canary.field in (
        "comment",
        "text",
    ):
        return MEMO if canary.variant == "memo" else COMMENT
    if canary.model == "organization.Staff" and canary.field in ("name", "kana", "username", "staff_number"):
        return CARD
    return SIGHT[canary.model]


def may_read(actor: Actor | System | None, canary: Canary, owner: Owner) -> bool:
    """Say whether the word may reach an actor; None is somebody who is not signed in."""
    staff, place = owner.rows["organization.Staff"], owner.rows["organization.Department"]
    if actor is None or staff.municipality_id != actor.municipality_id:
        return False
    if isinstance(actor, System):
        return sight_of(canary) in (OPEN, PLACE, CARD, RECORD, COMMENT, PLAN, DUTY)
    sight, own = sight_of(canary), staff.pk == actor.staff_id
    line = any(is_within(place.path, root) for root in actor.line_paths)
    belongs = place.path in actor.own_paths
    hr, auditor = actor.has(Role.HR), actor.has(Role.AUDITOR)
    editor, admin = actor.has(Role.EDITOR), actor.has(Role.SYSADMIN)
    return {
        OPEN: True,
        PLACE: line
        or belongs
        or hr
        or auditor
        or editor
        or admin
        or any(is_within(path, place.path) for path in actor.own_paths),
        CARD: own or line or hr or auditor or admin,
        RECORD: own or line or hr,
        COMMENT: own or line or hr,
        MEMO: (line or hr) and not own,
        DRAFT: own,
        WISH: own or hr,
        PLAN: line or hr,
        DUTY: line or hr or belongs,
        MINE: own,
        HR: hr,
        PERSON: own or hr,
        DESK: editor,
        TRAIL: auditor or admin,
        NOBODY: False,
    }[sight]
