"""What the home page gives back: what changed since last year, the next step of each 分類, what the team lacks nearby."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from access.actor import Actor
from assessments import team
from assessments.answers import Answers
from assessments.course_reads import courses_leading_to
from assessments.growth import Growth, next_of
from assessments.home_reads import News
from assessments.models import Entry
from assessments.sheet_page import Row, SheetPage
from competency.models import Course
from competency.models.matrix import NEXT_STEP
from competency.targets import Target
from lib.dates import format_wareki

COURSES_SHOWN = 2


@dataclass(frozen=True)
class Changes:
    """What changed since last year: (name, last step, step) up and down, names that are new, and entries of the year."""

    up: list[tuple[str, int, int]] = field(default_factory=list)
    down: list[tuple[str, int, int]] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    entries: list[tuple[str, int]] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Say whether anything changed."""
        return bool(self.up or self.down or self.new or self.entries)


@dataclass(frozen=True)
class CourseLine:
    """One course that leads to the next step, ready to print."""

    course: Course
    when: str
    what: str


@dataclass(frozen=True)
class NextOfCategory:
    """The next step of one 分類 with its wording and courses; `growth` is None where there is none."""

    category: Any
    growth: Growth | None
    wording: str = ""
    courses: tuple[CourseLine, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class NearCell:
    """One cell that the team lacks and the person is a step away from."""

    cell: Any
    word: str
    css: str


@dataclass(frozen=True)
class Near:
    """What the team at `place` lacks that the person is a step away from; without names and without numbers."""

    place: str
    cells: list[NearCell]


def changes(tiles: Iterable[Any], news: News) -> Changes:
    """Return what changed, in the order of the matrix; a cell open this year is no change."""
    found = Changes()
    compared = list(tiles)
    has_last = any(tile.last is not None for tile in compared)
    for tile in compared:
        if tile.step is None:
            continue
        name = tile.cell.full_name
        if tile.last is None:
            # In a first year everything would be new.
            if has_last and tile.step:
                found.new.append(name)
        elif tile.step != tile.last:
            (found.up if tile.step > tile.last else found.down).append((name, tile.last, tile.step))
    counts = {kind: sum(row.detail == kind for row in news.of("entry")) for kind in Entry.EVIDENCE}
    found.entries.extend((kind.label, count) for kind, count in counts.items() if count)
    return found


def next_steps(
    page: SheetPage, answers: Answers, targets: Mapping[str, Target], actor: Actor
) -> list[NextOfCategory]:
    """Return the next step of each 分類 in the order of the matrix; a list, empty where no step is known. One query."""
    steps = {row.code: answers.newest(row.code) for row in page.rows}
    if not any(step is not None for step in steps.values()):
        return []
    chosen = [(group, next_of([row.cell for row in group.rows], steps, targets)) for group in page.groups]
    wanted = {growth.cell.code: growth.to for _, growth in chosen if growth}
    courses = courses_leading_to(actor.municipality_id, wanted, actor.today)
    wordings = {row.code: row.wordings for row in page.rows}
    found = []
    for group, growth in chosen:
        if growth is None:
            found.append(NextOfCategory(group.category, None))
            continue
        code = growth.cell.code
        fitting = courses.get(code, [])
        found.append(
            NextOfCategory(
                group.category,
                growth,
                wordings[code].get(growth.to, ""),
                tuple(_line(course) for course in fitting[:COURSES_SHOWN]),
                max(len(fitting) - COURSES_SHOWN, 0),
            )
        )
    return found


def near(actor: Actor, main_path: str | None, rows: Sequence[Row], answers: Answers) -> Near | None:
    """Return what the team lacks among the cells at 「2 支援があればできる」, None where nothing is known."""
    if main_path is None:
        return None
    close = {row.code: row.cell for row in rows if answers.newest(row.code) == NEXT_STEP}
    lacking = team.lacking(actor, main_path, list(close))
    if lacking is None:
        return None
    return Near(lacking.place, [NearCell(close[one.code], one.word, one.css) for one in lacking.cells])


def _line(course: Course) -> CourseLine:
    when = "いつでも"
    if course.starts_on:
        when = f"{format_wareki(course.starts_on)}から"
    if course.hours is not None:
        when += f"　約{course.hours.normalize():f}時間"
    parts = [course.provider.name, course.get_form_display()]
    if course.apply_by:
        parts.append(f"申込みは{course.apply_by.month}月{course.apply_by.day}日まで")
    return CourseLine(course, when, "　".join(parts))
