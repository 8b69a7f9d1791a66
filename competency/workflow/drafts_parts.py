"""分類 and 区分 of a draft: added, changed, moved up and down, and taken away where they are empty (P24)."""

import uuid
from dataclasses import dataclass

from django.db import transaction

from access.actor import Actor
from access.refusals import Conflict
from competency.models import Area, Category, Cell, FrameworkVersion
from competency.workflow.drafts_base import (
    BadValue,
    check_code,
    earlier,
    key_for,
    made,
    noted,
    open_draft,
    take,
    tidy,
)

Part = Category | Area
# As many as a file may list at one place (framework_file.MAX_ITEMS).
MOST = 200
_LAST = 32_000


@dataclass(frozen=True)
class PartValues:
    """What a 分類 or a 区分 says of itself. `alias` is of a 分類 alone, `category` (its 分類) of a 区分 alone."""

    name: str
    code: str
    source: str = ""
    alias: str = ""
    category: Category | None = None


@transaction.atomic
def add_part(*, version: FrameworkVersion, values: PartValues, by: Actor, now, key: uuid.UUID) -> Part:
    """Add a 分類, or with `values.category` a 区分 in it, behind the others; return the row.

    The same key twice adds one. Raises BadValue for a code that is taken or 200 of them, and as `open_draft` does.
    """
    open_draft(version, by, now)
    model: type[Part] = Area if values.category else Category
    key = key_for(key, values)
    before = earlier(model, by=by, action="draft.part_add", key=key, target=version)
    if before is not None:
        return before
    check_code(model, version, values.code)
    _check_room(version, values)
    row = model.objects.create(version=version, rank=_LAST, **_fields(values))
    tidy(version)
    made(row, by=by, action="draft.part_add", key=key, target=version, now=now)
    noted(version, by=by, action="draft.part_add", now=now, part=model.__name__, code=row.code)
    row.refresh_from_db()
    return row


@transaction.atomic
def change_part(
    *, version: FrameworkVersion, part: Part, values: PartValues, lock: int, by: Actor, now
) -> Part:
    """Change a 分類 or a 区分; one that goes to another 分類 stands last there. Returns the fresh row.

    Raises StaleRow where somebody changed it first, BadValue as `add_part` does.
    """
    open_draft(version, by, now)
    model = type(part)
    stored = model.objects.filter(pk=part.pk).first()
    if stored is not None and part_values(stored) == values:
        return stored
    take(part, lock)
    check_code(model, version, values.code, but=part)
    fields = _fields(values)
    if values.category is not None and values.category.pk != part.category_id:
        _check_room(version, values)
        fields["rank"] = _LAST
    model.objects.filter(pk=part.pk).update(**fields)
    tidy(version)
    noted(version, by=by, action="draft.part_change", now=now, part=model.__name__, code=values.code)
    part.refresh_from_db()
    return part


@transaction.atomic
def move_part(*, version: FrameworkVersion, part: Part, up: bool, lock: int, by: Actor, now) -> None:
    """Move a 分類, or a 区分 within its 分類, one place; the first stays the first, the last the last.

    Raises StaleRow where somebody changed it first, and as `open_draft` does.
    """
    open_draft(version, by, now)
    take(part, lock)
    rows = type(part).objects.filter(version=version)
    if isinstance(part, Area):
        rows = rows.filter(category_id=part.category_id)
    swap(list(rows), part, up=up)
    tidy(version)
    noted(version, by=by, action="draft.part_move", now=now, part=type(part).__name__, code=part.code)


@transaction.atomic
def remove_part(*, version: FrameworkVersion, part: Part, lock: int, by: Actor, now) -> None:
    """Take away a 分類 without 区分, or a 区分 without 項目.

    Raises Conflict where something stands in it, StaleRow where somebody changed it first.
    """
    open_draft(version, by, now)
    take(part, lock)
    if isinstance(part, Category) and part.areas.exists():
        raise Conflict("区分がある分類は消せません。先に区分を消すか、ほかの分類に移してください。")
    if isinstance(part, Area) and part.cells.exists():
        raise Conflict("項目がある区分は消せません。先に項目を消すか、ほかの区分に移してください。")
    type(part).objects.filter(pk=part.pk).delete()
    tidy(version)
    noted(version, by=by, action="draft.part_remove", now=now, part=type(part).__name__, code=part.code)


def swap(rows: list[Part] | list[Cell], row: Part | Cell, *, up: bool) -> None:
    """Let a row change places with the one before or behind it among its rows, in their order."""
    place = next(place for place, each in enumerate(rows) if each.pk == row.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return
    for each, rank in ((rows[place], rows[other].rank), (rows[other], rows[place].rank)):
        type(row).objects.filter(pk=each.pk).update(rank=rank)


def part_values(part: Part) -> PartValues:
    """Return what is stored of a 分類 or a 区分; may cost a query for the 分類 of a 区分."""
    if isinstance(part, Area):
        return PartValues(part.name, part.code, part.source, category=part.category)
    return PartValues(part.name, part.code, part.source, part.alias)


def _fields(values: PartValues) -> dict:
    fields = {"name": values.name, "code": values.code, "source": values.source}
    return fields | ({"category": values.category} if values.category else {"alias": values.alias})


def _check_room(version: FrameworkVersion, values: PartValues) -> None:
    rows = Area.objects.filter(category=values.category) if values.category else version.categories
    if rows.count() >= MOST:
        raise BadValue("name", f"1つのところに置けるのは{MOST}までです。")
