"""The parts of the gap report's page, made from a report and a sight; takes no request and asks nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from competency.matrix import Group, groups
from gaps.coverage import CellCoverage, DepartmentCoverage, Person, Status
from gaps.disclosure import listed, tile
from gaps.policies import Sight
from gaps.trends import YearCoverage
from lib import fiscal
from lib.charts import Series, StackedBars, stacked_bars

_URGENT = 6
_NO_LINKS: Mapping[str, str] = {}
STATES = (
    Series("ok", "充足"),
    Series("short", "不足"),
    Series("single", "一人依存"),
    Series("none", "不在", dark=True),
)


@dataclass(frozen=True)
class Urgent:
    """One line of 先に手当てする: the status, the cell, what is the matter and who is nearest."""

    css: str
    word: str
    name: str
    text: str
    nearest: tuple[str, ...] = ()
    nearest_tail: str = ""
    url: str = ""


@dataclass(frozen=True)
class PersonRow:
    """One line of the people table. `state` is where the year's sheet stands as far as a report knows."""

    person: Person
    place: str
    value: str
    state: str
    note: str


def matrix(report: DepartmentCoverage, sight: Sight, links: Mapping[str, str] = _NO_LINKS) -> list[Group]:
    """Return the coverage map: the matrix with a Tile for every cell. `links` are the cells' pages by code."""
    tiles = {
        cell.cell.code: tile(cell, report, sight, links.get(cell.cell.code, "")) for cell in report.cells
    }
    return groups([cell.cell for cell in report.cells], lambda cell: tiles[cell.code])


def stage_names(cells: Sequence[Any]) -> list[str]:
    """Return the names of the three columns, "" for a stage without any cell."""
    names = {cell.stage.rank: cell.stage.name for cell in cells}
    return [names.get(rank, "") for rank in range(3)]


def urgent(
    report: DepartmentCoverage, sight: Sight, links: Mapping[str, str] = _NO_LINKS
) -> tuple[list[Urgent], int]:
    """Return the first gaps to look after, worst first, and how many more there are; none for bands."""
    if sight is Sight.BANDS:
        return [], 0
    gaps = report.priority()
    first = [_urgent(cell, sight, links.get(cell.cell.code, "")) for cell in gaps[:_URGENT]]
    return first, max(len(gaps) - _URGENT, 0)


def apart_notes(report: DepartmentCoverage, sight: Sight) -> list[str]:
    """Return sentences on who is not among the counted people, and on what is counted beside them."""
    if sight in (Sight.WORDS, Sight.BANDS):
        return []
    notes = []
    if report.leave:
        notes.append(f"休職・育休の{_people(report.leave, sight)}は数えていません。")
    if report.apart:
        notes.append(f"会計年度任用の{_people(report.apart, sight)}は数えていません。")
    elif report.rule.fiscal_year_staff:
        notes.append("会計年度任用の職員も数えています。")
    if any(cell.external for cell in report.cells):
        notes.append(
            "委託で常駐する人も数えています。"
            if report.rule.external
            else "委託で常駐する人は数えていません。"
        )
    self_only = {person.id for cell in report.cells for person in cell.self_only}
    if self_only:
        notes.append(f"確認を待っている本人だけの値が{len(self_only)}人にあります（自己のみ・別掲）。")
    return notes


def people_rows(report: DepartmentCoverage) -> list[PersonRow]:
    """Return the people of the department with the year of their values; for those who may see names."""
    return [_person_row(person, report) for person in report.everyone]


def trend_chart(years: Sequence[YearCoverage], codes: Collection[str] | None = None) -> StackedBars | None:
    """Return the states of the last years as stacked bars, of some cells or all; None below two years."""
    if len(years) < 2:
        return None
    rows = [
        (fiscal.short_label(each.year), [each.counts(codes)[Status(one.css)] for one in STATES])
        for each in years
    ]
    joints = [
        index for index in range(1, len(years)) if years[index].version_id != years[index - 1].version_id
    ]
    return stacked_bars(rows, STATES, strong=-1, joints=joints)


def trend_sentences(years: Sequence[YearCoverage]) -> list[str]:
    """Return what changed from the first year shown to the last, a sentence a state; at least one."""
    if len(years) < 2:
        return []
    first, last = years[0].counts(), years[-1].counts()
    told = []
    for one in (Status.OK, Status.SHORT, Status.SINGLE, Status.NONE):
        before, now = first[one], last[one]
        if before != now:
            told.append(
                f"{one.label}は{before}項目から{now}項目に{'増え' if now > before else '減り'}ました。"
            )
    return told or ["充足、不足、一人依存、不在の数は変わっていません。"]


def _urgent(cell: CellCoverage, sight: Sight, url: str) -> Urgent:
    needed = f"（必要 {cell.needed}人）"
    if sight is Sight.WORDS:
        return Urgent(cell.status.value, cell.word, cell.cell.full_name, "")
    if cell.status is Status.NONE:
        text = f"できる人がいません{needed}。"
        text += f"未評価が{cell.unrated}人います。" if cell.unrated else ""
    elif cell.status is Status.SINGLE:
        who = f"{cell.holders[0].name}さんだけ" if cell.holders and sight is Sight.NAMES else "1人だけ"
        text = f"{who}です{needed}。" if cell.holders else f"委託の1人だけです{needed}。"
    else:
        text = f"あと{cell.missing}人です（{cell.count}人／必要 {cell.needed}人）。"
    if sight is not Sight.NAMES:
        return Urgent(cell.status.value, cell.word, cell.cell.full_name, text)
    names, tail = listed(cell.nearest)
    return Urgent(cell.status.value, cell.word, cell.cell.full_name, text, names, tail, url)


def _people(people: Sequence[Person], sight: Sight) -> str:
    if sight is Sight.NAMES and len(people) <= 3:
        return "、".join(f"{person.name}さん" for person in people)
    return f"{len(people)}人"


def _person_row(person: Person, report: DepartmentCoverage) -> PersonRow:
    if person.year is None:
        value = "未評価"
    else:
        value = "今年度" if person.year == report.year else f"{fiscal.short_label(person.year)}年度"
    if person.year == report.year:
        state = "確定"
    else:
        state = "確認待ち" if person.self_year == report.year else "未提出"
    notes = []
    if person.on_leave:
        notes.append("休職・育休中（数えない）")
    if person in report.apart:
        notes.append("別掲（数えない）")
    if person.additional:
        notes.append(person.additional)
    return PersonRow(person, "、".join(dict.fromkeys(person.places)), value, state, "、".join(notes))
