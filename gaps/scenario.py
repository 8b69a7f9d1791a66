"""What a department could do after people have left and come, as arithmetic alone: no query, no clock, no names looked up.

The base is a report of today; the same people, needs and rules of counting are folded again without those who leave
and with those who come (docs/adr/0019).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from competency.models.matrix import HOLDER_STEP
from gaps.coverage import JUDGED, CellCoverage, DepartmentCoverage, Person, Status, department_coverage

# A cell with so many holders rests on whoever leaves.
NEAR_SOLE = 2


@dataclass(frozen=True)
class CellChange:
    """One cell before and after."""

    before: CellCoverage
    after: CellCoverage

    @property
    def cell(self) -> Any:
        """Return the cell of the matrix."""
        return self.after.cell

    @property
    def changed(self) -> bool:
        """Say whether 充足状況 is another one."""
        return self.before.status is not self.after.status

    @property
    def moved(self) -> bool:
        """Say whether できる人数 is another one."""
        return self.before.count != self.after.count

    @property
    def worse(self) -> bool:
        """Say whether 充足状況 is worse than before."""
        return self.after.status.severity > self.before.status.severity

    @property
    def better(self) -> bool:
        """Say whether 充足状況 is better than before."""
        return self.after.status.severity < self.before.status.severity


@dataclass(frozen=True)
class StateCount:
    """How many cells are in a state before and after."""

    status: Status
    before: int
    after: int

    @property
    def difference(self) -> int:
        """Return how many more there are after."""
        return self.after - self.before


@dataclass(frozen=True)
class Cover:
    """Who could cover a cell with the smallest step up: all who stand on the highest step below 独力でできる.

    The people are in the order of the department's table, never by a number. `joining` says that nobody who stays
    stands on any step, and these are people who come. Without anybody `step` is 0.
    """

    change: CellChange
    step: int = 0
    people: tuple[Person, ...] = ()
    joining: bool = False


@dataclass(frozen=True)
class Handover:
    """What one leaver hands over: cells that rest on them, and the measures and duties that stand in their name."""

    person: Person
    cells: tuple[CellChange, ...]
    measures: tuple[Any, ...] = ()
    duties: tuple[Any, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is known that would have to be handed over."""
        return not (self.cells or self.measures or self.duties)


@dataclass(frozen=True)
class Outcome:
    """Coverage before and after the moves. `leavers` were in the department; `joiners` were not, or were on leave."""

    before: DepartmentCoverage
    after: DepartmentCoverage
    leavers: tuple[Person, ...]
    joiners: tuple[Person, ...]

    @property
    def changes(self) -> tuple[CellChange, ...]:
        """Return every cell before and after, in the order of the matrix."""
        return tuple(
            CellChange(old, new) for old, new in zip(self.before.cells, self.after.cells, strict=True)
        )

    @property
    def fallen_to_none(self) -> list[CellChange]:
        """Return the list of cells that nobody can do any more."""
        return [one for one in self.changes if one.worse and one.after.status is Status.NONE]

    @property
    def fallen_to_single(self) -> list[CellChange]:
        """Return the list of cells that come to rest on one person."""
        return [one for one in self.changes if one.worse and one.after.status is Status.SINGLE]

    @property
    def worsened(self) -> list[CellChange]:
        """Return the list of cells whose state gets worse."""
        return [one for one in self.changes if one.worse]

    @property
    def improved(self) -> list[CellChange]:
        """Return the list of cells whose state gets better."""
        return [one for one in self.changes if one.better]

    def counts(self) -> list[StateCount]:
        """Return the number of cells per state before and after, a line a state, the best first."""
        return [StateCount(one, self.before.count(one), self.after.count(one)) for one in JUDGED]

    def covers(self) -> list[Cover]:
        """Return who could cover each cell that gets worse, in the order of the matrix."""
        came = {person.id for person in self.joiners}
        stay = [person for person in self.after.people if person.id not in came]
        come = [person for person in self.after.people if person.id in came]
        return [_cover(change, stay, come) for change in self.worsened]

    def handovers(
        self,
        measures: Mapping[int, Sequence[Any]] | None = None,
        duties: Mapping[int, Sequence[Any]] | None = None,
    ) -> list[Handover]:
        """Return what each leaver hands over. `measures` and `duties` are those in their name, by person.

        A cell is on the list where they can do it, its state gets worse, and either they are one of at most two
        who can, or after the moves at most one is left.
        """
        return [
            Handover(
                person,
                tuple(change for change in self.worsened if _rests_on(person, change)),
                tuple((measures or {}).get(person.id, ())),
                tuple((duties or {}).get(person.id, ())),
            )
            for person in self.leavers
        ]


def outcome(
    report: DepartmentCoverage, *, leavers: Collection[int] = (), joiners: Iterable[Person] = ()
) -> Outcome:
    """Return the coverage of a department without `leavers` (ids) and with `joiners`.

    A joiner with the id of somebody in the department takes that person's place: who comes back from a leave counts
    again, and who leaves and comes back with the same steps changes nothing. Ids that are not there leave nothing.
    The order of the moves says nothing.
    """
    coming = {person.id: person for person in joiners}
    everyone = report.everyone
    there = {person.id for person in everyone}
    stay = [
        coming.get(person.id, person)
        for person in everyone
        if person.id not in leavers or person.id in coming
    ]
    new = sorted(
        (person for person in coming.values() if person.id not in there),
        key=lambda person: (person.id < 0, abs(person.id)),
    )
    after = department_coverage(
        report.name,
        report.year,
        [one.cell for one in report.cells],
        [*stay, *new],
        needs={one.cell.code: one.needed for one in report.cells if one.needed is not None},
        external={one.cell.code: one.external for one in report.cells},
        rule=report.rule,
    )
    return Outcome(
        before=report,
        after=after,
        leavers=tuple(person for person in everyone if person.id in leavers and person.id not in coming),
        joiners=tuple(
            [coming[person.id] for person in everyone if person.id in coming and person.id not in leavers]
            + new
        ),
    )


def returning(person: Person) -> Person:
    """Return somebody on leave as they are when they are back."""
    return replace(person, on_leave=False)


def holds(person: Person) -> int:
    """Return how many cells the person does alone or teaches: a fact for the handover, no score."""
    return sum(step >= HOLDER_STEP for step in person.steps.values())


def carries_alone(report: DepartmentCoverage) -> dict[int, int]:
    """Return how many needed cells rest on one person alone, by that person's id."""
    alone: dict[int, int] = {}
    for one in report.cells_with(Status.SINGLE):
        for person in one.holders:
            alone[person.id] = alone.get(person.id, 0) + 1
    return alone


def _rests_on(person: Person, change: CellChange) -> bool:
    holders = {one.id for one in change.before.holders}
    few = len(holders) <= NEAR_SOLE or change.after.status in (Status.NONE, Status.SINGLE)
    return person.id in holders and few


def _cover(change: CellChange, stay: Sequence[Person], come: Sequence[Person]) -> Cover:
    for people, joining in ((stay, False), (come, True)):
        below = [(person, person.steps.get(change.cell.code, 0)) for person in people]
        highest = max((step for _, step in below if step < HOLDER_STEP), default=0)
        if highest:
            nearest = tuple(person for person, step in below if step == highest)
            return Cover(change, highest, nearest, joining)
    return Cover(change)
