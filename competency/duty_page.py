"""What the pages of duties print, made without a request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from competency.models import Cell, Duty
from competency.workflow import DutyValues


@dataclass(frozen=True)
class Demanded:
    """One cell that a duty asks for, by the name on the screen."""

    cell: Cell
    holders: int


@dataclass(frozen=True)
class DutyRow:
    """One duty of the catalogue. `strange` are cell codes that the version in use does not have."""

    duty: Duty
    demands: tuple[Demanded, ...]
    strange: tuple[str, ...]


@dataclass(frozen=True)
class DutyGroup:
    """Duties of one kind, with the source that they share."""

    label: str
    source: str
    rows: list[DutyRow]


def demands(duty: Duty, cells: Sequence[Cell]) -> tuple[tuple[Demanded, ...], tuple[str, ...]]:
    """Return what a duty asks for in the order of the matrix, and the codes that the matrix does not have."""
    asked: Mapping[str, int] = {demand.cell_code: demand.holders for demand in duty.demands.all()}
    known = {cell.code for cell in cells}
    return (
        tuple(Demanded(cell, asked[cell.code]) for cell in cells if cell.code in asked),
        tuple(sorted(code for code in asked if code not in known)),
    )


def groups(duties: Iterable[Duty], cells: Sequence[Cell]) -> list[DutyGroup]:
    """Return the catalogue by kind, in the order of the kinds; kinds without a duty are left out."""
    rows: dict[str, list[DutyRow]] = {}
    for duty in duties:
        rows.setdefault(duty.group, []).append(DutyRow(duty, *demands(duty, cells)))
    return [
        DutyGroup(
            kind.label, next((row.duty.source for row in rows[kind] if row.duty.source), ""), rows[kind]
        )
        for kind in Duty.Group
        if kind in rows
    ]


def differences(stored: DutyValues, form: Any) -> list[str]:
    """Return in sentences what is stored besides the cells where it differs from what was sent."""
    sent = form.cleaned_data
    found = []
    if stored.name != sent.get("name"):
        found.append(f"業務の名前：{stored.name}")
    if stored.examples != sent.get("examples"):
        found.append(f"業務の例：{stored.examples or 'なし'}")
    if stored.suited != sent.get("suited"):
        found.append(f"担い手の目安：{Duty.Suited(stored.suited).label}")
    return found
