"""Departments × 区分: rows of the tree with the worst status and the covered cells. Takes no request."""

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join

from access.actor import Actor
from gaps.coverage import DepartmentCoverage, Status
from gaps.disclosure import AreaMark, area_mark, banded
from gaps.policies import Sight, sight_of
from gaps.reports import Snapshot, Unit
from lib.paths import LEVEL_DIGITS, ancestors
from lib.text import search_key

_MARKED = (
    '<td class="{}"><span class="status {}"><svg aria-hidden="true" focusable="false"><use href="#i-{}"></use></svg>'
    '<span class="hidden">{} </span>{}</span></td>'
)


@dataclass(frozen=True)
class TreeRow:
    """One department. Where `message` stands, nothing can be judged and it takes the place of the marks."""

    name: str
    uuid: Any
    css: str
    depth: int
    size: str
    marks: tuple[AreaMark, ...]
    message: str = ""
    message_css: str = "out"

    @property
    def fields(self) -> str:
        """Return the marks as HTML: a row is put together at once, for a city has hundreds of them."""
        return format_html_join("", "{}", ((_field(mark, not self.css),) for mark in self.marks))


@dataclass(frozen=True)
class Tree:
    """Column heads and rows."""

    areas: list[Any]
    rows: list[TreeRow]

    @property
    def lacking(self) -> int:
        """Return in how many fields of single departments somebody is lacking altogether (不在)."""
        single = [row for row in self.rows if not row.css and not row.message]
        return sum(mark.icon == Status.NONE.value for row in single for mark in row.marks)


def tree(
    actor: Actor,
    picture: Snapshot,
    units: Sequence[Unit],
    *,
    total: Sight | None = None,
    worst_first: bool = False,
    shown: Sequence[Unit] | None = None,
) -> Tree:
    """Return the tree of `units`, which the actor may see. `total` adds a first row over the whole municipality,
    seen in that way. Depth counts from the highest unit. `worst_first` orders departments of the same
    parent by what they lack; only for those who see every number, because the order tells it. `shown` are those
    of one page: nothing is worked out for the others.
    """
    top = min((unit.depth for unit in units), default=0)
    parents = {unit.path[:-LEVEL_DIGITS] for unit in units}
    units = units if shown is None else shown
    reports = {unit.path: picture.coverage(unit.path, unit.name, named=False) for unit in units}
    if worst_first:
        units = _worst_first(units, reports)
    rows = []
    if total:
        report = picture.coverage("", "全庁", named=False)
        rows.append(_row(report, None, total, "total", 0))
    for unit in units:
        report = reports[unit.path]
        sight = sight_of(actor, unit.path, report.size) or Sight.WORDS
        division = unit.depth == top and unit.path in parents
        depth = min(unit.depth - top + bool(total), 3)
        rows.append(_row(report, unit.uuid, sight, "division" if division else "", depth))
    return Tree(_areas(picture), rows)


def named(units: Sequence[Unit], words: str) -> list[Unit]:
    """Return the units whose name holds every word, or whose code begins with it; a list in the order of the tree."""
    wanted = search_key(words).split()
    return [
        unit
        for unit in units
        if all(word in search_key(unit.name) or search_key(unit.code).startswith(word) for word in wanted)
    ]


def with_those_above(units: Sequence[Unit], some: Sequence[Unit]) -> list[Unit]:
    """Return some of the units with those above each, without which nobody knows which 庶務係 it is; a list."""
    paths = {path for unit in some for path in ancestors(unit.path)}
    return [unit for unit in units if unit.path in paths]


@functools.lru_cache(maxsize=1024)
def _field(mark: AreaMark, single: bool) -> str:
    """Return one field of the table: filled for a single department, a word and an icon alone for a sum.

    Kept, for the same few marks fill a whole city's table; they hold no name.
    """
    css = mark.css if single or mark.css in ("unknown", "out") else ""
    if mark.icon:
        return format_html(_MARKED, css, mark.icon, mark.icon, mark.word, mark.text)
    if mark.word:
        return format_html('<td class="{}"><span class="hidden">{}</span>{}</td>', css, mark.word, mark.text)
    return format_html('<td class="{}">{}</td>', css, mark.text)


def _worst_first(units: Sequence[Unit], reports: Mapping[str, DepartmentCoverage]) -> list[Unit]:
    """Return the units depth first, siblings with more 不在 first, then 一人依存, then 不足; else as they stood."""
    lacks = {}
    for path, report in reports.items():
        counts = Counter(cell.status for cell in report.cells)
        lacks[path] = [-counts[one] for one in (Status.NONE, Status.SINGLE, Status.SHORT)]
    stood = {unit.path: place for place, unit in enumerate(units)}
    return sorted(units, key=lambda unit: [(lacks[p], stood[p]) for p in ancestors(unit.path) if p in stood])


def _areas(picture: Snapshot) -> list[Any]:
    found: dict[str, Any] = {}
    for cell in picture.cells:
        found.setdefault(cell.area.code, cell.area)
    return list(found.values())


def _row(report: DepartmentCoverage, uuid: Any, sight: Sight, css: str, depth: int) -> TreeRow:
    exact = sight in (Sight.NAMES, Sight.COUNTS)
    size = f"{report.size}人" if exact else banded(report.size)
    message, message_css = "", "out"
    if not report.size:
        message = "数える職員がいません" if exact else ""
    elif not report.judged:
        message = "必要人数が未設定" if report.count(Status.UNSET) else "すべて対象外"
    elif report.unrated == report.size and sight is not Sight.BANDS:
        message_css = "unknown"
        message = f"未評価（{'全員' if sight is Sight.WORDS else size + '全員'}に確定した記録がありません）"
    # Where a message stands in their place, as in most departments of a city, no mark is worked out.
    marks = () if message else _marks(report, sight)
    return TreeRow(report.name, uuid, css, depth, size, marks, message, message_css)


def _marks(report: DepartmentCoverage, sight: Sight) -> tuple[AreaMark, ...]:
    by_area: dict[str, list] = {}
    for cell in report.cells:
        by_area.setdefault(cell.cell.area.code, []).append(cell)
    return tuple(area_mark(area, by_area[area.area.code], sight) for area in report.areas())
