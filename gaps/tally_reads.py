"""Which part of a tree is read from tallies, and what they say of it; and people read to be counted (docs/adr/0073).

`tallies_of` is the one place in which the way is chosen: departments whose tallies hold are read from them, all
others person by person. Both ways give the same figures.
"""

import datetime
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Substr

from assessments.models import Cycle
from competency.models.matrix import HOLDER_STEP
from gaps.models import CellTally, Tally, TallyChange
from gaps.models.tallies import APART, COUNTERS, SOMEBODY_HOLDS
from gaps.step_reads import steps_of
from gaps.tally import Away, Counted, Main, Sums, count_department
from lib.paths import ancestors, upper_bound
from lib.prepared import driver_rows
from organization.models import Department, Leave, Posting, Staff

# Departments that a statement leaves out by their keys; where there are more, each is read for itself.
_NAMED = 500
# People that a statement names; of more it asks anew who they are, which takes less than so long a list.
_MOST_KEYS = 3000
# What `with_tally` adds to a department: its key, and the numbers of people.
HEAD = ("tally_key", "tally_people", "tally_rated", "tally_apart", "tally_apart_rated", "tally_changed")


@dataclass(frozen=True)
class Tallied:
    """What tallies say of a part of the tree: which departments they are of, path by id, and what each of them counted.

    `others` are the departments there whose tallies do not hold. A sum is made when it is asked for: a page asks for
    some of a prefecture's thousands. Rows are in the order of their paths, so that a part of the tree is a range.
    Where `longest` stands, rows are sums of the departments at and below paths of that length, and no deeper one may be asked.
    """

    holding: dict[int, str] = field(default_factory=dict)
    others: set[int] = field(default_factory=set)
    people: list[tuple[str, Sequence[int]]] = field(default_factory=list)
    holders: list[tuple[str, str, int, int]] = field(default_factory=list)
    longest: int | None = None

    def add_holders(self, rows: Iterable[tuple[str, str, int, int]]) -> None:
        """Keep (path, cell code, holders, 会計年度任用 holders) of each department, or of all at and below a path.

        What holds was told with the departments, once: tallies that began to hold since are passed over, for their
        people are read one by one.
        """
        places = set(self.holding.values()) if self.longest is None else None
        self.holders.extend(sorted(row for row in rows if places is None or row[0] in places))

    def sums(self, path: str) -> Sums:
        """Return the sums of the department at a path and all below, of all of them for ""; ValueError for too deep a one."""
        if self.longest is not None and len(path) > self.longest:
            raise ValueError("What was read are sums of higher departments.")
        found = Sums()
        for _, numbers in _within(self.people, path):
            found.add(*numbers)
        for _, code, held, apart_held in _within(self.holders, path):
            found.add_holders(code, held, apart_held)
        return found


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
    heads: Iterable[tuple[int, str, Sequence[Any]]], posted: QuerySet[Posting], longest: int | None = None
) -> tuple[Tallied | None, QuerySet[Posting]]:
    """Return the tallies that hold in a part of the tree, and the postings left to be read.

    `heads` are id, path and columns of HEAD of all departments there; `posted` all postings there on the day. Left
    are the 本務 to departments whose tally does not hold, and whatever is no 本務: such people stand in the tally of
    another department, or of this one. None and all of them where no tally holds, as in every small municipality,
    which keeps none. Holders are to be added (`holders_of`). No query. `longest` is the length of the longest path whose
    sum will be asked for, None for all of them.
    """
    tallied = Tallied()
    for department, place, (key, *numbers, changed) in heads:
        if key is None or changed:
            tallied.others.add(department)
        else:
            tallied.holding[department] = place
            tallied.people.append((place, numbers))
    if not tallied.holding:
        return None, posted
    # So many that are left out of a sum a statement can name.
    if longest is not None and len(tallied.others) <= _NAMED:
        tallied = replace(tallied, people=_summed(tallied.people, longest), longest=longest)
    tallied.people.sort()
    left = posted.filter(~Q(kind=Posting.Kind.MAIN) | Q(department__in=tallied.others))
    return tallied, left


def with_main(postings: QuerySet[Posting], on: datetime.date) -> QuerySet[Posting]:
    """Return the queryset with `main`: the department of the 本務 that the person of a posting has on a day."""
    mains = Posting.objects.active_on(on).filter(kind=Posting.Kind.MAIN, staff=OuterRef("staff"))
    return postings.annotate(main=Subquery(mains.values("department")[:1]))


def seats_of(
    posted: QuerySet[Posting], tallied: Tallied | None, on: datetime.date
) -> list[tuple[int, int, str, bool, int | None]]:
    """Return (department, person, 職員区分, away, department of the 本務) of postings; a list. One query."""
    # Without tallies nobody stands in one.
    posted = with_main(posted, on) if tallied else posted.annotate(main=Value(0))
    return driver_rows(
        posted.values_list("department_id", "staff_id", "staff__employment", "on_leave", "main")
    )


def people_of(seats: Collection[tuple[Any, ...]], posted: QuerySet[Posting]) -> Any:
    """Return whom the seats are of: their keys where there are some that a statement can name, else the queryset of them."""
    return {seat[1] for seat in seats} if 0 < len(seats) <= _MOST_KEYS else posted.values("staff")


def holders_of(cycle: Cycle, path: str, tallied: Tallied) -> QuerySet[CellTally]:
    """Return the queryset of cells that anybody holds at or below a path: `place`, `cell`, `first` holders and `second` of
    会計年度任用; the sums of departments where what is tallied asks for no more.
    """
    held, apart_held = (
        sum((F(name) for name in names[HOLDER_STEP + 1 :]), F(names[HOLDER_STEP]))
        for names in (COUNTERS, APART)
    )
    cells = CellTally.objects.filter(municipality_id=cycle.municipality_id, tally__cycle=cycle)
    if path:
        cells = cells.filter(tally__department__path__gte=path, tally__department__path__lt=upper_bound(path))
    cells = cells.filter(SOMEBODY_HOLDS).annotate(mine=held, apart=apart_held)
    if tallied.longest is None:
        return cells.annotate(place=F("tally__department__path"), first=F("mine"), second=F("apart"))
    place = Substr("tally__department__path", 1, tallied.longest) if tallied.longest else Value("")
    return (
        cells.exclude(tally__department__in=tallied.others)
        .annotate(place=place)
        .order_by()
        .values("tally__cycle_id", "place", "cell")
        .annotate(first=Sum("mine"), second=Sum("apart"))
    )


def chain(place: str, top: str) -> list[str]:
    """Return the paths from the top down to a place."""
    above = ancestors(place) if top else ("", *ancestors(place))
    return [path for path in above if len(path) >= len(top)]


def _summed(people: Iterable[tuple[str, Sequence[int]]], longest: int) -> list[tuple[str, Sequence[int]]]:
    """Return the numbers of people added up by the beginnings of their paths; a list."""
    found: dict[str, Sequence[int]] = {}
    for place, numbers in people:
        top = place[:longest]
        before = found.get(top)
        found[top] = (
            numbers if before is None else [one + more for one, more in zip(before, numbers, strict=True)]
        )
    return list(found.items())


def _within(rows: list[Any], path: str) -> Iterable[Any]:
    """Return the rows at or below a path of rows that begin with one, in the order of their paths; all of them for ""."""
    if not path:
        return rows
    return rows[bisect_left(rows, (path,)) : bisect_left(rows, (upper_bound(path),))]


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
