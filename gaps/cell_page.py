"""The parts of the page of one cell, made from coverage and facts; takes no request and asks nothing.

All of it is names: only those who see the department's people open it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from competency.models import Step
from competency.models.matrix import NEXT_STEP
from gaps.cell_reads import CellFacts
from gaps.coverage import CellCoverage, DepartmentCoverage, Person, Status
from gaps.past_reads import Experienced
from gaps.trends import YearCoverage
from lib import fiscal
from lib.charts import Columns, column_bars
from lib.dates import format_range
from lib.intervals import last_day


@dataclass(frozen=True)
class PersonLine:
    """One person: where, at which step, of which year, and what it rests on or why they stand apart."""

    person: Person
    place: str
    step: str
    year: str
    note: str = ""


@dataclass(frozen=True)
class ExperiencedLine:
    """One 経験者, ready to print."""

    name: str
    present: str
    period: str
    duties: str
    step: str


def answer(cell: CellCoverage, report: DepartmentCoverage) -> str:
    """Return the answer in one or two short sentences."""
    if not report.people:
        return "この日に数える職員がいません。"
    can = f"できる人は{cell.count}人です。"
    if cell.status is Status.UNSET:
        return f"必要人数が未設定です。{can}"
    if cell.status is Status.OUT:
        return f"今年度は対象外です。{can}"
    if cell.status is Status.NONE:
        unrated = f"未評価の人が{cell.unrated}人います。" if cell.unrated else ""
        return f"できる人がいません。必要な人数は{cell.needed}人です。{unrated}"
    missing = f"必要な{cell.needed}人に、あと{cell.missing}人足りません。" if cell.missing else ""
    if cell.status is Status.SINGLE:
        if not cell.holders:
            return f"できるのは、委託で常駐する1人だけです。{missing}"
        if cell.lone:
            return f"この所属は1人体制です。できる人は、その1人です。{missing}"
        return f"できる人は{cell.holders[0].name}さんだけです。{missing or '休むと止まります。'}"
    return can + (missing or f"必要な{cell.needed}人に足りています。")


def can(cell: CellCoverage, facts: CellFacts, year: int) -> list[PersonLine]:
    """Return those who count as able, in the order of the department, with what they wrote as evidence."""
    return [_line(p, cell, year, facts.evidence.get(p.id, "")) for p in cell.holders]


def next_ones(cell: CellCoverage, report: DepartmentCoverage) -> list[PersonLine]:
    """Return who could come next: step 2, then 1, by reading within a step; nobody who counts already."""
    able = {person.id for person in cell.holders}
    code = cell.cell.code
    close = [p for p in report.people if p.id not in able and 0 < p.steps.get(code, 0) <= NEXT_STEP]
    close.sort(key=lambda p: (-p.steps[code], p.reading, p.name, p.id))
    return [_line(person, cell, report.year) for person in close]


def apart(cell: CellCoverage, facts: CellFacts, year: int) -> list[PersonLine]:
    """Return who can do it and does not count, each with the reason; a list."""
    counted = {person.id for person in cell.holders}
    lines = [
        PersonLine(
            p,
            _places(p),
            _step(p.self_steps[cell.cell.code]),
            _year(p.self_year, year),
            "自己のみ（確認待ち）",
        )
        for p in cell.self_only
        if p.id not in counted
    ]
    for people, why in ((cell.fiscal_year, "会計年度任用"), (cell.on_leave, "休職・育休中")):
        lines += [_line(person, cell, year, why) for person in people]
    return lines


def external_note(cell: CellCoverage) -> str:
    """Return what is to be said of 委託常駐, "" for nothing."""
    if not cell.external:
        return ""
    how = "人数に含めています" if cell.external_counts else "人数に含めていません"
    return f"ほかに、委託で常駐する人が{cell.external}人います（{how}）。"


def experienced(people: Sequence[Experienced]) -> list[ExperiencedLine]:
    """Return the lines about 経験者, as they come."""
    return [
        ExperiencedLine(
            name=each.name,
            present=each.present,
            period="、".join(format_range(start, last_day(end)) for start, end in each.periods),
            duties="、".join(each.duties),
            step=f"{_step(each.step)}（{fiscal.short_label(each.year)}年度）",
        )
        for each in people
    ]


def holders_by_year(years: Sequence[YearCoverage], code: str) -> list[tuple[str, int]]:
    """Return できる人 by year, oldest first, of the years in which the cell was needed or set; a list."""
    found = [(each.year, each.cell(code)) for each in years]
    return [(fiscal.short_label(year), cell.holders) for year, cell in found if cell is not None]


def years_chart(points: Sequence[tuple[str, int]], people: int) -> Columns | None:
    """Return できる人 by year as bars under a line at the head-count of today, None below two years."""
    if len(points) < 2:
        return None
    return column_bars(points, top=max(people, *(value for _, value in points), 1))


def years_sentence(points: Sequence[tuple[str, int]]) -> str:
    """Return what the years say in a sentence."""
    if len(points) < 2:
        return "比べられる年度がまだありません。2つ目の年度から図が出ます。"
    (first, before), (last, now) = points[0], points[-1]
    if before == now:
        return f"できる人は、{first}年度も{last}年度も{now}人です。"
    return f"できる人は、{first}年度の{before}人から{last}年度の{now}人に{'増え' if now > before else '減り'}ました。"


def _line(person: Person, cell: CellCoverage, year: int, note: str = "") -> PersonLine:
    step = person.steps[cell.cell.code]
    of_year = _year(person.year, year)
    if cell.cell.code in person.review:
        of_year += "（見直し：改定前の項目の値）"
    return PersonLine(person, _places(person), _step(step), of_year, note)


def _places(person: Person) -> str:
    return "、".join(dict.fromkeys(person.places))


def _step(step: int) -> str:
    return f"{step} {Step(step).label}"


def _year(of_year: int | None, year: int) -> str:
    if of_year is None:
        return "未評価"
    return "今年度" if of_year == year else f"{fiscal.short_label(of_year)}年度"
