"""Cells, as a process keeps them: those of a published version never change (competency.guards)."""

import copy
import uuid
from collections.abc import Collection, Mapping
from functools import lru_cache

from competency.models import Cell, FrameworkVersion

_KEPT = 32


def cells_of(version: FrameworkVersion) -> list[Cell]:
    """Return the list of a version's cells in use with area, category and stage, in the order of the matrix.

    No query for a published version that was asked for before; the objects are the caller's own.
    """
    read = _read if version.state == FrameworkVersion.State.DRAFT else _kept
    return [copy.copy(cell) for cell in read(version.pk, version.uuid)]


def known_cells(version: FrameworkVersion, keys: Collection[int]) -> Mapping[int, tuple[str, int]]:
    """Return (code, version) of cells by their keys, those of other versions too; for reads of many rows.

    Such a read takes the key that a row holds and leaves the cell's own table out: behind the wall of rows PostgreSQL
    takes it for almost empty, and begins with everybody times every cell. One query for keys that a process has not met, which
    keeps them beside a version: ratings are of published cells alone.
    """
    known = _met(version.pk, version.uuid)
    if missing := set(keys) - known.keys():
        rows = Cell.objects.filter(pk__in=missing).values_list("pk", "code", "version_id")
        known.update((key, (code, of)) for key, code, of in rows)
    return known


@lru_cache(_KEPT)
def _met(version_id: int, _: uuid.UUID) -> dict[int, tuple[str, int]]:
    return {}


def _read(version_id: int, _: uuid.UUID) -> tuple[Cell, ...]:
    return tuple(Cell.objects.of_version(version_id))


# The uuid is asked for too: a test's database may give the same key to another version.
_kept = lru_cache(_KEPT)(_read)
