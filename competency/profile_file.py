"""期待像 files: 職位 × 項目コード → 目標, as YAML or JSON text and as a table; in, out, and what a file changes. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from competency.data_import import Change, Group, Preview, numbers_changed
from competency.framework_file import MAX_BYTES, MAX_CELL_CODE, Reader, plain_data
from competency.framework_shape import FrameworkFileError
from lib.tabular_types import Problem, Row, Table, TableError
from organization.headers import Column, RowReader, guess, missing

POSITION = Column("職位", ("職位名", "役職"), required=True)
CELL = Column("項目コード", ("項目の符号",), required=True)
LABEL = Column("項目", ("項目名",))
TARGET = Column("目標", ("目標の到達度", "到達度"), required=True)
COLUMNS = (POSITION, CELL, LABEL, TARGET)
HEADER = [column.label for column in COLUMNS]
MAX_POSITION = 40  # as wide as the column of the model (a test compares them)
LEAST, MOST = 1, 4
_BETWEEN = f"目標は{LEAST}から{MOST}までの数字で書いてください。"
_NO_CELL = "読み込まれている体系に、この項目コードはありません。"
_NO_POSITION = "職位の表に、この職位はありません。名前を合わせるか、先に職位の表に入れてください。"


@dataclass(frozen=True)
class FileProfile:
    """The target steps of one 職位, by cell code."""

    position: str
    targets: Mapping[str, int]


def parse_profiles(text: str, known: Collection[str], positions: Collection[str]) -> list[FileProfile]:
    """Read 期待像 from YAML or JSON text; raises FrameworkFileError with every fault found.

    `known` are the cell codes that may have a target, `positions` the names of the 職位 of the municipality.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise FrameworkFileError([f"ファイルが大きすぎます。{MAX_BYTES // 1000:,} KB までにしてください。"])
    reader = _Reader()
    profiles = reader.profiles(plain_data(text), frozenset(known), frozenset(positions))
    if reader.errors:
        raise FrameworkFileError(reader.errors)
    return profiles


def dump_profiles(profiles: Sequence[FileProfile]) -> dict[str, Any]:
    """Return 期待像 in the shape of a file; `parse_profiles` of it gives them back."""
    return {"profiles": [{"position": one.position, "targets": dict(one.targets)} for one in profiles]}


def profile_rows(profiles: Sequence[FileProfile], names: Mapping[str, str]) -> list[list[Any]]:
    """Return the rows of HEADER; a 職位 without a target gets one row that says so. `names` are those of cells."""
    rows: list[list[Any]] = []
    for one in profiles:
        rows += [[one.position, code, names.get(code, ""), step] for code, step in one.targets.items()] or [
            [one.position, "", "", ""]
        ]
    return rows


def parse_profile_table(
    table: Table, known: Collection[str], positions: Collection[str]
) -> list[FileProfile]:
    """Return the 職位 in the order of their first rows; raises TableError with everything that is wrong."""
    mapping = guess(table.header, COLUMNS, {})
    lacking = missing(COLUMNS, mapping)
    if lacking:
        said = "列が見つかりません。見出しの名前を見本に合わせて直してください。"
        raise TableError([Problem(None, one.column, "", f"「{one.column}」の{said}") for one in lacking])
    cells = RowReader(table, mapping)
    found: dict[str, dict[str, int]] = {}
    empty: set[str] = set()
    for row in table.rows:
        position = cells.raw(row, POSITION.label)
        if position not in positions:
            cells.problem(
                row, POSITION.label, _NO_POSITION if position else "職位が空です。入力してください。"
            )
            continue
        _target(row, cells, found.setdefault(position, {}), position, empty, known)
    if cells.problems:
        raise TableError(cells.problems)
    return [FileProfile(position, targets) for position, targets in found.items()]


def preview(
    before: Mapping[str, Mapping[str, int]], after: Sequence[FileProfile], names: Mapping[str, str]
) -> Preview:
    """Return what a file does to the 期待像 in use, by the name of the 職位; a 職位 it does not name stays."""
    changed = [one for one in after if dict(before.get(one.position, {})) != dict(one.targets)]
    first = [one for one in changed if not before.get(one.position)]
    cleared = [one for one in changed if before.get(one.position) and not one.targets]
    rest = [one for one in changed if one not in first and one not in cleared]

    def told(profiles: list[FileProfile]) -> tuple[Change, ...]:
        return tuple(
            Change(
                "", one.position, tuple(numbers_changed(before.get(one.position, {}), one.targets, names, ""))
            )
            for one in profiles
        )

    return Preview(
        groups=(
            Group("初めて決める職位", told(first)),
            Group("変わる職位", told(rest), "まだ確定していない年度票の目標も変わります。"),
            Group("目標がなくなる職位", told(cleared), warns=True),
        ),
        same=len(after) - len(changed),
    )


def _target(
    row: Row,
    cells: RowReader,
    targets: dict[str, int],
    position: str,
    empty: set[str],
    known: Collection[str],
) -> None:
    """Read the target of one row; what is wrong with it joins the problems."""
    code, said = cells.raw(row, CELL.label), cells.raw(row, TARGET.label)
    if not code and not said:
        if targets or position in empty:
            cells.problem(row, CELL.label, "項目コードが空です。入れるか、行を消してください。")
        empty.add(position)
        return
    if code not in known:
        cells.problem(row, CELL.label, _NO_CELL)
    elif code in targets:
        cells.problem(row, CELL.label, "同じ職位に、この項目コードが2回あります。1行だけ残してください。")
    elif position in empty:
        cells.problem(row, CELL.label, "同じ職位に、項目コードの空の行があります。空の行を消してください。")
    step = int(said) if said.isascii() and said.isdigit() and len(said) == 1 else 0
    if not LEAST <= step <= MOST:
        cells.problem(row, TARGET.label, _BETWEEN)
    targets.setdefault(code, step)


class _Reader(Reader):
    """Turns plain data into 期待像 and collects what is wrong on the way."""

    def profiles(self, data: Any, known: frozenset[str], positions: frozenset[str]) -> list[FileProfile]:
        top = self.mapping(data, "ファイル", {"profiles"})
        if top is None:
            return []
        seen: set[str] = set()
        found = []
        for _, place, item in self.items(top, "profiles", "ファイル", "職位"):
            row = self.mapping(item, place, {"position", "targets"}) or {}
            position = self.text(row, "position", place, needed=True, limit=MAX_POSITION)
            place = f"{place}「{position}」"
            if position and position not in positions:
                self.errors.append(f"{place}：{_NO_POSITION}")
            if position in seen:
                self.errors.append(f"{place}：同じ職位が2回あります。")
            seen.add(position)
            found.append(FileProfile(position, self.targets(row.get("targets", {}), place, known)))
        return found

    def targets(self, data: Any, place: str, known: frozenset[str]) -> dict[str, int]:
        if not isinstance(data, dict):
            self.errors.append(f"{place}：targets は項目コードと目標の組で書いてください。")
            return {}
        for code, step in data.items():
            if code not in known:
                self.errors.append(
                    f"{place}：項目コード「{str(code)[:MAX_CELL_CODE]}」は、読み込まれている体系にありません。"
                )
            if isinstance(step, bool) or not isinstance(step, int) or not LEAST <= step <= MOST:
                self.errors.append(f"{place}：項目「{str(code)[:MAX_CELL_CODE]}」の{_BETWEEN}")
        return {str(code): step for code, step in data.items()}
