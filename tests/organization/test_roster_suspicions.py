"""What is odd about a roster, beside the lines that it is about."""

import dataclasses

import pytest

from organization.roster import PostingState, plan_roster, suspicions
from tests.organization.rosters import TODAY, applied, day, known, line

MOVES = {"start": "R8.4.1", "department": "020200"}


def grown(*lines, state=None):
    """Return what is known after a file without problems."""
    state = state or known()
    made = plan_roster(list(lines), state, today=TODAY)
    assert made.problems == []
    return applied(state, made)


def found(state, *lines, broken=frozenset(), **kwargs):
    made = plan_roster(list(lines), state, today=TODAY, broken=broken, **kwargs)
    return suspicions(made, state, today=TODAY, broken=broken)


def people(*numbers, **values):
    return [line(number, name=f"見本 {number}", **values) for number in numbers]


def test_half_of_the_staff_leaving_is_suspicious():
    numbers = [f"{n:04d}" for n in range(1, 11)]
    state = grown(*people(*numbers))
    leaving = found(state, *(line(n, kind="退職", start="2026/4/1") for n in numbers[:6]))
    assert "6人が退職" in leaving[0].message
    assert leaving[0].lines == ()
    assert found(state, *(line(n, kind="退職", start="2026/4/1") for n in numbers[:5])) == []
    assert "9人がこのファイルにいません" in found(state, line(numbers[0]), full=True)[0].message
    renamed = found(state, *(line(n, name="別人 太郎") for n in numbers[:3]))
    assert "氏名の変わる人が3人" in renamed[0].message
    new = found(state, *(line(f"9{n}", name="新人 太郎") for n in range(11)))
    assert "新しい職員が11人" in new[0].message


def test_a_department_that_is_emptied_is_said_beside_those_who_go():
    state = grown(*people("0001", "0002"), *people("0003", department="020200"))
    odd = found(state, line("0001", **MOVES, at=2), line("0002", kind="退職", start="R8.6.1", at=5))
    assert [one.lines for one in odd] == [(2, 5)]
    assert "「デジタル推進課」に、令和8年6月1日から本務の職員がいなくなります" in odd[0].message


@pytest.mark.parametrize(
    "successor",
    [
        line("0002", name="見本 2", start="R8.4.1", at=3),
        line("0003", start="R8.4.1", department="010100", at=3),
        line("0003", start="R8.10.1", department="010100", at=3),
    ],
)
def test_a_department_that_somebody_comes_to_is_not(successor):
    state = grown(*people("0001"), *people("0003", "0004", department="020200"))
    assert found(state, line("0001", **MOVES), successor) == []


def test_one_that_somebody_outside_the_file_holds_is_not():
    state = grown(*people("0001"), *people("0004", department="020200"))
    there = PostingState("010100", "main", "主事", "none", day("2024/4/1"), None, 900)
    assert len(found(state, line("0001", **MOVES))) == 1
    assert found(dataclasses.replace(state, others=(("0009", there),)), line("0001", **MOVES)) == []
    ended = dataclasses.replace(there, end=day("R8.4.1"))
    assert len(found(dataclasses.replace(state, others=(("0009", ended),)), line("0001", **MOVES))) == 1


def test_a_department_that_ends_may_be_emptied():
    state = grown(*people("0001"), *people("0004", department="020200"))
    places = dict(state.departments)
    places["010100"] = dataclasses.replace(places["010100"], valid_to=day("R8.4.1"))
    assert found(dataclasses.replace(state, departments=places), line("0001", **MOVES)) == []


def test_a_corrected_department_empties_the_wrong_one():
    state = grown(*people("0001"), *people("0004", department="020200"))
    odd = found(state, line("0001", department="020200"))
    assert [one.lines for one in odd] == [(2,)]
    assert "いなくなります" in odd[0].message


def test_the_last_head_who_goes():
    heads = people("0001", position="課長")
    state = grown(*heads, *people("0002", "0003"), *people("0004", department="020200"))
    odd = found(state, line("0001", start="R8.4.1", department="020200", position="主事"))
    assert [(one.lines, "所属長がいなくなります" in one.message) for one in odd] == [((2,), True)]
    down = found(state, line("0001", start="R8.4.1", position="主事"))
    assert "所属長がいなくなります" in down[0].message
    follows = line("0002", start="R8.4.1", position="課長", at=3)
    assert found(state, line("0001", start="R8.4.1", department="020200", position="主事"), follows) == []


def test_two_heads_on_the_same_day():
    state = grown(*people("0001", position="課長"), *people("0002", "0003", department="020200"))
    odd = found(state, line("0002", start="R8.4.1", department="010100", position="課長", at=7))
    assert [one.lines for one in odd] == [(7,)]
    assert "所属長が、令和8年4月1日に2人になります（職員番号 0001、0002）" in odd[0].message
    both = found(known(), *people("0001", position="課長"), *people("0002", position="課長", at=3))
    assert [one.lines for one in both] == [(2, 3)]


def test_an_acting_head_beside_the_other_is_meant():
    state = grown(*people("0001", position="課長"), *people("0002", "0003", department="020200"))
    acting = line("0002", "事務取扱", "R8.4.1", "R8.6.30", department="010100", position="課長", at=3)
    assert found(state, acting) == []


def test_two_heads_that_were_there_before_are_not_said_again():
    state = grown(*people("0001", position="課長"), *people("0002", position="課長"), *people("0003"))
    assert found(state, line("0003", name="見本 改"), line("0001")) == []


def test_name_and_department_of_one_number_both_change():
    state = grown(*people("0001", "0002", "0003"))
    odd = found(state, line("0001", name="別人 太郎", **MOVES))
    assert [one.lines for one in odd] == [(2,)]
    assert "別の人の職員番号ではないか" in odd[0].message
    assert found(state, line("0001", name="別人 太郎")) == []


def test_another_form_of_a_letter_is_no_other_person():
    state = grown(line("0001", name="高橋 花子"), *people("0002", "0003"))
    assert found(state, line("0001", name="髙橋　花子", **MOVES)) == []


def test_numbers_that_swap_names():
    state = grown(*people(*(f"{n:04d}" for n in range(1, 11))))
    odd = found(state, line("0001", name="見本 0002", at=2), line("0002", name="見本 0001", at=9))
    assert [one.lines for one in odd] == [(2,), (9,)]
    assert "職員番号 0002 と氏名が入れ替わります" in odd[0].message
    assert "職員番号 0001 と氏名が入れ替わります" in odd[1].message


def test_names_that_slid_by_one_line():
    state = grown(*people(*(f"{n:04d}" for n in range(1, 21))))
    slid = [line(f"{n:04d}", name=f"見本 {n + 1:04d}", at=n) for n in range(2, 5)]
    odd = found(state, *slid)
    assert [one.lines for one in odd] == [(2,), (3,)]
    assert "新しい氏名が、職員番号 0003 のいまの氏名と同じです" in odd[0].message


def test_a_new_posting_long_ago():
    state = grown(*people("0001", "0002", start="2020/4/1"))
    odd = found(state, line("0001", start="2024/4/9", position="係長"))
    assert [one.lines for one in odd] == [(2,)]
    assert "2年より前の発令日（令和6年4月9日）" in odd[0].message
    assert found(state, line("0001", start="2024/4/12", position="係長")) == []
    # What is there already, and the history of somebody new, are no slips.
    assert found(state, line("0001", start="2020/4/1", position="係長"), line("0002")) == []
    assert found(state, line("0009", name="新人 太郎", start="2010/4/1")) == []


def test_of_a_file_with_problems_only_the_whole_is_spoken_of():
    state = grown(*people("0001"), *people("0004", department="020200"))
    assert len(found(state, line("0001", **MOVES))) == 1
    assert found(state, line("0001", **MOVES), broken=frozenset({"0007"})) == []
    assert found(state, line("0001", **MOVES), line("0008", department="999999", at=3)) == []
