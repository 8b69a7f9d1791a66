"""The years of a department, by 分類 and by item, as they are printed. Takes no request and asks nothing."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from competency.matrix import groups
from gaps.coverage import Status
from gaps.policies import Sight
from gaps.report_page import trend_chart
from gaps.trends import YearCoverage
from lib import fiscal
from lib.charts import StackedBars


@dataclass(frozen=True)
class Mark:
    """One item in one year, `label`: class, icon and word of its state, and できる人／必要人数 for those who see numbers.

    `earlier` says that the item of that year was another, which this one came from.
    """

    css: str
    icon: str
    word: str
    text: str = ""
    label: str = ""
    earlier: bool = False


@dataclass(frozen=True)
class Row:
    """One item over the years, the oldest first."""

    cell: Any
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Part:
    """One 分類: its chart, None where nothing was needed in any year, and its items."""

    name: str
    chart_id: str
    chart: StackedBars | None
    desc: str
    rows: tuple[Row, ...]


def labels(years: Sequence[YearCoverage]) -> list[str]:
    """Return the heads of the columns, a list."""
    return [fiscal.short_label(each.year) for each in years]


def parts(years: Sequence[YearCoverage], cells: Sequence[Any], sight: Sight) -> list[Part]:
    """Return the 分類 in the order of the matrix with their charts and rows; a list.

    Whoever sees no names sees the states without numbers: a department was smaller in other years.
    """
    found = []
    for number, group in enumerate(groups(cells), 1):
        codes = [cell.code for cell in group.tiles]
        judged = any(sum(each.counts(codes)[one] for one in _JUDGED) for each in years)
        found.append(
            Part(
                name=group.category.name,
                chart_id=f"trend-{number}",
                chart=trend_chart(years, codes) if judged else None,
                desc=_desc(years, codes),
                rows=tuple(
                    Row(cell, tuple(_mark(each, cell.code, sight) for each in years)) for cell in group.tiles
                ),
            )
        )
    return found


def joined_note(years: Sequence[YearCoverage]) -> str:
    """Return which years count departments that were joined since, "" for none."""
    told = [fiscal.short_label(each.year) for each in years if each.joined]
    return f"{'、'.join(told)}年度は、組織改正で引き継いだ所属を合わせて数えています。" if told else ""


def joints(years: Sequence[YearCoverage]) -> list[tuple[str, str, str]]:
    """Return where the version of the matrix changes: (year before, year after, name of the later version); a list."""
    pairs = itertools.pairwise(years)
    return [
        (fiscal.short_label(before.year), fiscal.short_label(after.year), after.version)
        for before, after in pairs
        if before.version_id != after.version_id
    ]


_JUDGED = (Status.OK, Status.SHORT, Status.SINGLE, Status.NONE)


def _mark(year: YearCoverage, code: str, sight: Sight) -> Mark:
    there, label = year.cell(code), fiscal.short_label(year.year)
    earlier = year.codes_of(code) != (code,)
    if there is None and not year.codes_of(code):
        return Mark("plain", "", "項目なし", "", label)
    if there is None or there.needed is None:
        return Mark("plain", "", "未設定", "", label)
    one = there.status
    text = f"{there.holders}／{there.needed}" if sight is Sight.NAMES and one is not Status.OUT else ""
    return Mark(one.value, one.value, one.label, text, label, earlier)


def _desc(years: Sequence[YearCoverage], codes: Sequence[str]) -> str:
    told = []
    for each in years:
        counts = each.counts(codes)
        states = "、".join(f"{one.label}{counts[one]}" for one in _JUDGED)
        told.append(f"{fiscal.short_label(each.year)}は{states}")
    return "。".join(told) + "。"
