"""Reading a roster file into lines: headers as city halls write them, every bad cell named."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.tabular import Row, Table, read_table
from organization.headers import fold, guess, missing
from organization.roster import COLUMNS, parse_lines
from tests.organization.rosters import HEADER, roster

CITY_HALL = "職員コード,氏名漢字,氏名カナ,旧姓,任用区分,所属CD,所属名称,役職名,発令区分,発令年月日,終了年月日,メールアドレス"


def read(content, *, name="meibo.csv", remembered=None):
    table = read_table(content, name)
    mapping = guess(table.header, COLUMNS, remembered or {})
    return table, mapping, parse_lines(table, mapping)


def problems(*rows, header=HEADER):
    _, _, parsed = read(roster(*rows, header=header))
    return [(p.line, p.column, p.value, p.message) for p in parsed.problems]


def test_a_file_as_a_city_hall_writes_it():
    content = roster(
        "0012345,髙橋 花子,タカハシ ハナコ,木村,正規職員,010100,デジタル推進課,主事①,本務,令和8年4月1日,,h@mihon.example",
        "0012345,髙橋 花子,,,,020200,㈱みほん出向,,兼務,R8.4.1,R9.3.31,",
        "0012399,德永 早苗,,,会計年度任用職員,010100,,,,2026/4/1,2027-03-31,",
        header=CITY_HALL,
        encoding="cp932",
    )
    table, mapping, parsed = read(content)
    assert table.encoding == "cp932"
    assert parsed.problems == []
    one, two, three = parsed.lines
    assert (one.number, one.name, one.employment, one.position) == (
        "0012345",
        "髙橋 花子",
        "regular",
        "主事①",
    )
    assert (two.kind, two.start, two.end) == (
        "additional",
        datetime.date(2026, 4, 1),
        datetime.date(2027, 4, 1),
    )
    assert (three.kind, three.employment, three.end) == ("main", "fiscal_year", datetime.date(2027, 4, 1))
    assert (one.line, two.line, three.line) == (2, 3, 4)
    assert mapping["所属コード"] == "所属CD"


@pytest.mark.parametrize("label", [column.label for column in COLUMNS])
def test_every_name_of_a_column_is_recognised(label):
    column = next(c for c in COLUMNS if c.label == label)
    for word in (column.label, *column.synonyms, f"{column.label}　", f"（{column.label}）"):
        assert guess([word, "備考"], COLUMNS, {}) == {label: word}


def test_no_two_columns_share_a_name():
    words = [fold(word) for column in COLUMNS for word in (column.label, *column.synonyms)]
    assert len(words) == len(set(words))


def test_remembered_headers_go_first_and_may_be_left_out():
    header = ["番号", "職員番号", "氏名"]
    found = guess(header, COLUMNS, {"番号": "職員番号", "氏名": ""})
    assert found == {"職員番号": "番号"}


def test_missing_headers_say_what_to_do():
    _, mapping, _ = read(roster("1,x", header="職員番号,氏名"))
    assert [p.column for p in missing(COLUMNS, mapping)] == ["所属コード", "発令日"]
    assert "列の対応" in missing(COLUMNS, mapping)[0].message


def test_family_and_given_name_in_two_columns():
    _, _, parsed = read(roster("0001,山﨑,美咲,010100,R8.4.1", header="職員番号,姓,名,所属コード,発令日"))
    assert parsed.lines[0].name == "山﨑 美咲"


def test_no_end_written_as_the_last_day_of_all_is_none():
    _, _, parsed = read(roster("0001,森 一,,,,010100,,,,本務,R8.4.1,9999/12/31,"))
    assert parsed.lines[0].end is None


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        (",森 一,,,,010100,,,,本務,R8.4.1,,", "職員番号", "", "職員番号がありません"),
        ("００１２,森 一,,,,010100,,,,本務,R8.4.1,,", "職員番号", "００１２", "全角の数字"),
        ("00 12,森 一,,,,010100,,,,本務,R8.4.1,,", "職員番号", "00 12", "半角の英数字"),
        (f"{'1' * 21},森 一,,,,010100,,,,本務,R8.4.1,,", "職員番号", "1" * 21, "20文字まで"),
        (f"0001,{'長' * 61},,,,010100,,,,本務,R8.4.1,,", "氏名", "長" * 60 + "…", "60文字まで"),
        ('0001,"森\n一",,,,010100,,,,本務,R8.4.1,,', "氏名", "森\n一", "改行"),
        ("0001,森 一,,,臨時,010100,,,,本務,R8.4.1,,", "職員区分", "臨時", "会計年度任用"),
        ("0001,森 一,,,,010100,,,部下,本務,R8.4.1,,", "確認者区分", "部下", "係長級"),
        ("0001,森 一,,,,010100,,,,栄転,R8.4.1,,", "発令種別", "栄転", "事務取扱"),
        ("0001,森 一,,,,010100,,,,本務,,,", "発令日", "", "発令日がありません"),
        ("0001,森 一,,,,010100,,,,本務,令和8年2月30日,,", "発令日", "令和8年2月30日", "暦にない"),
        ("0001,森 一,,,,010100,,,,本務,平成40年4月1日,,", "発令日", "平成40年4月1日", "元号"),
        ("0001,森 一,,,,010100,,,,本務,R8.4.1,R8.3.31,", "終了日", "R8.3.31", "発令日より前"),
        ("0001,森 一,,,,010100,,,,事務取扱,R8.4.1,,", "終了日", "", "終了日が要ります"),
        ("0001,森 一,,,,010100,,,,事務取扱,R8.4.1,9999/12/31,", "終了日", "9999/12/31", "終了日が要ります"),
        ("0001,森 一,,,,０１,,,,本務,R8.4.1,,", "所属コード", "０１", "全角の数字"),
        ("0001,森 一,,,,010100,,,,本務,R8.4.1,,mori", "メール", "mori", "形ではありません"),
    ],
)
def test_bad_cells(row, column, value, words):
    ((line, at, shown, message),) = problems(row)
    assert (line, at, shown) == (2, column, value)
    assert words in message
    assert message.endswith("。")


def test_problems_name_the_column_as_the_file_does():
    ((_, column, _, _),) = problems("0001,森 一,010100,昨日", header="職員コード,氏名漢字,所属CD,発令年月日")
    assert column == "発令年月日"


def test_several_problems_of_a_line_are_all_listed():
    assert [p[1] for p in problems("００１,,,,臨時,010100,,,,栄転,いつか,,")] == [
        "職員番号", "発令種別", "発令日", "職員区分",
    ]  # fmt: skip


def test_a_line_in_one_day_is_in_order():
    _, _, parsed = read(roster("0001,森 一,,,,010100,,,,派遣,R8.4.1,R8.4.1,"))
    assert parsed.lines[0].end == datetime.date(2026, 4, 2)


@given(st.lists(st.lists(st.text(max_size=12), min_size=13, max_size=13), min_size=1, max_size=4))
def test_any_cells_give_lines_or_problems(rows):
    table = Table(HEADER.split(","), [Row(n, cells) for n, cells in enumerate(rows, 2)], "utf-8")
    parsed = parse_lines(table, guess(table.header, COLUMNS, {}))
    answered = {line.line for line in parsed.lines} | {problem.line for problem in parsed.problems}
    assert answered == {row.line for row in table.rows}
    assert not {line.line for line in parsed.lines} & {problem.line for problem in parsed.problems}


def test_empty_cells_of_columns_in_the_file_are_noted_where_they_shall_overwrite():
    table = read_table(
        roster("0001,森 一,,010100,2026/4/1", header="職員番号,氏名,旧姓,所属コード,発令日"), "m.csv"
    )
    mapping = guess(table.header, COLUMNS, {})
    assert parse_lines(table, mapping).lines[0].cleared == frozenset()
    assert parse_lines(table, mapping, overwrite=True).lines[0].cleared == {"former_name"}
