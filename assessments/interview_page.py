"""面談シート: one person on one sheet of A4, for the 期首・期末面談. Takes no request.

Whatever the record holds, it stays one page: lists end after a few lines and texts after some letters, and either
says where the rest stands.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q

from access.actor import Actor, Role
from assessments.answers import Answers, answer_legs, answers_from
from assessments.growth import Growth, next_of
from assessments.history import readable_sheets
from assessments.home_reads import meanings_from
from assessments.line import main_postings
from assessments.models import Certification, Experience, Sheet, Statement, Training
from assessments.own_rows import Row, Rows, leg, read, text
from assessments.targets import targets_of_sheet
from competency.matrix import groups
from competency.models import Cell, StepWording
from competency.targets import MINUS, PLUS, Target
from lib import fiscal
from lib.dates import format_month
from organization.models import Staff

# What fits on the sheet at the longest.
MOST_LINES = 4
TITLE_LETTERS = 30
TEXT_LETTERS = 160
CUT = "…"


@dataclass(frozen=True)
class Level:
    """One item: target, last year's step, this year's own and confirmed step; None is not known."""

    name: str
    target: int | None
    last: int | None
    own: int | None
    final: int | None

    @property
    def step(self) -> int | None:
        """Return the step that counts: the confirmed one, else the person's own."""
        return self.own if self.final is None else self.final

    @property
    def change(self) -> str:
        """Return the change since last year, signed; "" where nothing can be compared or nothing changed."""
        if self.step is None or self.last is None or self.step == self.last:
            return ""
        return f"{PLUS if self.step > self.last else MINUS}{abs(self.step - self.last)}"


@dataclass(frozen=True)
class Listed:
    """A few lines of a kind, and how many more stand in the résumé."""

    lines: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class Next:
    """The next step of one 分類, with what it means."""

    category: str
    growth: Growth
    name: str
    wording: str


@dataclass(frozen=True)
class Interview:
    """Everything on the sheet. `sheet` is the newest that the reader may see, None for none."""

    staff: Staff
    place: str
    position: str
    year: int
    sheet: Sheet | None = None
    last_year: int | None = None
    levels: list[Level] = field(default_factory=list)
    next_steps: list[Next] = field(default_factory=list)
    experiences: Listed = Listed()
    certificates: Listed = Listed()
    courses: Listed = Listed()
    interests: str = ""
    interests_more: bool = False

    @property
    def confirmed(self) -> bool:
        """Say whether the levels are 確定."""
        return self.sheet is not None and self.sheet.state == Sheet.State.CONFIRMED

    @property
    def last_label(self) -> str:
        """Return the year before as the head of its column."""
        return fiscal.short_label(self.last_year) if self.last_year else "前の年"


def load_interview(actor: Actor, staff: Staff) -> Interview:
    """Return the sheet of somebody whose record the actor may see (P04, P14). Four queries at any size."""
    sheet = (
        readable_sheets(actor, staff.pk)
        .select_related("cycle__framework_version", "framework_version", "department")
        .first()
    )
    year = fiscal.fiscal_year(actor.today)
    rows = read(_legs(staff.pk, actor.today, year, sheet))
    posting = next(iter(rows.get("posting", ())), None)
    interests = next((row.title for row in rows.get("statement", ())), "")
    shown = {
        "staff": staff,
        "place": posting.title if posting else "",
        "position": posting.detail if posting else "",
        "year": year,
        "experiences": listed(_experience(row) for row in _newest(rows, "experience")),
        "certificates": listed(_dated(row) for row in _newest(rows, "certification")),
        "courses": listed(_course(row) for row in _newest(rows, "training")),
        "interests": shortened(interests, TEXT_LETTERS),
        "interests_more": len(interests) > TEXT_LETTERS,
    }
    if sheet is None:
        return Interview(**shown)
    answers = answers_from(sheet, rows)
    cells = list(Cell.objects.of_version(sheet.version_in_use_id))
    targets = targets_of_sheet(sheet, actor.today)
    all_years = actor.staff_id == staff.pk or actor.has(Role.HR)
    levels = [_level(cell, sheet, answers, targets, all_years=all_years) for cell in cells]
    compared = any(level.last is not None for level in levels)
    return Interview(
        **shown,
        sheet=sheet,
        last_year=answers.last.fiscal_year if compared else None,
        levels=levels,
        next_steps=_next_steps(cells, answers, targets, meanings_from(rows)),
    )


def listed(lines: Iterable[str], most: int = MOST_LINES) -> Listed:
    """Return the first lines and how many more there are."""
    found = list(lines)
    return Listed(tuple(found[:most]), max(len(found) - most, 0))


def shortened(words: str, most: int) -> str:
    """Return a text in one line, of at most so many letters; one that is longer ends in a mark that says so."""
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - len(CUT)] + CUT


def _legs(staff_id: int, today: datetime.date, year: int, sheet: Sheet | None) -> list:
    """Return what the sheet is made of, as one union."""
    days = (fiscal.first_day(year), fiscal.last_day(year))
    of_year = Q(start__range=days) | Q(start__isnull=True, created_at__date__range=days)
    mine = {"staff": staff_id, "removed_at__isnull": True}
    held = Q(of_year, state=Training.State.FINISHED) | Q(state__in=Training.OPEN)
    title = F("title")
    legs = [
        leg(main_postings(today).filter(staff=staff_id), "posting", F("department__name"), F("position")),
        leg(Statement.objects.filter(staff=staff_id), "statement", F("interests"), text("")),
        leg(
            Experience.objects.filter(of_year, **mine), "experience", title, F("category"), day=F("start"),
            other="pk",
        ),
        leg(
            Certification.objects.filter(of_year, **mine), "certification", title, text(""), day=F("start"),
            other="pk",
        ),
        leg(Training.objects.filter(held, **mine), "training", title, F("state"), day=F("start"), other="pk"),
    ]  # fmt: skip
    if sheet is not None:
        wordings = StepWording.objects.filter(cell__version=sheet.version_in_use_id)
        legs += answer_legs(sheet)
        legs.append(leg(wordings, "wording", F("text"), F("cell__code"), step="step"))
    return legs


def _newest(rows: Rows, name: str) -> list[Row]:
    """Return the rows of a leg, the newest first, undated ones leading."""
    return sorted(
        rows.get(name, ()), key=lambda row: (row.day or datetime.date.max, row.other or 0), reverse=True
    )


def _level(
    cell: Any, sheet: Sheet, answers: Answers, targets: Mapping[str, Target], *, all_years: bool
) -> Level:
    last = answers.last.answers.get(cell.code)
    target = targets.get(cell.code)
    step = answers.steps.get(cell.code)
    return Level(
        name=cell.full_name,
        target=target.step if target else None,
        # What an earlier year left unconfirmed stays between the person and 人事 (P14).
        last=last.step if last and (last.confirmed or all_years) else None,
        own=answers.own.get(cell.code),
        final=step if sheet.state == Sheet.State.CONFIRMED else None,
    )


def _next_steps(
    cells: list[Cell],
    answers: Answers,
    targets: Mapping[str, Target],
    meanings: Mapping[str, Mapping[int, str]],
) -> list[Next]:
    found = []
    for group in groups(cells):
        growth = next_of(group.tiles, answers.steps, targets)
        if growth is not None:
            wording = meanings.get(growth.cell.code, {}).get(growth.to, "")
            found.append(Next(group.category.name, growth, growth.cell.full_name, wording))
    return found


def _experience(row: Row) -> str:
    return f"{Experience.Category(row.detail).label}：{_dated(row)}"


def _course(row: Row) -> str:
    return f"{_dated(row)}　{Training.State(row.detail).label}"


def _dated(row: Row) -> str:
    when = f"（{format_month(row.day)}）" if row.day else ""
    return f"{shortened(row.title, TITLE_LETTERS)}{when}"
