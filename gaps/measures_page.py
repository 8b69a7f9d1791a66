"""対応方針 as pages and files print them, made from measures and a report; takes no request and asks nothing."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gaps.coverage import CellCoverage, DepartmentCoverage, Person, Status
from gaps.models import Measure
from gaps.outcomes import Outcome, outcome
from lib import fiscal
from lib.dates import format_wareki

# What stands in a narrow column; the form has the whole words.
_SHORT = {
    Measure.Kind.TRANSFER: "異動・採用",
    Measure.Kind.ALLIANCE: "広域連携",
    Measure.Kind.EXPERT: "外部人材",
    Measure.Kind.OUTSOURCE: "外部委託",
}
NOBODY = "決まっていません"


@dataclass(frozen=True)
class Line:
    """One measure as a row prints it. Empty text is left out."""

    measure: Measure
    kind: str
    text: str
    owner: str
    due: str
    state: str
    overdue: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class GapLines:
    """One gap with its measures; without any it is undecided."""

    gap: CellCoverage
    lines: tuple[Line, ...] = ()

    @property
    def css(self) -> str:
        """Return the class and icon of the status."""
        return self.gap.status.value


@dataclass(frozen=True)
class Followed:
    """One open measure with what its gap was and is. `css` is "" where 必要人数 is not set today."""

    line: Line
    name: str
    was: str
    was_css: str
    now: str
    now_css: str
    outcome: Outcome | None


@dataclass(frozen=True)
class Section:
    """The gaps of a department, worst first, each with its measures."""

    gaps: tuple[GapLines, ...] = ()
    undecided: int = 0
    sentence: str = ""
    first: str = ""

    @property
    def rows(self) -> list[tuple[GapLines, Line | None]]:
        """Return a list with one row a measure, and one row for each gap without any."""
        return [(gap, line) for gap in self.gaps for line in (gap.lines or (None,))]


@dataclass(frozen=True)
class Facts:
    """What stands beside the form: the status of the gap, and facts as (label, text)."""

    css: str
    word: str
    pairs: tuple[tuple[str, str], ...]


def section(
    report: DepartmentCoverage, measures: Iterable[Measure], day: datetime.date, *, people: bool = False
) -> Section:
    """Return the gaps with what is decided about each; measures that were stopped decide nothing.

    With `people` it says whom a 育成 raises; the caller has fetched them.
    """
    by_code: dict[str, list[Measure]] = {}
    for measure in measures:
        if measure.answers:
            by_code.setdefault(measure.cell.code, []).append(measure)
    gaps = tuple(
        GapLines(
            gap,
            tuple(line(each, report.year, day, people=people) for each in by_code.get(gap.cell.code, ())),
        )
        for gap in report.priority()
    )
    open_gaps = [each.gap.cell.code for each in gaps if not each.lines]
    return Section(
        gaps, len(open_gaps), _sentence(len(gaps), len(open_gaps)), open_gaps[0] if open_gaps else ""
    )


def line(measure: Measure, year: int, day: datetime.date, *, people: bool = False) -> Line:
    """Return one measure in words. `year` is the year of the page: of an earlier one it says so."""
    decided = measure.cycle.fiscal_year
    notes = (
        f"{fiscal.short_label(decided)}年度から続いています" if decided < year and measure.is_open else "",
        people_word(measure) if people else "",
        f"理由：{measure.reason}" if people and measure.reason and measure.text else "",
        f"費用 {measure.cost:,}円" if people and measure.cost else "",
    )
    return Line(
        measure=measure,
        kind=kind_word(measure),
        text=measure.text or measure.reason,
        owner=measure.owner.name if measure.owner else NOBODY,
        due=format_wareki(measure.due) if measure.due else "―",
        state=state_word(measure),
        overdue=measure.is_overdue(day),
        notes=tuple(note for note in notes if note),
    )


def kind_word(measure: Measure) -> str:
    """Return the answer in a word that fits a column."""
    return _SHORT.get(Measure.Kind(measure.kind), measure.get_kind_display())


def state_word(measure: Measure) -> str:
    """Return how far it has come: nothing is to be done where it was decided to do nothing."""
    if measure.kind == Measure.Kind.NONE and measure.is_open:
        return "―"
    return measure.get_state_display()


def people_word(measure: Measure) -> str:
    """Return whom it raises and to which step; reads the people, which the caller fetched."""
    return "、".join(
        f"{each.staff.name}（「{each.get_to_step_display()}」まで{'、' + each.training if each.training else ''}）"
        for each in measure.people.all()
    )


def since_decided(measure: Measure, cells: dict[str, CellCoverage]) -> Outcome | None:
    """Return what became of the gap; None where the matrix of today does not have the cell."""
    now = cells.get(measure.cell.code)
    if now is None:
        return None
    return outcome(Status(measure.decided_status), measure.decided_holders, now.status, now.count)


def followed(report: DepartmentCoverage, measures: Iterable[Measure], day: datetime.date) -> list[Followed]:
    """Return the open measures that another page would lose: of an earlier year, or of a gap that is none today."""
    cells = {cell.cell.code: cell for cell in report.cells}
    found = []
    for measure in measures:
        now = cells.get(measure.cell.code)
        earlier = measure.cycle.fiscal_year < report.year
        if not measure.is_open or not (earlier or now is None or not now.status.is_gap):
            continue
        was = Status(measure.decided_status)
        found.append(
            Followed(
                line=line(measure, report.year, day),
                name=measure.cell.full_name,
                was=f"{was.label}（{measure.decided_holders}人）",
                was_css=_css(was),
                now=f"{now.word}（{now.count}人）" if now else "いまの体系にない項目",
                now_css=_css(now.status) if now else "",
                outcome=since_decided(measure, cells),
            )
        )
    return found


def closed(measures: Iterable[Measure], year: int, day: datetime.date) -> list[Line]:
    """Return the measures that were closed since the year began."""
    return [line(measure, year, day) for measure in measures if not measure.is_open]


def moved_away(measure: Measure, here: set[int]) -> list[Person]:
    """Return the people of a 育成 who are not in the department any more; reads the people fetched before."""
    return [
        Person(id=each.staff_id, name=each.staff.name, uuid=each.staff.uuid)
        for each in measure.people.all()
        if each.staff_id not in here
    ]


def facts(gap: CellCoverage | None, report: DepartmentCoverage, measure: Measure | None = None) -> Facts:
    """Return what the head needs to see while deciding: how many are needed, who can, who is next."""
    pairs: list[tuple[str, str]] = []
    if gap is not None:
        pairs += [
            ("必要人数", "未設定" if gap.needed is None else f"{gap.needed}人"),
            ("できる人", _named(gap.holders) + _external(gap)),
            ("あと一歩", _named(gap.nearest)),
        ]
        if gap.unrated:
            pairs.append(("未評価", f"{gap.unrated}人"))
    if measure is not None:
        was = Status(measure.decided_status)
        pairs.append(("決めた年度", f"{fiscal.short_label(measure.cycle.fiscal_year)}年度"))
        pairs.append(("決めたとき", f"{was.label}（できる人 {measure.decided_holders}人）"))
        became = since_decided(measure, {cell.cell.code: cell for cell in report.cells})
        if became:
            pairs.append(("その後", became.label))
    if gap is None:
        return Facts("", "いまの体系にない項目です", tuple(pairs))
    return Facts(_css(gap.status), gap.word + gap.word_note, tuple(pairs))


def costs_by_year(rows: Sequence[tuple[datetime.date | None, int | None]]) -> list[tuple[str, int]]:
    """Return (年度, yen) by the year in which it is due, for 予算要求; what has no date stands last."""
    totals: dict[int | None, int] = {}
    for due, cost in rows:
        if cost:
            year = fiscal.fiscal_year(due) if due else None
            totals[year] = totals.get(year, 0) + cost
    ordered = sorted(totals.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))
    return [(fiscal.label(year) if year else "期限なし", total) for year, total in ordered]


def _named(people: Sequence[Person]) -> str:
    return "、".join(person.name for person in people) or "いません"


def _external(gap: CellCoverage) -> str:
    if not gap.external:
        return ""
    return f"（委託常駐 {gap.external}人{'を含む' if gap.external_counts else 'は別'}）"


def _css(one: Status) -> str:
    return "" if one is Status.UNSET else one.value


def _sentence(gaps: int, undecided: int) -> str:
    if not gaps:
        return "足りない項目はありません。"
    if not undecided:
        return (
            f"足りない{gaps}項目のすべてに方針が決まっています。終わっていない方針は来年度に引き継がれます。"
        )
    decided = gaps - undecided
    start = f"足りない{gaps}項目のうち{decided}項目は方針が決まっています。" if decided else ""
    start = start or f"足りない{gaps}項目の方針がまだ決まっていません。"
    return start + "終わっていない方針は来年度に引き継がれます。"
