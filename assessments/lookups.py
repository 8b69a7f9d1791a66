"""Loading in scope: a lookup returns the object or raises the refusal (permissions.md)."""

import datetime
import functools
import uuid
from typing import Any

from django.db.models import Case, When

from access.actor import Actor, Role
from access.refusals import Conflict, Forbidden, NotVisible
from access.table import may
from assessments.deadlines import with_deadlines
from assessments.entry_reads import DETAILS
from assessments.models import Attachment, Cycle, Entry, Proxy, SavedExport, Sheet, Training
from assessments.proxy_reads import on_behalf, with_proxy
from assessments.workflow.sheets import PROXY_ENDED
from competency.models import Course
from lib.paths import upper_bound
from lib.prepared import PreparedObjects
from organization.models import Staff


def sheet_for(actor: Actor, sheet_uuid: uuid.UUID) -> Sheet:
    """Return the sheet with cycle, person, department, version and deadlines; NotVisible out of scope (P07, P14)."""
    is_hr = actor.has(Role.HR)
    paths = () if is_hr else actor.line_paths
    values = {"municipality_id": actor.municipality_id, "today": actor.today, "uuid": sheet_uuid}
    values |= {} if is_hr else {"staff_id": actor.staff_id}
    for number, path in enumerate(paths):
        values |= {f"path{number}": path, f"bound{number}": upper_bound(path)}
    sheets = _prepared_sheet(is_hr, len(paths)).objects(values)
    if not sheets:
        raise NotVisible
    return sheets[0]


@functools.cache
def _prepared_sheet(is_hr: bool, paths: int) -> PreparedObjects[Sheet]:
    """Return the read of one sheet by somebody who leads so many departments, written once a process.

    It joins twelve tables: writing it took the ORM a hundred times as long as the answer takes, and half of the page.
    """
    lines = tuple(f"{90_000_001 + number:08d}" for number in range(paths))
    day = datetime.date(1900, 1, 2)
    stand_ins: dict[str, Any] = {
        "municipality_id": 9_000_001, "today": day, "uuid": uuid.UUID(int=9_000_003),
    }  # fmt: skip
    stand_ins |= {} if is_hr else {"staff_id": 9_000_002}
    for number, path in enumerate(lines):
        stand_ins |= {f"path{number}": path, f"bound{number}": upper_bound(path)}
    actor = Actor(
        staff_id=9_000_002,
        staff_uuid=uuid.UUID(int=9_000_004),
        municipality_id=9_000_001,
        today=day,
        roles=frozenset({Role.SELF, Role.HR} if is_hr else {Role.SELF}),
        head_paths=lines,
    )
    sheets = (
        with_deadlines(with_proxy(Sheet.objects.readable_by(actor)), actor.today)
        .with_import()
        .select_related(
            "cycle__framework_version__framework",
            "framework_version__framework",
            "staff",
            "department",
            "current_revision",
        )
        .filter(uuid=stand_ins["uuid"])
    )
    return PreparedObjects(sheets, stand_ins, as_written=True)


def sheet_to_fill(actor: Actor, sheet_uuid: uuid.UUID, number: str = "P05") -> Sheet:
    """Return the sheet for the person, or for 人事 while a 代理入力 of it is open (P05, P06, P05h).

    NotVisible out of scope, Conflict for 人事 once the 代理入力 has ended, Forbidden for anybody else.
    """
    sheet = sheet_for(actor, sheet_uuid)
    own = sheet.staff_id == actor.staff_id
    if may(actor, number, own=own):
        return sheet
    if not own and may(actor, "P05h"):
        proxy = on_behalf(sheet)
        if proxy is not None and proxy.is_open:
            return sheet
        if Proxy.objects.filter(sheet=sheet).exists():
            raise Conflict(PROXY_ENDED, detail={"state": sheet.state})
    raise Forbidden("記入と提出は、本人だけができます。")


def my_open_sheet(actor: Actor) -> Sheet | None:
    """Return the actor's sheet of the newest open year that takes answers today, None where no year is open.

    A year opened ahead of its first day does not hide the one that people are still filling in; where nothing
    else is open it is what they find.
    """
    ahead = Case(When(cycle__starts_on__lte=actor.today, then=0), default=1)
    return (
        Sheet.objects.filter(staff_id=actor.staff_id, cycle__state=Cycle.State.OPEN)
        .select_related(
            "cycle__framework_version__framework",
            "framework_version__framework",
            "staff",
            "department",
            "current_revision",
        )
        .order_by(ahead, "-fiscal_year")
        .first()
    )


def record_owner_for(actor: Actor, staff_uuid: uuid.UUID) -> Staff:
    """Return the person whose record the actor may see today (P04); NotVisible out of scope. One query."""
    people = Staff.objects.with_records_visible_to(actor).select_related("statement")
    staff = people.filter(uuid=staff_uuid).first()
    if staff is None:
        raise NotVisible
    return staff


def entry_for(actor: Actor, entry_uuid: uuid.UUID) -> Entry:
    """Return a standing entry with its person, whose record the actor may see today (P04); NotVisible else. One query."""
    people = Staff.objects.with_records_visible_to(actor)
    entry = (
        Entry.objects.of_municipality(actor)
        .standing()
        .filter(uuid=entry_uuid, staff__in=people.values("pk"))
        .select_related("staff")
        .first()
    )
    if entry is None:
        raise NotVisible
    return entry


def entry_to_keep(actor: Actor, entry_uuid: uuid.UUID) -> Entry:
    """Return an entry, a removed one too, with its person and the row of its kind, for whoever keeps it (P03).

    NotVisible out of scope, Forbidden for those who may only see it. One query.
    """
    people = Staff.objects.with_records_visible_to(actor)
    entry = (
        Entry.objects.of_municipality(actor)
        .filter(uuid=entry_uuid, staff__in=people.values("pk"))
        .select_related("staff", *DETAILS)
        .first()
    )
    if entry is None:
        raise NotVisible
    check_keeper(actor, entry.staff)
    return entry


def check_keeper(actor: Actor, staff: Staff) -> None:
    """Raise Forbidden for anyone but the person and 人事 (P03)."""
    if not may(actor, "P03", own=staff.pk == actor.staff_id):
        raise Forbidden("記録を足したり直したりできるのは、本人と人事だけです。")


def file_for(actor: Actor, file_uuid: uuid.UUID) -> Attachment:
    """Return a standing file of a standing entry that the actor may see today (P04); NotVisible else. One query."""
    people = Staff.objects.with_records_visible_to(actor)
    file = (
        Attachment.objects.filter(
            uuid=file_uuid, removed_at__isnull=True, municipality_id=actor.municipality_id
        )
        .filter(entry__removed_at__isnull=True, entry__staff__in=people.values("pk"))
        .select_related("entry__staff")
        .first()
    )
    if file is None:
        raise NotVisible
    return file


def coming_cycle(actor: Actor) -> Cycle | None:
    """Return the year that is being prepared for the actor's municipality, the nearest first; None for none."""
    prepared = Cycle.objects.visible_to(actor).filter(state=Cycle.State.PREPARED)
    return prepared.order_by("starts_on", "pk").first()


def waiting_count(actor: Actor) -> int:
    """Return how many sheets wait for this actor, a 再確認 too; the number in the main menu. Two queries."""
    from assessments.line import waiting_for

    return waiting_for(actor).count()


def course_for(actor: Actor, course_uuid: uuid.UUID) -> Course:
    """Return a course of the actor's municipality with its provider and cells; NotVisible for any other. Two queries."""
    found = Course.objects.visible_to(actor).select_related("provider").prefetch_related("cells")
    course = found.filter(uuid=course_uuid).first()
    if course is None:
        raise NotVisible
    return course


def training_for(actor: Actor, entry_uuid: uuid.UUID) -> Training:
    """Return a 研修 of somebody whose record the actor may see today (P04); NotVisible out of scope. One query."""
    people = Staff.objects.with_records_visible_to(actor)
    found = Training.objects.standing().filter(uuid=entry_uuid, staff__in=people.values("pk"))
    training = found.select_related("staff", "course__provider").first()
    if training is None:
        raise NotVisible
    return training


def my_applications(actor: Actor) -> dict[int, Training]:
    """Return the actor's own newest 研修 of each course that they applied for, by course. One query."""
    mine = Training.objects.standing().filter(staff_id=actor.staff_id, course__isnull=False)
    return {training.course_id: training for training in mine.select_related("course").order_by("pk")}


def saved_export_for(actor: Actor, saved_uuid: uuid.UUID | str, kind: str = "") -> SavedExport:
    """Return one's own saved export (of this kind, if given); NotVisible for any other. One query."""
    try:
        key = uuid.UUID(str(saved_uuid))
    except ValueError:
        raise NotVisible from None
    found = SavedExport.objects.visible_to(actor).filter(uuid=key)
    saved = (found.filter(kind=kind) if kind else found).first()
    if saved is None:
        raise NotVisible
    return saved
