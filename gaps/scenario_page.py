"""What the pages of scenarios print, made from an outcome; takes no request and asks nothing."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from competency.matrix import Group, groups
from gaps.coverage import DepartmentCoverage, Person, Status
from gaps.models import ScenarioMove
from gaps.reports import Snapshot
from gaps.scenario import CellChange, Cover, Outcome, carries_alone, holds, outcome, returning
from gaps.scenario_form import reason_options
from gaps.scenario_reads import MOST_FOUND, Mover, joiner
from gaps.workflow import MoveValues
from lib.dates import format_wareki

_REASONS = dict(ScenarioMove.Reason.choices)


@dataclass(frozen=True)
class Trial:
    """Moves tried on a report. `unseen` people may not be named to the reader, `gone` are not there to leave."""

    outcome: Outcome
    moves: tuple[MoveValues, ...]
    unseen: int
    gone: tuple[str, ...]

    @property
    def moves_anybody(self) -> bool:
        """Say whether anybody leaves or comes."""
        return bool(self.outcome.leavers or self.outcome.joiners)

    def reason(self, person_id: int) -> str:
        """Return in words why somebody leaves."""
        return next((_REASONS[move.reason] for move in self.moves if move.staff_id == person_id), "")


def trial(
    report: DepartmentCoverage,
    picture: Snapshot,
    movers: Mapping[int, Mover],
    moves: Sequence[MoveValues],
) -> Trial:
    """Try moves on a report. Somebody whom the reader may not name is neither named nor counted."""
    there = {person.id: person for person in report.everyone}
    leavers, joiners, gone = set(), [], []
    unseen = 0
    for move in moves:
        if move.staff_id is None:
            joiners.append(Person(id=-1 - len(joiners), name=move.label, steps=dict(move.steps)))
            continue
        mover = movers.get(move.staff_id)
        if move.staff_id not in there and (mover is None or not mover.nameable):
            unseen += 1
        elif move.kind == ScenarioMove.Kind.JOIN:
            person = there.get(move.staff_id)
            joiners.append(returning(person) if person else joiner(mover, picture))  # type: ignore[arg-type]
        elif move.staff_id in there:
            leavers.add(move.staff_id)
        else:
            gone.append(mover.name)  # type: ignore[union-attr]
    return Trial(outcome(report, leavers=leavers, joiners=joiners), tuple(moves), unseen, tuple(gone))


def sentence(found: Outcome) -> str:
    """Return the conclusion: who moves, what nobody can do any more, what rests on one person."""
    gone, come = len(found.leavers), len(found.joiners)
    if not gone and not come:
        return "抜ける人と入る人を選ぶと、できる人の数がどう変わるかがわかります。"
    who = f"{gone}人が抜けて{come}人が入ると、" if gone and come else ""
    who = who or (f"{gone}人が抜けると、" if gone else f"{come}人が入ると、")
    if not found.after.people:
        return who + "この所属で数える職員がいなくなります。"
    if not found.before.judged:
        return (
            who
            + f"数える職員は{found.after.size}人になります。必要人数が未設定なので、充足状況は比べられません。"
        )
    none, single, better = len(found.fallen_to_none), len(found.fallen_to_single), len(found.improved)
    alone = found.after.size == 1
    worse = len(found.worsened) - none - single
    told = []
    if none:
        told.append(f"{none}項目でできる人がいなくなり")
    if single and not alone:
        told.append(f"{single}項目が1人だけになり")
    if worse:
        told.append(f"{worse}項目が必要な人数に届かなくなり")
    if alone and found.before.size > 1:
        told.insert(0, "1人体制になり")
    if not told:
        return who + (f"{better}項目が良くなります。" if better else "どの項目の充足状況も変わりません。")
    return who + "、".join(told) + "ます。" + (f"{better}項目は良くなります。" if better else "")


@dataclass(frozen=True)
class ChangeTile:
    """One tile of the matrix before → after; only one whose state changes carries the ink of a state."""

    css: str
    task: str
    before: str
    count: str
    of: str
    was: str
    icon: str
    word: str
    still: str
    word_note: str = ""


def matrix(found: Outcome) -> list[Group]:
    """Return the matrix with a ChangeTile for every cell."""
    tiles = {change.cell.code: _tile(change) for change in found.changes}
    return groups([change.cell for change in found.changes], lambda cell: tiles[cell.code])


def _tile(change: CellChange) -> ChangeTile:
    after = change.after
    one = after.status
    icon = "" if one is Status.UNSET else one.value
    if one is Status.OUT:
        return ChangeTile("out", change.cell.task, "", "", "", "", icon, after.word, "")
    return ChangeTile(
        css=one.value if change.changed else "same",
        task=change.cell.task,
        before=f"{change.before.count} → " if change.moved else "",
        count=str(after.count),
        of=f"／ {after.needed}人" if after.needed is not None else "人",
        was=f"{change.before.word}から" if change.changed else "",
        icon=icon,
        word=after.word,
        still="" if change.changed else "のまま" if change.moved else "変わらない",
        word_note=after.word_note,
    )


@dataclass(frozen=True)
class LeaverRow:
    """One line of the people of the department. `carries` are cells that rest on this person alone."""

    person: Person
    place: str
    holds: int
    carries: int
    checked: bool
    reason: str
    known: str
    note: str

    @property
    def options(self) -> str:
        """Return the options of its reason."""
        return reason_options(self.reason)


@dataclass(frozen=True)
class JoinerRow:
    """One line of the people who could come."""

    uuid: Any
    name: str
    checked: bool
    known: bool
    details: str


def leaver_rows(
    report: DepartmentCoverage, movers: Mapping[int, Mover], moves: Sequence[MoveValues]
) -> list[LeaverRow]:
    """Return everybody who may leave, in the order of the department's table."""
    alone = carries_alone(report)
    chosen = {move.staff_id: move.reason for move in moves if move.kind == ScenarioMove.Kind.LEAVE}
    rows = []
    for person in report.people + report.apart:
        known = movers[person.id].goes if person.id in movers else ""
        rows.append(
            LeaverRow(
                person=person,
                place="　".join(filter(None, (person.position, "、".join(dict.fromkeys(person.places))))),
                holds=holds(person),
                carries=alone.get(person.id, 0),
                checked=person.id in chosen,
                reason=chosen.get(person.id) or known or ScenarioMove.Reason.TRANSFER.value,
                known=_REASONS[known] if known else "",
                note="人数に数えていません" if person in report.apart else person.additional,
            )
        )
    return rows


def joiner_rows(
    report: DepartmentCoverage, picture: Snapshot, movers: Mapping[int, Mover], moves: Sequence[MoveValues]
) -> list[JoinerRow]:
    """Return who could come by name: chosen, known to come, back from a leave, or found; nobody else is there."""
    chosen = {move.staff_id for move in moves if move.kind == ScenarioMove.Kind.JOIN}
    away = {person.id: person for person in report.leave}
    here = {person.id for person in report.people + report.apart}
    rows = []
    searched = 0
    for mover in movers.values():
        certain = mover.id in chosen or mover.comes or mover.id in away
        searched += mover.found
        offered = certain or (mover.found and searched <= MOST_FOUND)
        if not offered or not mover.nameable or mover.id in here:
            continue
        details = ["休職・育休から戻る"] if mover.id in away else []
        details += [text for text in (mover.place, mover.position) if text and mover.id not in away]
        if mover.id in picture.steps:
            able = holds(joiner(mover, picture))
            details.append(f"記録の段階を使います（できる項目 {able}）")
        elif mover.id in chosen:
            details.append("確定した記録がないので、すべて未評価です")
        rows.append(JoinerRow(mover.uuid, mover.name, mover.id in chosen, mover.comes, "。".join(details)))
    # Chosen ones stay in sight however the search goes.
    return sorted(rows, key=lambda row: not row.checked)


@dataclass(frozen=True)
class CoverLine:
    """Who could cover a cell, ready to print."""

    name: str
    css: str
    word: str
    text: str
    people: tuple[str, ...]


def cover_lines(found: Outcome) -> list[CoverLine]:
    """Return a line for every cell that gets worse."""
    return [_cover_line(cover) for cover in found.covers()]


def _cover_line(cover: Cover) -> CoverLine:
    after = cover.change.after
    if not cover.people:
        text = "残る人の記録には、近い人がいません。"
    else:
        step = "あと1段階" if cover.step == 2 else "あと2段階"
        text = f"入る人が{step}：" if cover.joining else f"{step}："
    names = tuple(person.name for person in cover.people)
    return CoverLine(cover.change.cell.full_name, after.status.value, after.word, text, names)


@dataclass(frozen=True)
class HandoverSheet:
    """One leaver's sheet of paper."""

    person: Person
    reason: str
    cells: tuple[CoverLine, ...]
    measures: tuple[str, ...]
    duties: tuple[str, ...]


def handover_sheets(tried: Trial, measures, duties) -> list[HandoverSheet]:
    """Return a sheet for every leaver, with who could cover each cell."""
    lines = {cover.change.cell.code: _cover_line(cover) for cover in tried.outcome.covers()}
    return [
        HandoverSheet(
            each.person,
            tried.reason(each.person.id),
            tuple(lines[change.cell.code] for change in each.cells),
            each.measures,
            each.duties,
        )
        for each in tried.outcome.handovers(measures, duties)
    ]


def difference(number: int) -> str:
    """Return a signed number as the screen writes it."""
    return f"＋{number}" if number > 0 else f"−{-number}" if number else "±0"


def result(tried: Trial, stages: Sequence[str], measures, duties) -> dict[str, Any]:
    """Return what `gaps/_scenario_result.html` prints."""
    found = tried.outcome
    return {
        "matrix": matrix(found),
        "stages": stages,
        "counts": [
            (one.status.value, one.status.label, one.before, one.after, difference(one.difference))
            for one in found.counts()
        ],
        "judged": bool(found.before.judged),
        "before_size": found.before.size,
        "after_size": found.after.size,
        "none": [change.cell.full_name for change in found.fallen_to_none],
        "single": [change.cell.full_name for change in found.fallen_to_single],
        "single_word": "1人体制の1人が支える" if found.after.size == 1 else "1人だけになる",
        "better": [(change.cell.full_name, change.after.word) for change in found.improved],
        "already": [
            change.cell.full_name
            for change in found.changes
            if not change.changed and change.after.status is Status.NONE
        ],
        "covers": cover_lines(found),
        "sheets": handover_sheets(tried, measures, duties),
        "joiners": [person.name for person in found.joiners],
    }


@dataclass(frozen=True)
class Column:
    """One scenario of a comparison."""

    scenario: Any
    day: str
    sentence: str
    leaving: tuple[str, ...]
    joining: tuple[str, ...]
    unseen: int


@dataclass(frozen=True)
class ComparedCell:
    """One cell of a comparison: today, and (class, word, count, whether it changes) per scenario."""

    name: str
    css: str
    word: str
    count: int
    after: tuple[tuple[str, str, int, bool], ...]


def compared(scenarios: Sequence[Any], tried: Sequence[Trial]) -> dict[str, Any]:
    """Return what the page of a comparison prints: columns, counts per state, and the cells in which they differ from today."""
    columns = [
        Column(
            scenario,
            format_wareki(scenario.on),
            sentence(each.outcome),
            tuple(f"{person.name}（{each.reason(person.id)}）" for person in each.outcome.leavers),
            tuple(person.name for person in each.outcome.joiners),
            each.unseen,
        )
        for scenario, each in zip(scenarios, tried, strict=True)
    ]
    first = tried[0].outcome
    counts = [each.outcome.counts() for each in tried]
    changes = [each.outcome.changes for each in tried]
    return {
        "columns": columns,
        "counts": [
            (one.status.value, one.status.label, one.before, [
                (mine[at].after, difference(mine[at].difference)) for mine in counts
            ])
            for at, one in enumerate(counts[0])
        ],
        "cells": [
            ComparedCell(
                before.cell.full_name,
                before.status.value,
                before.word,
                before.count,
                tuple(
                    (mine[at].after.status.value, mine[at].after.word, mine[at].after.count, mine[at].changed)
                    for mine in changes
                ),
            )
            for at, before in enumerate(first.before.cells)
            if any(mine[at].changed or mine[at].moved for mine in changes)
        ],
        "size": first.before.size,
        "sizes": [each.outcome.after.size for each in tried],
    }  # fmt: skip


def day_label(day: datetime.date) -> str:
    """Return a day as headings write it, 4月1日."""
    return f"{day.month}月{day.day}日"
