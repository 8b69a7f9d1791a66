"""Excel workbooks in and out: text stays text, codes keep their zeros, damaged and oversized files are refused."""

import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import tabular_xlsx
from lib.tabular import Problem, Sheet, TableError, read_table, write_xlsx
from lib.tabular_write import CUT_MARK

HEADER = ["職員番号", "氏名", "備考"]
PLAIN = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TRICKY = st.text("=+-@\t\n'\"＝_x000D_5F041 　𠮷髙﨑①㈱&<>", max_size=12)
CELLS = st.text(PLAIN, max_size=30) | TRICKY
ROWS = st.lists(st.tuples(st.from_regex(r"0[0-9]{5}", fullmatch=True), CELLS, CELLS), min_size=1, max_size=4)
TOKYO = datetime.timezone(datetime.timedelta(hours=9))


def written(rows, header=HEADER, **options):
    file = io.BytesIO()
    write_xlsx(file, [Sheet("記録", header, rows, **options)])
    return file.getvalue()


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells_of(content):
    return [row.cells for row in read_table(content, "a.xlsx").rows]


def repacked(content, **changes):
    """Return the workbook with parts replaced (bytes), or dropped (None); `sheet1` is the first sheet."""
    names = {"sheet1": "xl/worksheets/sheet1.xml", "styles": "xl/styles.xml", "book": "xl/workbook.xml"}
    changes = {names.get(name, name): part for name, part in changes.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            part = changes[name] if name in changes else old.read(name)
            if part is not None:
                new.writestr(name, part)
    return file.getvalue()


def sheet_of(body):
    """Return a workbook whose first sheet has this XML between its sheetData tags."""
    xml = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>'
    return repacked(written([["1", "a", "b"]]), sheet1=xml.encode())


def problems_of(content, filename="roster.xlsx", **options):
    with pytest.raises(TableError) as refusal:
        read_table(content, filename, **options)
    assert refusal.value.problems
    for problem in refusal.value.problems:
        assert problem.message.endswith("ください。")
    return refusal.value.problems


@settings(max_examples=500)
@given(ROWS)
def test_text_comes_back_as_it_went(rows):
    table = read_table(written(rows), "records.xlsx")
    assert table.encoding == "xlsx"
    assert table.header == HEADER
    assert [row.cells for row in table.rows] == [list(row) for row in rows]
    assert [row.line for row in table.rows] == list(range(2, 2 + len(rows)))


def test_values_are_real_numbers_and_dates():
    row = [
        "000123",
        "=1+1",
        "https://example.jp/",
        "12",
        12,
        1.5,
        Decimal("0.1"),
        None,
        True,
        datetime.date(2026, 4, 1),
        datetime.datetime(2026, 4, 1, 0, 30, tzinfo=datetime.UTC),
        datetime.date(1872, 12, 31),
        10**18,
        float("nan"),
        Decimal("NaN"),
        10**400,
        datetime.datetime(1850, 1, 1, tzinfo=TOKYO).replace(tzinfo=None),
    ]
    book = openpyxl.load_workbook(io.BytesIO(written([row], header=[f"列{n}" for n in range(len(row))])))
    page = book["記録"]
    values = [cell.value for cell in page[2]]
    assert values[:9] == ["000123", "=1+1", "https://example.jp/", "12", 12, 1.5, 0.1, None, True]
    assert [value.isoformat() for value in values[9:11]] == ["2026-04-01T00:00:00", "2026-04-01T09:30:00"]
    assert values[11:13] == ["1872-12-31", str(10**18)]
    assert values[15:] == [str(10**400), "1850-01-01 00:00:00"]
    assert [cell.data_type for cell in page[2]][:4] == ["s"] * 4
    assert page["J2"].number_format == "yyyy/m/d"
    assert page["K2"].number_format == "yyyy/m/d h:mm"
    assert page["C2"].hyperlink is None


def test_the_header_is_bold_frozen_and_filterable():
    book = openpyxl.load_workbook(
        io.BytesIO(written([["1", "a", "b"], ["2", "c", "d"]], widths=[12, 30, 8.5]))
    )
    page = book["記録"]
    assert all(cell.font.bold for cell in page[1])
    assert not page["A2"].font.bold
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:C3"
    assert page.column_dimensions["B"].width == pytest.approx(30, abs=1)
    book = openpyxl.load_workbook(io.BytesIO(written([], header=["氏名", "とても長い見出し" * 5])))
    assert [book["記録"].column_dimensions[letter].width for letter in "AB"] == pytest.approx([10, 50], abs=1)


def test_a_sheet_may_be_without_header_or_rows():
    assert openpyxl.load_workbook(io.BytesIO(written([], header=[])))["記録"].auto_filter.ref is None


def test_long_text_is_cut_with_a_mark_and_controls_go():
    texts = ["あ" * 32_767, "あ" * 32_768, "𠮷" * 16_384, "山\x00\x0b田\ud800", "一\r\n二\r三", "\ufffe"]
    page = openpyxl.load_workbook(io.BytesIO(written([texts], header=list("abcdef"))))["記録"]
    whole, cut, wide, clean, lines, nothing = (cell.value for cell in page[2])
    assert whole == texts[0]
    assert cut == "あ" * (32_767 - len(CUT_MARK)) + CUT_MARK
    assert wide.endswith("𠮷" + CUT_MARK)
    assert len(wide.encode("utf-16-le")) // 2 <= 32_767
    assert (clean, lines, nothing) == ("山田", "一\n二\n三", "")


def test_sheet_names_are_made_valid_and_different():
    names = [
        "集計",
        "集計",
        "a[b]:c*d?e/f\\g",
        "'引用'",
        "",
        "   ",
        "長" * 40,
        "長" * 41,
        "𠮷" * 20,
        "Data",
        "DATA",
    ]
    file = io.BytesIO()
    write_xlsx(file, [Sheet(name, ["a"], []) for name in names])
    assert openpyxl.load_workbook(file).sheetnames == [
        "集計",
        "集計 (2)",
        "a_b__c_d_e_f_g",
        "引用",
        "Sheet",
        "Sheet (2)",
        "長" * 31,
        "長" * 27 + " (2)",
        "𠮷" * 15,
        "Data",
        "DATA (2)",
    ]


def test_rows_are_a_stream_and_a_path_will_do(tmp_path):
    path = tmp_path / "a.xlsx"
    write_xlsx(str(path), [Sheet("記録", HEADER, ([f"{n:06d}", "髙橋", None] for n in range(300)))])
    table = read_table(path.read_bytes(), path.name)
    assert len(table.rows) == 300
    assert table.rows[-1].cells == ["000299", "髙橋", ""]


def test_what_excel_cannot_hold_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="at least one"):
        write_xlsx(io.BytesIO(), [])
    with pytest.raises(ValueError, match="larger than Excel"):
        written([["x"] * 16_385])
    monkeypatch.setattr("lib.tabular_write.XLSX_MAX_ROWS", 3)
    written([["1"], ["2"]])
    with pytest.raises(ValueError, match="larger than Excel"):
        written([["1"], ["2"], ["3"]])


def test_an_error_in_the_rows_comes_through():
    def rows():
        yield ["1", "a", "b"]
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        written(rows())


def book_of_values():
    book = openpyxl.Workbook()
    page = book.active
    page.append(["番号", "日付", "時刻つき", "数", "小数", "真偽", "和暦", "時刻", "経過", "大"])
    day = datetime.datetime(2026, 4, 1, tzinfo=TOKYO).replace(tzinfo=None)
    page.append([123, day, day.replace(hour=9, minute=30), 5.0, 0.1 + 0.2, True, day, datetime.time(9, 30)])
    page["I2"] = datetime.timedelta(hours=30)
    page["J2"] = 1.5e300
    page["A2"].number_format = "000000"
    page["G2"].number_format = '[$-411]ggge"年"m"月"d"日";@'
    page.append([-5, None, None, 7, 1e15, False, 46113])
    page["A3"].number_format = "000000"
    page["D3"].number_format = '#,##0"名"'
    return book


def test_cells_become_text_as_in_a_csv():
    first, second = cells_of(saved(book_of_values()))
    assert first == [
        "000123",
        "2026-04-01",
        "2026-04-01 09:30:00",
        "5",
        "0.3",
        "TRUE",
        "2026-04-01",
        "09:30:00",
        "1 day, 6:00:00",
        "1.5e+300",
    ]
    assert second == ["-5", "", "", "7", "1000000000000000", "FALSE", "46113", "", "", ""]


def test_whole_numbers_lose_their_point():
    body = "".join(f"<row><c><v>{number}</v></c></row>" for number in ("2026.0", "-3.0", "5.0", "0.5", "1E3"))
    table = read_table(sheet_of(body), "a.xlsx")
    assert [table.header[0], *(row.cells[0] for row in table.rows)] == ["2026", "-3", "5", "0.5", "1000"]


def test_the_first_visible_sheet_counts_and_row_numbers_are_those_of_excel():
    book = openpyxl.Workbook()
    book.active.append(["隠れた表"])
    book.active.sheet_state = "hidden"
    page = book.create_sheet("名簿")
    page["A3"], page["B3"] = "番号", "氏名"
    page["A5"], page["B5"] = "0012", "髙﨑"
    page["A9"] = "0013"
    book.create_sheet("別の表").append(["x"])
    table = read_table(saved(book), "名簿.XLSX")
    assert table.header == ["番号", "氏名"]
    assert [(row.line, row.cells) for row in table.rows] == [(5, ["0012", "髙﨑"]), (9, ["0013", ""])]


def test_a_wrong_declared_size_cuts_nothing_off():
    content = written([["1", "a", "b"], ["2", "c", "d"]])
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        xml = package.read("xl/worksheets/sheet1.xml")
    assert b'<dimension ref="A1:C3"/>' in xml
    shrunk = repacked(content, sheet1=xml.replace(b'"A1:C3"', b'"A1:A1"'))
    assert cells_of(shrunk) == [["1", "a", "b"], ["2", "c", "d"]]


def test_shared_strings_and_line_breaks_of_excel():
    book = openpyxl.Workbook()
    book.active.append(["番号", "備考"])
    book.active.append(["1", "一_x000D_\n二"])
    assert cells_of(saved(book)) == [["1", "一\r\n二"]]


def test_only_controls_are_unescaped():
    text = "<row><c t='inlineStr'><is><t>{}</t></is></c></row>"
    body = (
        text.format("備考") + text.format("_x0041_") + text.format("a_x0009_b") + text.format("_x005F_x0009_")
    )
    assert cells_of(sheet_of(body)) == [["_x0041_"], ["a\tb"], ["_x0009_"]]


def test_every_failed_formula_is_named():
    cell = '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    text = '<c t="inlineStr"><is><t>{}</t></is></c>'
    body = f"<row>{text.format('番号')}{text.format('氏名')}</row><row>{cell}{text.format('a')}</row>"
    problems = problems_of(sheet_of(f"{body}<row>{text.format('1')}{cell}</row>"))
    assert [(each.line, each.column, each.value) for each in problems] == [
        (2, "番号", "#DIV/0!"),
        (3, "氏名", "#DIV/0!"),
    ]


@pytest.mark.filterwarnings("ignore:Cell A2 is marked as a date")
def test_a_date_beyond_the_calendar_is_a_failed_cell():
    book = openpyxl.Workbook()
    book.active.append(["日付"])
    book.active.append([99999999])
    book.active["A2"].number_format = "yyyy/m/d"
    [problem] = problems_of(saved(book))
    assert (problem.line, problem.column, problem.value) == (2, "日付", "#VALUE!")


def test_a_stored_result_stands_for_its_formula():
    row = '<row><c t="inlineStr"><is><t>計</t></is></c></row><row><c><f>1+1</f><v>2</v></c></row>'
    assert cells_of(sheet_of(row)) == [["2"]]


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
