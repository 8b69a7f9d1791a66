"""Who uses a cell or a version, told to the desk of the 体系 (competency.uses): no number of people under five."""

from collections.abc import Collection

from django.db.models import Count, Q, QuerySet, Value

from assessments.models import Confirmation, Cycle, Rating, Sheet
from competency.models import DepartmentDuty, DutyDemand, FrameworkVersion
from competency.uses import CellUse, Impact
from gaps.disclosure import SMALL, banded
from gaps.models import Need


def cells(municipality_id: int, version: FrameworkVersion, people: bool) -> dict[str, CellUse]:
    """Return who uses which cell of a version in a municipality, by code. One query, two with `people`."""
    mine = {"municipality_id": municipality_id, "cell__version_id": version.pk}
    chosen = DepartmentDuty.objects.filter(municipality_id=municipality_id).values("duty")
    found = _counted(
        _counts(Need.objects.filter(**mine, count__gt=0), "needs", "cell__code", "department"),
        _counts(DutyDemand.objects.filter(duty__in=chosen), "duties", "cell_code", "duty"),
    )
    if people:
        staff = "revision__sheet__staff"
        found |= _counted(
            _counts(Rating.objects.filter(**mine), "written", "cell__code", staff),
            _counts(Confirmation.objects.filter(**mine), "confirmed", "cell__code", staff),
        )
    return {
        code: CellUse(
            banded(found.get((code, "written"), 0)) if people else "",
            banded(found.get((code, "confirmed"), 0)) if people else "",
            found.get((code, "duties"), 0),
            found.get((code, "needs"), 0),
        )
        for code, _ in found
    }


def _counts(rows: QuerySet, kind: str, code: str, counted: str) -> QuerySet:
    """Return (code, kind, how many different ones) of each cell."""
    by_code = rows.order_by().values(code).annotate(kind=Value(kind), how_many=Count(counted, distinct=True))
    return by_code.values_list(code, "kind", "how_many")


def _counted(first: QuerySet, second: QuerySet) -> dict[tuple[str, str], int]:
    return {(code, kind): how_many for code, kind, how_many in first.union(second, all=True)}


def impact(municipality_id: int, version: FrameworkVersion, again: Collection[str]) -> Impact:
    """Return whom a successor of the version concerns. The totals are exact from five on, the rest are bands."""
    sheets = Sheet.objects.filter(municipality_id=municipality_id, cycle__framework_version=version)
    going_on = Q(cycle__state=Cycle.State.OPEN)
    counts = sheets.aggregate(
        people=Count("staff", filter=going_on, distinct=True),
        departments=Count("department", filter=going_on, distinct=True),
        recorded=Count("staff", filter=Q(state=Sheet.State.CONFIRMED), distinct=True),
    )
    told = ""
    if again:
        mine = Rating.objects.filter(municipality_id=municipality_id, cell__version=version)
        people = mine.filter(cell__code__in=list(again)).values("revision__sheet__staff")
        told = banded(people.distinct().count())
    return Impact(
        years=tuple(years(municipality_id, version)),
        people=_total(counts["people"]),
        departments=counts["departments"],
        again=told,
        recorded=banded(counts["recorded"]) if counts["recorded"] else "",
    )


def years(municipality_id: int, version: FrameworkVersion) -> list[str]:
    """Return the names of the years that are not over and use the version, the newest first."""
    using = Cycle.objects.filter(municipality_id=municipality_id, framework_version=version)
    return [str(cycle) for cycle in using.exclude(state=Cycle.State.CLOSED).order_by("-fiscal_year")]


def _total(count: int) -> str:
    return f"{count:,}人" if count >= SMALL else banded(count)
