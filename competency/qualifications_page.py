"""What the pages of the 資格 register print, made without a request."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from competency.catalogue_file import RegisterPlan
from competency.models import Qualification
from lib.dates import format_wareki

NOW, PLANNED, OVER = "現行", "予定（仮称）", "廃止"
_TONES = {NOW: "done", PLANNED: "check", OVER: ""}


@dataclass(frozen=True)
class Line:
    """One examination, ready to print."""

    row: Qualification
    status: str
    tone: str
    period: tuple[str, ...]
    registration: str


@dataclass(frozen=True)
class Figure:
    """One figure of the preview."""

    tone: str
    label: str
    value: int
    unit: str = "件"
    hint: str = ""


def status_of(row: Qualification, day: datetime.date) -> str:
    """Return 現行, 予定（仮称） or 廃止. One that begins later is planned, though under its own name."""
    if row.is_planned or (row.valid_from is not None and row.valid_from > day):
        return PLANNED
    return OVER if row.valid_to is not None and row.valid_to < day else NOW


def sections(rows: Iterable[Qualification], day: datetime.date) -> list[tuple[str, list[Line]]]:
    """Return the register by status, each in the order of the register; a status without a row is left out."""
    found: dict[str, list[Line]] = {NOW: [], PLANNED: [], OVER: []}
    for row in rows:
        status = status_of(row, day)
        found[status].append(Line(row, status, _TONES[status], _period(row), _registration(row)))
    return [(status, lines) for status, lines in found.items() if lines]


def figures(plan: RegisterPlan) -> list[Figure]:
    """Return what the preview counts."""
    return [
        Figure("key" if plan.new else "", "新しい資格", len(plan.new)),
        Figure("key" if plan.changed else "", "変わる資格", len(plan.changed)),
        Figure("short" if plan.retired else "", "登録表から外れる資格", len(plan.retired)),
        Figure("", "そのまま", plan.same),
    ]


def steps(*, refused: bool, shown: bool, url: str) -> list[dict[str, str]]:
    """Return the steps of the import, the one in hand marked."""
    first = ("done", "済み") if refused or shown else ("current", "いまここ")
    second = ("", "まだ")
    if refused or shown:
        second = ("error", "直すところがあります") if refused else ("current", "いまここ")
    return [
        {
            "label": "ファイルを選ぶ",
            "url": url if refused or shown else "",
            "state": first[0],
            "words": first[1],
        },
        {"label": "内容を確かめる", "url": "", "state": second[0], "words": second[1]},
        {"label": "取り込む", "url": "", "state": "", "words": "まだ"},
    ]


def _period(row: Qualification) -> tuple[str, ...]:
    """Return since and until when it was held, by year and month: the days are those of the 年度."""
    if row.valid_from is None and row.valid_to is None:
        return ("―",)
    return f"{_month(row.valid_from)}～", _month(row.valid_to)


def _month(day: datetime.date | None) -> str:
    return format_wareki(day).partition("月")[0] + "月" if day else ""


def _registration(row: Qualification) -> str:
    if not row.registration_title:
        return "―"
    years = f"（{row.renewal_years}年ごとに更新）" if row.renewal_years else ""
    return f"{row.registration_title}{years}"
