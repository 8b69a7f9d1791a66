"""The cells of published versions as a process keeps them: read once, for the database lets nobody change them.

A draft is read every time. What is returned is shared by all requests of the process and must be left as it is.
"""

import uuid
from collections.abc import Mapping
from functools import lru_cache

from competency.models import Cell, FrameworkVersion, StepWording

Meanings = Mapping[str, Mapping[int, str]]
# More versions than any municipality uses at a time; one takes some forty kilobytes.
_KEPT = 32


def cells_of(version: FrameworkVersion) -> tuple[Cell, ...]:
    """Return the cells in use with area, category and stage, in the matrix's order. One query at most."""
    read = _read_cells if version.state == FrameworkVersion.State.DRAFT else _kept_cells
    return read(version.uuid)


def meanings_of(version: FrameworkVersion) -> Meanings:
    """Return what each step of each cell means, by cell code. One query at most."""
    read = _read_meanings if version.state == FrameworkVersion.State.DRAFT else _kept_meanings
    return read(version.uuid)


def _read_cells(version: uuid.UUID) -> tuple[Cell, ...]:
    return tuple(Cell.objects.in_order().filter(version__uuid=version, in_use=True))


def _read_meanings(version: uuid.UUID) -> Meanings:
    found: dict[str, dict[int, str]] = {}
    wordings = StepWording.objects.filter(cell__version__uuid=version).order_by()
    for code, step, text in wordings.values_list("cell__code", "step", "text"):
        found.setdefault(code, {})[step] = text
    return found


_kept_cells = lru_cache(_KEPT)(_read_cells)
_kept_meanings = lru_cache(_KEPT)(_read_meanings)
