"""Reading and comparing 到達度 of past years; nothing here asks a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.past_ratings import (
    Known,
    PastCell,
    Person,
    Place,
    There,
    columns_for,
    parse_ratings,
    plan_ratings,
)
from assessments.past_words import step_of, year_of
from lib.tabular import read_table
from organization.headers import guess
from tests.assessments.past import CELLS, csv

HERE = Place(7, "00000007", "主任")
WIDE = ["職員番号", "氏名", *(cell.full_name for cell in CELLS)]


def parsed(content, *, level="final", year=2024):
    table = read_table(content, "kako.csv")
    mapping = guess(table.header, columns_for(CELLS), {})
    return parse_ratings(table, mapping, CELLS, level=level, year=year), mapping


def planned(content, people=None, *, level="final", refusal="", places=None):
    found, mapping = parsed(content, level=level)
    people = {"0001": Person(1, "見本 花子", "regular", then=HERE)} if people is None else people
    return plan_ratings(
        found.lines,
        Known(people, places or {}, refusal),
        CELLS,
        level=level,
        columns=mapping,
        broken=found.broken,
    )


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("3", 3), ("３", 3), ("3.0", 3), ("0", 0), (" 4 ", 4), ("独力でできる", 3), ("3 独力でできる", 3), ("3:独力でできる", 3),
        ("5", None), ("-1", None), ("3 教えられる", None), ("○", None), ("2.5", None), ("", None), ("33", None),
    ],
)  # fmt: skip
def test_a_step_is_read_as_people_write_it_and_never_guessed(text, step):
    assert step_of(text) == step


@given(st.text(max_size=12))
def test_any_text_is_a_step_of_ours_or_none(text):
    assert step_of(text) in (None, 0, 1, 2, 3, 4)
    assert year_of(text) is None or 0 <= year_of(text) <= 9999


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2024", 2024),
        ("2024年度", 2024),
        ("令和6年度", 2024),
        ("R6", 2024),
        ("令和元", 2019),
        ("平成30年度", 2018),
        ("六", None),
    ],
)
def test_the_year_in_a_line_is_read_in_either_count(text, year):
    assert year_of(text) == year


def test_a_line_a_person_is_read_by_names_or_codes_of_cells():
    for header in (
        WIDE,
        ["職員番号", "氏名", *(cell.code for cell in CELLS)],
        ["職番", "名前", *(c.label for c in CELLS)],
    ):
        found, _ = parsed(csv(header, ["0001", "見本 花子", "3", "", "２"]))
        assert found.problems == []
        assert found.lines[0].steps == {"policy.1": (None, 3), "plain.1": (None, 2)}


def test_a_line_a_rating_is_gathered_by_person():
    header = ["年度", "職員番号", "氏名", "項目", "項目コード", "自己到達度", "確認到達度"]
    found, _ = parsed(
        csv(
            header,
            ["令和6年度", "0001", "見本 花子", "方針の立案", "policy.1", "4", "3"],
            ["2024", "0001", "見本 花子", "業務改革", "plain.1", "2", "2"],
            ["2024", "0002", "見本 太郎", "業務改革", "plain.1", "1", "1"],
        )
    )
    assert [line.number for line in found.lines] == ["0001", "0002"]
    assert found.lines[0].steps == {"policy.1": (4, 3), "plain.1": (2, 2)}


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        (WIDE, [["0001", "", "5", "", ""]], "0から4"),
        (WIDE, [["", "見本", "3", "", ""]], "職員番号がありません"),
        (WIDE, [["００１", "", "3", "", ""]], "全角の数字"),
        (WIDE, [["0001", "", "3", "", ""], ["0001", "", "2", "", ""]], "2行目と同じ職員番号"),
        ([*WIDE, "年度"], [["0001", "", "3", "", "", "2023"]], "選んだ年度"),
        (["職員番号", "項目", "到達度"], [["0001", "なぞの項目", "3"]], "体系にない項目"),
        (["職員番号", "項目", "到達度"], [["0001", "業務改革", "3"], ["0001", "plain.1", "2"]], "同じ項目が2つ"),
        (["職員番号", "項目"], [["0001", "業務改革"]], "「到達度」の列がありません"),
        (["職員番号", "氏名"], [["0001", "見本"]], "到達度の列がありません"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_line(header, rows, words):
    found, _ = parsed(csv(header, *rows))
    assert any(words in problem.message for problem in found.problems), found.problems


def test_a_name_that_two_cells_share_is_never_guessed():
    twins = [
        PastCell(1, "city.plan", "企画立案", "庁内情報化｜企画立案"),
        PastCell(2, "region.plan", "企画立案", "地域情報化｜企画立案"),
    ]

    def read(content):
        table = read_table(content, "kako.csv")
        mapping = guess(table.header, columns_for(twins), {})
        return parse_ratings(table, mapping, twins, level="final", year=2024)

    wide = read(csv(["職員番号", "企画立案"], ["0001", "3"]))
    assert "到達度の列がありません" in wide.problems[0].message
    long = read(csv(["職員番号", "項目", "到達度"], ["0001", "企画立案", "3"]))
    assert "2つ以上" in long.problems[0].message
    coded = read(csv(["職員番号", "項目", "項目コード", "到達度"], ["0001", "企画立案", "region.plan", "3"]))
    assert coded.lines[0].steps == {"region.plan": (None, 3)}
    full = read(csv(["職員番号", "地域情報化｜企画立案"], ["0001", "3"]))
    assert full.lines[0].steps == {"region.plan": (None, 3)}


def test_a_confirmed_year_is_planned_whole():
    plan = planned(csv(WIDE, ["0001", "見本花子", "3", "4", "2"]))
    assert plan.problems == plan.warnings == []
    assert plan.records[0].steps == (("policy.1", 3, 3), ("security.1", 4, 4), ("plain.1", 2, 2))
    assert plan.records[0].place == HERE
    assert plan.counts() == {"new": 1}
    assert [change.label for change in plan.outcomes[0].changes] == [
        "4 教えられる",
        "3 独力でできる",
        "2 支援があればできる",
    ]


def test_own_steps_alone_are_no_confirmation():
    plan = planned(csv(WIDE, ["0001", "", "3", "4", "2"]), level="own")
    assert plan.records[0].steps[0] == ("policy.1", 3, None)


def test_an_own_step_without_a_confirmed_one_is_asked_about():
    plan = planned(csv(["職員番号", "項目", "自己到達度", "確認到達度"], ["0001", "業務改革", "3", ""]))
    assert "確認した到達度がありません" in plan.problems[0].message


def test_what_is_there_stays_equal_or_is_a_problem():
    same = There(True, {"policy.1": 2, "plain.1": 1}, {"policy.1": 3, "plain.1": 1})
    people = {"0001": Person(1, "見本 花子", "regular", then=HERE, there=same)}
    assert planned(csv(WIDE, ["0001", "", "3", "", "1"]), people).counts() == {"unchanged": 1}
    plan = planned(csv(WIDE, ["0001", "", "4", "", "1"]), people)
    assert "「方針｜方針の立案」が違います（いま3、ファイル4）" in plan.problems[0].message
    assert plan.records == []
    assert "もうあり" in planned(csv(WIDE, ["0001", "", "", "2", ""]), people).problems[0].message


def test_a_sheet_left_unsubmitted_is_not_written_over():
    people = {"0001": Person(1, "見本 花子", "regular", then=HERE, there=There(False))}
    assert "提出されないまま" in planned(csv(WIDE, ["0001", "", "3", "", ""]), people).problems[0].message


def test_people_and_places_that_nobody_knows_are_problems():
    assert "名簿にない" in planned(csv(WIDE, ["0009", "", "3", "", ""])).problems[0].message
    nowhere = {"0001": Person(1, "見本 花子", "regular")}
    assert "所属が分かりません" in planned(csv(WIDE, ["0001", "", "3", "", ""]), nowhere).problems[0].message
    content = csv([*WIDE, "所属コード"], ["0001", "", "3", "", "", "010101"])
    assert "組織にない" in planned(content, nowhere).problems[0].message
    assert planned(content, nowhere, places={"010101": HERE}).records[0].place == HERE


def test_doubts_are_warnings():
    people = {"0001": Person(1, "別人 次郎", "regular", now=HERE)}
    plan = planned(csv(WIDE, ["0001", "見本 花子", "3", "", ""]), people)
    said = " ".join(warning.message for warning in plan.warnings)
    assert "別人 次郎" in said
    assert "いまの所属" in said
    assert "2項目が空" in said
    assert len(plan.records) == 1


def test_a_line_without_steps_and_a_year_that_runs_write_nothing():
    plan = planned(csv(WIDE, ["0001", "見本 花子", "", "", ""]))
    assert (plan.counts(), plan.records) == ({"empty": 1}, [])
    plan = planned(csv(WIDE, ["0001", "", "3", "", ""]), refusal="まだ終わっていません。")
    assert (plan.records, plan.problems[0].message) == ([], "まだ終わっていません。")


@given(st.lists(st.lists(st.sampled_from(["", "0", "1", "2", "3", "4"]), min_size=3, max_size=3), max_size=8))
def test_every_step_of_a_file_is_planned_and_no_other(rows):
    lines = [[f"{n:04}", "", *steps] for n, steps in enumerate(rows)] or [["0000", "", "", "", ""]]
    people = {f"{n:04}": Person(n, "見本", "regular", then=HERE) for n in range(len(lines))}
    plan = planned(csv(WIDE, *lines), people)
    wanted = [tuple(int(s) for s in steps if s) for steps in rows if any(steps)]
    assert [tuple(final for _, _, final in record.steps) for record in plan.records] == wanted
    assert plan.problems == []
