"""A version's matrix, described: every cell with the words of its five steps."""

from collections.abc import Mapping
from dataclasses import dataclass

from competency.crosswalk_page import Tag
from competency.matrix import Group, groups
from competency.models import Cell, FrameworkVersion, Step


@dataclass(frozen=True)
class DescribedCell:
    """One cell and what each step means for it; a text is empty where the version has none."""

    cell: Cell
    steps: list[tuple[Step, str]]
    tags: tuple[Tag, ...] = ()


def described_cells(version: FrameworkVersion) -> list[Cell]:
    """Return the cells of a version with their wordings, in the matrix's order. Two queries."""
    return list(Cell.objects.of_version(version.pk).prefetch_related("wordings"))


def described_matrix(cells: list[Cell], tags: Mapping[str, tuple[Tag, ...]]) -> list[Group]:
    """Return the matrix of `described_cells` with DescribedCell tiles; `tags` are those of each cell by its code."""
    return groups(cells, lambda cell: _described(cell, tags.get(cell.code, ())))


def _described(cell: Cell, tags: tuple[Tag, ...]) -> DescribedCell:
    texts = {wording.step: wording.text for wording in cell.wordings.all()}
    return DescribedCell(cell, [(step, texts.get(step.value, "")) for step in Step], tags)
