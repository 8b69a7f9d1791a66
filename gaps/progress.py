"""How far a year has come, by department, and who has not handed in; states only (P33)."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet

from assessments.models import Cycle, Sheet
from gaps.reports import Unit
from lib.charts import Series, StackedBars, stacked_bars
from lib.paths import ancestors
from lib.prepared import driver_rows

State = Sheet.State
MOST_BARS = 30
SERIES = (
    Series("done", "確定", dark=True),
    Series("waiting", "確認待ち"),
    Series("writing", "記入中"),
    Series("notyet", "未着手"),
)
_PLACE = {
    State.CONFIRMED: 0,
    State.SUBMITTED: 1,
    State.FIRST_CONFIRMED: 1,
    State.DRAFTING: 2,
    State.SENT_BACK: 2,
    State.NOT_STARTED: 3,
}


@dataclass(frozen=True)
class Progress:
    """Sheets of a year by state: 確定, 確認待ち, 記入中 (差戻し included), 未着手; all, and by path."""

    total: tuple[int, int, int, int]
    by_path: Mapping[str, tuple[int, int, int, int]]

    @cached_property
    def _below(self) -> Mapping[str, tuple[int, int, int, int]]:
        parts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for place, counts in self.by_path.items():
            done, waiting, writing, notyet = counts
            for path in ancestors(place):
                part = parts[path]
                part[0] += done
                part[1] += waiting
                part[2] += writing
                part[3] += notyet
        return {path: _four(counts) for path, counts in parts.items()}

    @property
    def sheets(self) -> int:
        """Return how many people have a sheet."""
        return sum(self.total)

    @property
    def handed_in(self) -> int:
        """Return how many handed in, confirmed ones included."""
        return self.total[0] + self.total[1]

    @property
    def waiting_units(self) -> int:
        """Return in how many departments somebody waits for confirmation."""
        return sum(bool(counts[1]) for counts in self.by_path.values())

    def below(self, path: str) -> tuple[int, int, int, int]:
        """Return the counts of a department with all below it."""
        return self._below.get(path, (0, 0, 0, 0))

    def untouched(self, units: Iterable[Unit]) -> list[Unit]:
        """Return the highest departments in which two or more have a sheet and nobody has begun; a list."""
        found: list[Unit] = []
        for unit in units:
            counts = self.below(unit.path)
            inside = any(unit.path.startswith(above.path) for above in found)
            if not inside and counts[3] > 1 and counts[3] == sum(counts):
                found.append(unit)
        return found

    def sentence(self, units: Iterable[Unit]) -> str:
        """Return the answer: 32人のうち24人が提出し、19人が確定しました。福祉課は全員が未着手です。"""
        if not self.sheets:
            return "年度票のある職員はまだいません。"
        if self.total[0] == self.sheets:
            return f"{self.sheets}人全員が確定しました。"
        told = f"{self.sheets}人のうち{self.handed_in}人が提出し、{self.total[0]}人が確定しました。"
        still = self.untouched(units)
        if self.handed_in and 0 < len(still) <= 2:
            told += f"{'と'.join(unit.name for unit in still)}は全員が未着手です。"
        return told

    def chart(self, units: Iterable[Unit]) -> StackedBars:
        """Return 全庁, the departments at the top and those right below them as stacked bars, in the tree's order.

        A city with more departments than can be taken in at a glance shows those at the top alone.
        """
        units = [unit for unit in units if unit.depth <= 1 and sum(self.below(unit.path))]
        if len(units) > MOST_BARS:
            units = [unit for unit in units if unit.depth == 0]
        rows = [
            ("全庁", self.total),
            *(("　" * unit.depth + unit.name, self.below(unit.path)) for unit in units),
        ]
        return stacked_bars([row for row in rows if sum(row[1])], SERIES, share=True, strong=0)


@dataclass(frozen=True)
class SheetState:
    """Where one person's sheet stands: nothing of what is written in it."""

    state: State
    place: str
    name: str
    staff_uuid: uuid.UUID
    updated_at: datetime.datetime


def progress_of(cycle: Cycle, day: datetime.date) -> Progress:
    """Return the progress of a year, of people still in service on a day. One query, a row a department."""
    counts = {
        series.css: Count("pk", filter=Q(state__in=[state for state in State if _PLACE[state] == place]))
        for place, series in enumerate(SERIES)
    }
    rows = _sheets(cycle, day).order_by().values_list("department_path").annotate(**counts)
    parts = {path: _four(counts) for path, *counts in driver_rows(rows)}
    return Progress(_sum(parts.values()), parts)


def not_handed_in(cycle: Cycle, day: datetime.date, progress: Progress, *, a_page: int) -> Paginator:
    """Return pages of those who have not handed in, by department and reading of the name. A query for the page alone.

    How many there are is told by the progress of the same year and day.
    """
    rows = _sheets(cycle, day).filter(state__in=Sheet.EDITABLE)
    rows = rows.order_by("department_path", "staff__kana", "pk")
    pages = Paginator(
        rows.values_list("state", "department__name", "staff__name", "staff__uuid", "updated_at"), a_page
    )
    pages.count = progress.sheets - progress.handed_in
    return pages


def listed(rows: Iterable[tuple[str, str, str, uuid.UUID, datetime.datetime]]) -> list[SheetState]:
    """Return the rows of a page by name."""
    return [SheetState(State(state), *rest) for state, *rest in rows]


def _sheets(cycle: Cycle, day: datetime.date) -> QuerySet[Sheet]:
    in_service = Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=day)
    return Sheet.objects.filter(in_service, cycle=cycle)


def _sum(parts: Iterable[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    total = [0, 0, 0, 0]
    for part in parts:
        for place, number in enumerate(part):
            total[place] += number
    return _four(total)


def _four(counts: list[int]) -> tuple[int, int, int, int]:
    done, waiting, writing, notyet = counts
    return done, waiting, writing, notyet
