"""Dates as Japanese offices write them: 和暦 and 西暦, from text or a spreadsheet cell, and back to text."""

import calendar
import datetime
import re
import unicodedata
from dataclasses import dataclass

WEEKDAYS = "月火水木金土日"

# Japan counted by another calendar before this day, so no date before it is read or written.
FIRST_GREGORIAN_DAY = datetime.date(1873, 1, 1)


@dataclass(frozen=True)
class Era:
    """One 元号: its name, its one-letter mark, and the day from which it counts."""

    name: str
    letter: str
    start: datetime.date


ERAS = (
    Era("令和", "R", datetime.date(2019, 5, 1)),
    Era("平成", "H", datetime.date(1989, 1, 8)),
    Era("昭和", "S", datetime.date(1926, 12, 25)),
    Era("大正", "T", datetime.date(1912, 7, 30)),
    Era("明治", "M", datetime.date(1868, 1, 25)),
)
_ERA_BY_MARK = {mark: era for era in ERAS for mark in (era.name, era.name[0], era.letter)}

_EXAMPLE = "令和8年4月1日、R8.4.1、2026/4/1 のどれか"
_MONTH_EXAMPLE = "令和7年6月、R7.6、2025-06 のどれか"
_TIME = r"(?:[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
_ERA_DATE = re.compile(
    r"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令]|[MTSHR]) *(?P<year>元|[0-9]{1,3})"
    r"(?: *年 *(?P<m1>[0-9]{1,2}) *月 *(?P<d1>[0-9]{1,2}) *日| *(?P<sep>[./-]) *(?P<m2>[0-9]{1,2}) *(?P=sep)"
    r" *(?P<d2>[0-9]{1,2}))" + _TIME
)
_WESTERN_DATE = re.compile(
    r"(?:西暦 *)?(?P<year>[0-9]{1,4})"
    r"(?: *年 *(?P<m1>[0-9]{1,2}) *月 *(?P<d1>[0-9]{1,2}) *日| *(?P<sep>[./-]) *(?P<m2>[0-9]{1,2}) *(?P=sep)"
    r" *(?P<d2>[0-9]{1,2}))" + _TIME
)
_ERA_MONTH = re.compile(
    r"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令]|[MTSHR]) *(?P<year>元|[0-9]{1,3})"
    r"(?: *年 *(?P<m1>[0-9]{1,2}) *月| *[./-] *(?P<m2>[0-9]{1,2}))"
)
_WESTERN_MONTH = re.compile(
    r"(?:西暦 *)?(?P<year>[0-9]{1,4})(?: *年 *(?P<m1>[0-9]{1,2}) *月| *[./-] *(?P<m2>[0-9]{1,2}))"
)
_YEAR_ALONE = re.compile(
    r"(?:(?:明治|大正|昭和|平成|令和|[明大昭平令]|[MTSHR]) *(?:元|[0-9]{1,3})|[0-9]{4}) *年?(?:度)?"
)
_EIGHT_DIGITS = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_SERIAL = re.compile(r"[0-9]{1,6}(?:\.[0-9]+)?")
_HYPHENS = str.maketrans({"‐": "-", "‑": "-", "−": "-", "–": "-", "。": ".", "．": "."})


def era_of(day: datetime.date) -> Era:
    """Return the 元号 in force on `day`; the day on which a new one begins belongs to the new one.

    Raises ValueError for a day before 1873, when Japan counted by another calendar.
    """
    if day < FIRST_GREGORIAN_DAY:
        raise ValueError("明治6年（1873年）1月1日より前の日付は扱えないため、それ以後の日付にしてください。")
    return next(era for era in ERAS if day >= era.start)


def parse_date(text: object) -> datetime.date:
    """Return the date that `text` stands for.

    `text` is a string as people and HR systems write it (令和8年4月1日, 令和元年5月1日, R8.4.1, h31/4/30,
    2026/4/1, 2026-04-01, 2026年4月1日, 20260401; full-width characters and spaces allowed, a time of day
    after the date is dropped), or the date or datetime that a spreadsheet cell holds.

    Raises ValueError with one Japanese sentence saying what to do, for: nothing; a day that does not exist; a
    day outside its 元号; a western year of fewer than four digits (8/4/1 may be 令和 or 2008); a bare number
    such as 46113, which is a day count in Excel but reads differently on its two epochs; anything else.
    """
    if isinstance(text, datetime.datetime):
        return _checked(text.date(), str(text))
    if isinstance(text, datetime.date):
        return _checked(text, str(text))
    shown, plain = _plain(text)
    if not plain:
        raise ValueError(f"日付が空なので、{_EXAMPLE}の形で入れてください。")
    if match := _ERA_DATE.fullmatch(plain):
        return _era_date(match, shown)
    if match := _WESTERN_DATE.fullmatch(plain):
        if len(match["year"]) != 4:
            raise ValueError(
                f"「{shown}」は西暦か和暦か分からないので、西暦なら4けた（2026/4/1）、和暦なら元号を付けて（R8.4.1）書いてください。"
            )
        return _built(int(match["year"]), match["m1"] or match["m2"], match["d1"] or match["d2"], shown)
    if match := _EIGHT_DIGITS.fullmatch(plain):
        return _built(int(match["year"]), match["month"], match["day"], shown)
    if _SERIAL.fullmatch(plain):
        raise ValueError(
            f"「{shown}」は日付ではなく数値なので、Excelの表示形式を「日付」にするか、{_EXAMPLE}の形に書き直してください。"
        )
    raise ValueError(f"「{_cut(shown)}」は日付として読めないので、{_EXAMPLE}の形で書いてください。")


def parse_month(text: object) -> datetime.date:
    """Return the first day of the month that `text` stands for.

    `text` is a month as people write it (令和7年6月, 令和元年5月, R7.6, 2025-06, 2025/6, 2025年6月; full-width characters
    and spaces allowed). A month that two 元号 share may be written with either.

    Raises ValueError with one Japanese sentence saying what to do: for nothing, a month that does not exist, a
    month outside its 元号, a western year of fewer than four digits, and anything else, a whole date too.
    """
    shown, plain = _plain(text)
    if not plain:
        raise ValueError(f"年月が空なので、{_MONTH_EXAMPLE}の形で入れてください。")
    if match := _ERA_MONTH.fullmatch(plain):
        return _era_month(match, shown)
    if match := _WESTERN_MONTH.fullmatch(plain):
        if len(match["year"]) != 4:
            raise ValueError(
                f"「{shown}」は西暦か和暦か分からないので、西暦なら4けた（2025-06）、和暦なら元号を付けて（R7.6）書いてください。"
            )
        return _built_month(int(match["year"]), match["m1"] or match["m2"], shown)
    raise ValueError(f"「{_cut(shown)}」は年月として読めないので、{_MONTH_EXAMPLE}の形で書いてください。")


def parse_month_or_date(text: object, *, last: bool = False) -> datetime.date:
    """Return the date that `text` stands for, where people may know the month alone.

    A month gives its first day, with `last` its last. Raises ValueError with the sentence of `parse_month` for
    what is meant as a month, else with that of `parse_date`.
    """
    _, plain = _plain(text)
    if isinstance(text, datetime.date) or not (
        _ERA_MONTH.fullmatch(plain) or _WESTERN_MONTH.fullmatch(plain)
    ):
        if _YEAR_ALONE.fullmatch(plain):
            raise ValueError(f"「{plain}」は年だけなので、2026年4月、R8.4のように、月まで書いてください。")
        return parse_date(text)
    first = parse_month(text)
    return last_of_month(first) if last else first


def last_of_month(day: datetime.date) -> datetime.date:
    """Return the last day of the month of `day`."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def format_month(day: datetime.date) -> str:
    """Return the month of `day` in 和暦, 令和7年6月. Raises ValueError for a day before 1873."""
    whole = format_wareki(day)
    return whole[: whole.index("月") + 1]


def format_months(start: datetime.date | None, end: datetime.date | None) -> str:
    """Return a period by its months: 令和7年6月から令和8年3月, 令和8年4月から続いています, one month alone, "" for none.

    Both days are inside. Raises ValueError for a day before 1873.
    """
    if start is None:
        return ""
    first = format_month(start)
    if end is None:
        return f"{first}から続いています"
    last = format_month(end)
    return first if first == last else f"{first}から{last}"


def format_wareki(day: datetime.date) -> str:
    """Return `day` in 和暦 without padding, 令和8年4月1日; the first year of an era is 元年.

    Raises ValueError for a day before 1873.
    """
    era = era_of(day)
    year = day.year - era.start.year + 1
    return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def years_later(day: datetime.date, years: int) -> datetime.date:
    """Return the same day of another year; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def format_short(day: datetime.date) -> str:
    """Return `day` as month, day and weekday, 12月11日（金）, for days whose year is clear from the page."""
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def format_range(first: datetime.date | None, last: datetime.date | None) -> str:
    """Return a period in 和暦, 令和8年4月1日～令和9年3月31日, both days inside it.

    Either side may be None, which leaves it open (令和8年4月1日～). Stored periods are half-open: take a day
    from their end first (`lib.intervals.last_day`). The mark is ～ (U+FF5E), the one that CP932 can carry.
    Raises ValueError for a day before 1873.
    """
    return f"{format_wareki(first) if first else ''}～{format_wareki(last) if last else ''}"


def _era_date(match: re.Match[str], shown: str) -> datetime.date:
    era = _ERA_BY_MARK[match["era"]]
    year = 1 if match["year"] == "元" else int(match["year"])
    if year == 0:
        raise ValueError(f"「{shown}」の年は0年にならないので、1年（元年）以後の年に直してください。")
    day = _built(era.start.year + year - 1, match["m1"] or match["m2"], match["d1"] or match["d2"], shown)
    if era_of(day) is not era:
        right = format_wareki(day)
        raise ValueError(
            f"「{shown}」は{era.name}の期間に入らないので、{right}のように元号を直してください。"
        )
    return day


def _plain(text: object) -> tuple[str, str]:
    """Return the text as it was written, and as it is compared: half-width, upper case, no outer spaces."""
    shown = "" if text is None else str(text).strip()
    return shown, unicodedata.normalize("NFKC", shown).translate(_HYPHENS).upper().strip()


def _era_month(match: re.Match[str], shown: str) -> datetime.date:
    era = _ERA_BY_MARK[match["era"]]
    year = 1 if match["year"] == "元" else int(match["year"])
    if year == 0:
        raise ValueError(f"「{shown}」の年は0年にならないので、1年（元年）以後の年に直してください。")
    first = _built_month(era.start.year + year - 1, match["m1"] or match["m2"], shown)
    if era not in (era_of(first), era_of(last_of_month(first))):
        raise ValueError(
            f"「{shown}」は{era.name}の期間に入らないので、{format_month(first)}のように元号を直してください。"
        )
    return first


def _built_month(year: int, month: str, shown: str) -> datetime.date:
    if not 1 <= int(month) <= 12:
        raise ValueError(f"「{shown}」は暦にない月なので、1月から12月までに直してください。")
    return _built(year, month, "1", shown)


def _built(year: int, month: str, day: str, shown: str) -> datetime.date:
    try:
        built = datetime.date(year, int(month), int(day))
    except ValueError:
        raise ValueError(f"「{shown}」は暦にない日付なので、正しい日付に直してください。") from None
    return _checked(built, shown)


def _checked(day: datetime.date, shown: str) -> datetime.date:
    if day < FIRST_GREGORIAN_DAY:
        raise ValueError(f"「{shown}」は1873年より前の日付で扱えないため、年を確かめて直してください。")
    return day


def _cut(shown: str) -> str:
    return shown if len(shown) <= 40 else shown[:40] + "…"
