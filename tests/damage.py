"""Sound files, and the same files damaged: byte by byte, line by line, cell by cell, part by part. Always the same ones.

A damaged file is known by its kind and its number, so that what one of them breaks can be looked at alone.
"""

import codecs
import csv
import io
import random
import zipfile
from collections.abc import Callable, Sequence

from lib.tabular import Sheet, write_xlsx
from tests.hostile import CELLS, PIECES

FORMS = ("utf-8-sig", "utf-8", "cp932", "xlsx", "xlsx")
_ODD_BYTES = [
    b"\0", b"\r", b"\n", b"\r\n", b'"', b'""', b",", b"\t", b"\x1a", b"\x80", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe3\x81",
    b"\x81", b"\xfc\xfc", b"\xed\xa0\x80", b"\xf0\x9f", b"=1", b"\x1b$B", b"PK\x03\x04", b"\x0b", b"\xc2\x85", b"\xa0",
]  # fmt: skip
_ODD_CELLS = [
    *CELLS, *PIECES, "９９", "R8.2.30", "令和99年1月1日", "0000/00/00", "昭和64年1月8日", "20260401", "46113", "2026-13-01",
    "9999/12/31", "0001-01-01", "999999", "1" * 21, "あ" * 5000, "a@", "a@b@c", "本務兼務", "退職 ", "所属長級", "-1", "5", "3.0",
]  # fmt: skip
_XML = [
    (b"<row ", b"<raw "), (b"</row>", b""), (b"<v>", b"<v>9"), (b't="s"', b't="q"'), (b't="s"', b't="e"'),
    (b't="s"', b't="b"'), (b't="s"', b't="d"'), (b'r="B', b'r="ZZZZ'), (b'r="A', b'r="1'),
    (b'<row r="', b'<row r="99999999'), (b"<c ", b'<c s="9999" '),
    (b"<sheetData>", b"<sheetData><!-- "), (b"<sst ", b"<!DOCTYPE x [<!ENTITY a 'b'>]><sst "), (b"<si>", b""),
    (b"utf-8", b"utf-7"), (b"UTF-8", b"UTF-16"), (b"<t>", b"<t>&a;"), (b"<t>", b"<t>&#0;"),
    (b"<t>", b"<t>\x01"), (b'state="visible"', b""),
    (b"<sheet ", b'<sheet state="hidden" '), (b"sheet1.xml", b"sheet9.xml"), (b"rId1", b"rId7"),
    (b'Target="', b'Target="../../'),
]  # fmt: skip

Rows = list[list[str]]


def damaged(kind: str, number: int, header: Sequence[str], rows: Rows) -> tuple[str, bytes]:
    """Return the name and the bytes of the damaged file of this kind and number, made from a sound table."""
    source = random.Random(f"{kind}/{number}")
    form = source.choice(FORMS)
    table = [list(header), *(list(row) for row in rows)]
    # A third have a damaged table alone, a third damaged bytes alone, a third both.
    change = source.randrange(3)
    for _ in range(source.choice((1, 1, 2)) if change != 1 else 0):
        table = source.choice(TABLE)(source, table)
    content = _workbook(table) if form == "xlsx" else _text(table, form)
    ways = (BYTES + WORKBOOK * 2) if form == "xlsx" else BYTES
    for _ in range(source.choice((1, 1, 2, 3)) if change != 0 else 0):
        content = source.choice(ways)(source, content)
    suffix = source.choice(("xlsx" if form == "xlsx" else "csv",) * 40 + ("csv", "xlsx", "txt", "", "xls"))
    return f"file.{suffix}" if suffix else "file", content


def _text(table: Rows, form: str) -> bytes:
    """Write a table without any of the care that the product takes when it writes."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(table)
    content = file.getvalue().encode("utf-8" if form != "cp932" else "cp932", errors="replace")
    return codecs.BOM_UTF8 + content if form == "utf-8-sig" else content


def _workbook(table: Rows) -> bytes:
    file = io.BytesIO()
    write_xlsx(file, [Sheet("名簿", table[0], table[1:])])
    return file.getvalue()


# --- the table -------------------------------------------------------------------------------------------------


def _cell(source: random.Random, table: Rows) -> Rows:
    row = source.choice(table)
    if row:
        row[source.randrange(len(row))] = source.choice(_ODD_CELLS)
    return table


def _swap_cells(source: random.Random, table: Rows) -> Rows:
    row = source.choice(table)
    source.shuffle(row)
    return table


def _row_length(source: random.Random, table: Rows) -> Rows:
    row = source.choice(table)
    if source.random() < 0.5:
        row.append(source.choice(_ODD_CELLS))
    elif row:
        row.pop(source.randrange(len(row)))
    return table


def _rows(source: random.Random, table: Rows) -> Rows:
    at = source.randrange(len(table))
    change = source.randrange(4)
    if change == 0 and len(table) > 1:
        table.pop(at)
    elif change == 1:
        table.insert(source.randrange(len(table) + 1), list(table[at]))
    elif change == 2:
        source.shuffle(table)
    else:
        table.insert(at, [source.choice(("", " ", "　", "合計")) for _ in table[0]])
    return table


def _column(source: random.Random, table: Rows) -> Rows:
    at = source.randrange(max(len(table[0]), 1))
    drop = source.random() < 0.5
    for row in table:
        if drop:
            del row[at : at + 1]
        else:
            row.insert(at, row[at] if at < len(row) else "")
    return table


TABLE: list[Callable[[random.Random, Rows], Rows]] = [
    _cell, _cell, _cell, _cell, _swap_cells, _row_length, _rows, _rows, _column,
]  # fmt: skip


# --- the bytes -------------------------------------------------------------------------------------------------


def _flip(source: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(source.choice((1, 1, 3, 20))):
        if changed:
            changed[source.randrange(len(changed))] = source.randrange(256)
    return bytes(changed)


def _cut(source: random.Random, content: bytes) -> bytes:
    at = source.randrange(len(content) + 1)
    return content[:at] if source.random() < 0.5 else content[at:]


def _drop(source: random.Random, content: bytes) -> bytes:
    at = source.randrange(len(content) + 1)
    return content[:at] + content[at + source.choice((1, 1, 2, 40)) :]


def _put(source: random.Random, content: bytes) -> bytes:
    at = source.choice((0, len(content), source.randrange(len(content) + 1)))
    return content[:at] + source.choice(_ODD_BYTES) * source.choice((1, 1, 1, 3, 5000)) + content[at:]


def _again(source: random.Random, content: bytes) -> bytes:
    at, end = sorted(source.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[at:end] + content[end:]


def _recode(source: random.Random, content: bytes) -> bytes:
    text = content.decode("utf-8", errors="replace")
    return text.encode(source.choice(("utf-16", "euc_jp", "iso2022_jp", "utf-7", "cp932")), errors="ignore")


BYTES: list[Callable[[random.Random, bytes], bytes]] = [
    _flip,
    _flip,
    _cut,
    _drop,
    _put,
    _put,
    _again,
    _recode,
]


# --- the parts of a workbook -----------------------------------------------------------------------------------


def _repacked(source: random.Random, content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """Return the workbook with one part changed or left out; what is no workbook any more stays as it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as old:
            parts = [(name, old.read(name)) for name in old.namelist()]
    except Exception:
        # Damaged before; what zipfile says to it is not what is asked here.
        return content
    if not parts:
        return content
    at = source.randrange(len(parts))
    if source.random() < 0.7:
        wanted = (
            "xl/worksheets/sheet1.xml",
            "xl/sharedStrings.xml",
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
        )
        chosen = source.choice(wanted)
        at = next((place for place, (name, _) in enumerate(parts) if name == chosen), at)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", source.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as new:
        for place, (name, part) in enumerate(parts):
            kept = change(name, part) if place == at else part
            if kept is not None:
                new.writestr(name, kept)
    return file.getvalue()


def _part_bytes(source: random.Random, content: bytes) -> bytes:
    return _repacked(source, content, lambda _, part: source.choice(BYTES)(source, part))


def _part_gone(source: random.Random, content: bytes) -> bytes:
    return _repacked(source, content, lambda *_: None)


def _part_empty(source: random.Random, content: bytes) -> bytes:
    return _repacked(source, content, lambda *_: source.choice((b"", b"<a/>", b"\0" * 40)))


def _part_xml(source: random.Random, content: bytes) -> bytes:
    before, after = source.choice(_XML)
    return _repacked(source, content, lambda _, part: part.replace(before, after, source.choice((1, -1))))


WORKBOOK: list[Callable[[random.Random, bytes], bytes]] = [
    _part_bytes, _part_gone, _part_empty, _part_xml, _part_xml, _part_xml,
]  # fmt: skip
