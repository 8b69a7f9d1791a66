"""What the pages of the 研修 catalogue print, made without a request and without a query."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.course_reads import FEW, matching, wanted_steps
from assessments.models import Training
from assessments.workflow.courses import CourseValues
from competency.models import Cell, Course, Step
from lib.dates import WEEKDAYS, format_wareki
from lib.text import search_key

# Beside the list of all, a few that fit are enough.
MOST_FITTING = 6
ANY_TIME = "いつでも"
NOT_SET = "決まっていません"


@dataclass(frozen=True)
class Lead:
    """One cell that a course leads to, with the step in words."""

    cell: Cell | None
    code: str
    step: int

    @property
    def name(self) -> str:
        """Return the name of the cell; its code where the version in use does not have it."""
        return self.cell.full_name if self.cell else self.code

    @property
    def words(self) -> str:
        """Return the step with its number."""
        return f"{self.step} {Step(self.step).label}"


@dataclass(frozen=True)
class Line:
    """One course of the list, ready to print; `mine` is the state of one's own application, "" without one."""

    course: Course
    when: str
    fee: str
    apply: str
    leads: tuple[Lead, ...]
    mine: str = ""


@dataclass(frozen=True)
class Fitting:
    """One course that fits: the line, and why: the cell with the step now and the next one."""

    line: Line
    cell: Cell
    now: str
    next: str
    target: int | None

    @property
    def is_target(self) -> bool:
        """Say whether the cell is below the target."""
        return self.target is not None


def when(start: datetime.date | None, end: datetime.date | None) -> str:
    """Return 令和9年1月20日（水）から1月22日（金）, the year only where it changes; いつでも without a date."""
    if start is None:
        return ANY_TIME
    first = f"{format_wareki(start)}（{WEEKDAYS[start.weekday()]}）"
    if end is None or end == start:
        return first
    last = format_wareki(end) if end.year != start.year else f"{end.month}月{end.day}日"
    return f"{first}から{last}（{WEEKDAYS[end.weekday()]}）"


def yen(fee: int | None) -> str:
    """Return a sum in words."""
    return NOT_SET if fee is None else f"{fee:,}円" if fee else "無料"


def apply_words(course: Course, today: datetime.date) -> str:
    """Return until when one applies, or that it is over."""
    if course.retired:
        return "案内していません"
    if not course.is_open_on(today):
        return "申込みは終わりました"
    return f"{format_wareki(course.apply_by)}まで" if course.apply_by else "申込みできます"


def leads(course: Course, cells: Sequence[Cell]) -> tuple[Lead, ...]:
    """Return what a course leads to in the order of the matrix, then codes that the matrix does not have."""
    steps = {each.cell_code: each.to_step for each in course.cells.all()}
    known = [Lead(cell, cell.code, steps.pop(cell.code)) for cell in cells if cell.code in steps]
    return (*known, *(Lead(None, code, step) for code, step in sorted(steps.items())))


def lines(
    courses: Iterable[Course], cells: Sequence[Cell], today: datetime.date, mine: Mapping[int, Training]
) -> list[Line]:
    """Return the courses ready to print; `mine` are the actor's own applications by course."""
    return [
        Line(
            course,
            when(course.starts_on, course.ends_on),
            yen(course.fee),
            apply_words(course, today),
            leads(course, cells),
            mine[course.pk].get_state_display() if course.pk in mine else "",
        )
        for course in courses
    ]


def fitting(
    courses: Sequence[Course], cells: Sequence[Cell], today: datetime.date, mine: Mapping[int, Training],
    steps: Mapping[str, int], targets: Mapping[str, int],
) -> list[Fitting]:  # fmt: skip
    """Return a few courses that fit, each once: cells below their target first, then the next step of the others.

    In the order of the matrix. What somebody has applied for or finished is left out.
    """
    known = {cell.code: cell for cell in cells}
    below = wanted_steps(steps, targets)
    wanted = {
        code: step for code, step in (wanted_steps(steps, targets, next_too=True)).items() if code in known
    }
    found = matching(courses, wanted, today)
    order = {code: number for number, code in enumerate(known)}
    chosen: dict[int, Fitting] = {}
    for code in sorted(found, key=lambda code: (code not in below, order[code])):
        for course in found[code]:
            if course.pk in mine or course.pk in chosen:
                continue
            (line,) = lines([course], cells, today, mine)
            now = steps.get(code)
            told = "記録がありません" if now is None else f"{now} {Step(now).label}"
            next_step = wanted[code]
            chosen[course.pk] = Fitting(
                line,
                known[code],
                told,
                f"{next_step} {Step(next_step).label}",
                targets[code] if code in below else None,
            )
            break
    return list(chosen.values())[:MOST_FITTING]


def applications(mine: Iterable[Training]) -> list[Training]:
    """Return one's own applications that are open or were decided, the newest first; what was withdrawn is gone."""
    shown = [one for one in mine if one.state != Training.State.WITHDRAWN]
    return sorted(shown, key=lambda one: (one.state not in Training.OPEN, -one.pk))


def differences(stored: CourseValues, sent: CourseValues) -> list[str]:
    """Return in sentences what is stored where it differs from what was sent."""
    labels = {
        "name": "講座名", "form": "形", "starts_on": "開始日", "ends_on": "終了日", "apply_by": "申込みの締切",
        "hours": "時間数", "fee": "費用（円）", "place": "会場など", "text": "内容",
    }  # fmt: skip
    found = [
        f"{label}：{_told(getattr(stored, name))}"
        for name, label in labels.items()
        if getattr(stored, name) != getattr(sent, name)
    ]
    if stored.provider_id != sent.provider_id:
        found.append("実施機関が変わっています。")
    if dict(stored.steps) != dict(sent.steps):
        found.append("めざす到達度が変わっています。")
    return found


def _told(value: Any) -> str:
    if isinstance(value, datetime.date):
        return format_wareki(value)
    return dict(Course.Form.choices).get(value, str(value)) if value not in (None, "") else "なし"


@dataclass(frozen=True)
class CellCourses:
    """A few courses that lead to a step of one cell: (course, when); the catalogue shows all of them."""

    cell: Cell
    courses: tuple[tuple[Course, str], ...]


def by_cell(found: Mapping[str, Sequence[Course]], cells: Iterable[Cell]) -> list[CellCourses]:
    """Return the courses of `courses_leading_to` in the order of the cells; a cell without one is left out."""
    return [
        CellCourses(
            cell, tuple((each, when(each.starts_on, each.ends_on)) for each in found[cell.code][:FEW])
        )
        for cell in cells
        if cell.code in found
    ]


def found_by(
    courses: Iterable[Course], asked: Mapping[str, Any], cells: Sequence[Cell], today
) -> list[Course]:
    """Return the courses that a filter asks for; whatever is not asked for filters nothing."""
    words = search_key(asked.get("q") or "").split()
    codes = _codes(asked, cells)
    return [
        course
        for course in courses
        if (asked.get("past") or course.retired or course.is_open_on(today))
        and (not asked.get("form") or course.form == asked["form"])
        and (not asked.get("provider") or course.provider.code == asked["provider"])
        and (codes is None or any(each.cell_code in codes for each in course.cells.all()))
        and _has(course, words)
    ]


def _codes(asked: Mapping[str, Any], cells: Sequence[Cell]) -> set[str] | None:
    """Return the cells that are asked for by 項目 or 分類, None for all."""
    if asked.get("cell"):
        return {asked["cell"]}
    if asked.get("category"):
        return {cell.code for cell in cells if cell.area.category.code == asked["category"]}
    return None


def _has(course: Course, words: list[str]) -> bool:
    if not words:
        return True
    text = search_key(f"{course.name} {course.text} {course.provider.name} {course.place}")
    return all(word in text for word in words)
