"""Writing tables as CSV and XLSX: in streams, without live formulas, without a silent change of a character."""

import csv
import dataclasses
import datetime
import itertools
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter

from lib.cp932 import CannotEncode, find_unencodable, is_clean, replaced
from lib.text import SUSPECT_STARTS, defuse, has_controls, strip_controls

ENCODINGS = ("utf-8-sig", "utf-8", "cp932")
JAPAN = datetime.timezone(datetime.timedelta(hours=9))

XLSX_MAX_ROWS = 1_048_576
XLSX_MAX_COLUMNS = 16_384
XLSX_MAX_TEXT = 32_767
CUT_MARK = "…（長いため以下省略）"
# Excel takes 255 for a margin, with the page numbers that stand there too.
MARGIN_MAX_TEXT = 235

_ROWS_A_CHUNK = 500
# Excel believes in a 29 February 1900, so only days after it are the same day to everybody.
_FIRST_EXCEL_DAY = datetime.date(1900, 3, 1)
# Excel keeps these for itself: the sheet of tracked changes, in its languages.
_RESERVED_SHEET_NAMES = frozenset({"history", "変更履歴"})
_FORBIDDEN_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its name, the header, the rows (any iterable, read once), column widths.

    `widths` are in characters of the standard font, one a column; None takes them from the header.
    """

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[object]]
    widths: Sequence[float] | None = None


def write_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    encoding: str = "utf-8-sig",
    replace: bool = False,
) -> Iterator[bytes]:
    """Return the chunks of a CSV file: comma, CRLF, quotes where needed, cells defused (`lib.text.defuse`).

    `rows` may be a list or a stream of any length; cells may be str, int, float, Decimal, bool, date,
    datetime (an aware one is shown in Japan time) or None (empty). Control characters are left out.
    `encoding` is utf-8-sig, utf-8 or cp932; ValueError otherwise.

    With cp932 and not `replace`, a character that does not come back unchanged raises `CannotEncode`. For a
    list or tuple this happens in the call itself, before any byte. A stream cannot be looked through first, so
    there it comes in the midst of the file: whoever streams runs the same query through
    `find_unencodable(text_rows(rows))` beforehand, shows the list, and calls this with `replace=True` once the
    user has chosen so. Row indexes count data rows from 0; the header, ours, is checked as row -1.
    """
    if encoding not in ENCODINGS:
        raise ValueError(f"encoding is one of {', '.join(ENCODINGS)}, not {encoding}.")
    if encoding == "cp932" and not replace:
        _refuse_changes([header], first_index=-1)
        if isinstance(rows, list | tuple):
            _refuse_changes(text_rows(rows))
    return _csv_chunks(header, rows, encoding, replace)


def text_rows(rows: Iterable[Sequence[object]]) -> Iterator[list[str]]:
    """Yield each row as the texts that a CSV file shows, before defusing: what `find_unencodable` looks at."""
    for row in rows:
        texts = [cell if type(cell) is str else _cell_text(cell) for cell in row]
        # One look at the whole row; a control character is rare.
        if has_controls("".join(texts)):
            texts = [strip_controls(text) for text in texts]
        yield texts


def write_xlsx(file: str | BinaryIO, sheets: Sequence[Sheet]) -> None:
    """Write a workbook to a path or a binary file, each row once and in constant memory (see `Workbook`).

    Raises ValueError when there is no sheet, or a sheet has more rows than Excel takes (1,048,575 and a
    header); `file` is then incomplete and to be thrown away.
    """
    if not sheets:
        raise ValueError("A workbook needs at least one sheet.")
    with Workbook(file) as book:
        for sheet in sheets:
            page = book.add(sheet.name, sheet.header, sheet.widths)
            for row in sheet.rows:
                page.write(row)


class Workbook:
    """A workbook to a path or a binary file, a row at a time to any of its sheets, in constant memory.

    Text is always text, never a formula, link or number, so 職員番号 keeps its zeros and = stays harmless;
    longer text than Excel takes (32,767) is cut with a mark, control characters are left out and line ends
    become LF. Numbers are numbers (of more than 15 digits: text), dates real dates shown 2026/4/1, None an
    empty cell. The header is bold, frozen and filterable. Sheet names are made valid and different. The file
    is whole once the `with` block was left without an error. Each sheet keeps one file of the system open.
    """

    def __init__(self, file: str | BinaryIO) -> None:
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._formats = {
            "header": self._book.add_format({"bold": True, "bottom": 1, "valign": "top"}),
            "date": self._book.add_format({"num_format": "yyyy/m/d"}),
            "datetime": self._book.add_format({"num_format": "yyyy/m/d h:mm"}),
        }
        self._used: set[str] = set()
        self._pages: list[Page] = []

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *fault: object) -> None:
        # Also after an error, which closes the temporary files of the rows.
        for page in self._pages:
            page.finish()
        self._book.close()

    def add(self, name: str, header: Sequence[str], widths: Sequence[float] | None = None) -> "Page":
        """Return a new sheet after those that are there. `widths` as in `Sheet`."""
        plain = _sheet_name(name, self._used)
        page = Page(plain, self._book.add_worksheet(plain), header, widths, self._formats)
        self._pages.append(page)
        return page


class Page:
    """One sheet of a `Workbook`. `rows` counts the rows below the header."""

    def __init__(
        self, name: str, sheet: Any, header: Sequence[str], widths: Sequence[float] | None, formats: dict[str, Any]
    ) -> None:  # fmt: skip
        self.name, self.rows = name, 0
        self._sheet, self._header, self._formats = sheet, header, formats
        for column, width in enumerate(widths if widths is not None else [_header_width(n) for n in header]):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(header):
            sheet.write_string(0, column, _xlsx_text(title), formats["header"])

    def write(self, row: Sequence[object]) -> None:
        """Add a row. Raises ValueError beyond what Excel takes."""
        self.rows += 1
        if self.rows >= XLSX_MAX_ROWS or len(row) > XLSX_MAX_COLUMNS:
            raise ValueError(f"Sheet {self.name} is larger than Excel takes; write CSV.")
        for column, cell in enumerate(row):
            _write_cell(self._sheet, self.rows, column, cell, self._formats)

    def on_paper(self, *, head: str, foot: str) -> None:
        """Print it on A4 across, as wide as the page, the header again on each page, with a line above and below.

        May be called at any time. What is longer than Excel takes is cut with a mark; the page numbers stand below.
        """
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_header(f"&L{_margin_text(head)}")
        self._sheet.set_footer(f"&L{_margin_text(foot)}&R&P / &N")

    def finish(self) -> None:
        """Let the header filter what was written."""
        if self._header:
            self._sheet.autofilter(0, 0, self.rows, len(self._header) - 1)


def _refuse_changes(rows: Iterable[Sequence[object]], first_index: int = 0) -> None:
    problems = find_unencodable(rows)
    if problems:
        raise CannotEncode(
            [dataclasses.replace(each, row_index=each.row_index + first_index) for each in problems]
        )


def _csv_chunks(
    header: Sequence[str], rows: Iterable[Sequence[object]], encoding: str, replace: bool
) -> Iterator[bytes]:
    lines: list[str] = []
    writer = csv.writer(_Lines(lines), lineterminator="\r\n")
    codec = "cp932" if encoding == "cp932" else "utf-8"
    if encoding == "utf-8-sig":
        lines.append("\ufeff")
    for index, texts in enumerate(text_rows(itertools.chain([header], rows)), start=-1):
        if codec == "cp932" and not is_clean("".join(texts)):
            if not replace:
                _refuse_changes([texts], first_index=index)
            texts = [replaced(text) for text in texts]
        # Last, because leaving out or replacing a character may bring a live one to the front.
        writer.writerow([defuse(text) if text[:1] in SUSPECT_STARTS else text for text in texts])
        if len(lines) >= _ROWS_A_CHUNK:
            yield "".join(lines).encode(codec)
            lines.clear()
    if lines:
        yield "".join(lines).encode(codec)


class _Lines:
    """The little of a file that `csv.writer` asks for: each line goes into a list."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return repr(cell) if math.isfinite(cell) else ""
    if isinstance(cell, Decimal):
        return f"{cell:f}" if cell.is_finite() else ""
    if isinstance(cell, datetime.datetime):
        return _in_japan(cell).isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell)


def _in_japan(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo is None else moment.astimezone(JAPAN).replace(tzinfo=None)


def _margin_text(text: str) -> str:
    """Return a line for the margin of a page: no code of Excel in it, and no longer than Excel takes."""
    plain = " ".join(strip_controls(text).splitlines()).replace("\t", " ")
    if len(_escaped(plain)) > MARGIN_MAX_TEXT:
        while len(_escaped(plain)) >= MARGIN_MAX_TEXT:
            plain = plain[:-1]
        plain += "…"
    return _escaped(plain)


def _escaped(text: str) -> str:
    return text.replace("&", "&&")


def _write_cell(page: Any, line: int, column: int, cell: object, formats: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        page.write_string(line, column, _xlsx_text(cell))
    elif isinstance(cell, bool):
        page.write_boolean(line, column, cell)
    elif isinstance(cell, int | float | Decimal) and _is_excel_number(cell):
        page.write_number(line, column, cell)
    elif isinstance(cell, datetime.datetime) and cell.date() >= _FIRST_EXCEL_DAY:
        page.write_datetime(line, column, _in_japan(cell), formats["datetime"])
    elif (
        isinstance(cell, datetime.date)
        and not isinstance(cell, datetime.datetime)
        and cell >= _FIRST_EXCEL_DAY
    ):
        page.write_datetime(line, column, cell, formats["date"])
    else:
        page.write_string(line, column, _xlsx_text(_cell_text(cell)))


def _is_excel_number(value: int | float | Decimal) -> bool:
    """Tell whether Excel keeps the number as it is: it knows fifteen digits, no NaN and no infinity."""
    if isinstance(value, Decimal):
        return not value.is_nan() and abs(value) < 10**15
    return abs(value) < 10**15


def _xlsx_text(text: str) -> str:
    if not text.isprintable():
        text = strip_controls(text).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) * 2 <= XLSX_MAX_TEXT:
        return text
    if _cut_units(text, XLSX_MAX_TEXT) == text:
        return text
    return _cut_units(text, XLSX_MAX_TEXT - len(CUT_MARK)) + CUT_MARK


def _header_width(name: str) -> int:
    wide = sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in name)
    return min(max(wide + 4, 10), 50)


def _sheet_name(name: str, used: set[str]) -> str:
    """Return a name that Excel takes and that no other sheet has, and note it in `used`."""
    plain = strip_controls(name).translate(_FORBIDDEN_IN_SHEET_NAMES)
    plain = " ".join(plain.split()).strip("'")
    base = _cut_units(plain, 31).strip("' ") or "Sheet"
    if base.casefold() in _RESERVED_SHEET_NAMES:
        base += "_"
    unique = base
    number = 2
    while unique.casefold() in used:
        suffix = f" ({number})"
        unique = _cut_units(base, 31 - len(suffix)) + suffix
        number += 1
    used.add(unique.casefold())
    return unique


def _cut_units(text: str, units: int) -> str:
    """Return at most `units` UTF-16 units of `text`, which is how Excel counts: 𠮷 is two."""
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore")
