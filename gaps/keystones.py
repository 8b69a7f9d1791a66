"""Who, if they left, would leave a needed cell empty, and who is nearest to it. Pure, tested by property."""

from collections.abc import Sequence
from dataclasses import dataclass

from competency.models.matrix import NEXT_STEP
from gaps.coverage import CellCoverage, DepartmentCoverage, Person


@dataclass(frozen=True)
class Resting:
    """One cell that rests on one person, and who could cover it with the smallest step up.

    `cover` are all counted people at `step`, the highest below holder that anybody has: 2, else 1. Nobody: step 0.
    """

    cell: CellCoverage
    cover: tuple[Person, ...] = ()
    step: int = 0


@dataclass(frozen=True)
class Keystone:
    """One person on whom alone needed cells rest, with those cells in the order of the matrix."""

    person: Person
    cells: tuple[Resting, ...]


def keystones(report: DepartmentCoverage) -> list[Keystone]:
    """Return those without whom a needed cell would have nobody, in the order in which the department lists people.

    A cell counts where one of the department's people is its only holder and no contractor counted there stays.
    A department of one rests on its one person by nature: it gets none (design, 2).
    """
    if report.size < 2:
        return []
    resting: dict[int, list[Resting]] = {}
    for cell in report.cells:
        if cell.needed and cell.count == 1 and cell.holders:
            resting.setdefault(cell.holders[0].id, []).append(_resting(cell, report.people))
    return [Keystone(p, tuple(resting[p.id])) for p in report.people if p.id in resting]


def _resting(cell: CellCoverage, people: Sequence[Person]) -> Resting:
    code = cell.cell.code
    others = [person for person in people if person.id != cell.holders[0].id]
    step = max((min(person.steps.get(code, 0), NEXT_STEP) for person in others), default=0)
    if not step:
        return Resting(cell)
    return Resting(cell, tuple(p for p in others if p.steps.get(code) == step), step)
