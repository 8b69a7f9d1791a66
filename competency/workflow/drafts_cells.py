"""項目 of a draft: added, changed, moved, and their place in 図表 confirmed (P24)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict
from competency.framework_shape import STEPS
from competency.models import Area, Cell, CellOrigin, FrameworkVersion, Stage, StepWording
from competency.workflow.drafts_base import (
    BadValue,
    check_code,
    check_meaning,
    earlier,
    key_for,
    made,
    noted,
    open_draft,
    take,
    tidy,
)
from competency.workflow.drafts_parts import MOST, swap

_LAST = 32_000
KEEP, CONFIRM, OPEN_AGAIN = "keep", "confirm", "open"
_UNCONFIRMED = {
    "placement_confirmed": False, "placement_confirmed_by": None, "placement_confirmed_at": None,
}  # fmt: skip


@dataclass(frozen=True)
class CellValues:
    """What a 項目 says. `wording` has five sentences or none; `placement` is KEEP, CONFIRM or OPEN_AGAIN."""

    area: Area
    stage: Stage
    code: str
    task: str = ""
    example: str = ""
    source: str = ""
    in_use: bool = True
    wording: tuple[str, ...] = ()
    placement: str = KEEP


@transaction.atomic
def add_cell(*, version: FrameworkVersion, values: CellValues, by: Actor, now, key: uuid.UUID) -> Cell:
    """Add a 項目 that came from nowhere, last in its 区分, and return it.

    The same key twice adds one. Raises BadValue for a code that is taken or once meant something, for three texts of
    five, for 200 in one 区分, and as `open_draft` does.
    """
    open_draft(version, by, now)
    key = key_for(key, values)
    before = earlier(Cell, by=by, action="draft.cell_add", key=key, target=version)
    if before is not None:
        return before
    cell = put_cell(version, values, origins={}, rank=_LAST, by=by, now=now)
    tidy(version)
    made(cell, by=by, action="draft.cell_add", key=key, target=version, now=now)
    noted(version, by=by, action="draft.cell_add", now=now, code=cell.code)
    return cell


@transaction.atomic
def change_cell(
    *, version: FrameworkVersion, cell: Cell, values: CellValues, lock: int, by: Actor, now
) -> Cell:
    """Change a 項目 and return the fresh row; a change that is stored already is no conflict.

    A mark that is moved is no longer confirmed, unless it is confirmed in the same act. Raises StaleRow where somebody
    changed it first, BadValue as `add_cell` does.
    """
    open_draft(version, by, now)
    stored = Cell.objects.select_related("area", "stage").filter(pk=cell.pk).first()
    if stored is not None and values.placement == KEEP and cell_values(stored) == values:
        return stored
    take(cell, lock)
    origins = set(CellOrigin.objects.filter(cell=cell).values_list("code", flat=True))
    _check(version, values, origins, but=cell)
    fields = _fields(values)
    moved = (cell.stage_id, cell.area_id) != (values.stage.pk, values.area.pk)
    if cell.area_id != values.area.pk:
        fields["rank"] = _LAST
    fields |= _placement(values.placement, moved=moved, by=by, now=now)
    Cell.objects.filter(pk=cell.pk).update(**fields)
    write_wording(cell, values.wording)
    tidy(version)
    noted(version, by=by, action="draft.cell_change", now=now, code=values.code, moved=moved)
    return Cell.objects.select_related("area", "stage").get(pk=cell.pk)


@transaction.atomic
def move_cell(*, version: FrameworkVersion, cell: Cell, direction: str, lock: int, by: Actor, now) -> None:
    """Move a mark one 段階 (`left`, `right`) or one place within its 区分 (`up`, `down`).

    At the edge nothing happens. Another 段階 makes a confirmed place unconfirmed. Raises StaleRow where somebody
    changed it first, and as `open_draft` does.
    """
    open_draft(version, by, now)
    take(cell, lock)
    if direction in ("up", "down"):
        swap(list(Cell.objects.filter(area_id=cell.area_id)), cell, up=direction == "up")
    else:
        stages = list(Stage.objects.filter(version=version))
        place = [stage.pk for stage in stages].index(cell.stage_id) + (1 if direction == "right" else -1)
        if 0 <= place < len(stages):
            Cell.objects.filter(pk=cell.pk).update(stage=stages[place], **_UNCONFIRMED)
    tidy(version)
    noted(version, by=by, action="draft.cell_move", now=now, code=cell.code, to=direction)


@transaction.atomic
def confirm_placements(
    *, version: FrameworkVersion, chosen: Iterable[tuple[Cell, int]], by: Actor, now
) -> int:
    """Confirm the place of several marks, each with the lock that was seen; return how many were not before.

    Raises Conflict where one of them was moved or changed since: whoever confirms has looked at all of them.
    """
    open_draft(version, by, now)
    chosen = list(chosen)
    wanted = {cell.pk: lock for cell, lock in chosen}
    rows = Cell.objects.filter(version=version, pk__in=wanted).select_related("stage")
    changed = [row.label for row in rows if row.lock != wanted[row.pk]]
    if changed or len(rows) < len(wanted):
        told = "、".join(changed) or "消された項目"
        raise Conflict(
            f"ほかの画面で先に変更された項目があるため、確認済みにしませんでした（{told}）。いまの表を確かめて、選び直してください。"
        )
    fresh = Cell.objects.filter(version=version, pk__in=wanted, placement_confirmed=False)
    count = fresh.update(
        placement_confirmed=True,
        placement_confirmed_by=by.staff_id,
        placement_confirmed_at=now,
        lock=F("lock") + 1,
    )
    noted(version, by=by, action="draft.cells_confirm", now=now, cells=count)
    return count


def put_cell(
    version: FrameworkVersion, values: CellValues, *, origins: dict[str, str], rank: int, by: Actor, now
) -> Cell:
    """Make one 項目 with its wording and what it came from (rule by code); the caller tidies up."""
    _check(version, values, origins)
    cell = Cell.objects.create(
        version=version,
        rank=rank,
        **_fields(values),
        **_placement(values.placement, moved=False, by=by, now=now),
    )
    write_wording(cell, values.wording)
    CellOrigin.objects.bulk_create(
        CellOrigin(cell=cell, code=code, rule=rule) for code, rule in origins.items()
    )
    return cell


def write_wording(cell: Cell, wording: tuple[str, ...]) -> None:
    """Bring the five sentences of a 項目 to these, or to none."""
    stored = dict(StepWording.objects.filter(cell=cell).values_list("step", "text"))
    if tuple(stored.get(step, "") for step in STEPS if stored) == wording:
        return
    StepWording.objects.filter(cell=cell).delete()
    StepWording.objects.bulk_create(
        StepWording(cell=cell, step=step, text=text) for step, text in enumerate(wording)
    )


def cell_values(cell: Cell) -> CellValues:
    """Return what is stored of a 項目. One query for its wording, more where area and stage are not loaded."""
    return CellValues(
        cell.area, cell.stage, cell.code, cell.task, cell.example, cell.source, cell.in_use,
        tuple(wording.text for wording in cell.wordings.all()),
    )  # fmt: skip


def _fields(values: CellValues) -> dict:
    return {
        "area": values.area, "stage": values.stage, "code": values.code, "task": values.task,
        "example": values.example, "source": values.source, "in_use": values.in_use,
    }  # fmt: skip


def _placement(said: str, *, moved: bool, by: Actor, now) -> dict:
    if said == CONFIRM:
        return {
            "placement_confirmed": True,
            "placement_confirmed_by_id": by.staff_id,
            "placement_confirmed_at": now,
        }
    return dict(_UNCONFIRMED) if moved or said == OPEN_AGAIN else {}


def _check(
    version: FrameworkVersion, values: CellValues, origins: Iterable[str], *, but: Cell | None = None
) -> None:
    check_code(Cell, version, values.code, but=but)
    if but is None or but.code != values.code:
        check_meaning(version, values.code, origins)
    if values.wording and not (len(values.wording) == len(STEPS) and all(values.wording)):
        raise BadValue("wording", "到達度の文は、5つすべてを書くか、すべて空にしてください。")
    there = Cell.objects.filter(area=values.area).exclude(pk=but.pk if but else None).count()
    if there >= MOST:
        raise BadValue("area", f"1つの区分に置ける項目は{MOST}までです。ほかの区分を選んでください。")
