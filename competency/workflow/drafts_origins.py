"""Where the 項目 of a draft come from: split, joined, taken away, brought back, and the rule of each origin (P24).

Nothing here touches a record of a person: what a draft says of its origins is read when a year moves to it.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from access.actor import Actor
from access.refusals import Conflict
from competency import draft_reads
from competency.lineage import Rule, strictest
from competency.models import Area, Cell, CellOrigin, FrameworkVersion, Stage, StepWording
from competency.workflow.drafts_base import (
    BadValue,
    check_meaning,
    earlier,
    key_for,
    made,
    noted,
    open_draft,
    take,
    tidy,
)
from competency.workflow.drafts_cells import CellValues, put_cell


@dataclass(frozen=True)
class Piece:
    """What a 項目 is split into, or what several become: its code, its task, where it stands."""

    code: str
    task: str
    stage: Stage


@transaction.atomic
def split_cell(
    *,
    version: FrameworkVersion,
    cell: Cell,
    pieces: Sequence[Piece],
    rule: str = Rule.REVIEW,
    lock: int,
    by: Actor,
    now,
    key: uuid.UUID,
) -> list[Cell]:
    """Put several 項目 with new codes in the place of one, and return them; each starts with its wording and example.

    Each came from what the one came from, with `rule` or the stricter one that stood there. The same key twice
    splits once. Raises BadValue for fewer than two or a code that is taken or known from earlier versions, StaleRow
    where somebody changed the cell first.
    """
    open_draft(version, by, now)
    key = key_for(key, cell.code, list(pieces), rule)
    first = earlier(Cell, by=by, action="draft.cell_split", key=key, target=version)
    if first is not None:
        return [first]
    if len(pieces) < 2:
        raise BadValue("pieces", "分けたあとの項目を2つ以上書いてください。")
    take(cell, lock)
    origins = _rules(cell, rule)
    stored = Cell.objects.select_related("area").get(pk=cell.pk)
    wording = tuple(wording.text for wording in stored.wordings.all())
    _remove(stored)
    found = []
    for number, piece in enumerate(pieces):
        try:
            _check_new(version, piece.code, but=stored.code)
            values = CellValues(
                stored.area, piece.stage, piece.code, piece.task, stored.example, stored.source,
                stored.in_use, wording,
            )  # fmt: skip
            found.append(put_cell(version, values, origins=origins, rank=stored.rank, by=by, now=now))
        except BadValue as bad:
            raise BadValue(f"{bad.field}-{number}", bad.message) from bad
    tidy(version)
    made(found[0], by=by, action="draft.cell_split", key=key, target=version, now=now)
    noted(version, by=by, action="draft.cell_split", now=now, code=stored.code, cells=len(found))
    return found


@transaction.atomic
def join_cells(
    *,
    version: FrameworkVersion,
    chosen: Sequence[tuple[Cell, int]],
    piece: Piece,
    rule: str = Rule.REVIEW,
    by: Actor,
    now,
    key: uuid.UUID,
) -> Cell:
    """Put one 項目 with a new code in the place of several, each with the lock that was seen; return it.

    It stands where the first stood, with its example and no wording: what both ask has to be written anew. The same
    key twice joins once. Raises as `split_cell` does.
    """
    open_draft(version, by, now)
    key = key_for(key, sorted(cell.code for cell, _ in chosen), piece, rule)
    before = earlier(Cell, by=by, action="draft.cells_join", key=key, target=version)
    if before is not None:
        return before
    if len({cell.pk for cell, _ in chosen}) < 2:
        raise BadValue("cells", "1つにまとめる項目を2つ以上選んでください。")
    origins: dict[str, str] = {}
    for cell, lock in chosen:
        take(cell, lock)
        for code, said in _rules(cell, rule).items():
            origins[code] = strictest([Rule(said), Rule(origins.get(code, said))]).value
    first = Cell.objects.select_related("area").get(pk=chosen[0][0].pk)
    for cell, _ in chosen:
        _remove(cell)
    _check_new(version, piece.code, but=None)
    values = CellValues(
        first.area, piece.stage, piece.code, piece.task, first.example, first.source, first.in_use
    )
    joined = put_cell(version, values, origins=origins, rank=first.rank, by=by, now=now)
    tidy(version)
    made(joined, by=by, action="draft.cells_join", key=key, target=version, now=now)
    noted(version, by=by, action="draft.cells_join", now=now, code=joined.code, cells=len(chosen))
    return joined


@transaction.atomic
def drop_cell(*, version: FrameworkVersion, cell: Cell, lock: int, by: Actor, now) -> None:
    """Take a 項目 out of a draft; what people wrote under the base stays there. Raises StaleRow as above."""
    open_draft(version, by, now)
    take(cell, lock)
    _remove(cell)
    tidy(version)
    noted(version, by=by, action="draft.cell_drop", now=now, code=cell.code)


@transaction.atomic
def restore_cell(*, version: FrameworkVersion, code: str, by: Actor, now) -> Cell:
    """Bring a 項目 of the base back that no 項目 came from, as it was there, and return it.

    It stands in the 区分 of the same code, else in the last one. Raises Conflict where there is nothing to bring
    back, or no 区分 to put it in, and BadValue where its code is taken.
    """
    open_draft(version, by, now)
    base = next((cell for cell in draft_reads.dropped_cells(version) if cell.code == code), None)
    areas = list(Area.objects.filter(version=version))
    if base is None:
        raise Conflict("この項目は、もう戻してあります。")
    if not areas:
        raise Conflict("先に、区分を1つ作ってください。")
    area = next((area for area in areas if area.code == base.area.code), areas[-1])
    stage = Stage.objects.get(version=version, rank=base.stage.rank)
    wording = tuple(StepWording.objects.filter(cell=base).values_list("text", flat=True))
    values = CellValues(
        area, stage, base.code, base.task, base.example, base.source, base.in_use, wording
    )  # fmt: skip
    cell = put_cell(version, values, origins={base.code: Rule.CARRY.value}, rank=32_000, by=by, now=now)
    Cell.objects.filter(pk=cell.pk).update(
        placement_confirmed=base.placement_confirmed,
        placement_confirmed_by=base.placement_confirmed_by_id,
        placement_confirmed_at=base.placement_confirmed_at,
    )
    tidy(version)
    noted(version, by=by, action="draft.cell_restore", now=now, code=code)
    return cell


@transaction.atomic
def set_origins(
    *, version: FrameworkVersion, cell: Cell, origins: Mapping[str, str], lock: int, by: Actor, now
) -> None:
    """Say which cells of the base a 項目 came from, and by which rule of `Rule` each rating comes along.

    Raises StaleRow where somebody changed the cell first; BadValue for a code that the base does not have, a rule
    that there is not, or where the code of the cell itself once meant something else than these; Conflict where the
    draft came from no version.
    """
    open_draft(version, by, now)
    if version.based_on_id is None:
        raise Conflict("この下書きには、もとの版がありません。")
    if _stored(cell) == dict(origins):
        return
    take(cell, lock)
    known = set(Cell.objects.filter(version=version.based_on_id).values_list("code", flat=True))
    if set(origins) - known or set(origins.values()) - {rule.value for rule in Rule}:
        raise BadValue("origins", "もとの版にある項目と、その扱いを選んでください。")
    check_meaning(version, cell.code, origins, field="origins")
    CellOrigin.objects.filter(cell=cell).delete()
    CellOrigin.objects.bulk_create(
        CellOrigin(cell=cell, code=code, rule=rule) for code, rule in origins.items()
    )
    noted(version, by=by, action="draft.cell_origins", now=now, code=cell.code, origins=len(origins))


def _stored(cell: Cell) -> dict[str, str]:
    return dict(CellOrigin.objects.filter(cell=cell).values_list("code", "rule"))


def _rules(cell: Cell, rule: str) -> dict[str, str]:
    """Return what a cell came from, no rule milder than this one."""
    return {code: strictest([Rule(said), Rule(rule)]).value for code, said in _stored(cell).items()}


def _check_new(version: FrameworkVersion, code: str, *, but: str | None) -> None:
    """Raise BadValue for the code of any earlier version, or the one that is split: it says another thing now."""
    if code == but:
        raise BadValue("code", "分けたあとの項目には、新しい項目コードを付けてください。")
    check_meaning(version, code, ())


def _remove(cell: Cell) -> None:
    StepWording.objects.filter(cell=cell).delete()
    CellOrigin.objects.filter(cell=cell).delete()
    Cell.objects.filter(pk=cell.pk).delete()
