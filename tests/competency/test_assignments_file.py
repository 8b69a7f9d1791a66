"""事務分掌表: both layouts, names as offices write them, and every bad line named."""

import io
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competency.assignments import DEPUTY, MAIN, Board, DutyLine, Person, plan_import
from competency.assignments_file import HEADER, Parsed, loose_key, name_key, parse, rows
from lib.tabular import Row, Sheet, Table, read_table, write_csv, write_xlsx

PLACE = "010100"


def person(number, name, **kwargs):
    return Person(int(number), uuid.UUID(int=int(number)), number, name, **kwargs)


def duty(number, name, code=""):
    return DutyLine(number, uuid.UUID(int=number), code or f"duty-{number}", name, number)


TAKAHASHI = person("0000001", "髙橋 誠一")
YOSHIDA = person("0000002", "𠮷田 由紀子")
YAMAZAKI = person("0000003", "山﨑　美咲", former_name="見本 美咲")
KOBAYASHI = person("0000004", "小林 健")
PEOPLE = [TAKAHASHI, YOSHIDA, YAMAZAKI, KOBAYASHI]
PLANNING = duty(1, "情報化の企画・調整")
RUNNING = duty(2, "基幹システムの運用")
DUTIES = [PLANNING, RUNNING]
OPEN_DATA = duty(9, "オープンデータ")


def table(header, *lines):
    return Table(header.split(","), [Row(at, line) for at, line in enumerate(lines, 2)], "utf-8")


def read(header, *lines, people=PEOPLE, duties=DUTIES, catalogue=(OPEN_DATA,)):
    cells = [line.split(",") if isinstance(line, str) else line for line in lines]
    return parse(
        table(header, *cells), place_code=PLACE, people=people, duties=duties, catalogue=list(catalogue)
    )


def only(parsed: Parsed):
    assert not parsed.shares
    (problem,) = parsed.problems
    assert problem.message.endswith("ください。")
    return problem.line, problem.column, problem.value, problem.message


def test_a_line_a_person():
    parsed = read(
        "所属コード,業務,職員番号,氏名,担当",
        "010100,情報化の企画・調整,0000001,髙橋 誠一,主担当",
        "010100,情報化の企画・調整,,𠮷田由紀子,副",
        ",duty-2,0000003,,◎",
        ",,0000004,,○",
    )
    assert parsed.problems == ()
    assert parsed.shares == {(1, 1): MAIN, (1, 2): DEPUTY, (2, 3): MAIN, (2, 4): DEPUTY}
    assert parsed.duties == (PLANNING, RUNNING)


@pytest.mark.parametrize(
    ("word", "role"),
    [("主", MAIN), ("正担当", MAIN), ("◎", MAIN), (" 主　担当 ", MAIN), ("副担当", DEPUTY), ("○", DEPUTY),
     ("〇", DEPUTY), ("◯", DEPUTY), ("副担当者", DEPUTY)],
)  # fmt: skip
def test_words_of_the_role(word, role):
    assert read("業務,氏名,担当", f"基幹システムの運用,小林 健,{word}").shares == {(2, 4): role}


@pytest.mark.parametrize(
    "name",
    ["山﨑美咲", "山﨑　美咲", " 山﨑 \u00a0美咲 ", "山﨑\U000e0101美咲"],
)
def test_names_are_compared_without_spaces_and_selectors(name):
    assert read("業務,氏名,担当", f"基幹システムの運用,{name},主").shares == {(2, 3): MAIN}


def test_a_letter_for_letter_name_goes_before_a_folded_one():
    half, full = person("11", "ＡＢ 太郎"), person("12", "AB 太郎")
    assert read("業務,氏名,担当", "duty-1,ＡＢ太郎,主", people=[half, full]).shares == {(1, 11): MAIN}
    assert read("業務,氏名,担当", "duty-1,Ab太郎,主", people=[half]).shares == {(1, 11): MAIN}
    assert only(read("業務,氏名,担当", "duty-1,Ab太郎,主", people=[half, full]))[0] == 2


def test_a_line_a_duty_with_names_in_columns():
    parsed = read(
        "事務分掌,主担当者,副担当者,備考",
        ["情報化の企画・調整", "髙橋誠一", "𠮷田由紀子、\n小林 健", "x"],
        ["基幹システムの運用", "0000003", "", ""],
    )
    assert parsed.problems == ()
    assert parsed.shares == {(1, 1): MAIN, (1, 2): DEPUTY, (1, 4): DEPUTY, (2, 3): MAIN}
    assert parsed.unused == ("備考",)


def test_a_duty_of_the_catalogue_joins_only_with_people():
    parsed = read("業務,氏名,担当", "オープンデータ,小林 健,主", "基幹システムの運用,,")
    assert parsed.duties == (OPEN_DATA, RUNNING)
    assert parsed.shares == {(9, 4): MAIN}
    assert read("業務,氏名,担当", "オープンデータ,,", "基幹システムの運用,,").duties == (RUNNING,)


@pytest.mark.parametrize(
    ("header", "line", "column", "value", "part"),
    [
        ("業務,氏名,担当", "庶務,小林 健,主", "業務", "庶務", "業務の一覧"),
        ("業務,氏名,担当", ",小林 健,主", "業務", "", "業務が空です"),
        ("業務,氏名,担当", "duty-1,田中 一郎,主", "氏名", "田中 一郎", "この氏名の人はいません"),
        ("業務,氏名,担当", "duty-1,小林 健,正副", "担当", "正副", "読めません"),
        ("業務,氏名,担当", "duty-1,小林 健,", "担当", "", "空です"),
        ("業務,氏名,担当", "duty-1,,主", "氏名", "", "担当する人が空"),
        ("業務,職員番号,担当", "duty-1,9999999,主", "職員番号", "9999999", "この番号の人はいません"),
        ("業務,職員番号,担当", "duty-1,０００００４,主", "職員番号", "０００００４", "半角の数字"),
        ("業務,職員番号,氏名,担当", "duty-1,0000004,髙橋 誠一,主", "氏名", "髙橋 誠一", "氏名と違います"),
        ("所属コード,業務,氏名,担当", "020100,duty-1,小林 健,主", "所属コード", "020100", "010100"),
        ("符号,業務,氏名,担当", "nothing,duty-1,小林 健,主", "符号", "nothing", "この符号の業務はありません"),
        ("符号,業務,氏名,担当", "duty-2,情報化の企画・調整,小林 健,主", "業務", "情報化の企画・調整", "基幹システムの運用"),
        ("分掌事務,主担当,副担当", "duty-1,小林 健、田中 一郎,", "主担当", "田中 一郎", "この氏名の人はいません"),
        ("業務,主担当,副担当", "duty-1,小林 健,小林健", "副担当", "小林 健", "2行目で主担当"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_line_column_and_value(header, line, column, value, part):
    found = only(read(header, line))
    assert found[:3] == (2, column, value)
    assert part in found[3]


def test_two_of_a_name_ask_for_the_number():
    other = person("0000005", "小林　健")
    found = only(read("業務,氏名,担当", "duty-1,小林健,主", people=[*PEOPLE, other]))
    assert "職員番号" in found[3]
    by_number = read("業務,職員番号,氏名,担当", "duty-1,0000005,小林健,主", people=[*PEOPLE, other])
    assert by_number.shares == {(1, 5): MAIN}


def test_the_former_name_beside_a_number_is_theirs():
    assert read("業務,職員番号,氏名,担当", "duty-1,0000003,見本美咲,主").shares == {(1, 3): MAIN}


def test_one_bad_line_of_many_leaves_nothing_and_all_are_listed():
    parsed = read("業務,氏名,担当", "duty-1,小林 健,主", "duty-1,田中 一郎,主", "庶務,小林 健,主")
    assert [problem.line for problem in parsed.problems] == [3, 4]
    assert parsed.shares == {}


def test_after_an_unknown_duty_its_other_lines_are_not_given_to_the_one_above():
    parsed = read("業務,氏名,担当", "duty-1,小林 健,主", "庶務,髙橋 誠一,主", ",𠮷田 由紀子,副")
    assert [problem.line for problem in parsed.problems] == [3, 4]


@pytest.mark.parametrize(
    ("header", "columns"),
    [("氏名,担当", ["業務"]), ("業務,担当", ["氏名"]), ("業務,氏名", ["担当"]), ("あ,い", ["業務", "氏名", "担当"])],
)  # fmt: skip
def test_a_header_without_what_is_needed(header, columns):
    parsed = read(header, ",".join("x" for _ in header.split(",")))
    assert [problem.column for problem in parsed.problems] == columns
    assert all(problem.line is None for problem in parsed.problems)


def test_two_duties_of_a_name_ask_for_the_code():
    found = only(read("業務,氏名,担当", "企画,小林 健,主", duties=[duty(3, "企画"), duty(4, "企 画")]))
    assert "符号" in found[3]


# --- for every set of people and duties

LETTERS = "髙高𠮷吉﨑崎齋斎邉邊神〇々ーabＡ１2ｶ葛\U000e0100-=+@'（）"
NAMES = st.lists(
    st.tuples(st.text(LETTERS, min_size=1, max_size=6), st.sampled_from(["", " ", "　", "\u00a0"])),
    min_size=1,
    max_size=8,
    unique_by=lambda pair: loose_key(pair[0]),
).filter(lambda pairs: all(loose_key(text) for text, _ in pairs))


@st.composite
def boards(draw):
    """Return people, duties and who has what, with letters that other systems trip over."""
    people = [
        person(f"{at:07d}", f"{text}{space}{'太郎'}") for at, (text, space) in enumerate(draw(NAMES), 1)
    ]
    count = draw(st.integers(1, 4))
    duties = [duty(at, f"業務{at}の{draw(st.text(LETTERS, max_size=3))}") for at in range(1, count + 1)]
    pairs = st.tuples(st.integers(1, count), st.integers(1, len(people)))
    return people, duties, draw(st.dictionaries(pairs, st.sampled_from([MAIN, DEPUTY]), max_size=20))


@given(boards(), st.booleans())
def test_the_filled_template_says_what_is_stored(board, as_xlsx):
    people, duties, shares = board
    lines = rows(PLACE, duties, people, shares)
    if as_xlsx:
        file = io.BytesIO()
        write_xlsx(file, [Sheet("事務分掌", HEADER, lines)])
        content, name = file.getvalue(), "a.xlsx"
    else:
        content, name = b"".join(write_csv(HEADER, lines)), "a.csv"
    parsed = parse(
        read_table(content, name), place_code=PLACE, people=people, duties=duties, catalogue=duties
    )
    assert parsed.problems == ()
    assert parsed.shares == shares
    assert parsed.duties == tuple(duties)
    stored = Board(1, tuple(duties), shares, tuple(people))
    assert plan_import(stored, parsed.duties, parsed.shares).is_empty


@given(boards(), st.data())
def test_each_name_finds_its_person_however_it_is_spaced(board, data):
    people, duties, _ = board
    one = data.draw(st.sampled_from(people))
    space = data.draw(st.sampled_from(["", " ", "　", "\u3000 "]))
    written = space.join(name_key(one.name))
    parsed = parse(
        table("業務,氏名,担当", [duties[0].code, written, "主"]),
        place_code=PLACE,
        people=people,
        duties=duties,
        catalogue=[],
    )
    assert parsed.shares == {(duties[0].id, one.id): MAIN}


@given(st.lists(st.lists(st.text(max_size=8), min_size=4, max_size=4), min_size=1, max_size=6))
def test_whatever_stands_in_the_cells_is_taken_or_said(cells):
    lines = [Row(at, line) for at, line in enumerate(cells, 2)]
    parsed = parse(
        Table(["業務", "職員番号", "氏名", "担当"], lines, "utf-8"),
        place_code=PLACE,
        people=PEOPLE,
        duties=DUTIES,
        catalogue=[],
    )
    assert not (parsed.problems and parsed.shares)
    assert all(problem.message.endswith("ください。") for problem in parsed.problems)
