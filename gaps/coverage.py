"""Coverage of a department, as arithmetic alone (design, 2): no query, no clock, no knowledge of who is looking."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from competency.models.matrix import HOLDER_STEP, NEXT_STEP


class Status(StrEnum):
    """充足状況 of one cell; the value is the CSS class of the status forms. UNSET: nobody said how many."""

    OK = "ok"
    SHORT = "short"
    SINGLE = "single"
    NONE = "none"
    OUT = "out"
    UNSET = "unset"

    @property
    def label(self) -> str:
        """Return the word on the screen and in files."""
        return _LABELS[self]

    @property
    def severity(self) -> int:
        """Return a number that is higher for the worse: 不在 > 一人依存 > 不足 > 充足, then what is not judged."""
        return _SEVERITY.index(self)

    @property
    def is_gap(self) -> bool:
        """Say whether something is to be done about it."""
        return self in (Status.SHORT, Status.SINGLE, Status.NONE)


_LABELS = {
    Status.OK: "充足",
    Status.SHORT: "不足",
    Status.SINGLE: "一人依存",
    Status.NONE: "不在",
    Status.OUT: "対象外",
    Status.UNSET: "必要人数が未設定",
}
_SEVERITY = [Status.OUT, Status.UNSET, Status.OK, Status.SHORT, Status.SINGLE, Status.NONE]
JUDGED = (Status.OK, Status.SHORT, Status.SINGLE, Status.NONE)


def status(needed: int, holders: int) -> Status:
    """Return the coverage of a cell that needs `needed` holders and has `holders` (design, 2: Coverage).

    One holder is 一人依存 even where one is enough: it is a risk. Raises ValueError for a negative number.
    """
    if needed < 0 or holders < 0:
        raise ValueError("people are counted from 0")
    if needed == 0:
        return Status.OUT
    if holders == 0:
        return Status.NONE
    if holders == 1:
        return Status.SINGLE
    if holders < needed:
        return Status.SHORT
    return Status.OK


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of several, UNSET for none at all."""
    return max(statuses, key=lambda one: one.severity, default=Status.UNSET)


@dataclass(frozen=True)
class Rule:
    """How a department counts in a year: by default neither 会計年度任用 nor 委託常駐."""

    fiscal_year_staff: bool = False
    external: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody posted in a department on the day of the report.

    `steps` are the confirmed steps by cell code of the newest confirmed year, `year`, None where there is none.
    `self_steps` are those of a newer sheet that is handed in but not confirmed, of `self_year`.
    `review` are the codes of confirmed steps that were given to a cell which was revised since, and marked for it.
    `reading` is the フリガナ, for lists by name alone.
    `places` are the names of the departments posted to, 本務 first; `additional` is the word of the posting where
    none of them is 本務.
    """

    id: int
    name: str
    short: str = ""
    reading: str = ""
    uuid: Any = None
    position: str = ""
    places: tuple[str, ...] = ()
    employment: str = ""
    additional: str = ""
    is_fiscal_year: bool = False
    on_leave: bool = False
    year: int | None = None
    steps: Mapping[str, int] = field(default_factory=dict)
    self_year: int | None = None
    self_steps: Mapping[str, int] = field(default_factory=dict)
    review: frozenset[str] = frozenset()

    def codes(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Return the codes of cells confirmed at step 3 or more, of those confirmed at step 2, and of those at step
        3 or more by the person's own word alone.

        Worked out once, for a person counts in every unit above; functools.cached_property would take a lock.
        """
        kept = self.__dict__.get("_kept")
        if kept is None:
            held = tuple(code for code, step in self.steps.items() if step >= HOLDER_STEP)
            near = tuple(code for code, step in self.steps.items() if step == NEXT_STEP)
            own = tuple(
                code for code, step in self.self_steps.items() if step >= HOLDER_STEP and code not in held
            )
            kept = self.__dict__["_kept"] = held, near, own
        return kept


@dataclass(frozen=True)
class CellCoverage:
    """One cell of one department.

    `holders` are those who count; with the switch they include the self-only ones, who stand in `self_only` in
    either case. `nearest` are at step 2. `fiscal_year` and `on_leave` are holders who do not count. `unrated`
    are counted people without a confirmed step of this cell.
    """

    cell: Any
    needed: int | None
    holders: tuple[Person, ...] = ()
    self_only: tuple[Person, ...] = ()
    nearest: tuple[Person, ...] = ()
    fiscal_year: tuple[Person, ...] = ()
    on_leave: tuple[Person, ...] = ()
    unrated: int = 0
    external: int = 0
    external_counts: bool = False
    lone: bool = False

    @property
    def count(self) -> int:
        """Return できる人数, 委託常駐 included where the department counts them."""
        return len(self.holders) + (self.external if self.external_counts else 0)

    @property
    def status(self) -> Status:
        """Return 充足状況, UNSET where 必要人数 is not set."""
        return Status.UNSET if self.needed is None else status(self.needed, self.count)

    @property
    def missing(self) -> int:
        """Return how many holders are still needed."""
        return max((self.needed or 0) - self.count, 0)

    @property
    def word(self) -> str:
        """Return the status in words: 1人体制 instead of 一人依存 where the department is one person."""
        return "1人体制" if self.lone and self.status is Status.SINGLE else self.status.label

    @property
    def word_note(self) -> str:
        """Return what must stand behind the word: nobody can do it as far as is known."""
        return f"（未評価{self.unrated}人）" if self.status is Status.NONE and self.unrated else ""


@dataclass(frozen=True)
class AreaCoverage:
    """The cells of one 区分 in one department: how many of the needed ones are covered, and the worst status."""

    area: Any
    covered: int
    needed: int
    worst: Status
    unrated: bool


@dataclass(frozen=True)
class DepartmentCoverage:
    """A department with all below it: its cells in the order of the matrix, and the people behind them.

    `people` count; `apart` (会計年度任用) and `leave` do not. `year` is the fiscal year of the report.
    """

    name: str
    year: int
    cells: tuple[CellCoverage, ...]
    people: tuple[Person, ...] = ()
    apart: tuple[Person, ...] = ()
    leave: tuple[Person, ...] = ()
    rule: Rule = Rule()

    @property
    def size(self) -> int:
        """Return how many people count."""
        return len(self.people)

    @property
    def everyone(self) -> tuple[Person, ...]:
        """Return all people posted, those who do not count last."""
        return self.people + self.apart + self.leave

    @property
    def confirmed(self) -> int:
        """Return how many counted people have a confirmed value of this year."""
        return sum(person.year == self.year for person in self.people)

    @property
    def earlier(self) -> int:
        """Return how many count with the value of an earlier year."""
        return sum(person.year is not None and person.year < self.year for person in self.people)

    @property
    def unrated(self) -> int:
        """Return how many counted people are 未評価: no confirmed value of any year."""
        return sum(person.year is None for person in self.people)

    def cells_with(self, *wanted: Status) -> list[CellCoverage]:
        """Return the list of cells in one of these states, in the order of the matrix."""
        return [cell for cell in self.cells if cell.status in wanted]

    @property
    def judged(self) -> list[CellCoverage]:
        """Return the list of cells that are needed this year."""
        return self.cells_with(*JUDGED)

    def count(self, one: Status) -> int:
        """Return how many cells are in a state."""
        return sum(cell.status is one for cell in self.cells)

    @property
    def worst(self) -> Status:
        """Return the worst status of all cells."""
        return worst(cell.status for cell in self.cells)

    def priority(self) -> list[CellCoverage]:
        """Return the list of gaps, worst first; among equals the one that lacks more people, then the matrix."""
        gaps = [cell for cell in self.cells if cell.status.is_gap]
        return sorted(gaps, key=lambda cell: (-cell.status.severity, -cell.missing))

    def areas(self) -> list[AreaCoverage]:
        """Return the list of 区分, each folded from its cells."""
        by_area: dict[str, list[CellCoverage]] = {}
        for cell in self.cells:
            by_area.setdefault(cell.cell.area.code, []).append(cell)
        nobody_rated = self.size > 0 and self.unrated == self.size
        return [_area(cells, nobody_rated) for cells in by_area.values()]

    def pillar(self) -> tuple[Person, int] | None:
        """Return the person on whom alone the most cells rest, and how many; None below two cells."""
        alone: dict[int, tuple[Person, int]] = {}
        for cell in self.cells_with(Status.SINGLE):
            for person in cell.holders:
                alone[person.id] = (person, alone.get(person.id, (person, 0))[1] + 1)
        most = max(alone.values(), key=lambda pair: pair[1], default=None)
        return most if most and most[1] > 1 else None


def department_coverage(
    name: str,
    year: int,
    cells: Sequence[Any],
    people: Sequence[Person],
    *,
    needs: Mapping[str, int] | None,
    external: Mapping[str, int] | None = None,
    rule: Rule = Rule(),  # frozen
    include_self: bool = False,
) -> DepartmentCoverage:
    """Fold people and needs into the coverage of one department.

    `cells` are the matrix's cells (`code`, `label`, `area`); `people` those posted there or below, each once;
    `needs` and `external` people by cell code, None where nobody said. `include_self` counts self-only levels.
    """
    leave = tuple(person for person in people if person.on_leave)
    present = [person for person in people if not person.on_leave]
    apart = tuple(p for p in present if p.is_fiscal_year and not rule.fiscal_year_staff)
    counted = tuple(p for p in present if rule.fiscal_year_staff or not p.is_fiscal_year)
    lone = len(counted) == 1
    rated: Counter[str] = Counter()
    holders: dict[str, list[Person]] = defaultdict(list)
    nearest: dict[str, list[Person]] = defaultdict(list)
    self_only: dict[str, list[Person]] = defaultdict(list)
    for person in counted:
        rated.update(person.steps.keys())
        held, near, own = person.codes()
        for code in held:
            holders[code].append(person)
        for code in near:
            nearest[code].append(person)
        for code in own:
            self_only[code].append(person)
            if include_self:
                holders[code].append(person)
    apart_holders, leave_holders = _holders(apart), _holders(leave)
    return DepartmentCoverage(
        name=name,
        year=year,
        cells=tuple(
            CellCoverage(
                cell=cell,
                needed=None if needs is None else needs.get(cell.code),
                holders=tuple(holders.get(cell.code, ())),
                self_only=tuple(self_only.get(cell.code, ())),
                nearest=tuple(nearest.get(cell.code, ())),
                unrated=len(counted) - rated[cell.code],
                external=(external or {}).get(cell.code, 0),
                external_counts=rule.external,
                lone=lone,
                fiscal_year=tuple(apart_holders.get(cell.code, ())),
                on_leave=tuple(leave_holders.get(cell.code, ())),
            )
            for cell in cells
        ),
        people=counted,
        apart=apart,
        leave=leave,
        rule=rule,
    )


def inherited(
    path: str, own: Mapping[str, Mapping[str, int]], children: Mapping[str, Sequence[str]]
) -> dict[str, int] | None:
    """Return people by cell code that hold for the unit at `path`: its own if it has any row, else the sum of
    its children's, None where nobody below said anything (design, 2: Needs in the tree).

    `own` are rows by path and cell code; `children` the paths directly below a path.
    """
    if own.get(path):
        return dict(own[path])
    total: dict[str, int] | None = None
    for child in children.get(path, ()):
        below = inherited(child, own, children)
        if below is not None:
            total = total or {}
            for code, count in below.items():
                total[code] = total.get(code, 0) + count
    return total


def short_names(names: Sequence[str]) -> list[str]:
    """Return family names, or the full name where two in the list share the family name."""
    families = [name.replace("　", " ").split(" ", 1)[0] for name in names]
    seen: dict[str, int] = {}
    for family in families:
        seen[family] = seen.get(family, 0) + 1
    return [name if seen[family] > 1 else family for name, family in zip(names, families, strict=True)]


def _holders(people: Sequence[Person]) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    for person in people:
        for code in person.codes()[0]:
            found.setdefault(code, []).append(person)
    return found


def _area(cells: Sequence[CellCoverage], nobody_rated: bool) -> AreaCoverage:
    states = [cell.status for cell in cells]
    return AreaCoverage(
        area=cells[0].cell.area,
        covered=states.count(Status.OK),
        needed=sum(one in JUDGED for one in states),
        worst=worst(states),
        unrated=nobody_rated,
    )
