"""Coverage of the years before, cell by cell, followed through reorganisations. One query for all years."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from assessments.models import Cycle
from competency.lineage_reads import is_plain, path_to
from gaps.counting import counts, fold, held
from gaps.coverage import DepartmentCoverage, Rule, Status, inherited, status
from gaps.reports import Snapshot, Unit, children_of
from lib import fiscal
from lib.paths import LEVEL_DIGITS
from lib.prepared import driver_rows
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
    """One year of a department by cell code of the version of that year.

    `joined` says that departments which ended are counted in it. `version` is what the version is called, and `origins`
    says, where it is another than the report's, from which of its cells each cell of the report came.
    """

    year: int
    cells: Mapping[str, CellYear]
    joined: bool = False
    version: str = ""
    version_id: int = 0
    origins: Mapping[str, tuple[str, ...]] | None = None

    def codes_of(self, code: str) -> tuple[str, ...]:
        """Return the codes of that year that a cell of the report came from: its own where the version is the same."""
        return (code,) if self.origins is None else self.origins.get(code, ())

    def cell(self, code: str) -> CellYear | None:
        """Return what a cell of the report was in that year, the worst of several that were joined; None for nothing."""
        found = [self.cells[each] for each in self.codes_of(code) if each in self.cells]
        return max(found, key=lambda one: one.status.severity, default=None)

    def counts(self, codes: Iterable[str] | None = None) -> Counter[Status]:
        """Return how many cells stood in each state; of `codes` alone where they are given."""
        wanted: Iterable[str] = self.cells
        if codes is not None:
            # Two cells that one was split into are one cell of that year.
            wanted = dict.fromkeys(
                each for code in codes for each in self.codes_of(code) if each in self.cells
            )
        return Counter(self.cells[code].status for code in wanted)


@dataclass(frozen=True)
class Question:
    """The earlier years in which something was needed, and what the database is asked about each of them.

    `queries` give (year, cell code, holders); a page with questions of its own asks them together with those. `folded`
    give (year, version, person, cell code) of years whose holders no code alone tells
    (ADR 44). `current` are the key and the name of the report's version.
    """

    told: tuple["_Past", ...]
    queries: tuple[QuerySet, ...]
    folded: tuple[QuerySet, ...] = ()
    current: tuple[int, str] = (0, "")

    def answer(self, rows: Iterable[tuple[int, str, int]], current: DepartmentCoverage) -> list[YearCoverage]:
        """Return the last years, oldest first, the report's own year last; a list, [] for one year.

        One query more where there is something to fold.
        """
        if not self.told:
            return []
        held: dict[int, dict[str, int]] = defaultdict(dict)
        for year, code, number in rows:
            held[year][code] = number
        held |= self._fold()
        found = [past.coverage(held[past.cycle.fiscal_year]) for past in reversed(self.told)]
        now = {cell.cell.code: CellYear(cell.needed, cell.count) for cell in current.cells}
        return [*found, YearCoverage(current.year, now, version=self.current[1], version_id=self.current[0])]

    def codes_of(self, code: str) -> set[str]:
        """Return every code that a cell of the report had in one of these years."""
        return {each for past in self.told for each in (past.origins or {code: (code,)}).get(code, ())}

    def _fold(self) -> dict[int, dict[str, int]]:
        if not self.folded:
            return {}
        first, *others = self.folded
        rows: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        for year, *row in driver_rows(first.union(*others, all=True) if others else first):
            rows[year].append((row[0], row[1], row[2]))
        versions = {past.cycle.fiscal_year: past.cycle.framework_version for past in self.told}
        return {year: fold(of_year, versions[year]) for year, of_year in rows.items()}


def question(picture: Snapshot, years: Iterable[Cycle]) -> Question:
    """Return what is to be asked about the years before; asks nothing itself.

    An earlier year is taken at its last day. `picture` was read with these years. A year in which nothing was
    needed is left out. Departments that ended and were taken over are counted in, those that went elsewhere are not.
    """
    mine = followed([*picture.units, *picture.former], picture.path) if picture.path else None
    told = [past for past in (_past(picture, cycle, mine) for cycle in years) if past.needs]
    queries: dict[bool, list[QuerySet]] = {True: [], False: []}
    for past in told:
        plain = is_plain(past.cycle.framework_version)
        ask = counts if plain else held
        queries[plain].append(
            ask(
                past.cycle.municipality_id, picture.path, past.last, past.cycle.fiscal_year,
                past.rule.fiscal_year_staff, mine,
            )
        )  # fmt: skip
    version = picture.cycle.framework_version
    return Question(tuple(told), tuple(queries[True]), tuple(queries[False]), (version.pk, version.name))


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
    origins: Mapping[str, tuple[str, ...]] | None

    def coverage(self, held: Mapping[str, int]) -> YearCoverage:
        """Return the year, given the holders by cell code that the database counted."""
        cells = {
            code: CellYear(
                needed, held.get(code, 0) + (self.external.get(code, 0) if self.rule.external else 0)
            )
            for code, needed in self.needs.items()
        }
        return YearCoverage(
            self.cycle.fiscal_year, cells, self.joined, str(self.cycle.framework_version),
            self.cycle.framework_version_id, self.origins,
        )  # fmt: skip


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
        origins=_origins(picture.cycle, cycle),
    )


def _origins(current: Cycle, past: Cycle) -> Mapping[str, tuple[str, ...]] | None:
    """Return from which cells of an earlier year's version those of the report's came; None where codes tell it."""
    path = path_to(current.framework_version, past.framework_version_id)
    return None if path is None else {code: source.codes for code, source in path.sources.items()}


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
