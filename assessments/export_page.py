"""What the pages of the export centre show. Takes no request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from access.actor import Actor, Role
from access.table import may
from assessments.export_files import FORMAT_WORDS
from assessments.export_kind import ExportKind, export_kinds
from assessments.lookups import saved_export_for
from assessments.models import Cycle, SavedExport
from lib import fiscal
from organization.models import Department

# Enough to see what it is about; the list in the file holds all.
LISTED = 200
GONE_PLACE = "保存した所属は、いまは選べません。所属を選び直してください。"


@dataclass(frozen=True)
class SavedRow:
    """One saved definition in words; `kind` is None where it may not be taken out any more."""

    saved: SavedExport
    kind: ExportKind | None
    label: str
    conditions: str


def centre(actor: Actor) -> dict[str, Any]:
    """Return the context of /exports/: the kinds, one's saved definitions, the departments of bundles. Three queries."""
    everything = export_kinds()
    kinds = {name: kind for name, kind in everything.items() if kind.allowed(actor)}
    saved = list(SavedExport.objects.visible_to(actor).order_by("name", "pk"))
    wanted = {each.params.get("department") for each in saved} - {"", None}
    places = dict(Department.objects.of(actor).filter(uuid__in=wanted).values_list("uuid", "name"))
    names = {str(key): name for key, name in places.items()}
    return {
        "kinds": list(kinds.items()),
        "saved": [_row(each, everything, kinds, names) for each in saved],
        "own_only": not (actor.has(Role.HR) or actor.has(Role.LINE)),
        "bundles": _bundles(actor),
        "can_issue": may(actor, "P20t"),
        "leads": actor.has(Role.HR) or actor.has(Role.LINE),
        "own_uuid": actor.staff_uuid,
    }


def first_values(
    actor: Actor, kind_name: str, asked: Mapping[str, str]
) -> tuple[dict[str, Any], SavedExport | None, str]:
    """Return the values that a form opens with, the definition they are from, and what of it is gone.

    The year is the present one, or the newest before it. A definition of another kind, or somebody else's, raises
    NotVisible. `asked` is the address: a definition as `saved`, or the year, department, state and format of the page that
    leads here. At most three queries.
    """
    begun = Cycle.objects.visible_to(actor).exclude(state=Cycle.State.PREPARED)
    now = fiscal.fiscal_year(actor.today)
    year = begun.filter(fiscal_year__lte=now).order_by("-fiscal_year").values_list("uuid", flat=True).first()
    initial: dict[str, Any] = {"cycle": year} if year else {}
    if not asked.get("saved"):
        initial |= {
            name: asked[name] for name in ("cycle", "department", "state", "format") if asked.get(name)
        }
        return initial, None, ""
    saved = saved_export_for(actor, asked["saved"], kind_name)
    params, gone = saved.params, ""
    initial |= {name: params.get(name, "") for name in ("state", "format", "split")}
    if params.get("department"):
        found = Department.objects.of(actor).filter(uuid=params["department"]).first()
        if found is not None and (actor.has(Role.HR) or actor.leads(found.path)):
            initial["department"] = found.uuid
        else:
            gone = GONE_PLACE
    return initial, saved, gone


def _row(
    saved: SavedExport, everything: dict[str, ExportKind], kinds: dict[str, ExportKind], names: dict[str, str]
) -> SavedRow:
    kind, params = everything.get(saved.kind), saved.params
    state = dict(kind.states).get(params.get("state", ""), "") if kind else ""
    words = [
        names.get(params["department"], "いまはない所属") if params.get("department") else "",
        str(state),
        FORMAT_WORDS.get(params.get("format", ""), ""),
        "所属ごとのシート" if params.get("split") else "",
    ]
    return SavedRow(
        saved,
        kinds.get(saved.kind),
        kind.label if kind else "いまはない内容",
        "、".join(w for w in words if w),
    )


def _bundles(actor: Actor) -> list[Department]:
    """Return the departments led today, of whose people the résumés come as one file; none for 人事, who has all."""
    if not actor.line_paths or actor.has(Role.HR):
        return []
    led = Department.objects.of(actor).filter(path__in=actor.line_paths).valid_on(actor.today)
    return list(led.order_by("path", "pk"))
