"""A kind of export as a file: CSV in UTF-8 or CP932, Excel; the list of replaced characters beside it in a ZIP."""

import datetime
import tempfile
import zipfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils import timezone

from access.actor import Actor
from assessments.export_book import write_book
from assessments.export_check import Finding, unencodable
from assessments.export_kind import ExportKind, Table, Wish
from lib import fiscal
from lib.csv_parts import CsvParts
from lib.tabular_write import write_csv

CSV, CP932, XLSX = "csv", "cp932", "xlsx"
FORMAT_WORDS = {CSV: "CSV（UTF-8）", CP932: "CSV（CP932）", XLSX: "Excel"}
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP_TYPE = "application/zip"
CSV_TYPES = {CSV: "text/csv; charset=utf-8", CP932: "text/csv; charset=windows-31j"}
OPERATOR = "運用の担当（コマンド）"
_SPOOL = 4 * 1024 * 1024
_FINDINGS_HEADER = ["職員番号", "氏名", "行", "列", "文字", "符号位置", "置き換え後"]


@dataclass(frozen=True)
class Export:
    """What is exported: a kind by its name, whose rows, in which form, and what is said about it.

    `table` is what the kind answers to the wish. `split` divides a workbook by 所属. `by` is the name of whoever
    exports; it stands in a workbook, never in the name of the file.
    """

    name: str
    kind: ExportKind
    wish: Wish
    table: Table
    format: str
    split: bool = False
    replace: bool = False
    by: str = OPERATOR
    reason: str = ""

    @property
    def place(self) -> str:
        """Return the name of the department asked for, "" for everybody."""
        return self.wish.department.name if self.wish.department else ""

    @property
    def stem(self) -> str:
        """Return スキル記録_明細_令和8年度_デジタル推進課: what and where, never who."""
        year = f"{fiscal.short_label(self.wish.cycle.fiscal_year)}年度" if self.kind.years else ""
        words = [self.kind.stem, year, self.place]
        return "_".join(word.replace("/", "／").replace("\\", "＼") for word in words if word)

    @property
    def state(self) -> str:
        """Return the word of the state asked for, "" for all."""
        return str(dict(self.kind.states).get(self.wish.state, ""))

    def findings(self) -> list[Finding]:
        """Return what CP932 cannot carry; reads all rows once."""
        return unencodable(self.table)

    def about(self, at: datetime.datetime) -> list[tuple[str, Any]]:
        """Return what must be known of the file, but for its rows, as pairs of a word and a value."""
        everybody = "見ることができる全員" if self.kind.departments else "全体"
        return [
            ("内容", self.kind.label),
            ("説明", self.kind.help),
            *([("年度", fiscal.label(self.wish.cycle.fiscal_year))] if self.kind.years else []),
            ("所属", f"{self.place}と下の所属" if self.place else everybody),
            *([("状態", self.state or "すべて")] if self.kind.states else []),
            ("出力した人", self.by),
            ("出力した日時", at),
            ("理由", self.reason),
            (
                "取扱い",
                "人材育成と配置のために使います。人事評価とは別のものです。使い終わったら消してください。",
            ),
        ]


def export_of(name: str, kind: ExportKind, actor: Actor | None, wish: Wish, **more: Any) -> Export:
    """Return an export of what the actor may see today; None is the operator, for kinds that take one."""
    by = actor.name if actor else OPERATOR
    return Export(name, kind, wish, kind.table(actor, wish), by=by, **more)  # type: ignore[arg-type]


@dataclass
class Written:
    """A file that is complete and stands at its beginning."""

    file: BinaryIO
    name: str
    content_type: str
    rows: int
    replaced: int


@dataclass(frozen=True)
class Filled:
    """How much went into a file."""

    rows: int
    replaced: int


def write(export: Export, at: datetime.datetime | None = None) -> Written:
    """Write the whole export to a temporary file and return it; constant memory, whatever its size.

    A file that is written before the first byte is sent is never half a file. Raises lib.cp932.CannotEncode for CP932
    where something cannot be carried and `replace` was not chosen, export_book.TooManySheets for a workbook of
    too many departments.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - handed to the caller, who closes it
    try:
        work = fill(file, export, at or timezone.now())
        while True:
            try:
                next(work)
            except StopIteration as end:
                filled = end.value
                break
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Written(
        file, file_name(export, filled), content_type(export, filled), filled.rows, filled.replaced
    )


def file_name(export: Export, filled: Filled) -> str:
    """Return the name of the file."""
    zipped = export.format == CP932 and filled.replaced
    return f"{export.stem}.{'zip' if zipped else 'xlsx' if export.format == XLSX else 'csv'}"


def content_type(export: Export, filled: Filled) -> str:
    """Return what the file is."""
    if export.format == CP932 and filled.replaced:
        return ZIP_TYPE
    return XLSX_TYPE if export.format == XLSX else CSV_TYPES[export.format]


def fill(
    file: BinaryIO, export: Export, at: datetime.datetime, *, zipped: bool = False
) -> Generator[int, None, Filled]:
    """Write into an open file; yields after each piece how many rows are done, returns how many there were.

    Where characters are replaced the file is a ZIP of the CSV and the list of them; `zipped` makes it one anyhow.
    """
    if export.format == XLSX:
        rows = _Counted(export.table.rows())
        yield from write_book(
            file, export.kind.label, export.table, rows, export.about(at), split=export.split
        )
        return Filled(rows.count, 0)
    found = export.findings() if export.format == CP932 and export.replace else []
    encoding = "cp932" if export.format == CP932 else "utf-8-sig"
    count, pieces = 0, csv_pieces(export.table, encoding, replace=bool(found))
    if not found and not zipped:
        for piece, rows_within in pieces:
            file.write(piece)
            count += rows_within
            yield count
        return Filled(count, 0)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        with package.open(f"{export.stem}.csv", "w", force_zip64=True) as target:
            for piece, rows_within in pieces:
                target.write(piece)
                count += rows_within
                yield count
        listed = [
            [
                each.staff_number,
                each.name,
                each.where,
                each.column,
                each.char,
                each.codepoint,
                each.replacement,
            ]
            for each in found
        ]
        package.writestr("置き換えた文字の一覧.csv", b"".join(write_csv(_FINDINGS_HEADER, listed)))
    return Filled(count, len(found))


def csv_pieces(table: Table, encoding: str, *, replace: bool = False) -> Iterator[tuple[bytes, int]]:
    """Yield pieces of a table as a CSV file, and how many rows each holds. Raises CannotEncode."""
    if table.lines is not None:
        yield from table.lines(CsvParts(encoding, replace=replace))
        return
    rows, told = _Counted(table.rows()), 0
    for piece in write_csv(table.header, rows, encoding=encoding, replace=replace):
        yield piece, rows.count - told
        told = rows.count


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterator[list[Any]]) -> None:
        self.count = 0
        self._rows = rows

    def __iter__(self) -> Iterator[list[Any]]:
        for row in self._rows:
            self.count += 1
            yield row
