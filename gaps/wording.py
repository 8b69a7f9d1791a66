"""The gap report in words: the answer in a sentence, the four figures. Pure."""

import datetime
from dataclasses import dataclass

from gaps.coverage import DepartmentCoverage, Status
from lib import fiscal
from lib.dates import format_wareki


@dataclass(frozen=True)
class Figure:
    """One of the figures under the answer (partials/_figures.html)."""

    tone: str
    label: str
    value: str
    unit: str = ""
    hint: str = ""


def answer(report: DepartmentCoverage, *, names: bool) -> str:
    """Return the conclusion in at most four short sentences. `names` says whether people may be named."""
    if not report.people:
        return "この日に数える職員がいません。"
    opening = "この所属は1人体制です。" if report.size == 1 else ""
    judged = report.judged
    if not judged:
        if report.count(Status.UNSET):
            return opening + "必要人数が未設定です。所属長が決めると、足りない項目がわかります。"
        return opening + "今年度は、どの項目も対象外です。"
    sentences = [opening, _covered(len(judged), report.count(Status.OK))]
    few = report.count(Status.SINGLE) + report.count(Status.NONE)
    if few == len(judged) and report.unrated == report.size:
        return opening + f"必要な{len(judged)}項目のどれにも、確定した記録がまだありません。"
    if few:
        sentences.append(f"{few}項目は、できる人が1人以下です。")
        pillar = report.pillar() if names and report.size > 1 else None
        if pillar:
            person, count = pillar
            sentences.append(f"そのうち{count}項目は{person.short}さん1人が支えています。")
    elif report.count(Status.SHORT):
        sentences.append(f"{report.count(Status.SHORT)}項目は、2人以上いますが必要な人数に届きません。")
    if report.count(Status.UNSET):
        sentences.append(f"ほかの{report.count(Status.UNSET)}項目は必要人数が未設定です。")
    return "".join(sentences)


def figures(report: DepartmentCoverage, *, counts: bool, covered_before: int | None = None) -> list[Figure]:
    """Return the four figures; where nothing is needed only the first. Without `counts` none holds a number of people.

    `covered_before` is the number of covered cells a year before, None where there is no such year.
    """
    needed = len(report.judged)
    alone = "1人体制" if report.size == 1 else "一人依存"
    short, single, none = (report.count(one) for one in (Status.SHORT, Status.SINGLE, Status.NONE))
    missing = [cell.missing for cell in report.cells_with(Status.SHORT)]
    if not short:
        hint = "2人以上いて届かない項目はありません"
    elif not counts:
        hint = "2人以上いるが、必要な人数に届かない"
    else:
        hint = "あと1人ずつで充足" if max(missing) == 1 else f"合わせてあと{sum(missing)}人で充足"
    rate = Figure("key", "確定率", "―", "", "5人未満の所属のため、人数は出しません")
    if counts:
        rate = Figure("key", "確定率", str(report.confirmed), f"／ {report.size}人", years_hint(report))
    if not needed:
        return [rate] if counts else []
    return [
        rate,
        Figure(
            "ok", "充足", str(report.count(Status.OK)), f"／ {needed}項目", _change(report, covered_before)
        ),
        Figure("short", "不足", str(short), "項目", hint),
        Figure("none", f"{alone}・不在", str(single + none), "項目", f"{alone} {single}、不在 {none}"),
    ]


def years_hint(report: DepartmentCoverage) -> str:
    """Return of which year the values of those are who are not confirmed this year."""
    if not report.size:
        return ""
    share = f"{round(100 * report.confirmed / report.size)}%。"
    earlier, unrated = report.earlier, report.unrated
    if not earlier and not unrated:
        return share + "全員が今年度の確定値"
    if not unrated:
        return share + f"残る{earlier}人は{_earlier_year(report)}の確定値"
    if not earlier:
        return share + f"残る{unrated}人は未評価"
    return share + f"{earlier}人は{_earlier_year(report)}の確定値、{unrated}人は未評価"


def years_note(report: DepartmentCoverage) -> str:
    """Return whose values are of this year: 8人中5人は今年度、残りは昨年度の値です。"""
    if not report.size:
        return ""
    if report.confirmed == report.size:
        return f"{report.size}人全員が今年度の値です。"
    parts = []
    if report.confirmed:
        parts.append(f"{report.confirmed}人は今年度")
    if report.earlier:
        rest = "残り" if parts and not report.unrated else f"{report.earlier}人"
        parts.append(f"{rest}は{_earlier_year(report)}")
    told = f"{report.size}人中{'、'.join(parts)}の値です。" if parts else ""
    return told + (f"{report.unrated}人は未評価です（0とは数えません）。" if report.unrated else "")


def basis(report: DepartmentCoverage, at: datetime.datetime, *, include_self: bool, counts: bool) -> str:
    """Return at which moment, on which people and from which levels the page was worked out, and of which years.

    Without `counts` no number of people is told.
    """
    when = f"{format_wareki(at.date())} {at.hour}時{at.minute}分の集計です。"
    if counts and not report.size:
        return when + "この日に数える職員がいません。"
    people = f"{report.size}人" if counts else "職員"
    who = f"この日に、この所属か下の所属に在籍する{people}を数え、"
    levels = (
        "確定した段階に、確認を待っている「自己のみ」の段階を加えて" if include_self else "確定した段階だけで"
    )
    years = years_note(report) if counts else "段階は、それぞれの人のいちばん新しい確定の年度の値です。"
    return f"{when}{who}{levels}計算しています。{years}"


def _earlier_year(report: DepartmentCoverage) -> str:
    years = {person.year for person in report.people if person.year is not None and person.year < report.year}
    if years == {report.year - 1}:
        return "昨年度"
    if len(years) == 1:
        return f"{fiscal.short_label(years.pop())}年度"
    return "昨年度以前"


def _covered(needed: int, covered: int) -> str:
    if covered == needed:
        return f"必要な{needed}項目は、すべて足りています。"
    if covered == 0:
        return f"必要な{needed}項目のうち、足りている項目はありません。"
    return f"必要な{needed}項目のうち、{covered}項目は足りています。"


def _change(report: DepartmentCoverage, before: int | None) -> str:
    if before is None:
        return ""
    change = report.count(Status.OK) - before
    if change == 0:
        return "昨年度と同じ"
    return f"昨年度から {change} 増えた" if change > 0 else f"昨年度から {-change} 減った"
