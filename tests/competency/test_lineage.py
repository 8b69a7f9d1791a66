"""Ratings that come along: none lost, none made up, each traceable, over random chains of versions."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competency.lineage import Fate, Lineage, Revision, Rule, Source, by_code, fates

_CODES = [f"c{number}" for number in range(12)]
_STEPS = st.integers(0, 4)


def revision(sources: dict[str, tuple[str, ...] | tuple[tuple[str, ...], Rule]] | None, *codes: str):
    """Return a version: with `sources` by code, or without a base the cells named."""
    if sources is None:
        return Revision(frozenset(codes), None, {code: code for code in codes})
    made = {
        code: Source(tuple(sorted(said[0])), said[1]) if said and isinstance(said[0], tuple) else Source(said)
        for code, said in sources.items()
    }
    return Revision(frozenset(made), made, {code: code for code in made})


def chain(*revisions: Revision) -> Lineage:
    """Return the lineage of the last of versions given from the oldest, known by their position from 0."""
    return Lineage(tuple(reversed(list(enumerate(revisions)))))


def test_a_kept_cell_carries_its_step_as_it_is():
    path = chain(revision(None, "a"), revision({"a": ("a",)})).path_from(0)
    carried = path.carry({"a": 3})["a"]
    assert (carried.step, carried.origin, carried.review) == (3, "a", False)


def test_a_split_cell_gives_its_step_to_both_and_marks_them():
    path = chain(
        revision(None, "a"), revision({"b": (("a",), Rule.REVIEW), "c": (("a",), Rule.REVIEW)})
    ).path_from(0)
    carried = path.carry({"a": 2})
    assert {code: (one.step, one.review) for code, one in carried.items()} == {"b": (2, True), "c": (2, True)}


def test_joined_cells_give_the_lowest_step_and_only_when_all_were_rated():
    path = chain(revision(None, "a", "b"), revision({"c": (("a", "b"), Rule.REVIEW)})).path_from(0)
    carried = path.carry({"a": 4, "b": 1})["c"]
    assert (carried.step, carried.origin, carried.origins) == (1, "b", ("a", "b"))
    assert path.carry({"a": 4}) == {}


def test_a_reopened_cell_takes_nothing_over_but_still_tells_where_it_came_from():
    path = chain(revision(None, "a"), revision({"a": (("a",), Rule.REOPEN)})).path_from(0)
    assert path.carry({"a": 4}) == {}
    assert path.holds({"a"}) == []
    assert path.successors("a") == ["a"]


def test_the_strictest_rule_of_the_way_holds():
    lineage = chain(
        revision(None, "a"),
        revision({"a": (("a",), Rule.REVIEW)}),
        revision({"b": ("a",)}),
    )
    assert lineage.path_from(0).carry({"a": 3})["b"].review
    assert not lineage.path_from(1).carry({"a": 3})["b"].review


def test_what_is_partly_new_on_the_way_takes_nothing_over():
    lineage = chain(revision(None, "a"), revision({"a": ("a",), "x": ()}), revision({"c": ("a", "x")}))
    assert lineage.path_from(0).carry({"a": 3}) == {}
    assert lineage.path_from(1).carry({"a": 3, "x": 2})["c"].step == 2


def test_versions_that_know_nothing_of_each_other_meet_by_code():
    lineage = chain(revision(None, "a", "b"))
    assert lineage.path_from(99, {"a"}).carry({"a": 3, "z": 2})["a"].step == 3
    assert "b" not in lineage.path_from(99, {"a"}).carry({"a": 3, "b": 2})


def test_successors_are_found_over_the_whole_chain():
    lineage = chain(revision(None, "a", "k"), revision({"b": ("a",), "c": ("a",), "k": ("k",)}))
    assert sorted(lineage.successors("a")) == ["b", "c"]
    assert lineage.successors("k") == ["k"]
    assert lineage.successors("never") == []
    assert lineage.origins("b") == {"a"}


def test_each_cell_of_a_revision_has_one_fate():
    old = Revision(frozenset("abcde"), None, {code: code for code in "abcde"})
    new = Revision(
        frozenset({"a", "b2", "c1", "c2", "de", "n"}),
        {
            "a": Source(("a",)), "b2": Source(("b",)), "c1": Source(("c",)), "c2": Source(("c",)),
            "de": Source(("d", "e")), "n": Source(()),
        },
        {"a": "a", "b2": "b"},
    )  # fmt: skip
    assert fates(old, new) == {
        "a": Fate.KEPT, "b": Fate.RENAMED, "c": Fate.SPLIT, "d": Fate.JOINED, "e": Fate.JOINED, "n": Fate.NEW,
    }  # fmt: skip
    assert fates(old, revision({"a": ("a",)}))["e"] is Fate.DROPPED


def by_hand(steps, made):
    """Return (step, marked) by code of the last version, carried from one version to the next."""
    hand = {code: (step, False) for code, step in steps.items()}
    for later in made[1:]:
        following = {}
        for code, source in later.sources.items():
            rows = [hand.get(each) for each in source.codes]
            if rows and source.rule is not Rule.REOPEN and None not in rows:
                marked = source.rule is Rule.REVIEW or any(mark for _, mark in rows)
                following[code] = (min(step for step, _ in rows), marked)
        hand = following
    return hand


@st.composite
def chains(draw):
    """Return a chain of up to five versions of up to twelve cells, each made from the one before at random."""
    made = [revision(None, *draw(st.lists(st.sampled_from(_CODES), min_size=1, unique=True)))]
    for _ in range(draw(st.integers(0, 4))):
        base = sorted(made[-1].codes)
        codes = draw(st.lists(st.sampled_from(_CODES), min_size=1, unique=True))
        made.append(
            revision({
                code: (tuple(draw(st.lists(st.sampled_from(base), max_size=3, unique=True))), draw(st.sampled_from(Rule)))
                for code in codes
            })
        )  # fmt: skip
    return made


@given(chains(), st.data())
def test_no_rating_is_made_up_and_each_can_be_traced(made, data):
    lineage = chain(*made)
    for key, earlier in enumerate(made):
        steps = {code: data.draw(_STEPS) for code in earlier.codes}
        path = lineage.path_from(key)
        for code, carried in path.carry(steps).items():
            assert code in made[-1].codes
            assert carried.origin in carried.origins
            assert carried.step == steps[carried.origin] == min(steps[each] for each in carried.origins)


@given(chains(), st.data())
def test_no_rating_is_lost(made, data):
    """What a version keeps, marks or joins is there unless a rule of the way says to reopen it, or it has a new part."""
    steps = {code: data.draw(_STEPS) for code in made[0].codes}
    carried = chain(*made).path_from(0).carry(steps)
    assert {code: (one.step, one.review) for code, one in carried.items()} == by_hand(steps, made)


@given(chains(), st.data())
def test_holders_are_those_whose_carried_step_is_high_enough(made, data):
    path = chain(*made).path_from(0)
    steps = {code: data.draw(_STEPS) for code in made[0].codes}
    held = {code for code, step in steps.items() if step >= 3}
    assert set(path.holds(held)) == {code for code, one in path.carry(steps).items() if one.step >= 3}


@given(chains(), st.data())
def test_a_plain_lineage_needs_no_version(made, data):
    lineage = chain(*made)
    if not lineage.is_plain:
        return
    for key, earlier in enumerate(made):
        steps = {code: data.draw(_STEPS) for code in earlier.codes}
        assert lineage.path_from(key).carry(steps) == by_code(earlier.codes, made[-1].codes).carry(steps)


@pytest.mark.parametrize("seed", range(20))
def test_large_frameworks_over_many_versions(seed):
    """Up to 400 cells and eight versions: carried step by step by hand, and at once by the path, it is the same."""
    dice = random.Random(seed)
    cells = [f"c{number}" for number in range(400)]
    made = [revision(None, *dice.sample(cells, dice.randint(1, 400)))]
    for _ in range(dice.randint(1, 7)):
        base = sorted(made[-1].codes)
        rules = [Rule.CARRY, Rule.REVIEW] * 4 + [Rule.REOPEN]
        sources = {}
        for code in dice.sample(cells, dice.randint(1, 400)):
            origins = dice.sample(base, min(len(base), dice.choice([0, 1, 1, 1, 2, 3])))
            sources[code] = (tuple(origins), dice.choice(rules))
        made.append(revision(sources))
    steps = {code: dice.randint(0, 4) for code in made[0].codes}
    hand = by_hand(steps, made)
    carried = chain(*made).path_from(0).carry(steps)
    assert {code: (one.step, one.review) for code, one in carried.items()} == hand
    assert all(one.step == steps[one.origin] for one in carried.values())
