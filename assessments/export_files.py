"""Records as files: CSV in UTF-8 or CP932, Excel; with the list of replaced characters beside it in a ZIP."""

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from assessments.exports import LONG_HEADER, Finding, long_rows, unencodable, wide_header, wide_rows
from assessments.models import Cycle
from lib import fiscal
from lib.tabular_write import Sheet as Page
from lib.tabular_write import write_csv, write_xlsx

LONG, WIDE = "long", "wide"
CSV, CP932, XLSX = "csv", "cp932", "xlsx"
FORM_WORDS = {LONG: "明細", WIDE: "一覧"}
_SPOOL = 4 * 1024 * 1024
_FINDINGS_HEADER = ["職員番号", "氏名", "列", "文字", "符号位置", "置き換え後"]
_TYPES = {
    CSV: "text/csv; charset=utf-8",
    CP932: "text/csv; charset=windows-31j",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Export:
    """What is exported: sheets of a year (a queryset), in the LONG or WIDE form; `place` names it for people."""

    cycle: Cycle
    sheets: Any
    form: str
    place: str = ""

    def header(self) -> list[str]:
        """Return the names of the columns."""
        return LONG_HEADER if self.form == LONG else wide_header(self.cycle)

    def rows(self) -> Iterator[list[Any]]:
        """Return the rows as a stream, read afresh each time."""
        return (long_rows if self.form == LONG else wide_rows)(self.sheets, self.cycle)

    def findings(self) -> list[Finding]:
        """Return what CP932 cannot carry."""
        return unencodable(self.header(), self.rows())


@dataclass
class Written:
    """A file that is complete and stands at its beginning."""

    file: BinaryIO
    name: str
    content_type: str
    rows: int


def write(export: Export, kind: str, replaced: list[Finding] | None = None) -> Written:
    """Write the whole export to a temporary file and return it; constant memory, whatever its size.

    A file that is written before the first byte is sent is never half a file. `replaced` is the list of what
    CP932 cannot carry, where the user chose to have it replaced: the file then comes in a ZIP with that list.
    Raises lib.cp932.CannotEncode for CP932 without it, where something cannot be carried.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - handed to the caller, who closes it
    try:
        rows = _fill(file, export, kind, replaced)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    zipped = bool(replaced) and kind == CP932
    return Written(
        file,
        f"{_stem(export)}.{'zip' if zipped else 'xlsx' if kind == XLSX else 'csv'}",
        "application/zip" if zipped else _TYPES[kind],
        rows,
    )


def _fill(file: BinaryIO, export: Export, kind: str, replaced: list[Finding] | None) -> int:
    """Write into an open file and return the number of rows."""
    counted = _Counted(export.rows())
    header = export.header()
    if kind == XLSX:
        write_xlsx(file, [Page(FORM_WORDS[export.form], header, counted)])
    elif kind == CP932 and replaced:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            with package.open(f"{_stem(export)}.csv", "w") as target:
                target.writelines(write_csv(header, counted, encoding="cp932", replace=True))
            listed = [
                [each.staff_number, each.name, each.column, each.char, each.codepoint, each.replacement]
                for each in replaced
            ]
            package.writestr("置き換えた文字の一覧.csv", b"".join(write_csv(_FINDINGS_HEADER, listed)))
    else:
        file.writelines(write_csv(header, counted, encoding="cp932" if kind == CP932 else "utf-8-sig"))
    return counted.count


def _stem(export: Export) -> str:
    """Return スキル記録_明細_令和8年度_デジタル推進課: what and where, never who."""
    words = [
        "スキル記録",
        FORM_WORDS[export.form],
        f"{fiscal.short_label(export.cycle.fiscal_year)}年度",
        export.place,
    ]
    return "_".join(word.replace("/", "／").replace("\\", "＼") for word in words if word)


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterator[list[Any]]) -> None:
        self.count = 0
        self._rows = rows

    def __iter__(self) -> Iterator[list[Any]]:
        for row in self._rows:
            self.count += 1
            yield row
