"""Which part of a tree is read from tallies, and what they say of it; and people read to be counted (docs/adr/0073).

`tallies_of` is the one place in which the way is chosen: departments whose tallies hold are read from them, all
others person by person. Both ways give the same figures.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from assessments.models import Cycle
from competency.models.matrix import HOLDER_STEP
from gaps.models import CellTally, Tally
from gaps.models.tallies import APART, COUNTERS
from gaps.step_reads import steps_of
from gaps.tally import Away, Counted, Main, Sums, count_department
from lib.paths import ancestors
from lib.prepared import driver_rows
from organization.models import Leave, Posting, Staff


@dataclass(frozen=True)
class Tallied:
    """What tallies say of a part of the tree: sums by path, for every unit from the top down.

    `mains` are the paths of the departments in whose tallies people stand who are posted elsewhere besides, by
    person: a person counts once in a unit above both.
    """

    sums: Mapping[str, Sums] = field(default_factory=dict)
    mains: Mapping[int, str] = field(default_factory=dict)

    def stands_below(self, staff_id: int, path: str) -> bool:
        """Say whether a person is in the tally of a department at or below a path."""
        main = self.mains.get(staff_id)
        return main is not None and main.startswith(path)


def tallies_of(
    posted: QuerySet[Posting], cycle: Cycle, on: datetime.date, path: str, departments: Collection[int]
) -> tuple[Tallied | None, QuerySet[Posting]]:
    """Return what the tallies that hold say of the department at `path` and all below, and the postings left to be read.

    `posted` are all postings there on the day, `departments` the ids of all departments there. Left are the 本務 to
    those whose tally does not hold, and whatever is no 本務: such people stand in the tally of another department,
    or of this one. None and all of them where no tally holds, as in every small municipality, which keeps none.
    One query there, else three.
    """
    tallies = Tally.objects.filter(municipality_id=cycle.municipality_id).below(path)
    heads = driver_rows(
        tallies.holding(cycle, on).values_list(
            "pk", "department_id", "department__path", "people", "rated", "apart", "apart_rated"
        )
    )
    if not heads:
        return None, posted
    places = {key: place for key, _, place, *_ in heads}
    holding = {department for _, department, *_ in heads}
    sums: dict[str, Sums] = defaultdict(Sums)
    chains = {place: chain(place, path) for place in places.values()}
    for _, _, place, *numbers in heads:
        for above in chains[place]:
            sums[above].add(*numbers)
    # What holds was told above, once: asked again, another department could stand in both ways or in neither.
    for key, code, held, apart_held in driver_rows(_holders(cycle, tallies)):
        for above in chains[places[key]] if key in places else ():
            sums[above].holders[code] += held
            sums[above].apart_holders[code] += apart_held
    left = posted.filter(~Q(kind=Posting.Kind.MAIN) | Q(department__in=set(departments) - holding))
    rows = Posting.objects.active_on(on).filter(kind=Posting.Kind.MAIN, staff__in=left.values("staff"))
    mains = {
        staff_id: place
        for staff_id, department, place in driver_rows(
            rows.values_list("staff_id", "department_id", "department__path")
        )
        if department in holding
    }
    return Tallied(sums, mains), left


def _holders(cycle: Cycle, tallies: QuerySet[Tally]) -> QuerySet[CellTally, tuple[Any, ...]]:
    """Return (tally, cell code, holders, 会計年度任用 holders) of the cells that anybody holds."""
    held, apart_held = (
        sum((F(name) for name in names[HOLDER_STEP + 1 :]), F(names[HOLDER_STEP]))
        for names in (COUNTERS, APART)
    )
    cells = CellTally.objects.filter(
        municipality_id=cycle.municipality_id, tally__in=tallies.filter(cycle=cycle)
    )
    cells = cells.annotate(held=held, apart_held=apart_held).filter(Q(held__gt=0) | Q(apart_held__gt=0))
    return cells.values_list("tally_id", "cell__code", "held", "apart_held")


def chain(place: str, top: str) -> list[str]:
    """Return the paths from the top down to a place."""
    above = ancestors(place) if top else ("", *ancestors(place))
    return [path for path in above if len(path) >= len(top)]


def counted_departments(departments: Collection[int], cycle: Cycle, on: datetime.date) -> dict[int, Counted]:
    """Return each of some departments of one municipality as it is now for a year. Three queries.

    The steps are those of the reports (gaps.step_reads), so that what a version takes over is taken over here too.
    """
    mains_rows = Posting.objects.filter(department__in=departments, kind=Posting.Kind.MAIN)
    mains_rows = mains_rows.filter(Q(end__isnull=True) | Q(end__gt=on))
    mains: dict[int, list[Main]] = {department: [] for department in departments}
    for department, staff_id, start, end, left_on, employment in mains_rows.values_list(
        "department_id", "staff_id", "start", "end", "staff__left_on", "staff__employment"
    ):
        mains[department].append(
            Main(staff_id, start, end, left_on, employment == Staff.Employment.FISCAL_YEAR)
        )
    aways: dict[int, list[Away]] = defaultdict(list)
    leaves = Leave.objects.filter(staff__in=mains_rows.values("staff"))
    leaves = leaves.filter(Q(end__isnull=True) | Q(end__gt=on))
    for staff_id, start, end in leaves.values_list("staff_id", "start", "end"):
        aways[staff_id].append(Away(staff_id, start, end))
    steps = steps_of(mains_rows.filter(start__lte=on), cycle).steps
    return {department: count_department(rows, aways, steps, on) for department, rows in mains.items()}


def without_tally(municipality_id: int, cycle: Cycle, on: datetime.date):
    """Return the queryset of ids of departments with people whose tally for a year is missing or no longer holds."""
    holds = Tally.objects.holding(cycle, on).filter(department=OuterRef("department"))
    people = Posting.objects.active_on(on).filter(municipality_id=municipality_id, kind=Posting.Kind.MAIN)
    return people.exclude(Exists(holds)).order_by().values_list("department_id", flat=True).distinct()
