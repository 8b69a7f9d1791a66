"""Counting people beforehand, and a report from what was counted: arithmetic alone, no query and no clock (docs/adr/0073)."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from competency.models import Step
from gaps.coverage import CellCoverage, DepartmentCoverage, Person, Rule, department_coverage
from lib.intervals import active


@dataclass(frozen=True)
class Main:
    """One 本務 of somebody, today's or a coming one, with what decides whether they count. Intervals are half open."""

    staff_id: int
    start: datetime.date
    end: datetime.date | None
    left_on: datetime.date | None
    is_apart: bool


@dataclass(frozen=True)
class Away:
    """One 休職・育休 of somebody, today's or a coming one."""

    staff_id: int
    start: datetime.date
    end: datetime.date | None


@dataclass
class Counted:
    """One department as counted on a day: people, those of them with a confirmed year, and the steps of each cell.

    `apart` are 会計年度任用. `steps` and `apart_steps` are people by cell code and step. `until` is the first day on
    which the count may be another, None where nothing dated lies ahead.
    """

    people: int = 0
    rated: int = 0
    apart: int = 0
    apart_rated: int = 0
    steps: dict[str, list[int]] = field(default_factory=dict)
    apart_steps: dict[str, list[int]] = field(default_factory=dict)
    until: datetime.date | None = None


def count_department(
    mains: Iterable[Main],
    aways: Mapping[int, Sequence[Away]],
    steps: Mapping[int, tuple[int, Mapping[str, int]]],
    day: datetime.date,
) -> Counted:
    """Count one department on a day.

    `mains` are the 本務 to it that have not ended, `aways` the leaves that have not ended by person, `steps` year and
    confirmed step by cell code by person.
    """
    found = Counted()
    for main in mains:
        leaves = aways.get(main.staff_id, ())
        dated = [main.start, main.end, main.left_on, *(d for away in leaves for d in (away.start, away.end))]
        ahead = [each for each in dated if each is not None and each > day]
        found.until = min(ahead + ([found.until] if found.until else []), default=None)
        if not active(main.start, main.end, day) or (main.left_on is not None and main.left_on <= day):
            continue
        if any(active(away.start, away.end, day) for away in leaves):
            continue
        year, held = steps.get(main.staff_id, (None, {}))
        into = found.apart_steps if main.is_apart else found.steps
        if main.is_apart:
            found.apart += 1
            found.apart_rated += year is not None
        else:
            found.people += 1
            found.rated += year is not None
        for code, step in held.items():
            into.setdefault(code, [0] * len(Step))[step] += 1
    return found


@dataclass
class Sums:
    """What the tallies of some departments come to: people, those rated, and holders by cell code."""

    people: int = 0
    rated: int = 0
    apart: int = 0
    apart_rated: int = 0
    # Plain dictionaries: a city has thousands of these, and a Counter takes as long to make as all that goes into it.
    holders: dict[str, int] = field(default_factory=dict)
    apart_holders: dict[str, int] = field(default_factory=dict)

    def add(self, people: int, rated: int, apart: int, apart_rated: int) -> None:
        """Add the people of one tally."""
        self.people += people
        self.rated += rated
        self.apart += apart
        self.apart_rated += apart_rated

    def add_holders(self, code: str, held: int, apart_held: int) -> None:
        """Add the holders of one cell of one tally."""
        self.holders[code] = self.holders.get(code, 0) + held
        if apart_held:
            self.apart_holders[code] = self.apart_holders.get(code, 0) + apart_held

    def counted(self, rule: Rule) -> tuple[int, int, Mapping[str, int]]:
        """Return people, those rated and holders by cell code, as a department counts them."""
        if not rule.fiscal_year_staff:
            return self.people, self.rated, self.holders
        return (
            self.people + self.apart,
            self.rated + self.apart_rated,
            Counter(self.holders) + Counter(self.apart_holders),
        )


@dataclass(frozen=True)
class TalliedCell(CellCoverage):
    """A cell whose holders are known by their number: `holders` are those of them that were read one by one."""

    tallied: int = 0

    @property
    def count(self) -> int:
        """Return できる人数 of the tallies and of those read one by one, with 委託常駐 where the department counts them."""
        return self.tallied + super().count


@dataclass(frozen=True)
class TalliedCoverage(DepartmentCoverage):
    """A department most of whose people are known by their number alone: for trees and sums, which name nobody."""

    tallied: int = 0
    tallied_rated: int = 0

    @property
    def size(self) -> int:
        """Return how many people count."""
        return self.tallied + super().size

    @property
    def unrated(self) -> int:
        """Return how many counted people are 未評価: no confirmed value of any year."""
        return self.tallied - self.tallied_rated + super().unrated


def tallied_coverage(
    name: str,
    year: int,
    cells: Sequence[Any],
    sums: Sums,
    others: Sequence[Person],
    *,
    needs: Mapping[str, int] | None,
    external: Mapping[str, int] | None,
    rule: Rule,
) -> TalliedCoverage:
    """Return the coverage of a department from the sums of its tallies and the people who stand in none of them.

    The same as `department_coverage` of all of them, but for names, and for who is nearest or on leave.
    """
    read = department_coverage(name, year, cells, others, needs=needs, external=external, rule=rule)
    people, rated, holders = sums.counted(rule)
    lone = people + read.size == 1
    return TalliedCoverage(
        name=name,
        year=year,
        cells=tuple(_tallied(cell, people, holders.get(cell.cell.code, 0), lone) for cell in read.cells),
        people=read.people,
        apart=read.apart,
        leave=read.leave,
        rule=rule,
        tallied=people,
        tallied_rated=rated,
    )


def _tallied(cell: CellCoverage, people: int, holders: int, lone: bool) -> TalliedCell:
    """Return a cell with those who stand in tallies besides those who were read."""
    return TalliedCell(
        cell.cell, cell.needed, cell.holders, cell.self_only, cell.nearest, cell.fiscal_year, cell.on_leave,
        cell.unrated + people - holders, cell.external, cell.external_counts, lone, holders,
    )  # fmt: skip
