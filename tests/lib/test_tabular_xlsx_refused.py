"""Excel workbooks that are damaged, oversized or something else: refused with a sentence, never half read."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import tabular_xlsx
from lib.tabular import Problem, TableError, read_table
from tests.lib.workbooks import problems_of, repacked, sheet_of, written


@pytest.mark.parametrize("filename", ["roster.csv", "ROSTER.CSV", "roster.txt", "roster.tsv"])
def test_excel_renamed_to_csv_is_refused(filename):
    [problem] = problems_of(written([["1", "a", "b"]]), filename)
    assert "中身はExcel" in problem.message
    assert "xlsx" in problem.message


@pytest.mark.parametrize("filename", ["roster.xlsx", "roster.XLSM", "roster.xls"])
def test_csv_renamed_to_excel_is_refused(filename):
    [problem] = problems_of("番号\n1\n".encode(), filename)
    assert "中身はExcelではありません" in problem.message


@pytest.mark.parametrize("filename", ["roster.xls", "roster.xlsx", "roster.csv"])
def test_old_and_protected_workbooks_are_refused(filename):
    [problem] = problems_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), filename)
    assert "パスワード" in problem.message


def test_other_archives_are_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<w/>")
    [problem] = problems_of(file.getvalue())
    assert "圧縮ファイル" in problem.message


def test_bombs_are_refused_before_unpacking(monkeypatch):
    content = written([["1", "a", "b"]])
    bomb = repacked(content, **{"xl/media/image1.png": bytes(tabular_xlsx.MAX_UNCOMPRESSED)})
    assert len(bomb) < 1_000_000
    assert "大きくなりすぎる" in problems_of(bomb)[0].message
    many = repacked(content, **{f"xl/media/{number}": b"" for number in range(tabular_xlsx.MAX_ENTRIES)})
    assert "大きくなりすぎる" in problems_of(many)[0].message


def test_what_shrinks_too_well_is_no_table_and_equal_lines_still_are():
    content = written([["1", "a", "b"]])
    bomb = repacked(content, **{"xl/media/image1.png": bytes(2 * 1024 * 1024)})
    assert "大きくなりすぎる" in problems_of(bomb)[0].message
    equal = written([["1", "a", "b"]] * 20_000)
    with zipfile.ZipFile(io.BytesIO(equal)) as package:
        sheet = package.getinfo("xl/worksheets/sheet1.xml")
    assert sheet.file_size > 1024 * 1024
    assert len(read_table(equal, "meibo.xlsx").rows) == 20_000


def test_a_declared_size_that_lies_gains_nothing():
    content = written([["1", "a", "b"]])
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        part = package.getinfo("xl/worksheets/sheet1.xml")
    lie = content.replace(part.file_size.to_bytes(4, "little"), (part.file_size - 90).to_bytes(4, "little"))
    assert lie != content
    assert "Excelファイルとして読めません" in problems_of(lie)[0].message


def test_entities_that_multiply_are_refused():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    xml = (
        f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
        '<c t="inlineStr"><is><t>&e9;</t></is></c></row></sheetData></worksheet>'
    )
    problems = problems_of(repacked(written([["1", "a", "b"]]), sheet1=xml.encode()))
    assert "Excelファイルとして読めません" in problems[0].message


def test_formats_spread_over_empty_cells_are_refused(monkeypatch):
    monkeypatch.setattr(tabular_xlsx, "MAX_VISITED_CELLS", 100_000)
    far = '<row><c r="XFD1" t="inlineStr"><is><t>x</t></is></c></row>'
    wide = sheet_of("".join(f'<row r="{n}"><c r="XFD{n}"/></row>' for n in range(1, 20)))
    assert "書式" in problems_of(wide)[0].message
    deep = sheet_of('<row r="1"><c><v>1</v></c></row><row r="9999999999"><c><v>1</v></c></row>')
    assert "書式" in problems_of(deep)[0].message
    assert "300を超えて" in problems_of(sheet_of(f"<row>{'<c><v>1</v></c>' * 301}</row>"))[0].message
    assert "空です" not in problems_of(sheet_of(far))[0].message


def test_no_visible_sheet_is_refused():
    content = written([["1", "a", "b"]])
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        xml = package.read("xl/workbook.xml").decode()
    hidden = repacked(content, book=xml.replace("<sheet name=", '<sheet state="hidden" name=').encode())
    assert "シートがありません" in problems_of(hidden)[0].message


@pytest.mark.parametrize(
    "changes",
    [{"sheet1": b"<worksheet"}, {"sheet1": None}, {"styles": b"\xff"}, {"book": b"<x/>"}, {"book": None}],
)
def test_damaged_parts_are_refused(changes):
    assert problems_of(repacked(written([["1", "a", "b"]]), **changes))


def test_a_truncated_workbook_is_refused():
    content = written([["1", "a", "b"]])
    for length in (5, 30, len(content) // 2, len(content) - 10):
        assert "Excelファイルとして読めません" in problems_of(content[:length])[0].message


SOUND_ROWS = [[f"{number:04d}", "髙橋", "備考"] for number in range(20)]
SOUND = written(SOUND_ROWS)


@settings(max_examples=500)
@given(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=4))
def test_a_damaged_workbook_is_the_same_table_or_a_refusal(at, noise):
    damaged = SOUND[:at] + noise + SOUND[at + len(noise) :]
    try:
        answer = [row.cells for row in read_table(damaged, "roster").rows]
    except TableError as refusal:
        answer = refusal.problems
        assert answer
    assert answer == SOUND_ROWS or type(answer[0]) is Problem


def test_too_many_rows_are_refused():
    content = written([["1", "a", "b"]] * 5)
    assert len(read_table(content, "a.xlsx", max_rows=5).rows) == 5
    [problem] = problems_of(content, max_rows=4)
    assert problem.line == 6
