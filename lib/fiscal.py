"""The 年度 of Japanese public bodies: it starts on 1 April and is named by the year in which it starts."""

import datetime

from lib.dates import era_of

# 1 April 2019 was still 平成31年, but the government named the whole year 令和元年度 (April 2019).
FIRST_REIWA_YEAR = 2019


def fiscal_year(day: datetime.date) -> int:
    """Return the western year in which the 年度 of `day` starts: 2026 for 2026-04-01 to 2027-03-31."""
    return day.year if day.month >= 4 else day.year - 1


def first_day(year: int) -> datetime.date:
    """Return 1 April of the 年度 `year` (a western year)."""
    return datetime.date(year, 4, 1)


def last_day(year: int) -> datetime.date:
    """Return 31 March that ends the 年度 `year` (a western year); the day itself is inside."""
    return datetime.date(year + 1, 3, 31)


def short_label(year: int) -> str:
    """Return the 年度 by its 元号 without the word 年度: 令和8, 令和元, 平成30.

    The 元号 is that of 1 April, but 2019 is 令和元. Raises ValueError before 1873.
    """
    if year == FIRST_REIWA_YEAR:
        return "令和元"
    era = era_of(first_day(year))
    number = year - era.start.year + 1
    return f"{era.name}{'元' if number == 1 else number}"


def label(year: int) -> str:
    """Return the 年度 in both counts, 令和8年度（2026年度）. Raises ValueError before 1873."""
    return f"{short_label(year)}年度（{year}年度）"
