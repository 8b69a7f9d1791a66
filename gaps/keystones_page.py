"""The warning 「抜けると困ること」 as it is printed; for those who see names. Takes no request and asks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from competency.models import Step
from gaps.coverage import DepartmentCoverage, Person
from gaps.disclosure import listed
from gaps.keystones import Resting, keystones


@dataclass(frozen=True)
class RestingLine:
    """One cell that would be empty: its name and page, and who is nearest."""

    name: str
    url: str
    cover: str


@dataclass(frozen=True)
class KeystoneRow:
    """One person without whom cells would be empty; `cells` in the order of the matrix."""

    person: Person
    cells: tuple[RestingLine, ...]


def keystone_rows(report: DepartmentCoverage, links: Mapping[str, str]) -> list[KeystoneRow]:
    """Return the people in the order of the department. `links` are the cells' pages by code."""
    return [
        KeystoneRow(
            each.person,
            tuple(
                RestingLine(one.cell.cell.full_name, links.get(one.cell.cell.code, ""), _cover(one))
                for one in each.cells
            ),
        )
        for each in keystones(report)
    ]


def keystones_answer(report: DepartmentCoverage, rows: list[KeystoneRow]) -> str:
    """Return the warning in a sentence, "" where nothing is needed."""
    if not report.judged or not report.size:
        return ""
    if report.size == 1:
        return "1人体制のため、この人が休むと、この所属でできる人はいなくなります。"
    if not rows:
        return "1人が抜けただけで「できる人」がいなくなる項目はありません。"
    cells = sum(len(row.cells) for row in rows)
    if len(rows) == 1:
        return f"{rows[0].person.name}さんが抜けると、{cells}項目で「できる人」がいなくなります。"
    return f"次の{len(rows)}人は、誰か1人が抜けると「できる人」がいなくなる項目を持っています（合わせて{cells}項目）。"


def _cover(one: Resting) -> str:
    if not one.cover:
        return "近い人はいません"
    names, tail = listed(one.cover)
    return f"近いのは {''.join(names)}{tail}（{one.step} {Step(one.step).label}）"
