"""Which part of a tree is read from tallies, and what they say of it; and people read to be counted (docs/adr/0073).

`tallies_of` is the one place in which the way is chosen: departments whose tallies hold are read from them, all
others person by person. Both ways give the same figures.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from assessments.models import Cycle
from competency.models.matrix import HOLDER_STEP
from gaps.models import CellTally, Tally, TallyChange
from gaps.models.tallies import APART, COUNTERS
from gaps.step_reads import steps_of
from gaps.tally import Away, Counted, Main, Sums, count_department
from lib.paths import ancestors
from organization.models import Department, Leave, Posting, Staff

# What `with_tally` adds to a department: its key, and the numbers of people.
HEAD = ("tally_key", "tally_people", "tally_rated", "tally_apart", "tally_apart_rated", "tally_changed")


@dataclass(frozen=True)
class Tallied:
    """What tallies say of a part of the tree below `top`: sums by path, and which departments they are of, path by id."""

    top: str
    holding: Mapping[int, str]
    sums: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    _above: dict[str, list[Sums]] = field(default_factory=dict)

    def add_people(self, place: str, numbers: Sequence[int]) -> None:
        """Add the people of the department at a path to it and to all units above."""
        self._above[place] = [self.sums[above] for above in chain(place, self.top)]
        for one in self._above[place]:
            one.add(*numbers)

    def add_holders(self, rows: Iterable[tuple[str, str, int, int]]) -> None:
        """Add (path, cell code, holders, 会計年度任用 holders) to each department and to all units above.

        What holds was told with the departments, once: tallies that began to hold since are passed over, for their
        people are read one by one.
        """
        for place, code, held, apart_held in rows:
            for one in self._above.get(place, ()):
                one.add_holders(code, held, apart_held)


def with_tally(departments: QuerySet[Department], cycle: Cycle, on: datetime.date) -> QuerySet[Department]:
    """Return the queryset with the columns of HEAD: the tally of a year that holds on a day, empty without one."""
    holds = Q(
        tally__cycle=cycle, tally__framework_version=cycle.framework_version_id, tally__counted_on__lte=on
    )
    holds &= Q(tally__valid_until__isnull=True) | Q(tally__valid_until__gt=on)
    return departments.annotate(
        held=FilteredRelation("tally", condition=holds),
        tally_key=F("held__pk"),
        tally_people=F("held__people"),
        tally_rated=F("held__rated"),
        tally_apart=F("held__apart"),
        tally_apart_rated=F("held__apart_rated"),
        tally_changed=Exists(TallyChange.objects.filter(department=OuterRef("pk"))),
    )


def tallies_of(
    heads: Mapping[int, tuple[str, Sequence[Any]]], posted: QuerySet[Posting], path: str
) -> tuple[Tallied | None, QuerySet[Posting]]:
    """Return the tallies that hold in the department at `path` and all below, and the postings left to be read.

    `heads` are path and columns of HEAD by id, of all departments there; `posted` all postings there on the day. Left
    are the 本務 to departments whose tally does not hold, and whatever is no 本務: such people stand in the tally of
    another department, or of this one. None and all of them where no tally holds, as in every small municipality,
    which keeps none. Holders are to be added (`holders_of`). No query.
    """
    holding = {
        department: place
        for department, (place, (key, *_, changed)) in heads.items()
        if key is not None and not changed
    }
    if not holding:
        return None, posted
    tallied = Tallied(path, holding)
    for department, place in holding.items():
        tallied.add_people(place, heads[department][1][1:-1])
    left = posted.filter(~Q(kind=Posting.Kind.MAIN) | Q(department__in=heads.keys() - holding.keys()))
    return tallied, left


def with_main(postings: QuerySet[Posting], on: datetime.date) -> QuerySet[Posting]:
    """Return the queryset with `main`: the department of the 本務 that the person of a posting has on a day."""
    mains = Posting.objects.active_on(on).filter(kind=Posting.Kind.MAIN, staff=OuterRef("staff"))
    return postings.annotate(main=Subquery(mains.values("department")[:1]))


def holders_of(cycle: Cycle, path: str) -> QuerySet[CellTally]:
    """Return the queryset of cells that anybody holds at or below a path, with `first` holders and `second` of 会計年度任用."""
    held, apart_held = (
        sum((F(name) for name in names[HOLDER_STEP + 1 :]), F(names[HOLDER_STEP]))
        for names in (COUNTERS, APART)
    )
    tallies = Tally.objects.filter(municipality_id=cycle.municipality_id, cycle=cycle).below(path)
    cells = CellTally.objects.filter(municipality_id=cycle.municipality_id, tally__in=tallies)
    return cells.annotate(first=held, second=apart_held).filter(Q(first__gt=0) | Q(second__gt=0))


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
