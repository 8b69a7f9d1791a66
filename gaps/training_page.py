"""The training proposal in words, as a chart and as a map before → after. Takes no request and asks nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from competency.matrix import Group, groups
from competency.models import Step
from gaps.coverage import CellCoverage, DepartmentCoverage, Person, Status, status
from gaps.report_page import STATES
from gaps.training import Limits, Pair, Proposal, Raise, Trainee, TrainingCell, proposal_of
from lib.charts import StackedBars, stacked_bars

NOTHING_MISSING = "足りない項目はありません。"
NOBODY_REACHES = "育成で届く人がいません（2段階以内の人がいない）。"
_NOBODY_MORE = "育成で届く人は、もう全員が育成中です。"
NOT_PROVEN = (
    "時間内に、いちばんよい案だと確かめられませんでした。研修枠の数を減らして、もう一度試してください。"
)
_UNSET = "必要人数が未設定です。先に必要人数を決めてください。"


@dataclass(frozen=True)
class ChangeTile:
    """One tile of the map before → after, ready to print; `was` is "" where the state stays."""

    css: str
    task: str
    icon: str
    word: str
    was: str = ""
    before: str = ""
    count: str = ""
    of: str = ""


def question(
    report: DepartmentCoverage,
) -> tuple[list[TrainingCell], list[Trainee]]:
    """Return cells and people of a department as the question needs them.

    Between equals the earlier wins, so people stand the other way round than in the list of the department: those
    without a part in the line before those who lead.
    """
    cells = [
        TrainingCell(each.cell.code, each.needed, each.count, each.cell.area.code, each.cell.stage.rank)
        for each in report.cells
    ]
    return cells, [Trainee(person.id, person.steps) for person in reversed(report.people)]


def obstacle(report: DepartmentCoverage, candidates: int, possible: int) -> str:
    """Return in words why there is nothing to propose whatever there is to spend, "" where there is something.

    `candidates` are the pairs that could be chosen, `possible` the same with those already in training.
    """
    if not report.people:
        return "この日に数える職員がいません。"
    if not report.judged:
        return _UNSET if report.count(Status.UNSET) else "今年度は、どの項目も対象外です。"
    if not any(cell.status.is_gap for cell in report.cells):
        return NOTHING_MISSING
    if candidates:
        return ""
    return _NOBODY_MORE if possible else NOBODY_REACHES


def sentence(report: DepartmentCoverage, proposal: Proposal, limits: Limits) -> str:
    """Return the conclusion: what goes away with these places, and whether some are not needed."""
    used, most = len(proposal.raises), limits.most
    if not most:
        return "この予算では、1枠もとれません。"
    if not used:
        return f"{most}枠では、充足状況が変わる項目がありません。枠の数か、1人あたりの上限を増やしてみてください。"
    gone = [(one.label, proposal.gone(one)) for one in (Status.NONE, Status.SINGLE, Status.SHORT)]
    parts = "、".join(f"{label}が{len(codes)}項目" for label, codes in gone if codes)
    told = f"{used}枠で、{parts}なくなります。"
    for was, become in (
        (Status.NONE, Status.SINGLE),
        (Status.NONE, Status.SHORT),
        (Status.SINGLE, Status.SHORT),
    ):
        number = sum(proposal.after[code] is become for code in proposal.gone(was))
        word = "1人体制" if report.size == 1 and become is Status.SINGLE else become.label
        told += f"{was.label}だった{number}項目は、{word}になります。" if number else ""
    if used < most:
        told += f"残りの{most - used}枠を使っても、充足状況はこれ以上変わりません。"
    return told


def chart(proposal: Proposal) -> StackedBars:
    """Return the states now and afterwards as two bars."""
    before, after = proposal.counts(proposal.before), proposal.counts(proposal.after)
    return stacked_bars(
        [("いま", [before[Status(one.css)] for one in STATES]), ("育成後", [after[Status(one.css)] for one in STATES])],
        STATES,
        strong=1,
    )  # fmt: skip


def chart_sentence(proposal: Proposal) -> str:
    """Return what the two bars show."""
    before, after = proposal.counts(proposal.before), proposal.counts(proposal.after)
    return "、".join(
        f"{one.label}は{before[one]}項目から{after[one]}項目"
        for one in (Status.OK, Status.SHORT, Status.SINGLE, Status.NONE)
    )


def change_map(report: DepartmentCoverage, proposal: Proposal) -> list[Group]:
    """Return the matrix with a ChangeTile for every cell."""
    more: dict[str, int] = {}
    for each in proposal.raises:
        more[each.cell] = more.get(each.cell, 0) + 1
    tiles = {cell.cell.code: _tile(cell, more.get(cell.cell.code, 0)) for cell in report.cells}
    return groups([cell.cell for cell in report.cells], lambda cell: tiles[cell.code])


def why(raised: Raise, person: Person) -> str:
    """Return why this line is proposed, with the person's name."""
    step = Step(raised.from_step)
    return f"{person.short or person.name}さんは、いま「{step.value} {step.label}」です。{raised.reason}"


def whys(report: DepartmentCoverage, chosen: Mapping[str, Pair]) -> dict[str, str]:
    """Return why for lines that a manager chose, by the name of the line, worked out anew."""
    cells, people = question(report)
    found = {
        (each.person, each.cell): each for each in proposal_of(cells, people, list(chosen.values())).raises
    }
    named = by_key(report)
    return {name: why(found[pair], named[pair[0]]) for name, pair in chosen.items()}


def training_text(raised: Raise, gap: CellCoverage) -> str:
    """Return how it could be done: a first draft, for the manager to change."""
    if raised.from_step == Step.WITH_HELP:
        if gap.holders:
            return "できる職員と一緒に担当する（OJT）"
        return "外部の研修を受けて、実際の仕事を担当する"
    if gap.holders:
        return "研修で基礎を学び、できる職員と一緒に担当する（OJT）"
    return "外部の研修で基礎から学び、支援を受けて担当する"


def already(report: DepartmentCoverage, in_training: Collection[Pair]) -> list[str]:
    """Return who is left out because an open 育成 names them, a line a gap, in the order of the matrix."""
    lines = []
    for cell in report.cells:
        names = [person.name for person in report.people if (person.id, cell.cell.code) in in_training]
        if names and cell.status.is_gap:
            lines.append(f"{cell.cell.full_name}：{'、'.join(names)}")
    return lines


def by_key(report: DepartmentCoverage) -> Mapping[int, Person]:
    """Return the people who count by their key."""
    return {person.id: person for person in report.people}


def _tile(cell: CellCoverage, more: int) -> ChangeTile:
    of = f"／ {cell.needed}人"
    if cell.status in (Status.OUT, Status.UNSET):
        css = cell.status.value if cell.status is Status.OUT else "plain"
        icon = "out" if cell.status is Status.OUT else ""
        return ChangeTile(css, cell.cell.task, icon, cell.word)
    count = cell.count + more
    after = status(cell.needed or 0, count)
    word = "1人体制" if cell.lone and after is Status.SINGLE else after.label
    if after is cell.status:
        before = f"{cell.count} → " if more else ""
        return ChangeTile("same", cell.cell.task, after.value, word, "", before, str(count), of)
    return ChangeTile(
        after.value, cell.cell.task, after.value, word, cell.word, f"{cell.count} → ", str(count), of
    )
