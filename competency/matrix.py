"""The skeleton of the matrix that every page shares: 区分 by 段階, and what a cell is called. Pure.

Takes the model's cells (`Cell.objects.of_version(...)`) or anything with the same attributes, and asks no
database as long as `area`, `area.category` and `stage` are loaded.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

STAGE_COUNT = 3


@dataclass(frozen=True)
class MatrixRow:
    """One 区分.

    `first` is true in the first row of a category; `span` is then the number of its rows, else 0. `slots` has
    one list per stage, from the easiest; a list holds the tiles of that place, usually none or one.
    """

    category: Any
    first: bool
    span: int
    area: Any
    slots: tuple[list[Any], list[Any], list[Any]]


@dataclass(frozen=True)
class Group:
    """One 分類 with its rows (a `<tbody>`) and all its tiles in the order of the matrix (9, 5, 3)."""

    category: Any
    rows: list[MatrixRow]
    tiles: list[Any]


def _itself(cell: Any) -> Any:
    return cell


def groups(version_cells: Iterable[Any], tile: Callable[[Any], Any] = _itself) -> list[Group]:
    """Return the matrix as a list of Group, in the order of the cells given.

    `tile` makes what stands in a slot from its cell (a step, a coverage, a change); the cell itself without it.
    `cell.stage.rank` counts from 0. Raises ValueError for a rank outside the three columns.
    """
    by_category: dict[str, tuple[Any, dict[str, tuple[Any, tuple[list, list, list]]], list[Any]]] = {}
    for cell in version_cells:
        category = cell.area.category
        _, areas, tiles = by_category.setdefault(category.code, (category, {}, []))
        _, slots = areas.setdefault(cell.area.code, (cell.area, ([], [], [])))
        if not 0 <= cell.stage.rank < STAGE_COUNT:
            raise ValueError(f"stage {cell.stage.code} has rank {cell.stage.rank}")
        made = tile(cell)
        slots[cell.stage.rank].append(made)
        tiles.append(made)
    return [
        Group(
            category,
            [
                MatrixRow(category, position == 0, len(areas) if position == 0 else 0, area, slots)
                for position, (area, slots) in enumerate(areas.values())
            ],
            tiles,
        )
        for category, areas, tiles in by_category.values()
    ]


def rows(version_cells: Iterable[Any], tile: Callable[[Any], Any] = _itself) -> list[MatrixRow]:
    """Return the rows of all categories, one list; see `groups` for the arguments."""
    return [row for group in groups(version_cells, tile) for row in group.rows]


def labels(marks: Iterable[tuple[str, str, str, str, str]]) -> dict[str, str]:
    """Return what each cell is called, by its code (design: Labels).

    `marks` are (code, task, area code, area name, stage name). A cell is called by its task; without one by
    its area, with the stage where two such cells share the area.
    """
    marks = list(marks)
    nameless = Counter(area for _, task, area, _, _ in marks if not task)
    return {
        code: task or (f"{name}（{stage}）" if nameless[area] > 1 else name)
        for code, task, area, name, stage in marks
    }
