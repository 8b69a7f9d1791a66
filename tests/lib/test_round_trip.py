"""What is written is read back, cell by cell: 50,000 texts that were made to break files, in every form there is."""

import csv
import io

import pytest

from lib.cp932 import find_unencodable, is_clean, replaced
from lib.tabular import Sheet, read_table, text_rows, write_csv, write_xlsx
from tests.hostile import generated, in_rows

COUNT, WIDTH = 50_000, 25
HEADER = ["職員番号", *(f"列{number}" for number in range(1, WIDTH + 1))]
ROWS = in_rows(generated(COUNT), WIDTH)


def cells_of(table):
    return [row.cells for row in table.rows]


def test_the_texts_are_as_hostile_as_they_say():
    cells = [cell for row in ROWS for cell in row[1:]]
    assert len(cells) == len(set(cells)) == COUNT
    for start in "=+-@\t\n'＝＋－＠0":
        assert sum(cell.startswith(start) for cell in cells) > 500, start
    for part in ('"', ",", "\n", "\t", "〜", "－", "👩‍👩‍👧", "\U000e0100", "１", "𠮷"):
        assert sum(part in cell for cell in cells) > 500, part


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_csv_gives_back_every_cell(encoding):
    content = b"".join(write_csv(HEADER, iter(ROWS), encoding=encoding))
    table = read_table(content, "記録.csv")
    assert table.encoding == encoding
    assert table.header == HEADER
    assert cells_of(table) == ROWS


def test_no_cell_of_the_csv_is_live():
    text = b"".join(write_csv(HEADER, iter(ROWS), encoding="utf-8")).decode()
    live = [
        cell
        for cells in csv.reader(io.StringIO(text, newline=""))
        for cell in cells
        if cell.lstrip(" 　\xa0\r\n\v\f")[:1] in {*"=+-@\t＝＋－＠"} and not _number(cell)
    ]
    assert live == []


def test_cp932_gives_back_every_cell_but_those_that_were_listed():
    listed = {(each.row_index, each.column_index) for each in find_unencodable(text_rows(ROWS))}
    content = b"".join(write_csv(HEADER, iter(ROWS), encoding="cp932", replace=True))
    assert b"?" not in content.replace(b"\x81\x48", b"")
    came = cells_of(read_table(content, "記録.csv"))
    changed = {
        (at, column)
        for at, (before, after) in enumerate(zip(ROWS, came, strict=True))
        for column, (one, other) in enumerate(zip(before, after, strict=True))
        if one != other
    }
    assert changed == listed
    assert 1000 < len(listed) < COUNT
    assert all(is_clean(cell) for row in came for cell in row)
    assert came[0] == [replaced(cell) for cell in ROWS[0]]


def test_a_workbook_gives_back_every_cell():
    file = io.BytesIO()
    write_xlsx(file, [Sheet("記録", HEADER, iter(ROWS))])
    table = read_table(file.getvalue(), "記録.xlsx")
    assert table.header == HEADER
    assert cells_of(table) == ROWS


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
