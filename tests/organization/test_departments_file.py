"""Organisation files: read, compared with the tree, refused with every reason."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.tabular import read_table
from organization.departments_file import (
    COLUMNS,
    DEEPEST,
    DepartmentLine,
    DepartmentState,
    Kind,
    parse_departments,
    plan_departments,
)
from organization.headers import guess
from tests.organization.rosters import roster

HEADER = "所属コード,所属名,上位所属コード,開始日,終了日"
START = datetime.date(2019, 4, 1)
KNOWN = {
    "01": DepartmentState("01", "政策部", "", START),
    "0101": DepartmentState("0101", "情報課", "01", START),
    "02": DepartmentState("02", "総務部", "", START),
}


def plan(*rows, known=None, header=HEADER, **kwargs):
    table = read_table(roster(*rows, header=header), "soshiki.csv")
    mapping = guess(table.header, COLUMNS, {})
    lines, problems = parse_departments(table, mapping)
    made = plan_departments(lines, KNOWN if known is None else known, columns=mapping, **kwargs)
    made.problems = problems + made.problems
    return made


def kinds(made):
    return [outcome.kinds for outcome in made.outcomes]


def test_new_departments_with_parents_that_come_later():
    made = plan("0101,情報課,01,平成31年4月1日,", "01,政策部,,H31.4.1,", known={})
    assert made.problems == []
    assert kinds(made) == [(Kind.NEW,), (Kind.NEW,)]
    assert made.after["0101"].parent == "01"
    assert made.outcomes[0].changes[0].new == "政策部"


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("0101,デジタル課,01,,", Kind.RENAMED),
        ("0101,,02,,", Kind.MOVED),
        ("0101,,,,", Kind.MOVED),
        ("0101,,01,,令和8年3月31日", Kind.CLOSED),
        ("0101,,01,2020/4/1,", Kind.CORRECTED),
        ("0101,情報課,01,2019/4/1,", Kind.UNCHANGED),
    ],
)
def test_kinds(row, kind):
    assert kinds(plan(row)) == [(kind,)]


def test_end_is_the_last_day_in_use():
    assert plan("0101,,01,,令和8年3月31日").after["0101"].valid_to == datetime.date(2026, 4, 1)


def test_without_a_column_of_parents_they_stay():
    made = plan("0101,デジタル課,2019/4/1", header="所属コード,所属名,開始日")
    assert made.after["0101"].parent == "01"


@pytest.mark.parametrize(
    ("rows", "column", "words"),
    [
        (["0101,,99,,"], "上位所属コード", "組織にもこのファイルにもない"),
        (["01,,0101,,"], "上位所属コード", "自分に戻ります"),
        (["01,,01,,"], "上位所属コード", "自分に戻ります"),
        (["0102,係,01,2020/4/1,", "0102,係,01,2020/4/1,"], "所属コード", "2行目と同じ"),
        (["0102,,01,2020/4/1,"], "所属名", "所属名が要ります"),
        (["0102,係,01,,"], "開始日", "開始日が要ります"),
        (["0101,,01,,2019/3/31"], "終了日", "開始日より前"),
        (["0102,係,01,2020/4/1,2020/3/31"], "終了日", "開始日より前"),
        (["０１,係,,2020/4/1,"], "所属コード", "全角の数字"),
        ([",係,,2020/4/1,"], "所属コード", "所属コードがありません"),
        (["0102,係,01,2020/13/1,"], "開始日", "暦にない"),
    ],
)
def test_problems(rows, column, words):
    made = plan(*rows)
    assert [p.column for p in made.problems] == [column]
    assert words in made.problems[0].message


def test_a_circle_is_told_at_each_of_its_lines():
    made = plan("a,甲,c,2020/4/1,", "b,乙,a,2020/4/1,", "c,丙,b,2020/4/1,", "d,丁,a,2020/4/1,")
    assert [p.line for p in made.problems] == [2, 3, 4]


def test_a_tree_deeper_than_a_path_holds():
    chain = {
        str(n): DepartmentState(str(n), f"第{n}", str(n - 1) if n > 1 else "", START)
        for n in range(1, DEEPEST + 1)
    }
    made = plan("99,底,15,2020/4/1,", known=chain)
    assert "段より深く" in made.problems[0].message
    moved = plan("1,第1,98,,", "98,上,,2020/4/1,", known=chain)
    assert [p.line for p in moved.problems] == [2]


def test_people_who_stay_in_a_closed_department_are_pointed_out():
    rows = ["0101,,01,,令和8年3月31日"]
    assert plan(*rows, posted_after={"0101": None}).warnings[0].line == 2
    assert plan(*rows, posted_after={"0101": datetime.date(2026, 4, 1)}).warnings == []
    assert plan(*rows, posted_after={}).warnings == []


codes = st.sampled_from(["1", "2", "3", "4", "5"])


@given(
    st.lists(
        st.builds(
            DepartmentLine,
            line=st.integers(2, 50),
            code=codes,
            name=st.sampled_from(["", "甲", "乙"]),
            parent=st.none() | st.just("") | codes,
            valid_from=st.none() | st.dates(datetime.date(2015, 1, 1), datetime.date(2019, 1, 1)),
            valid_to=st.none() | st.dates(datetime.date(2019, 2, 1), datetime.date(2026, 1, 1)),
        ),
        max_size=6,
    )
)
def test_settles_at_once_and_stays_a_tree(lines):
    made = plan_departments(lines, KNOWN)
    if made.problems:
        return
    after = {**KNOWN, **made.after}
    for code in after:
        seen = set()
        while code:
            assert code not in seen
            seen.add(code)
            code = after[code].parent
    again = plan_departments(lines, after)
    assert again.problems == []
    assert again.after == {}
    assert set(kinds(again)) <= {(Kind.UNCHANGED,)}


SUCCESSION = f"{HEADER},引継ぎ先所属コード"


def test_a_department_that_ends_names_who_takes_over():
    made = plan("0101,,01,,令和8年3月31日,0102", "0102,デジタル課,01,令和8年4月1日,,", header=SUCCESSION)
    assert made.problems == []
    assert kinds(made) == [(Kind.CLOSED, Kind.SUCCEEDED), (Kind.NEW,)]
    assert made.after["0101"].successor == "0102"
    assert (made.outcomes[0].changes[-1].old, made.outcomes[0].changes[-1].new) == ("", "デジタル課")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["0101,,01,,令和8年3月31日,7777"], "組織にもこのファイルにもない"),
        (["0101,,01,,,02"], "終了日のある所属だけ"),
        (["0101,,01,,令和8年3月31日,0101"], "同じ所属に戻ります"),
        (["0101,,01,,令和8年3月31日,02", "02,,,,令和8年3月31日,0101"], "同じ所属に戻ります"),
    ],
)
def test_a_successor_must_be_one(rows, told):
    made = plan(*rows, header=SUCCESSION)
    assert made.problems
    assert all(told in problem.message for problem in made.problems)
    assert made.problems[0].column == "引継ぎ先所属コード"
