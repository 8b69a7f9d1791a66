"""What the pages of 事務分掌 print beside the form: who lacks what, each person's duties, and a file's changes in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from competency.assignments import (
    DEPUTY,
    MAIN,
    ROLES,
    Board,
    ImportPlan,
    Kind,
    Shares,
    without_duty,
    without_main,
)

_NAMED = 12


@dataclass(frozen=True)
class PersonRow:
    """One person and the names of their duties."""

    name: str
    note: str
    mains: str
    deputies: str
    has_none: bool


@dataclass(frozen=True)
class ChangedDuty:
    """One duty of a file: what becomes of its people, in words."""

    name: str
    is_added: bool
    new: str
    changed: str
    removed: str
    unchanged: str


def warnings(board: Board, shares: Shares) -> list[str]:
    """Return sentences on duties without 主担当 and people without a duty: to be looked at, not refused."""
    found = []
    if duties := [duty.name for duty in without_main(shares, board.duties)]:
        found.append(f"主担当のいない業務：{_listed(duties, '業務')}")
    if people := [person.name for person in without_duty(shares, board.people)]:
        found.append(f"担当する業務のない職員：{_listed(people, '人')}")
    return found


def people_rows(board: Board, shares: Shares) -> list[PersonRow]:
    """Return each person with their duties, those who have left at the end."""
    left = {person.id for person in board.left}
    lines = []
    for person in (*board.people, *board.left):
        mains, deputies = (
            "、".join(duty.name for duty in board.duties if shares.get((duty.id, person.id)) == role)
            for role in (MAIN, DEPUTY)
        )
        note = person.position
        if person.id in left:
            note = "いまは在籍していません"
        elif person.on_leave:
            note = f"{note}（休職・育休中）" if note else "休職・育休中"
        lines.append(PersonRow(person.name, note, mains, deputies, not (mains or deputies)))
    return lines


def changed_duties(board: Board, plan: ImportPlan) -> list[ChangedDuty]:
    """Return the duties that a file names, in its order, with what becomes of each person."""
    people = {person.id: person.name for person in board.people}
    added = {duty.id for duty in plan.added}
    lines = []
    for duty in plan.named:
        words: dict[Kind, list[str]] = {kind: [] for kind in Kind}
        for each in plan.changes:
            if each.duty_id != duty.id:
                continue
            before, after = ROLES.get(each.before, ""), ROLES.get(each.after, "")
            role = f"{before} → {after}" if each.kind is Kind.CHANGED else after or before
            words[each.kind].append(f"{people[each.staff_id]}（{role}）")
        lines.append(
            ChangedDuty(
                duty.name,
                duty.id in added,
                *("、".join(words[kind]) for kind in (Kind.NEW, Kind.CHANGED, Kind.REMOVED, Kind.UNCHANGED)),
            )
        )
    return lines


def import_figures(plan: ImportPlan) -> list[dict[str, object]]:
    """Return the four counts of a preview."""
    counts = {kind: sum(each.kind is kind for each in plan.changes) for kind in Kind}
    told = [
        ("key", "新しく付ける担当", counts[Kind.NEW]),
        ("key", "変える担当", counts[Kind.CHANGED]),
        ("short", "外す担当", counts[Kind.REMOVED]),
        ("", "そのままの担当", counts[Kind.UNCHANGED]),
    ]
    return [
        {"tone": tone if count else "", "label": label, "value": count, "unit": "件", "hint": ""}
        for tone, label, count in told
    ]


def not_named(board: Board, plan: ImportPlan) -> list[str]:
    """Return the names of the department's duties that the file does not name: they stay as they are."""
    named = {duty.id for duty in plan.named}
    return [duty.name for duty in board.duties if duty.id not in named]


def _listed(names: Sequence[str], unit: str) -> str:
    more = len(names) - _NAMED
    told = "、".join(names[:_NAMED])
    return f"{told}。" if more <= 0 else f"{told}、ほか{more}{unit}。"
