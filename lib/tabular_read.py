"""Reading tables that HR systems and spreadsheets write. A file is taken whole or refused with every reason."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator

from lib.tabular_types import Problem, Row, Table, TableError, refusal
from lib.tabular_xlsx import ErrorValue, is_zip, read_xlsx
from lib.text import restore, strip_controls

MAX_ROWS = 30_000
MAX_COLUMNS = 300

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LINE_END = re.compile(rb"\r\n|\r|\n")
# Bytes that Python's cp932 lets pass, though no CP932 file has them.
_NO_CP932 = re.compile("[\x80\uf8f0-\uf8f3]")
_SAVE_AS = "Excelで開き、「CSV UTF-8（コンマ区切り）」または「Excelブック（.xlsx）」で保存し直してください。"


def read_table(content: bytes, filename: str, *, max_rows: int = MAX_ROWS) -> Table:
    """Return the table in `content`, a CSV or XLSX file as uploaded; `filename` must agree with what it is.

    What it is, is told by its bytes. CSV is comma-separated, UTF-8 with BOM, else strict UTF-8, else CP932;
    cells that `lib.text.defuse` made harmless are restored, line numbers are those of the file even where a
    quoted cell spans several. XLSX is the first visible sheet: dates become ISO text, whole numbers lose
    their ".0", a number shown padded (format 00000) keeps its zeros, a formula gives its last stored result.
    The first line that is not blank is the header; its names, without outer spaces, must differ. Blank lines
    are skipped, short ones filled up with "", and control characters left out. Other text is never changed.

    Raises `TableError` with every problem found, for an empty file, a header alone, a bad header, a line with
    more cells than the header, broken quotes, an undecodable byte (with its line), NUL, more than `max_rows`
    rows, a damaged or overlarge workbook, an .xls or protected file, and a name that belies the content.
    """
    suffix = filename.lower().rpartition(".")[2] if "." in filename else ""
    if content.startswith(_OLE):
        raise refusal(
            "古い形式のExcel（.xls）か、パスワードの付いたファイルです。パスワードを外し、"
            "「Excelブック（.xlsx）」で保存し直してください。"
        )
    if is_zip(content):
        if suffix in ("csv", "txt", "tsv"):
            raise refusal(
                f"名前は「.{suffix}」ですが、中身はExcelなどのファイルです。名前を変えるのではなく、"
                + _SAVE_AS
            )
        return _table(read_xlsx(content), encoding="xlsx", max_rows=max_rows)
    if suffix in ("xlsx", "xlsm", "xls"):
        raise refusal(f"名前は「.{suffix}」ですが、中身はExcelではありません。" + _SAVE_AS)
    text, encoding = decode(content)
    return _table(_csv_rows(text), encoding=encoding, max_rows=max_rows)


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of a CSV file and its encoding: utf-8-sig, utf-8 or cp932.

    Raises `TableError` naming the line for a byte that is in none of them, and for NUL and UTF-16.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refusal("文字コードがUTF-16（Unicodeテキスト）です。" + _SAVE_AS)
    if b"\0" in content:
        line = _line_at(content, content.index(b"\0"))
        raise refusal("文字ではないデータが入っています。CSVファイルか確かめ、" + _SAVE_AS, line=line)
    if content.startswith(codecs.BOM_UTF8):
        return _decoded(content.removeprefix(codecs.BOM_UTF8), "utf-8"), "utf-8-sig"
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # Damaged UTF-8 often passes as CP932, as gibberish; its first line tells what it was meant to be.
        meant = (
            "utf-8" if _is_utf8_japanese(_LINE_END.split(content.lstrip(b"\r\n"), maxsplit=1)[0]) else "cp932"
        )
    return _decoded(content, meant), meant


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as failure:
        raise _undecodable(_line_at(content, failure.start)) from None
    if encoding == "cp932" and (odd := _NO_CP932.search(text)):
        raise _undecodable(_line_at(content, len(text[: odd.start()].encode("cp932"))))
    return text


def _undecodable(line: int) -> TableError:
    return refusal("文字コードを読めない文字があります。この行を確かめ、" + _SAVE_AS, line=line)


def _is_utf8_japanese(line: bytes) -> bool:
    try:
        return any(char > "\u07ff" for char in line.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _line_at(content: bytes, position: int) -> int:
    return len(_LINE_END.findall(content[:position])) + 1


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    # Host systems end a text file with Ctrl-Z.
    reader = csv.reader(io.StringIO(text.rstrip("\x1a"), newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as failure:
            if "field limit" in str(failure):
                raise refusal(
                    '1つのセルが長すぎるか、「"」が閉じていません。この行の「"」を確かめてください。',
                    line=line,
                ) from None
            raise refusal(
                '「"」の付け方が正しくありません。この行から後の「"」が2つ1組になっているか確かめてください。',
                line=line,
            ) from None
        yield line, [restore(strip_controls(cell)) for cell in cells]


def _table(source: Iterable[tuple[int, list[str]]], *, encoding: str, max_rows: int) -> Table:
    """Fold numbered rows into a table; the first one that is not blank is the header."""
    filled = ((line, cells) for line, cells in source if any(map(str.strip, cells)))
    first = next(filled, None)
    if first is None:
        raise refusal("ファイルが空です。見出しの行とデータの行を入れたファイルを選んでください。")
    header_line, names = first
    header = _header(header_line, names)
    rows: list[Row] = []
    problems: list[Problem] = []
    count = 0
    for line, cells in filled:
        count += 1
        if count > max_rows:
            message = f"データの行が{max_rows:,}行を超えています。ファイルを分けて取り込んでください。"
            raise TableError([*problems, Problem(line, "", "", message)])
        extra = [cell for cell in cells[len(header) :] if cell.strip()]
        if extra:
            message = (
                f"見出しは{len(header)}列ですが、この行には{len(cells)}列あります。"
                'コンマを含むセルが「"」で囲まれているか、列がずれていないか確かめてください。'
            )
            problems.append(Problem(line, "", extra[0], message))
            continue
        failed = [(name, cell) for name, cell in zip(header, cells, strict=False) if type(cell) is ErrorValue]
        message = "セルがエラーになっています。数式を直すか、値に置き換えて保存してください。"
        problems += [Problem(line, name, cell, message) for name, cell in failed]
        rows.append(Row(line, cells[: len(header)] + [""] * (len(header) - len(cells))))
    if problems:
        raise TableError(problems)
    if not rows:
        raise refusal("見出しの行だけで、データの行がありません。データを入れたファイルを選んでください。")
    return Table(header, rows, encoding)


def _header(line: int, names: list[str]) -> list[str]:
    """Return the names of the header without outer spaces and without empty columns at the end."""
    header = [name.strip() for name in names]
    while not header[-1]:
        header.pop()
    if len(header) == 1 and "\t" in header[0]:
        raise refusal("区切りがコンマではなくタブです。" + _SAVE_AS, line=line)
    if len(header) > MAX_COLUMNS:
        raise refusal(f"列が{MAX_COLUMNS}を超えています。使わない列を消してください。", line=line)
    problems = []
    seen: set[str] = set()
    for number, name in enumerate(header, start=1):
        if not name:
            message = f"見出しの{number}列目が空です。列の名前を入れるか、使わない列を消してください。"
            problems.append(Problem(line, "", "", message))
        elif name in seen:
            message = f"見出しに「{name}」が2つ以上あります。どれか1つだけを残すか、名前を変えてください。"
            problems.append(Problem(line, name, name, message))
        seen.add(name)
    if problems:
        raise TableError(problems)
    return header
