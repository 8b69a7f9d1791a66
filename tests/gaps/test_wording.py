"""The answer in a sentence and the figures."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaps.coverage import Person, department_coverage
from gaps.policies import Sight
from gaps.report_page import apart_notes, trend_chart, trend_sentences, urgent
from gaps.trends import CellYear, YearCoverage
from gaps.wording import answer, figures, years_hint, years_note

AREA = SimpleNamespace(code="a", name="区分")
CELLS = [
    SimpleNamespace(code=f"c{i}", task=f"項目{i}", label=f"項目{i}", full_name=f"区分｜項目{i}", area=AREA)
    for i in range(6)
]


def person(number, steps=None, year=2026, name=None, **kwargs):
    name = name or f"姓{number} 名"
    if steps is None:
        year = None
    given_steps = {f"c{i}": step for i, step in enumerate(steps or [])}
    return Person(id=number, name=name, short=name.split(" ")[0], year=year, steps=given_steps, **kwargs)


def report_of(people, needs, **kwargs):
    said = None if needs is None else {f"c{i}": count for i, count in enumerate(needs) if count is not None}
    return department_coverage("課", 2026, CELLS, people, needs=said, **kwargs)


YOSHIDA = person(1, [3, 3, 3, 3, 2, 0], name="𠮷田 由紀子")
TAKAHASHI = person(2, [3, 2, 0, 0, 0, 2], name="髙橋 誠一")


def test_the_answer_of_the_design():
    report = report_of([YOSHIDA, TAKAHASHI], [2, 1, 1, 1, 2, 0])
    told = "必要な5項目のうち、1項目は足りています。4項目は、できる人が1人以下です。"
    assert answer(report, names=True) == told + "そのうち3項目は𠮷田さん1人が支えています。"
    assert answer(report, names=False) == told


@pytest.mark.parametrize(
    ("people", "needs", "expected"),
    [
        ([], [1], "この日に数える職員がいません。"),
        ([YOSHIDA, TAKAHASHI], None, "必要人数が未設定です。所属長が決めると、足りない項目がわかります。"),
        ([YOSHIDA, TAKAHASHI], [0] * 6, "今年度は、どの項目も対象外です。"),
        ([YOSHIDA, TAKAHASHI], [2], "必要な1項目は、すべて足りています。ほかの5項目は必要人数が未設定です。"),
        ([YOSHIDA, TAKAHASHI], [3, 0, 0, 0, 0, 0],
         "必要な1項目のうち、足りている項目はありません。1項目は、2人以上いますが必要な人数に届きません。"),
        ([YOSHIDA], [1, 0, 0, 0, 0, 0],
         "この所属は1人体制です。必要な1項目のうち、足りている項目はありません。1項目は、できる人が1人以下です。"),
        ([person(1), person(2)], [1, 1, 0, 0, 0, 0], "必要な2項目のどれにも、確定した記録がまだありません。"),
    ],
)  # fmt: skip
def test_answers(people, needs, expected):
    assert answer(report_of(people, needs), names=True) == expected


@given(
    st.lists(st.none() | st.lists(st.integers(0, 4), min_size=6, max_size=6), max_size=6),
    st.none() | st.lists(st.none() | st.integers(0, 4), min_size=6, max_size=6),
)
def test_the_answer_never_names_who_may_not_be_named_and_the_figures_add_up(levels, needs):
    report = report_of([person(i, steps, name=f"秘密{i} 名") for i, steps in enumerate(levels)], needs)
    assert "秘密" not in answer(report, names=False)
    found = {figure.label: figure for figure in figures(report, counts=True)}
    if report.judged:
        few = "1人体制・不在" if report.size == 1 else "一人依存・不在"
        told = [found["充足"].value, found["不足"].value, found[few].value]
        assert sum(map(int, told)) == len(report.judged)
    for figure in figures(report, counts=False):
        assert "人" not in figure.value + figure.unit


def test_figures_and_their_hints():
    report = report_of([YOSHIDA, TAKAHASHI, person(3, [3] * 6, year=2025)], [2, 3, 2, 2, 3, 1])
    rate, ok, short, rest = figures(report, counts=True, covered_before=1)
    assert (rate.value, rate.unit, rate.hint) == ("2", "／ 3人", "67%。残る1人は昨年度の確定値")
    assert (ok.value, ok.unit, ok.hint) == ("3", "／ 6項目", "昨年度から 2 増えた")
    assert (short.value, short.hint) == ("1", "あと1人ずつで充足")
    assert (rest.value, rest.hint) == ("2", "一人依存 2、不在 0")
    assert figures(report, counts=True, covered_before=3)[1].hint == "昨年度と同じ"
    assert figures(report, counts=True, covered_before=5)[1].hint == "昨年度から 2 減った"
    more = report_of([YOSHIDA, TAKAHASHI], [5, 1, 1, 1, 1, 1])
    assert figures(more, counts=True)[2].hint == "合わせてあと3人で充足"
    assert figures(more, counts=False)[2].hint == "2人以上いるが、必要な人数に届かない"
    assert [figure.label for figure in figures(report_of([YOSHIDA], None), counts=True)] == ["確定率"]
    assert figures(report_of([YOSHIDA], None), counts=False) == []


@pytest.mark.parametrize(
    ("people", "hint", "note"),
    [
        ([person(1, [0])], "100%。全員が今年度の確定値", "1人全員が今年度の値です。"),
        (
            [person(1, [0]), person(2, [0], year=2025)],
            "50%。残る1人は昨年度の確定値",
            "2人中1人は今年度、残りは昨年度の値です。",
        ),
        ([person(1, [0]), person(2)], "50%。残る1人は未評価", "2人中1人は今年度の値です。1人は未評価です（0とは数えません）。"),
        (
            [person(1, [0]), person(2, [0], year=2024), person(3)],
            "33%。1人は令和6年度の確定値、1人は未評価",
            "3人中1人は今年度、1人は令和6年度の値です。1人は未評価です（0とは数えません）。",
        ),
        (
            [person(1, [0], year=2025), person(2, [0], year=2024)],
            "0%。残る2人は昨年度以前の確定値",
            "2人中2人は昨年度以前の値です。",
        ),
        ([person(1)], "0%。残る1人は未評価", "1人は未評価です（0とは数えません）。"),
        ([], "", ""),
    ],
)  # fmt: skip
def test_of_which_year_the_values_are(people, hint, note):
    report = report_of(people, None)
    assert years_hint(report) == hint
    assert years_note(report) == note


def test_first_the_worst():
    report = report_of([YOSHIDA, TAKAHASHI], [3, 1, 1, 2, 2, 2])
    items, more = urgent(report, Sight.NAMES)
    assert [item.word for item in items] == ["不在", "不在", "一人依存", "一人依存", "一人依存", "不足"]
    assert (items[0].text, items[0].nearest) == ("できる人がいません（必要 2人）。", ("𠮷田",))
    assert items[2].text == "𠮷田 由紀子さんだけです（必要 2人）。"
    assert items[-1].text == "あと1人です（2人／必要 3人）。"
    assert more == 0
    counted, _ = urgent(report, Sight.COUNTS)
    assert (counted[2].text, counted[2].nearest) == ("1人だけです（必要 2人）。", ())
    words, _ = urgent(report, Sight.WORDS)
    assert {item.text for item in words} == {""}
    assert urgent(report, Sight.BANDS) == ([], 0)


def test_what_stands_apart_in_sentences():
    people = [
        YOSHIDA,
        person(5, [3] * 6, name="伊藤 裕子", is_fiscal_year=True),
        person(6, [3] * 6, name="木村 拓", on_leave=True),
        person(7, [0] * 6, self_year=2026, self_steps={"c0": 3}),
    ]
    notes = apart_notes(report_of(people, [1], external={"c0": 1}), Sight.NAMES)
    assert notes == [
        "休職・育休の木村 拓さんは数えていません。",
        "会計年度任用の伊藤 裕子さんは数えていません。",
        "委託で常駐する人は数えていません。",
        "確認を待っている本人だけの値が1人にあります（自己のみ・別掲）。",
    ]
    assert apart_notes(report_of(people, [1]), Sight.COUNTS)[0] == "休職・育休の1人は数えていません。"
    assert apart_notes(report_of(people, [1]), Sight.WORDS) == []


def year_of(**how_many):
    """Return the cells of a year, so many in each state."""
    made = {"OK": CellYear(2, 2), "NONE": CellYear(1, 0), "OUT": CellYear(0, 5)}
    return {f"{state}{n}": made[state] for state, count in how_many.items() for n in range(count)}


def test_the_years_in_a_chart_and_in_sentences():
    years = [
        YearCoverage(2025, year_of(OK=2, NONE=3, OUT=1)),
        YearCoverage(2026, year_of(OK=4, NONE=1, OUT=1)),
    ]
    chart = trend_chart(years)
    assert [(row.label, row.values, row.strong) for row in chart.rows] == [
        ("令和7", (2, 0, 0, 3), False),
        ("令和8", (4, 0, 0, 1), True),
    ]
    assert trend_sentences(years) == [
        "充足は2項目から4項目に増えました。",
        "不在は3項目から1項目に減りました。",
    ]
    assert trend_sentences([years[0], years[0]]) == ["充足、不足、一人依存、不在の数は変わっていません。"]
    assert trend_chart(years[:1]) is None
    assert trend_sentences(years[:1]) == []
