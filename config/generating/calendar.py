"""When things happen in a 年度: days and instants from the year, so that the same arguments tell the same story."""

import datetime
import random
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.generating.rows import moment
from lib import fiscal

_JAPAN = ZoneInfo("Asia/Tokyo")
_MOMENTS = 61
# Of a year that is over: submitted from October on, confirmed by January.
_PAST_START, _PAST_DAYS = 183, 75
# Of the running year everything lies in the first three months, or, before July, in what of them is over.
_OPEN_DAYS = 90


@dataclass(frozen=True)
class Acts:
    """The instants of one sheet as text: sent back (of whoever was), submitted, 一次確認, 確定."""

    begun: str
    returned: str
    submitted: str
    first: str
    final: str


@dataclass(frozen=True)
class FiscalYear:
    """One 年度 with its dates, and the instants of sheets, of which each sheet takes one line."""

    year: int
    open: bool
    opened_at: str
    closed_at: str | None
    acts: tuple[Acts, ...]

    @property
    def first_day(self) -> datetime.date:
        """Return 1 April."""
        return fiscal.first_day(self.year)


def midnight(day: datetime.date) -> datetime.datetime:
    """Return the beginning of a day in Japan."""
    return datetime.datetime.combine(day, datetime.time.min, _JAPAN)


def years_until(today: datetime.date, years: int, chance: random.Random) -> list[FiscalYear]:
    """Return so many 年度 up to that of `today`, the last one open. Nothing lies after the beginning of `today`."""
    newest = fiscal.fiscal_year(today)
    return [_year(year, year == newest, today, chance) for year in range(newest - years + 1, newest + 1)]


def _year(year: int, is_open: bool, today: datetime.date, chance: random.Random) -> FiscalYear:
    opened = midnight(fiscal.first_day(year))
    if is_open:
        start, span = opened, min(datetime.timedelta(days=_OPEN_DAYS), midnight(today) - opened)
    else:
        start, span = opened + datetime.timedelta(days=_PAST_START), datetime.timedelta(days=_PAST_DAYS)
    acts = []
    for _ in range(_MOMENTS):
        marks = sorted(chance.randrange(1_000_000) for _ in range(5))
        acts.append(Acts(*(moment(start + span * (mark / 1_000_000)) for mark in marks)))
    closed = None if is_open else moment(midnight(datetime.date(year + 1, 2, 15)))
    return FiscalYear(year, is_open, moment(opened), closed, tuple(acts))
