"""CSV in and out: text comes back as it went, line numbers are those of the file, bad files are refused whole."""

import csv
import datetime
import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import cp932
from lib.tabular import CannotEncode, Problem, TableError, find_unencodable, read_table, text_rows, write_csv

HEADER = ["職員番号", "氏名", "備考"]
PLAIN = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TRICKY = st.text("=+-@\t\r\n'\"＝－,;0123 　𠮷髙﨑①㈱〜−\ufe0f", max_size=10)
CELLS = st.text(PLAIN, max_size=30) | TRICKY
ROWS = st.lists(st.tuples(st.from_regex(r"0[0-9]{5}", fullmatch=True), CELLS, CELLS), min_size=1, max_size=5)


def written(rows, header=HEADER, **options):
    return b"".join(write_csv(header, rows, **options))


def cells_of(table):
    return [row.cells for row in table.rows]


def problems_of(content, filename="roster.csv", **options):
    with pytest.raises(TableError) as refusal:
        read_table(content, filename, **options)
    assert refusal.value.problems
    for problem in refusal.value.problems:
        assert problem.message.endswith("ください。")
    return refusal.value.problems


@settings(max_examples=1000)
@given(ROWS, st.sampled_from(["utf-8-sig", "utf-8"]))
def test_text_comes_back_as_it_went(rows, encoding):
    table = read_table(written(rows, encoding=encoding), "records.csv")
    assert table.encoding == encoding
    assert table.header == HEADER
    assert cells_of(table) == [list(row) for row in rows]


@settings(max_examples=1000)
@given(ROWS)
def test_cp932_comes_back_unless_it_was_listed(rows):
    listed = find_unencodable(rows)
    if listed:
        with pytest.raises(CannotEncode) as refusal:
            write_csv(HEADER, rows, encoding="cp932")
        assert refusal.value.problems == listed
    table = read_table(written(rows, encoding="cp932", replace=bool(listed)), "records.csv")
    assert table.encoding == "cp932"
    assert cells_of(table) == [[cp932.replaced(cell) for cell in row] for row in rows]


@settings(max_examples=500)
@given(
    st.lists(st.tuples(st.just("0001"), TRICKY | st.text("\x00\x0b\ufe0f\u200b=1", max_size=6)), min_size=1),
    st.sampled_from(["utf-8", "cp932"]),
)
def test_no_cell_of_a_file_is_live(rows, encoding):
    text = written(rows, encoding=encoding, replace=True).decode(encoding)
    for cells in csv.reader(io.StringIO(text, newline="")):
        for cell in cells:
            start = cell.lstrip(" 　\xa0\n\v\f")[:1]
            assert not start or start not in "=+-@\t\r＝＋－＠" or float(cell) is not None


def test_values_and_line_ends():
    tokyo = datetime.timezone(datetime.timedelta(hours=9))
    row = [
        "000123",
        12,
        1.5,
        Decimal("0.10"),
        None,
        True,
        False,
        datetime.date(2026, 4, 1),
        datetime.datetime(2026, 4, 1, 0, 30, tzinfo=datetime.UTC),
        datetime.datetime(2026, 4, 1, 9, 30, tzinfo=tokyo),
        float("nan"),
        Decimal("NaN"),
        -3,
        datetime.time(9, 30),
        datetime.datetime(2026, 4, 1, 9, 30, tzinfo=tokyo).replace(tzinfo=None),
    ]
    content = written([row], header=["番号", *"abcdefghijklmn"])
    assert content.startswith(b"\xef\xbb\xbf\xe7\x95\xaa")
    assert content.decode("utf-8-sig").split("\r\n") == [
        "番号,a,b,c,d,e,f,g,h,i,j,k,l,m,n",
        "000123,12,1.5,0.10,,TRUE,FALSE,2026-04-01,2026-04-01 09:30:00,2026-04-01 09:30:00,,,-3,09:30:00,"
        "2026-04-01 09:30:00",
        "",
    ]


def test_a_long_stream_comes_in_chunks_and_is_read_once():
    asked = []

    def stream():
        for number in range(1200):
            asked.append(number)
            yield [f"{number:06d}", "髙橋", "=1+1"]

    chunks = write_csv(HEADER, stream(), encoding="cp932")
    assert asked == []
    first = next(chunks)
    assert first.count(b"\r\n") == 500
    assert len(asked) < 600
    table = read_table(first + b"".join(chunks), "records.csv")
    assert len(table.rows) == 1200
    assert table.rows[-1].cells == ["001199", "髙橋", "=1+1"]


def test_a_last_chunk_that_is_full_is_not_followed_by_an_empty_one():
    chunks = list(write_csv(HEADER, [["1", "a", "b"]] * 999, encoding="utf-8"))
    assert [chunk.count(b"\r\n") for chunk in chunks] == [500, 500]


def test_nothing_but_a_header():
    assert written([], encoding="utf-8") == "職員番号,氏名,備考\r\n".encode()


def test_a_stream_that_cannot_be_written_stops_with_the_place():
    rows = [["1", "山田", ""], ["2", "𠮷田", ""]]
    assert [each.row_index for each in find_unencodable(text_rows(iter(rows)))] == [1]
    with pytest.raises(CannotEncode) as refusal:
        list(write_csv(HEADER, iter(rows), encoding="cp932"))
    assert [(each.row_index, each.column_index, each.char) for each in refusal.value.problems] == [
        (1, 1, "𠮷")
    ]
    table = read_table(written(iter(rows), encoding="cp932", replace=True), "a.csv")
    assert table.rows[1].cells[1] == "〓田"


def test_a_header_that_cannot_be_written_is_row_minus_one():
    with pytest.raises(CannotEncode) as refusal:
        write_csv(["番号", "期間〜"], [], encoding="cp932")
    assert [(each.row_index, each.column_index) for each in refusal.value.problems] == [(-1, 1)]


def test_other_encodings_are_refused():
    with pytest.raises(ValueError, match="shift_jis"):
        write_csv(HEADER, [], encoding="shift_jis")


def test_lines_are_those_of_the_file():
    content = '\r\n番号,備考\r\n\r\n1,"二行\r\nにわたる"\r\n , \r\n2,\r\n3\r\n'.encode()
    table = read_table(content, "a.csv")
    assert [(row.line, row.cells) for row in table.rows] == [
        (4, ["1", "二行\r\nにわたる"]),
        (7, ["2", ""]),
        (8, ["3", ""]),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end(end):
    table = read_table(end.join(["番号,氏名", "1,山田", "2,髙橋"]).encode("cp932"), "a.csv")
    assert table.encoding == "cp932"
    assert [(row.line, row.cells) for row in table.rows] == [(2, ["1", "山田"]), (3, ["2", "髙橋"])]


@pytest.mark.parametrize("filename", ["roster.csv", "ROSTER.CSV", "roster.txt", "roster", ""])
def test_a_text_file_may_be_called(filename):
    assert read_table("番号\n1\n".encode(), filename).header == ["番号"]


def test_names_codes_and_signs_of_a_city_hall_stay():
    row = ["000123", "髙﨑　①㈱神", "'tis", "1\u30002"]
    table = read_table(
        (",".join(["番号", "氏名 ", "備考", "値", ""]) + "\n" + ",".join(row)).encode("cp932"), "a.csv"
    )
    assert table.header == ["番号", "氏名", "備考", "値"]
    assert table.rows[0].cells == row


def test_empty_cells_beyond_the_header_do_no_harm():
    assert cells_of(read_table("番号,氏名\n1,山田,, \n".encode(), "a.csv")) == [["1", "山田"]]


def test_a_file_of_a_host_system_may_end_with_ctrl_z_and_hold_controls():
    table = read_table("番号,氏名\r\n1,山\x0b田\r\n\x1a".encode("cp932"), "a.csv")
    assert cells_of(table) == [["1", "山田"]]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b",,\r\n , \r\n", "　\n".encode()])
def test_an_empty_file_is_refused(content):
    [problem] = problems_of(content)
    assert "空です" in problem.message
    assert problem.line is None


def test_a_header_alone_is_refused():
    [problem] = problems_of("番号,氏名\n\n,\n".encode())
    assert "データの行がありません" in problem.message


def test_broken_headers_are_refused_with_every_reason():
    problems = problems_of("\n番号,,氏名,番号 ,氏名\n1,2,3,4,5\n".encode())
    assert [(each.line, each.column, each.value) for each in problems] == [
        (2, "", ""),
        (2, "番号", "番号"),
        (2, "氏名", "氏名"),
    ]


def test_too_many_columns_are_refused():
    header = ",".join(f"列{number}" for number in range(301))
    [problem] = problems_of(f"{header}\n1\n".encode())
    assert "300を超えて" in problem.message


def test_tabs_are_refused():
    [problem] = problems_of("番号\t氏名\n1\t山田\n".encode())
    assert "タブ" in problem.message


def test_every_line_with_too_many_cells_is_named():
    problems = problems_of("番号,氏名\n1,山田\n2,髙橋,東京都,港区\n\n3,a,b\n".encode())
    assert [(each.line, each.value) for each in problems] == [(3, "東京都"), (5, "b")]
    assert "2列" in problems[0].message
    assert "4列" in problems[0].message


@pytest.mark.parametrize(
    ("body", "line"),
    [('1,"山田\n2,髙橋\n', 2), ('1,山田\n2,"髙橋"さん\n', 3), (f'1,"{"あ" * 140_000}\n2,髙橋\n', 2)],
)
def test_broken_quotes_are_refused_at_the_line_where_they_begin(body, line):
    [problem] = problems_of(f"番号,氏名\n{body}".encode())
    assert problem.line == line
    assert '「"」' in problem.message


def test_too_many_rows_are_refused_and_as_many_as_allowed_are_not():
    content = ("番号\n" + "1\n\n" * 5).encode()
    assert len(read_table(content, "a.csv", max_rows=5).rows) == 5
    [problem] = problems_of(content, max_rows=4)
    assert problem.line == 10
    assert "4行を超えて" in problem.message


def test_thirty_thousand_rows_are_the_limit():
    content = "番号\n".encode() + b"1\n" * 30_000
    assert len(read_table(content, "a.csv").rows) == 30_000
    [problem] = problems_of(content + b"1\n")
    assert "30,000行" in problem.message


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"\xef\xbb\xbf" + "番号\r\n1\r\n".encode() + b"\x90\xff\r\n", 3),
        ("番号\r\n山田\r\n".encode() + b"\xe9\xab\r\n", 3),
        ("番号\r山田\r髙橋".encode("cp932") + b"\x81\r", 3),
        ("番号\n山田\n".encode("cp932") + b"\xff\n", 3),
        ("番号\n".encode("cp932") + b"\x80\n", 2),
        (b"\xff\xff\xff", 1),
    ],
)
def test_an_undecodable_byte_is_refused_with_its_line(content, line):
    [problem] = problems_of(content)
    assert problem.line == line
    assert "文字コード" in problem.message


def test_damaged_utf8_is_not_taken_for_cp932_gibberish():
    content = "\n職員番号,氏名\n1,髙橋".encode()[:-1] + b",\n"
    assert "鬮呎ｩ" in content.decode("cp932")
    [problem] = problems_of(content)
    assert problem.line == 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
def test_utf16_and_nul_are_refused(encoding):
    [problem] = problems_of("番号,氏名\n1,山田\n".encode(encoding))
    assert "保存し直して" in problem.message


def test_nul_is_refused_with_its_line():
    [problem] = problems_of("番号\n1\n2\0\n".encode())
    assert problem.line == 3


def test_the_error_reads_as_sentences():
    error = TableError([Problem(None, "", "", "空です。"), Problem(3, "氏名", "", "長すぎます。")])
    assert str(error) == "空です。\n3行目：長すぎます。"


@settings(max_examples=1000)
@given(st.binary(max_size=200) | st.text('番号,"\n\r\t1　髙', max_size=40).map(str.encode))
def test_any_bytes_are_a_table_or_a_refusal(content):
    try:
        table = read_table(content, "a.csv")
    except TableError as refusal:
        answer = refusal.problems
    else:
        answer = table.rows
        assert all(len(row.cells) == len(table.header) for row in table.rows)
    assert answer
