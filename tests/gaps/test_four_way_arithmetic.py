"""The rule of the four-way answer, by property and by hand (design, 2: The four-way answer)."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaps.coverage import Person, department_coverage
from gaps.four_way import FOUR, Answer, CellCount, answers, counted, judge
from tests.surveys import shipped

NUMBERS = st.integers(0, 40)
CELLS = st.builds(CellCount, st.just("項目"), st.none() | NUMBERS, NUMBERS, NUMBERS, NUMBERS)
JUDGED = st.builds(CellCount, st.just("項目"), st.integers(1, 40), NUMBERS, NUMBERS)
SHORT_OF_PEOPLE = {Answer.PEOPLE_SHORT, Answer.BOTH_SHORT}
SHORT_OF_SKILL = {Answer.SKILL_SHORT, Answer.BOTH_SHORT}


def one(needed, assigned, holders):
    return CellCount("項目", needed, assigned, holders)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        (one(2, 2, 2), Answer.BOTH),
        (one(2, 3, 2), Answer.BOTH),  # more than needed have it; the needed ones must be able
        (one(2, 2, 1), Answer.SKILL_SHORT),
        (one(2, 1, 1), Answer.PEOPLE_SHORT),  # the one who has it can do it
        (one(2, 1, 0), Answer.BOTH_SHORT),
        (one(2, 0, 1), Answer.PEOPLE_SHORT),  # nobody has it, one could
        (one(2, 0, 0), Answer.BOTH_SHORT),  # at least one must be able
        (one(1, 1, 1), Answer.BOTH),  # a department of one
        (one(0, 5, 0), Answer.OUT),
        (one(None, 5, 5), Answer.UNSET),
    ],
)
def test_one_cell_by_hand(cell, answer):
    assert judge([cell]) is answer


def test_a_skill_is_short_where_any_of_its_cells_is():
    assert judge([one(1, 1, 1), one(2, 2, 0)]) is Answer.SKILL_SHORT
    assert judge([one(2, 1, 1), one(2, 2, 0)]) is Answer.BOTH_SHORT
    assert judge([one(1, 1, 1), one(0, 0, 0), one(None, 0, 0)]) is Answer.BOTH
    assert judge([one(0, 0, 0), one(None, 0, 0)]) is Answer.UNSET
    assert judge([]) is Answer.UNMAPPED


def by_the_letter(cells):
    """The rule once more, as the design writes it: every answer that holds."""
    rest = [cell for cell in cells if cell.needed]
    people = any(cell.assigned < cell.needed for cell in rest)
    skill = any(cell.holders < min(max(cell.assigned, 1), cell.needed) for cell in rest)
    return [
        answer
        for answer, holds in (
            (Answer.UNMAPPED, not cells),
            (Answer.OUT, cells and all(cell.needed == 0 for cell in cells)),
            (Answer.UNSET, cells and not rest and any(cell.needed is None for cell in cells)),
            (Answer.BOTH, rest and not people and not skill),
            (Answer.SKILL_SHORT, rest and skill and not people),
            (Answer.PEOPLE_SHORT, rest and people and not skill),
            (Answer.BOTH_SHORT, rest and people and skill),
        )
        if holds
    ]


@given(st.lists(CELLS, max_size=4))
def test_it_is_total_and_exclusive(cells):
    assert by_the_letter(cells) == [judge(cells)]


@given(st.lists(JUDGED, min_size=1, max_size=4), st.integers(0, 3))
def test_one_more_holder_never_worsens(cells, at):
    at %= len(cells)
    before = judge(cells)
    cells[at] = replace(cells[at], holders=cells[at].holders + 1)
    after = judge(cells)
    assert (after in SHORT_OF_PEOPLE) == (before in SHORT_OF_PEOPLE)
    assert after not in SHORT_OF_SKILL or before in SHORT_OF_SKILL


@given(st.lists(JUDGED, min_size=1, max_size=4), st.integers(0, 3))
def test_one_more_with_the_duty_never_worsens_the_number_of_people(cells, at):
    at %= len(cells)
    before = judge(cells)
    cells[at] = replace(cells[at], assigned=cells[at].assigned + 1)
    assert judge(cells) not in SHORT_OF_PEOPLE or before in SHORT_OF_PEOPLE


@given(st.lists(JUDGED, min_size=1, max_size=4), st.integers(0, 3))
def test_one_more_who_has_the_duty_and_can_do_it_worsens_nothing(cells, at):
    at %= len(cells)
    before = judge(cells)
    more = cells[at]
    cells[at] = replace(more, assigned=more.assigned + 1, holders=more.holders + 1)
    after = judge(cells)
    assert after not in SHORT_OF_PEOPLE or before in SHORT_OF_PEOPLE
    assert after not in SHORT_OF_SKILL or before in SHORT_OF_SKILL


def test_a_duty_given_to_somebody_who_cannot_do_it_shows_the_lack_of_skill():
    """The rule's own word: it asks for skill among as many as have the duty."""
    assert judge([one(2, 1, 1)]) is Answer.PEOPLE_SHORT
    assert judge([one(2, 2, 1)]) is Answer.SKILL_SHORT


@given(st.lists(CELLS, min_size=1, max_size=4), NUMBERS, NUMBERS)
def test_what_is_not_needed_takes_no_part(cells, assigned, holders):
    if any(cell.is_judged for cell in cells):
        assert judge([*cells, one(0, assigned, holders)]) is judge(cells)
        assert judge([*cells, one(None, assigned, holders)]) is judge(cells)


def test_the_explanation_says_the_numbers():
    cell = CellCount("策定管理", 3, 1, 0, 2)
    assert cell.explanation == "策定管理：必要3人、担当1人（あと2人）、できる人0人（あと1人）、未評価2人。"
    assert one(1, 1, 1).explanation == "項目：必要1人、担当1人、できる人1人。"


# --- over a whole department

AREAS = {code: SimpleNamespace(code=code, name=code) for one in shipped().skills for code in one.areas}
MATRIX = [
    SimpleNamespace(code=f"{code}.{number}", full_name=f"{code}.{number}", area=area)
    for code, area in AREAS.items()
    for number in (1, 2)
]


def report_of(needs, people=()):
    return department_coverage("課", 2026, MATRIX, people, needs=needs)


def person(number, steps=None, **kwargs):
    return Person(id=number, name=f"職員 {number}", steps=steps or {}, year=2026, **kwargs)


def answers_of(needs, people, duties):
    return {each.number: each for each in answers(shipped().skills, report_of(needs, people), duties)}


def test_without_any_duties_nothing_is_judged():
    found = answers_of({cell.code: 0 for cell in MATRIX}, [person(1)], None)
    assert {each.answer for each in found.values()} == {Answer.NO_DUTIES}
    assert found[1].explanation == []


def test_only_people_whom_the_report_counts_have_a_duty():
    needs = {"security-policy.1": 1, "security-policy.2": 0}
    present = person(1, {"security-policy.1": 3})
    away = person(2, {"security-policy.1": 3}, on_leave=True)
    found = answers_of(needs, [present, away], {"security-policy.1": {2, 99}})
    assert found[10].answer is Answer.PEOPLE_SHORT
    found = answers_of(needs, [present, away], {"security-policy.1": {1, 2, 99}})
    assert found[10].answer is Answer.BOTH
    assert found[10].explanation == [
        "security-policy.1：必要1人、担当1人、できる人1人。",
        "「security-policy.2」は対象外のため、入れていません。",
    ]


def test_skills_on_the_same_cells_say_so():
    found = answers_of({}, [person(1)], {})
    assert {number: each.shared for number, each in found.items() if each.shared} == {
        2: (3,), 3: (2,), 4: (5,), 5: (4,), 6: (7, 8), 7: (6, 8), 8: (6, 7),
    }  # fmt: skip
    assert found[7].sharing == "スキル6、8と同じ項目で判定しています。"
    assert {each.answer for each in found.values()} == {Answer.UNSET}


def test_a_cell_without_a_number_is_named():
    found = answers_of({"it-basics.1": 1}, [person(1, {"it-basics.1": 3})], {"it-basics.1": {1}})
    assert found[1].answer is Answer.BOTH
    assert found[1].explanation[-1] == "「it-basics.2」は必要人数が未設定のため、入れていません。"


def test_a_version_without_the_area_cannot_be_judged():
    found = answers(shipped().skills, department_coverage("課", 2026, [], [person(1)], needs={}), {})
    assert {each.answer for each in found} == {Answer.UNMAPPED}
    assert not any(each.shared for each in found)


def test_the_four_are_counted():
    found = [Answer.BOTH, Answer.BOTH, Answer.BOTH_SHORT, Answer.OUT]
    assert counted(found) == dict(zip(FOUR, (2, 0, 0, 1), strict=True))
