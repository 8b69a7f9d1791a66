"""お知らせ about the person's own record, in sentences. Takes no request and asks nothing."""

import datetime
from dataclasses import dataclass
from typing import Any

from assessments.home_reads import DECIDED, News
from assessments.models import Proxy, Reconfirmation
from assessments.own_rows import Row
from lib import fiscal
from lib.dates import format_wareki
from organization.models import Leave, Posting, Staff

# More entries than these, written by one person on one day, are told together.
ONE_BY_ONE = 3


@dataclass(frozen=True)
class Notice:
    """One thing to know, from rows that are there: when, from whom, what, and where it leads."""

    when: str
    text: str
    url_name: str = ""
    target: Any = None


@dataclass(frozen=True)
class _Target:
    uuid: Any


def personal(news: News, staff: Staff, today: datetime.date) -> list[Notice]:
    """Return what there is to know beside the sheet: dates to come, then what others did, then what may be written."""
    return [
        *[_again(row) for row in news.of("again")],
        *[_proxy(row) for row in news.of("proxy")],
        *_leaving(staff, today),
        *[_leave(row) for row in news.of("leave")],
        *[_posting(row) for row in reversed(news.of("posting"))],
        *[_renewal(row, today) for row in reversed(news.of("renewal"))],
        *[_entry(row, f"{row.title}：{DECIDED[row.detail]}") for row in news.of("decided")],  # type: ignore[index]
        *[_imported(row) for row in news.of("imported")],
        *_behalf(news.of("behalf")),
        *[
            _entry(row, f"{row.detail}さんが、あなたに代わって「{row.title}」を取り消しました")
            for row in news.of("removed")
        ],
        *_wish(news, staff, today),
    ]


def _again(row: Row) -> Notice:
    result = Reconfirmation.State(row.title).label
    return Notice(f"{day_of(row.day)}　再確認", f"再確認：{result}", "assessments:sheet", _Target(row.key))


def _proxy(row: Row) -> Notice:
    told = {
        "": f"{row.title}さん（人事）が、あなたに代わって年度票を記入しています",
        Proxy.Consent.WAITING: f"{row.title}さん（人事）が、あなたに代わって年度票を提出しました。内容を確かめてください",
        Proxy.Consent.ON_PAPER: "代理入力を書面で確かめたことが記録されました",
    }
    return Notice(f"{day_of(row.day)}　代理入力", told[row.detail], "assessments:sheet", _Target(row.key))


def _leaving(staff: Staff, today: datetime.date) -> list[Notice]:
    if staff.left_on is None or staff.left_on <= today:
        return []
    text = "退職の予定が登録されています。引継ぎメモを書いて、記録を手元に残せます"
    return [Notice(f"{format_wareki(staff.left_on)}から", text, "assessments:my_resume")]


def _leave(row: Row) -> Notice:
    kind = Leave.Kind(row.title).label
    return Notice(f"{day_of(row.day)}から　{kind}", f"{kind}の期間です。記入は復職してからでかまいません")


def _posting(row: Row) -> Notice:
    when = format_wareki(row.day) if row.day else ""
    kind = Posting.Kind(row.detail).label
    text = f"{row.title}への{kind}の発令が登録されています"
    if row.detail == Posting.Kind.MAIN:
        text += "。引継ぎメモを書いておきましょう"
    return Notice(f"{when}から", text, "assessments:my_resume")


def _renewal(row: Row, today: datetime.date) -> Notice:
    days = (row.day - today).days if row.day else 0
    left = f"まであと{days}日です" if days > 0 else "は今日です" if days == 0 else "を過ぎています"
    return Notice(
        f"{day_of(row.day)}　資格", f"「{row.title}」の更新期限{left}", "assessments:entry", _Target(row.key)
    )


def _entry(row: Row, text: str) -> Notice:
    if row.key is None:
        return Notice(day_of(row.day), text, "assessments:my_resume")
    return Notice(day_of(row.day), text, "assessments:entry", _Target(row.key))


def _imported(row: Row) -> Notice:
    year = fiscal.label(row.year or 0)
    text = f"{row.title}さんが、あなたの{year}の記録を取り込みました。内容を確かめてください"
    return Notice(day_of(row.day), text, "assessments:sheet", _Target(row.key))


def _behalf(rows: list[Row]) -> list[Notice]:
    """Return a notice an entry; of many that one person wrote on one day, one that says how many."""
    of: dict[tuple[datetime.date | None, str], list[Row]] = {}
    for row in rows:
        of.setdefault((row.day, row.detail), []).append(row)
    found = []
    for (day, author), same in of.items():
        if len(same) > ONE_BY_ONE:
            text = f"{author}さんが、あなたに代わって{len(same)}件の記録を書きました"
            found.append(Notice(day_of(day), text, "assessments:my_resume"))
        else:
            found += [
                _entry(row, f"{author}さんが、あなたに代わって「{row.title}」を書きました") for row in same
            ]
    return found


def _wish(news: News, staff: Staff, today: datetime.date) -> list[Notice]:
    leaves = staff.left_on is not None and staff.left_on <= fiscal.last_day(fiscal.fiscal_year(today))
    if leaves or news.of("wish"):
        return []
    year = fiscal.short_label(fiscal.fiscal_year(today))
    text = "異動希望を書けます。あなたと人事だけが見ます"
    return [Notice(f"{year}年度", text, "assessments:wish", staff)]


def day_of(day: datetime.date | None) -> str:
    """Return a day as 11月25日."""
    return f"{day.month}月{day.day}日" if day else ""
