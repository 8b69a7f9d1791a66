"""Coverage as rows of a file, in the columns of the interface. Takes no request and writes no file."""

from collections.abc import Iterator, Sequence
from typing import Any

from access.actor import Actor
from gaps.disclosure import shown
from gaps.policies import Sight, sight_of
from gaps.reports import Snapshot, Unit

# 対応方針, 担当, 期限 and 進み are columns of the interface; a department without a measure leaves them empty.
HEADER = [
    "年度", "所属コード", "所属名", "分類", "区分", "段階", "項目", "項目コード", "必要人数", "できる人数",
    "自己のみ（別掲）", "育成候補", "充足状況", "対応方針", "担当", "期限", "進み",
]  # fmt: skip
_EMPTY = [None] * 4


def coverage_rows(
    actor: Actor, picture: Snapshot, units: Sequence[Unit], *, include_self: bool = False
) -> Iterator[list[Any]]:
    """Yield one row per department and cell, in the order of HEADER, with what the actor may see of each."""
    for unit in units:
        report = picture.coverage(unit.path, unit.name, include_self=include_self, named=False)
        sight = sight_of(actor, unit.path, report.size) or Sight.WORDS
        for cell in report.cells:
            matrix = cell.cell
            told = shown(cell, sight)
            yield [
                report.year, unit.code, unit.name, matrix.area.category.name, matrix.area.name,
                matrix.stage.name, matrix.label, matrix.code, told.needed, told.count, told.self_only,
                told.nearest, told.status, *_EMPTY,
            ]  # fmt: skip
