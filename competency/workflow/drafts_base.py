"""What every act on a draft shares: who may, that it still is one, whose change came first, order and names.

Every act counts up the version of the draft, so that a summary made before it is told from one made after; the rows
are locked one by one (`lock`), so that two editors at different rows do not meet.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Model

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from audit.models import Event, issue_receipt, receipt_for, record
from competency import draft_reads
from competency.draft_codes import SHAPE, is_code, meant_before
from competency.matrix import labels
from competency.models import Area, Category, Cell, FrameworkVersion

NOT_A_DRAFT = "公開された版は変えられません。新しい下書きを作って直してください。"
STALE = "ほかの画面で先に変更されました。まだ保存していません。両方を見比べて、残す内容で保存してください。"


class StaleRow(Conflict):
    """Somebody else changed the row first; `stored` is the row as it is now, None where it is gone."""

    def __init__(self, stored: Model | None):
        super().__init__(STALE if stored else "ほかの画面で先に消されました。まだ保存していません。")
        self.stored = stored


class BadValue(Invalid):
    """What was typed cannot be taken; `field` names the control that it was typed in."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


def check_editor(version: FrameworkVersion, by: Actor) -> None:
    """Raise NotVisible for another municipality's version and Forbidden for who may not edit (P24)."""
    if version.framework.municipality_id != by.municipality_id:
        raise NotVisible
    if not may(by, "P24"):
        raise Forbidden


def open_draft(version: FrameworkVersion, by: Actor, now) -> None:
    """Count up a draft before a change of it; one editor at a time passes here.

    Raises NotVisible, Forbidden, and Conflict where it is no draft any more.
    """
    check_editor(version, by)
    mine = FrameworkVersion.objects.filter(pk=version.pk, state=FrameworkVersion.State.DRAFT)
    if not mine.update(version=F("version") + 1, updated_at=now):
        raise Conflict(NOT_A_DRAFT)


def take(row: Model, lock: int) -> None:
    """Count up the lock of a row; raises StaleRow where it has another one or is gone."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    if not rows.filter(lock=lock).update(lock=F("lock") + 1):
        raise StaleRow(rows.first())


def part_of(model: type[Model], version: FrameworkVersion, part_uuid: Any) -> Any:
    """Return the row of a version that a form names; raises Invalid where it has none such."""
    found = model._default_manager.filter(version=version, uuid=part_uuid).first()
    if found is None:
        raise Invalid
    return found


def check_code(model: type[Model], version: FrameworkVersion, code: str, *, but: Model | None = None) -> None:
    """Raise BadValue for a code that no code can look like, or that another row of the version has."""
    if not is_code(code):
        raise BadValue("code", SHAPE)
    others = model._default_manager.filter(version=version, code=code)
    if others.exclude(pk=but.pk if but else None).exists():
        raise BadValue(
            "code", f"「{code}」は、この版のほかのところで使われています。別の符号にしてください。"
        )


def check_meaning(
    version: FrameworkVersion, code: str, origins: Iterable[str], *, field: str = "code"
) -> None:
    """Raise BadValue for the code of a cell that meant something else in a version that the draft came from."""
    before = meant_before(code, origins, draft_reads.ancestors_of(version))
    if before is not None:
        name, label = before
        raise BadValue(
            field,
            f"「{code}」は、版「{name}」では「{label}」を指していました。ほかのことには使えません。"
            "別の項目コードにするか、もとの項目にそれを選んでください。",
        )


def key_for(key: uuid.UUID, *said: Any) -> uuid.UUID:
    """Return the key of a click on exactly this: a page that is sent again with other words is another click."""
    return uuid.uuid5(key, repr(said))


def earlier(model: type[Model], *, by: Actor, action: str, key: uuid.UUID, target: Model) -> Any:
    """Return the row that the same click made before, None for a first click; Conflict where it is gone since."""
    receipt = receipt_for(by=by, action=action, key=key, target=target)
    if receipt is None:
        return None
    row = model._default_manager.filter(uuid=receipt.result.get("uuid")).first()
    if row is None:
        raise Conflict("この操作で作ったものは、もう消されています。画面を開き直してください。")
    return row


def made(row: Any, *, by: Actor, action: str, key: uuid.UUID, target: Any, now) -> None:
    """Write down what a click made, so that its repetition makes nothing."""
    issue_receipt(by=by, action=action, key=key, target=target, now=now, result={"uuid": str(row.uuid)})


def noted(version: FrameworkVersion, *, by: Actor, action: str, now, **data: Any) -> None:
    """Write the event of an act on a draft."""
    record(by=by, action=action, now=now, kind=Event.Kind.TECHNICAL, target=version, data=data)


def tidy(version: FrameworkVersion) -> None:
    """Number 分類, 区分 and 項目 without gaps in the order they stand in, and call every cell what it is called."""
    categories = list(Category.objects.filter(version=version))
    _number(Category, categories)
    place = {category.pk: category.rank for category in categories}
    areas = sorted(
        Area.objects.filter(version=version),
        key=lambda area: (place[area.category_id], area.rank, area.pk),
    )
    _number(Area, areas)
    place = {area.pk: area.rank for area in areas}
    cells = sorted(
        Cell.objects.filter(version=version).select_related("area", "stage"),
        key=lambda cell: (place[cell.area_id], cell.rank, cell.pk),
    )
    _number(Cell, cells)
    called = labels((cell.code, cell.task, cell.area.code, cell.area.name, cell.stage.name) for cell in cells)
    renamed = [cell for cell in cells if cell.label != called[cell.code]]
    for cell in renamed:
        cell.label = called[cell.code]
    Cell.objects.bulk_update(renamed, ["label"], batch_size=200)


def _number(model: type[Model], rows: list[Any]) -> None:
    moved = [row for rank, row in enumerate(rows) if row.rank != rank]
    for rank, row in enumerate(rows):
        row.rank = rank
    model._default_manager.bulk_update(moved, ["rank"], batch_size=200)
