"""Coverage as rows of a file, in the columns of the interface. Takes no request and writes no file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from access.actor import Actor
from gaps.disclosure import shown
from gaps.measure_list import coverage_columns
from gaps.models import Measure
from gaps.policies import Sight, sight_of
from gaps.reports import Snapshot, Unit

# 対応方針, 担当, 期限 and 進み name people, so they are filled for those alone who see names.
HEADER = [
    "年度", "所属コード", "所属名", "分類", "区分", "段階", "項目", "項目コード", "必要人数", "できる人数",
    "自己のみ（別掲）", "育成候補", "充足状況", "対応方針", "担当", "期限", "進み",
]  # fmt: skip


def coverage_rows(
    actor: Actor,
    picture: Snapshot,
    units: Sequence[Unit],
    *,
    include_self: bool = False,
    measures: Mapping[tuple[str, str], Sequence[Measure]] | None = None,
) -> Iterator[list[Any]]:
    """Yield one row per department and cell, in the order of HEADER, with what the actor may see of each.

    `measures` are what is decided by path of the department and code of the cell.
    """
    for unit in units:
        report = picture.coverage(unit.path, unit.name, include_self=include_self, named=False)
        sight = sight_of(actor, unit.path, report.size) or Sight.WORDS
        for cell in report.cells:
            matrix = cell.cell
            told = shown(cell, sight)
            decided = (measures or {}).get((unit.path, matrix.code), ()) if sight is Sight.NAMES else ()
            yield [
                report.year, unit.code, unit.name, matrix.area.category.name, matrix.area.name,
                matrix.stage.name, matrix.label, matrix.code, told.needed, told.count, told.self_only,
                told.nearest, told.status, *coverage_columns(decided),
            ]  # fmt: skip
