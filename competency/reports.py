"""A version's matrix, described: every cell with the words of its five steps."""

from dataclasses import dataclass

from competency.matrix import Group, groups
from competency.models import Cell, FrameworkVersion, Step


@dataclass(frozen=True)
class DescribedCell:
    """One cell and what each step means for it; a text is empty where the version has none."""

    cell: Cell
    steps: list[tuple[Step, str]]


def described_matrix(version: FrameworkVersion) -> list[Group]:
    """Return the matrix with DescribedCell tiles. Two queries, however large the matrix is."""
    return groups(Cell.objects.of_version(version.pk).prefetch_related("wordings"), _described)


def _described(cell: Cell) -> DescribedCell:
    texts = {wording.step: wording.text for wording in cell.wordings.all()}
    return DescribedCell(cell, [(step, texts.get(step.value, "")) for step in Step])
