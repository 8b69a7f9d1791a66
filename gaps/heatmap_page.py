"""People × cells: one row a person, its fields built here so that a page renders a row at a time. Pure."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from competency.targets import Gap, Target
from gaps.coverage import DepartmentCoverage, Person
from lib import fiscal


@dataclass(frozen=True)
class Field:
    """One field: class, the confirmed step or the word for none, and the newer own step below.

    `text` has the distance to the target in brackets where there is one; `unrated_target` is the target of
    somebody who has no step yet, as text.
    """

    css: str
    text: str
    own: str = ""
    unrated_target: str = ""


@dataclass(frozen=True)
class Row:
    """One person."""

    person: Person
    note: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Column:
    """One cell: what stands in its head, and how many can do it against how many are needed."""

    cell: Any
    count: str


@dataclass(frozen=True)
class Span:
    """One head over several columns."""

    name: str
    columns: int


def rows(
    report: DepartmentCoverage,
    people: Sequence[Person],
    targets: Mapping[int, Mapping[str, Target]] | None = None,
) -> list[Row]:
    """Return the rows of these people of a department, in their order.

    `targets` are those of each person by cell code. Where anybody has one, the ground of a field tells the
    distance to the target, else the step: two scales of ground on one page would be read as one.
    """
    codes = [cell.cell.code for cell in report.cells]
    given = targets or {}
    aimed = has_targets(given)
    return [
        Row(person, _note(person, report), tuple(_fields(person, codes, given.get(person.id, {}), aimed)))
        for person in people
    ]


def has_targets(targets: Mapping[int, Mapping[str, Target]]) -> bool:
    """Say whether anybody has a target."""
    return any(targets.values())


def columns(report: DepartmentCoverage) -> list[Column]:
    """Return the heads of the columns, in the order of the matrix."""
    return [
        Column(cell.cell, str(cell.count) if cell.needed is None else f"{cell.count}／{cell.needed}")
        for cell in report.cells
    ]


def heads(report: DepartmentCoverage) -> tuple[list[Span], list[Span]]:
    """Return 分類 and 区分 with the number of columns each spans, in the order of the matrix."""
    cells = [cell.cell for cell in report.cells]
    return _spans([cell.area.category.name for cell in cells]), _spans([cell.area.name for cell in cells])


def _spans(names: Sequence[str]) -> list[Span]:
    return [Span(name, len(list(same))) for name, same in itertools.groupby(names)]


def _fields(person: Person, codes: Sequence[str], targets: Mapping[str, Target], aimed: bool):
    for code in codes:
        step, own = person.steps.get(code), person.self_steps.get(code)
        mine = f"自己 {own}" if own is not None and own != step else ""
        if code in person.review:
            mine = f"{mine}　見直し" if mine else "見直し"
        target = targets.get(code)
        if step is None:
            yield Field("unknown", "未評価", mine, f"目標 {target.step}" if target else "")
        elif target:
            gap = Gap(target, step)
            yield Field(gap.css, gap.text, mine)
        else:
            yield Field("free" if aimed else f"step{step}", str(step), mine)


def _note(person: Person, report: DepartmentCoverage) -> str:
    notes = [person.position] if person.position else []
    if person.year is not None and person.year != report.year:
        notes.append(f"{fiscal.short_label(person.year)}年度の値")
    if person.on_leave:
        notes.append("休職・育休中")
    if person in report.apart:
        notes.append("別掲")
    return "、".join(notes)
