"""The cells of a version, as a process keeps them: those of a published version never change (competency.guards)."""

import copy
import uuid
from functools import lru_cache

from competency.models import Cell, FrameworkVersion

_KEPT = 32


def cells_of(version: FrameworkVersion) -> list[Cell]:
    """Return the list of a version's cells in use with area, category and stage, in the order of the matrix.

    No query for a published version that was asked for before; the objects are the caller's own.
    """
    read = _read if version.state == FrameworkVersion.State.DRAFT else _kept
    return [copy.copy(cell) for cell in read(version.pk, version.uuid)]


def _read(version_id: int, _: uuid.UUID) -> tuple[Cell, ...]:
    return tuple(Cell.objects.of_version(version_id))


# The uuid is asked for too: a test's database may give the same key to another version.
_kept = lru_cache(_KEPT)(_read)
