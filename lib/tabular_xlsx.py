"""Reading an Excel workbook row by row, within bounds, whatever state the file is in."""

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl

from lib.tabular_types import TableError, refusal
from lib.text import strip_controls

MAX_UNCOMPRESSED = 200 * 1024 * 1024
MAX_ENTRIES = 2_000
# 30,000 equal lines of a sheet shrink to a thirtieth; what shrinks to less than a two hundredth is no table.
MAX_RATIO = 200
_TOO_SMALL_TO_HARM = 1024 * 1024
MAX_VISITED_CELLS = 10_000_000

_DAMAGED = (
    "Excelファイルとして読めません。Excelで開けるか確かめ、「Excelブック（.xlsx）」で保存し直してください。"
)
_ZERO_PADDED = re.compile(r"0{2,}")
# Excel writes characters that XML lacks, and a literal _xHHHH_, in this form; openpyxl leaves them as they are.
_ESCAPED = re.compile(r"_x(005F|00[01][0-9A-Fa-f])_")


class ErrorValue(str):
    """The text of a cell whose formula failed: #N/A, #REF!, #VALUE! and so on."""

    __slots__ = ()


def is_zip(content: bytes) -> bool:
    """Tell whether the bytes begin like a ZIP file, as every XLSX file does."""
    return content.startswith(b"PK\x03\x04")


def read_xlsx(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number from 1, cells as text) of the first visible sheet of a workbook, blank rows too.

    Dates become 2026-04-01, with the time behind a space unless it is midnight. Raises `TableError` for a
    ZIP that is no workbook, that unpacks to more than 200 MiB, 2,000 parts or 200 times a part, that is damaged or protected,
    that has no visible sheet or more formatted cells than a table can need. A cell that shows an error is an
    `ErrorValue`.
    """
    _check_package(content)
    try:
        yield from _sheet_rows(content)
    except TableError:
        raise
    except Exception as failure:
        # openpyxl lets whatever a damaged part causes come through: KeyError, ParseError, zlib.error, ...
        raise refusal(_DAMAGED) from failure


def parts_of(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the parts of a ZIP as its directory declares them, a list; `TableError` where that cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return package.infolist()
    except Exception as failure:
        # A damaged directory lets through whatever its bytes lead to.
        raise refusal(_DAMAGED) from failure


def _check_package(content: bytes) -> None:
    parts = parts_of(content)
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise refusal(
            "Excelブックではない圧縮ファイルです。展開するか、「Excelブック（.xlsx）」で保存し直してください。"
        )
    # zipfile never unpacks more of a part than is declared here, so the declared sizes bound the work.
    too_large = len(parts) > MAX_ENTRIES or sum(part.file_size for part in parts) > MAX_UNCOMPRESSED
    if too_large or any(_is_bomb(part) for part in parts):
        raise refusal(
            "展開すると大きくなりすぎるファイルです。表のシートだけを新しいブックに移し、画像や書式を除いてください。"
        )


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _TOO_SMALL_TO_HARM and part.file_size > MAX_RATIO * part.compress_size


def _sheet_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    with warnings.catch_warnings():
        # Of parts that openpyxl skips: print settings, data validation, conditional formats.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
        if sheet is None:
            raise refusal("表示されているシートがありません。表のあるシートを表示して保存してください。")
        # The size that a file declares for a sheet may be wrong, and would cut rows off.
        sheet.reset_dimensions()
        visited = 0
        for number, row in enumerate(sheet.iter_rows(), start=1):
            visited += len(row) + 1
            if visited > MAX_VISITED_CELLS:
                raise refusal(
                    "空の行や列に書式が付いていて大きすぎます。表だけを新しいシートに写して保存してください。"
                )
            yield number, [_cell_text(cell) for cell in row]
    finally:
        book.close()


def _cell_text(cell: Any) -> str:
    """Return what a cell holds as text, the way it would stand in a CSV file of the same table."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        return ErrorValue(value)
    if isinstance(value, str):
        return strip_controls(_ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), value))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_text(value, cell.number_format)
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def _number_text(value: int | float, number_format: str | None) -> str:
    if isinstance(value, float):
        if not value.is_integer() or abs(value) >= 1e15:
            # Excel shows fifteen digits and keeps seventeen; the last two are noise of its arithmetic.
            return f"{value:.15g}"
        value = int(value)
    if value >= 0 and number_format and _ZERO_PADDED.fullmatch(number_format):
        return str(value).zfill(len(number_format))
    return str(value)
