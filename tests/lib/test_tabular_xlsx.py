"""Excel workbooks in and out: text stays text, codes keep their zeros, damaged and oversized files are refused."""

import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.tabular import Sheet, Workbook, read_table, write_xlsx
from lib.tabular_write import CUT_MARK
from tests.lib.workbooks import HEADER, cells_of, problems_of, repacked, saved, sheet_of, written

PLAIN = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TRICKY = st.text("=+-@\t\n'\"＝_x000D_5F041 　𠮷髙﨑①㈱&<>", max_size=12)
CELLS = st.text(PLAIN, max_size=30) | TRICKY
ROWS = st.lists(st.tuples(st.from_regex(r"0[0-9]{5}", fullmatch=True), CELLS, CELLS), min_size=1, max_size=4)
TOKYO = datetime.timezone(datetime.timedelta(hours=9))


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


def test_rows_go_to_any_sheet_and_each_counts_its_own():
    file = io.BytesIO()
    with Workbook(file) as book:
        first, second = book.add("庶務係", ["番号"]), book.add("庶務係", ["番号"])
        for number in range(5):
            (second if number % 2 else first).write([number])
        first.on_paper(head="A&B　&P\n二行目", foot="長" * 300)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == [first.name, second.name] == ["庶務係", "庶務係 (2)"]
    assert (first.rows, second.rows) == (3, 2)
    assert [cell.value for cell in book.worksheets[0]["A"]] == ["番号", 0, 2, 4]
    page = book.worksheets[0]
    # Codes of Excel that somebody wrote stay text.
    assert page.oddHeader.left.text == "A&&B　&&P 二行目"
    assert page.oddFooter.left.text == "長" * 234 + "…"
    assert page.oddFooter.right.text == "&P / &N"
    assert (page.auto_filter.ref, book.worksheets[1].auto_filter.ref) == ("A1:A4", "A1:A3")
    assert book.worksheets[1].oddFooter.left.text is None


def test_a_workbook_that_fails_midway_leaves_no_file_open():
    def fails():
        with Workbook(io.BytesIO()) as book:
            book.add("表", ["番号"]).write([1])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
