"""Coverage of the years before, cell by cell, followed through reorganisations. One query for all years."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from assessments.models import Cycle
from gaps.counting import counts
from gaps.coverage import DepartmentCoverage, Rule, Status, inherited, status
from gaps.reports import Snapshot, Unit, children_of
from lib import fiscal
from lib.paths import LEVEL_DIGITS
from organization.succession import followed


@dataclass(frozen=True)
class CellYear:
    """One cell at the end of one year; `needed` None is not set."""

    needed: int | None
    holders: int

    @property
    def status(self) -> Status:
        """Return 充足状況, UNSET where nobody said how many."""
        return Status.UNSET if self.needed is None else status(self.needed, self.holders)


@dataclass(frozen=True)
class YearCoverage:
    """One year of a department by cell code. `joined` says that departments which ended are counted in it."""

    year: int
    cells: Mapping[str, CellYear]
    joined: bool = False

    def counts(self, codes: Iterable[str] | None = None) -> Counter[Status]:
        """Return how many cells stood in each state; of `codes` alone where they are given."""
        wanted = self.cells if codes is None else [code for code in codes if code in self.cells]
        return Counter(self.cells[code].status for code in wanted)


@dataclass(frozen=True)
class Question:
    """The earlier years in which something was needed, and what the database is asked about each of them.

    `queries` give (year, cell code, holders); a page with questions of its own asks them together with those.
    """

    told: tuple["_Past", ...]
    queries: tuple[QuerySet, ...]

    def answer(self, rows: Iterable[tuple[int, str, int]], current: DepartmentCoverage) -> list[YearCoverage]:
        """Return the last years, oldest first, the report's own year last; a list, [] for one year."""
        if not self.told:
            return []
        held: dict[int, dict[str, int]] = defaultdict(dict)
        for year, code, number in rows:
            held[year][code] = number
        found = [past.coverage(held[past.cycle.fiscal_year]) for past in reversed(self.told)]
        now = {cell.cell.code: CellYear(cell.needed, cell.count) for cell in current.cells}
        return [*found, YearCoverage(current.year, now)]


def question(picture: Snapshot, years: Iterable[Cycle]) -> Question:
    """Return what is to be asked about the years before; asks nothing itself.

    An earlier year is taken at its last day. `picture` was read with these years. A year in which nothing was
    needed is left out. Departments that ended and were taken over are counted in, those that went elsewhere are not.
    """
    mine = followed([*picture.units, *picture.former], picture.path) if picture.path else None
    told = [past for past in (_past(picture, cycle, mine) for cycle in years) if past.needs]
    queries = [
        counts(
            past.cycle.municipality_id, picture.path, past.last, past.cycle.fiscal_year,
            past.rule.fiscal_year_staff, mine,
        )
        for past in told
    ]  # fmt: skip
    return Question(tuple(told), tuple(queries))


def trend(picture: Snapshot, years: Iterable[Cycle], current: DepartmentCoverage) -> list[YearCoverage]:
    """Return the last years, oldest first, the report's own year last; a list, [] for one year. One query."""
    asked = question(picture, years)
    first, *others = asked.queries or [()]
    return asked.answer(first.union(*others, all=True) if others else first, current)


@dataclass(frozen=True)
class _Past:
    """What a department said in an earlier year, its predecessors included."""

    cycle: Cycle
    last: datetime.date
    rule: Rule
    needs: Mapping[str, int]
    external: Mapping[str, int]
    joined: bool

    def coverage(self, held: Mapping[str, int]) -> YearCoverage:
        """Return the year, given the holders by cell code that the database counted."""
        cells = {
            code: CellYear(
                needed, held.get(code, 0) + (self.external.get(code, 0) if self.rule.external else 0)
            )
            for code, needed in self.needs.items()
        }
        return YearCoverage(self.cycle.fiscal_year, cells, self.joined)


def _past(picture: Snapshot, cycle: Cycle, mine: set[int] | None) -> _Past:
    said = picture.settings[cycle.pk]
    last = min(fiscal.last_day(cycle.fiscal_year), picture.day)
    units = picture.units if mine is None else _of(mine, [*picture.units, *picture.former])
    children = children_of(units, last)
    tops = [picture.path] if mine is None else _tops(units)
    ruling = next((top for top in tops if top in said.rules), picture.path)
    return _Past(
        cycle=cycle,
        last=last,
        rule=said.rule_for(ruling),
        needs=_sum(inherited(top, said.needs, children) for top in tops),
        external=_sum(inherited(top, said.external, children) for top in tops),
        joined=len(tops) > 1,
    )


def _of(ids: set[int], units: Iterable[Unit]) -> list[Unit]:
    return [unit for unit in units if unit.id in ids]


def _tops(units: Sequence[Unit]) -> list[str]:
    """Return the paths of units whose parent is not among them, sorted."""
    there = {unit.path for unit in units}
    return sorted(path for path in there if path[:-LEVEL_DIGITS] not in there)


def _sum(parts: Iterable[Mapping[str, int] | None]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part or {})
    return dict(total)
