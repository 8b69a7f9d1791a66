"""Who uses a cell or a version, told to the desk of the 体系 (competency.uses): no number of people under five."""

from collections.abc import Collection
from dataclasses import replace

from django.db.models import Count

from assessments.models import Confirmation, Cycle, Rating, Sheet
from competency.models import DepartmentDuty, DutyDemand, FrameworkVersion
from competency.uses import CellUse, Impact
from gaps.disclosure import SMALL, banded
from gaps.models import Need


def cells(municipality_id: int, version: FrameworkVersion, people: bool) -> dict[str, CellUse]:
    """Return who uses which cell of a version in a municipality, by code. Two queries, four with `people`."""
    mine = {"municipality_id": municipality_id, "cell__version_id": version.pk}
    written: dict[str, int] = {}
    confirmed: dict[str, int] = {}
    if people:
        count = Count("revision__sheet__staff", distinct=True)
        written = dict(Rating.objects.filter(**mine).values_list("cell__code").annotate(count))
        confirmed = dict(Confirmation.objects.filter(**mine).values_list("cell__code").annotate(count))
    needs = dict(
        Need.objects.filter(**mine, count__gt=0)
        .values_list("cell__code")
        .annotate(Count("department", distinct=True))
    )
    chosen = DepartmentDuty.objects.filter(municipality_id=municipality_id).values("duty")
    asked = DutyDemand.objects.filter(duty__in=chosen)
    duties = dict(asked.values_list("cell_code").annotate(Count("duty", distinct=True)))
    return {
        code: CellUse(
            banded(written.get(code, 0)) if people else "",
            banded(confirmed.get(code, 0)) if people else "",
            duties.get(code, 0),
            needs.get(code, 0),
        )
        for code in {*written, *confirmed, *needs, *duties}
    }


def impact(municipality_id: int, version: FrameworkVersion, again: Collection[str]) -> Impact:
    """Return whom a successor of the version concerns. The totals are exact from five on, the rest are bands."""
    found = Impact(tuple(years(municipality_id, version)))
    sheets = Sheet.objects.filter(
        municipality_id=municipality_id, cycle__framework_version=version, cycle__state=Cycle.State.OPEN
    )
    counts = sheets.aggregate(
        people=Count("staff", distinct=True), departments=Count("department", distinct=True)
    )
    mine = Rating.objects.filter(municipality_id=municipality_id, cell__version=version)
    recorded = Sheet.objects.filter(
        municipality_id=municipality_id, cycle__framework_version=version, state=Sheet.State.CONFIRMED
    )
    again_people = (
        mine.filter(cell__code__in=list(again)).values("revision__sheet__staff").distinct().count()
        if again
        else None
    )
    return replace(
        found,
        people=_total(counts["people"]),
        departments=counts["departments"],
        again="" if again_people is None else banded(again_people),
        recorded=_total(recorded.values("staff").distinct().count()),
    )


def years(municipality_id: int, version: FrameworkVersion) -> list[str]:
    """Return the names of the years that are not over and use the version, the newest first."""
    using = Cycle.objects.filter(municipality_id=municipality_id, framework_version=version)
    return [str(cycle) for cycle in using.exclude(state=Cycle.State.CLOSED).order_by("-fiscal_year")]


def _total(count: int) -> str:
    return f"{count:,}人" if count >= SMALL else banded(count)
