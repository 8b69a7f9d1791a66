"""Where training pays most: the proposal against brute force, and what no proposal may ever do."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaps import training
from gaps.coverage import Status
from gaps.solver import NotProven
from gaps.training import Limits, Trainee, TrainingCell, candidates, proposal_of, propose

CODES = ("a", "b", "c")

cells_of = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 4)), st.integers(0, 3), st.sampled_from("xy"), st.integers(0, 2)
    ),
    min_size=0,
    max_size=3,
).map(lambda rows: [TrainingCell(code, *row) for code, row in zip(CODES, rows, strict=False)])
people_of = st.lists(st.dictionaries(st.sampled_from(CODES), st.integers(0, 4)), min_size=0, max_size=3).map(
    lambda rows: [Trainee(number, steps) for number, steps in enumerate(rows, 1)]
)
# Cases in which much depends on the order of the stages: one area or two, everything needed, everybody near.
dense_cells = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 2), st.sampled_from("xxy"), st.integers(0, 2)),
    min_size=2,
    max_size=3,
).map(lambda rows: [TrainingCell(code, *row) for code, row in zip(CODES, rows, strict=False)])
dense_people = st.lists(
    st.fixed_dictionaries(dict.fromkeys(CODES, st.integers(1, 3))), min_size=1, max_size=3
).map(lambda rows: [Trainee(number, steps) for number, steps in enumerate(rows, 1)])
limits_of = st.builds(Limits, places=st.integers(0, 3), most_per_person=st.integers(0, 3))


def choices(cells, people, limits):
    """Yield every set of raises that the rules allow."""
    pairs = candidates(cells, people)
    room = {cell.code: cell.enough - cell.holders for cell in cells}
    for number in range(min(limits.most, len(pairs)) + 1):
        for chosen in itertools.combinations(pairs, number):
            of_person = [person for person, _ in chosen]
            in_cell = [code for _, code in chosen]
            if any(of_person.count(one) > limits.most_per_person for one in of_person):
                continue
            if any(in_cell.count(code) > room[code] for code in in_cell):
                continue
            yield chosen


@settings(max_examples=300, deadline=None)
@given(cells_of, people_of, limits_of)
def test_no_other_choice_is_better(cells, people, limits):
    found = propose(cells, people, limits)
    best = min(proposal_of(cells, people, chosen).vector for chosen in choices(cells, people, limits))
    assert found.vector == best


@settings(max_examples=500, deadline=None)
@given(dense_cells, dense_people, limits_of)
def test_no_other_choice_is_better_where_the_order_counts(cells, people, limits):
    test_no_other_choice_is_better.hypothesis.inner_test(cells, people, limits)


@settings(max_examples=150, deadline=None)
@given(cells_of, people_of, limits_of)
def test_what_no_proposal_does(cells, people, limits):
    found = propose(cells, people, limits)
    assert len(found.raises) <= limits.most
    for person in people:
        assert sum(each.person == person.id for each in found.raises) <= limits.most_per_person
    for each in found.raises:
        assert (each.person, each.cell) in candidates(cells, people)
        assert each.to_step == 3
        assert each.from_step in (1, 2)
        assert each.reason
        # No place without effect.
        assert found.before[each.cell] is not found.after[each.cell]
    assert len({(each.person, each.cell) for each in found.raises}) == len(found.raises)
    for code, was in found.before.items():
        assert found.after[code].severity <= was.severity
    assert propose(cells, people, limits) == found


@settings(max_examples=100, deadline=None)
@given(cells_of, people_of, limits_of)
def test_one_place_more_never_worsens_it(cells, people, limits):
    more = Limits(places=limits.places + 1, most_per_person=limits.most_per_person)
    assert propose(cells, people, more).vector <= propose(cells, people, limits).vector


# --- by hand


def cell(code, needed=2, holders=0, area=None, stage=0):
    return TrainingCell(code, needed, holders, area or code, stage)


def raised(proposal):
    return [(each.person, each.cell) for each in proposal.raises]


def test_a_cell_that_nobody_can_do_comes_before_one_that_rests_on_one():
    cells = [cell("a", holders=1), cell("b")]
    found = propose(cells, [Trainee(1, {"a": 2, "b": 1})], Limits(places=1))
    assert raised(found) == [(1, "b")]
    assert found.after == {"a": Status.SINGLE, "b": Status.SINGLE}
    assert (
        found.raises[0].reason == "できる人がいない項目です。2段階で届きます。ほかに1段階で届く人はいません。"
    )


def test_one_step_is_preferred_to_two_and_the_earlier_person_between_equals():
    people = [Trainee(1, {"a": 1}), Trainee(2, {"a": 2}), Trainee(3, {"a": 2})]
    found = propose([cell("a", holders=1)], people, Limits(places=1))
    assert raised(found) == [(2, "a")]
    assert found.raises[0].reason == "できる人が1人だけの項目です。あと1段階で届きます。"


def test_a_shortage_that_the_places_cannot_end_gets_none():
    people = [Trainee(number, {"a": 2}) for number in range(1, 5)]
    assert raised(propose([cell("a", needed=5, holders=2)], people, Limits(places=2))) == []
    ended = propose([cell("a", needed=5, holders=2)], people, Limits(places=3))
    assert len(ended.raises) == 3
    assert ended.after == {"a": Status.OK}
    assert ended.raises[0].reason.startswith("必要な人数まで、あと3人の項目です。")


def test_the_easier_cell_of_an_area_comes_first():
    cells = [cell("hard", needed=1, area="x", stage=2), cell("easy", needed=1, area="x")]
    found = propose(cells, [Trainee(1, {"hard": 2, "easy": 1})], Limits(places=1))
    # Both end one 不在: the order counts more than the step.
    assert raised(found) == [(1, "easy")]
    both = propose(cells, [Trainee(1, {"hard": 2, "easy": 1})], Limits(places=2))
    assert len(both.raises) == 2
    assert [each.out_of_order for each in both.raises] == [True, False]
    assert "同じ区分のやさしい項目も、まだ足りていません。" in both.raises[0].reason


def test_the_order_never_costs_a_gap():
    cells = [cell("easy", needed=2, holders=3, area="x"), cell("hard", needed=1, area="x", stage=1)]
    found = propose(cells, [Trainee(1, {"hard": 2, "easy": 0})], Limits(places=1))
    assert raised(found) == [(1, "hard")]
    assert found.raises[0].out_of_order
    assert "本人がまだ届いていません" in found.raises[0].reason
    able = propose(cells, [Trainee(1, {"hard": 2}), Trainee(2, {"hard": 1, "easy": 3})], Limits(places=1))
    assert raised(able) == [(2, "hard")]
    assert "1段階で届く人は" in able.raises[0].reason


def test_what_the_department_does_not_need_asks_for_no_order():
    cells = [cell("easy", needed=0, area="x"), cell("hard", needed=1, area="x", stage=1)]
    assert not propose(cells, [Trainee(1, {"hard": 2, "easy": 0})], Limits(places=1)).raises[0].out_of_order


def test_nobody_gets_more_than_their_share():
    cells = [cell(code) for code in "abc"]
    people = [Trainee(1, dict.fromkeys("abc", 2))]
    assert len(propose(cells, people, Limits(places=9)).raises) == 2
    assert len(propose(cells, people, Limits(places=9, most_per_person=1)).raises) == 1
    assert len(propose(cells, people, Limits(places=9, most_per_person=3)).raises) == 3


def test_who_is_left_out_is_not_proposed():
    people = [Trainee(1, {"a": 2}), Trainee(2, {"a": 1})]
    found = propose([cell("a")], people, Limits(places=1), left_out={(1, "a")})
    assert raised(found) == [(2, "a")]
    assert propose([cell("a")], people, Limits(places=1), left_out={(1, "a"), (2, "a")}).candidates == 0


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        (Limits(places=3), 3),
        (Limits(budget=100_000, price=30_000), 3),
        (Limits(places=2, budget=100_000, price=30_000), 2),
        (Limits(places=5, budget=29_999, price=30_000), 0),
    ],
)
def test_both_bounds_hold(limits, most):
    assert limits.most == most
    cells = [cell(code, needed=1) for code in "abcde"]
    people = [Trainee(number, {code: 2}) for number, code in enumerate("abcde")]
    assert len(propose(cells, people, limits).raises) == most


@pytest.mark.parametrize(
    "limits",
    [
        Limits(),
        Limits(budget=1),
        Limits(budget=1, price=0),
        Limits(places=-1),
        Limits(places=1, most_per_person=-1),
    ],
)
def test_limits_that_are_none(limits):
    with pytest.raises(ValueError):
        propose([cell("a")], [Trainee(1, {"a": 2})], limits)


@pytest.mark.parametrize("limits", [Limits(places=0), Limits(places=3, most_per_person=0)])
def test_nothing_to_give(limits):
    found = propose([cell("a")], [Trainee(1, {"a": 2})], limits)
    assert found.raises == ()
    assert found.before == found.after == {"a": Status.NONE}
    assert found.candidates == 1


def test_nobody_and_nothing():
    assert propose([], [], Limits(places=3)).vector == (0, 0, 0, 0, 0, 0)
    assert propose([cell("a")], [], Limits(places=3)).candidates == 0
    unset = propose([cell("a", needed=None)], [Trainee(1, {"a": 2})], Limits(places=3))
    assert unset.after == {"a": Status.UNSET}


def test_a_department_of_one_can_end_what_nobody_can_do_and_no_more():
    cells = [cell("a", needed=1), cell("b", needed=1, holders=1)]
    found = propose(cells, [Trainee(1, {"a": 1, "b": 3})], Limits(places=3))
    assert raised(found) == [(1, "a")]
    assert found.counts(found.after)[Status.SINGLE] == 2
    assert found.gone(Status.NONE) == ["a"]


def test_an_answer_that_was_not_proven_is_none():
    with pytest.raises(NotProven):
        propose(*large(), Limits(places=8), seconds=0.0)


def large(people=40, cells=17):
    """Return a department as hard as they come: everybody differs, every cell lacks somebody."""
    made = [TrainingCell(f"c{n:02d}", 1 + n * 7 % 6, n * 5 % 4, f"area{n // 2}", n % 3) for n in range(cells)]
    return made, [
        Trainee(p, {each.code: (p * 7 + n * 3 + p * n) % 5 for n, each in enumerate(made)})
        for p in range(people)
    ]


@pytest.mark.parametrize("places", [1, 8, 20, 60])
def test_forty_people_are_no_matter(places):
    cells, people = large()
    propose(cells, people, Limits(places=places))
    start = time.perf_counter()
    found = propose(cells, people, Limits(places=places))
    assert time.perf_counter() - start < training.SECONDS
    assert 0 < len(found.raises) <= places
