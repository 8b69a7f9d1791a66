"""What `generate` puts together, by property: sizes, trees, careers, levels, calendars and the lines of rows."""

import datetime
import random
import uuid
from collections import Counter
from itertools import pairwise

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from config.generating import levels, rows, tree
from config.generating.calendar import midnight, years_until
from config.generating.careers import Moves, stays
from config.generating.municipalities import LEAST_PEOPLE, MOST, code_of, places, shares
from config.generating.people import member
from config.generating.rows import COLUMNS, Rows, hexadecimal, line, moment, values
from lib import fiscal
from lib.localgov import is_valid

seeds = st.integers(0, 2**32).map(random.Random)
DAYS = st.dates(datetime.date(2020, 1, 1), datetime.date(2040, 12, 31))


# --- municipalities ---------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=60), st.integers(0, 10_000), st.integers(0, 20))
def test_shares_add_up_and_follow_the_weights(weights, more, least):
    total = least * len(weights) + more
    found = shares(total, weights, least)
    assert sum(found) == total
    assert min(found) >= least
    whole = sum(weights)
    for weight, share in zip(weights, found, strict=True):
        assert abs(share - least - more * weight / whole) < 1.5


@pytest.mark.parametrize("asked", [(9, [1.0, 1.0], 5), (9, [], 0), (9, [0.0, 1.0], 1)])
def test_shares_that_cannot_be_are_refused(asked):
    with pytest.raises(ValueError):
        shares(*asked)


def test_there_is_a_code_and_a_name_for_every_municipality():
    found = places(MOST, 2_800_000, random.Random(1))
    assert sum(place.people for place in found) == 2_800_000
    assert len({place.code for place in found}) == len({place.name for place in found}) == MOST
    assert all(is_valid(place.code) and int(place.code[:2]) > 47 for place in found)
    assert Counter(place.kind for place in found) == {
        "prefecture": 47, "designated_city": 20, "ward": 23, "city": 772, "town": 926,
    }  # fmt: skip
    sizes = [place.people for place in found]
    assert sizes == sorted(sizes, reverse=True)
    # Skewed: the middle one is well under the mean, the largest many times it.
    assert sizes[MOST // 2] < 2_800_000 / MOST * 0.7
    assert sizes[0] > 2_800_000 / MOST * 10
    with pytest.raises(ValueError):
        places(MOST + 1, 2_800_000, random.Random(1))
    assert code_of(0)[:2] == "50"


@given(st.integers(1, 50), st.integers(0, 3000), seeds)
def test_municipalities_have_the_people_that_were_asked_for(count, more, chance):
    found = places(count, count * LEAST_PEOPLE + more, chance)
    assert sum(place.people for place in found) == count * LEAST_PEOPLE + more
    assert len({place.code for place in found}) == count


# --- the tree ---------------------------------------------------------------------------------------------------------


@given(st.integers(LEAST_PEOPLE, 3000) | st.integers(3000, 40_000), seeds)
def test_a_tree_has_a_seat_for_everybody(people, chance):
    made = tree.tree_of(people, chance)
    assert made.people() == people
    assert len(made.seats[tree.DESK]) == tree.DESK_PEOPLE
    here = [
        seat for rank in tree.RANKS for seat in made.seats[rank] if made.units[seat].information
    ]  # fmt: skip
    assert len(here) == tree.information_people(people)
    assert 3 <= len(here) <= 40
    for place, unit in enumerate(made.units):
        assert unit.above is None or unit.above < place
        rank, seat = unit.lead
        assert made.seats[rank][seat] == place
    assert sum(
        len(made.seats[rank]) for rank in (tree.BUREAU, tree.DIVISION, tree.SECTION, tree.TEAM)
    ) == len(made.units)
    # A name once below the same department: the first list of names ends, then come numbers.
    assert len({(unit.above, unit.name) for unit in made.units}) == len(made.units)


@pytest.mark.parametrize(("people", "levels", "most"), [(600, 3, 12), (3000, 4, 12), (31_244, 4, 40)])
def test_nobody_leads_more_departments_than_a_person_can(people, levels, most):
    made = tree.tree_of(people, random.Random(1))
    below = Counter(unit.above for unit in made.units)
    assert max(below.values()) <= most
    deepest = 0
    for place in range(len(made.units)):
        depth, above = 1, made.units[place].above
        while above is not None:
            depth, above = depth + 1, made.units[above].above
        deepest = max(deepest, depth)
    assert deepest == levels


def test_too_few_people_make_no_municipality():
    with pytest.raises(ValueError):
        tree.tree_of(LEAST_PEOPLE - 1, random.Random(1))


# --- careers ----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 60), st.integers(2, 5), st.integers(0, 8))
def test_everybody_has_one_seat_and_every_seat_one_person(seats, every, year):
    moves = Moves(seats, every)
    taken = [moves.seat_of(person, year) for person in range(seats)]
    assert sorted(taken) == list(range(seats))
    assert [moves.person_on(seat, year) for seat in taken] == list(range(seats))


@given(st.integers(1, 60), st.data())
def test_stays_follow_each_other_without_a_gap(seats, data):
    years = data.draw(st.integers(1, 6))
    joined = data.draw(st.integers(0, years - 1))
    left = data.draw(st.none() | st.integers(joined + (joined > 0), years))
    person = data.draw(st.integers(0, seats - 1))
    moves = Moves(seats, 4)
    found = stays(moves, person, joined, left, years)
    assert found[0].start == joined
    assert found[-1].end == left
    for before, after in pairwise(found):
        assert before.end == after.start
        assert before.seat != after.seat
    for stay in found:
        last = years if stay.end is None else stay.end
        assert all(moves.seat_of(person, year) == stay.seat for year in range(stay.start, last))


@given(st.integers(1, 8), seeds)
def test_people_come_before_they_leave(years, chance):
    who = member(years, chance)
    assert 0 <= who.joined < years
    assert who.left is None or who.joined < who.left < years or who.joined == 0


# --- levels -----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 20), st.integers(1, 6), st.booleans(), seeds)
def test_nobody_unlearns_and_the_line_stays_at_or_below_the_person(cells, years, information, chance):
    found = levels.growth(chance, cells=cells, years=years, information=information)
    assert len(found) == years
    before = None
    for steps in found:
        for own, first, final in zip(steps.own, steps.first, steps.final, strict=True):
            assert 0 <= first <= own <= levels.TOP
            assert first <= final <= own
        if before:
            assert all(was <= now for was, now in zip(before.own, steps.own, strict=True))
            assert all(was <= now for was, now in zip(before.final, steps.final, strict=True))
        before = steps


def test_ready_made_lines_take_the_keys_of_a_sheet():
    patterns = levels.Patterns(random.Random(3), [7, 9], 2)
    year = patterns.year(levels.PATTERNS + 1, 1, information=True)
    assert year == patterns.year(1, 1, information=True)
    for row in values(levels.of(year.ratings, 11, 22)):
        assert len(row) == len(COLUMNS["assessments_rating"])
        assert row[:2] == ("11", "22")
        assert bool(row[4]) == (int(row[3]) >= levels.HOLDER)
    for row in values(levels.by(year.final, 11, 22, "33\t2026-06-01 00:00:00")):
        assert dict(zip(COLUMNS["assessments_confirmation"], row, strict=True))["confirmer_id"] == "33"
    drafts = list(values(levels.by("".join(year.drafts), 11, 22, "2026-06-01 00:00:00")))
    assert [row[2] for row in drafts] == ["7", "9"]
    assert all(len(row) == len(COLUMNS["assessments_draft"]) for row in drafts)


# --- the calendar -----------------------------------------------------------------------------------------------------


@given(DAYS, st.integers(1, 5), seeds)
def test_nothing_lies_in_the_future_and_everything_in_its_order(today, years, chance):
    found = years_until(today, years, chance)
    assert [year.year for year in found] == list(
        range(fiscal.fiscal_year(today) - years + 1, fiscal.fiscal_year(today) + 1)
    )
    assert [year.open for year in found] == [False] * (years - 1) + [True]
    for year in found:
        for acts in year.acts:
            told = [year.opened_at, acts.begun, acts.returned, acts.submitted, acts.first, acts.final]
            assert told == sorted(told)
            assert acts.final <= (year.closed_at or moment(midnight(today)))


# --- rows -------------------------------------------------------------------------------------------------------------

plain = st.text(st.characters(exclude_characters="\t\n\r\\", exclude_categories=("C", "Z")), max_size=20)
words = st.lists(st.none() | st.integers() | plain, min_size=1, max_size=8)


@given(words.filter(lambda found: "\\N" not in found))
def test_a_line_is_read_as_it_was_written(found):
    assert list(values(line(*found))) == [tuple(None if word is None else str(word) for word in found)]


def test_values_have_the_words_of_both_engines():
    at = datetime.datetime(2026, 4, 1, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=9)))
    assert (
        line(True, False, None, datetime.date(2026, 4, 1), at)
        == "1\t0\t\\N\t2026-04-01\t2026-04-01 00:00:00\n"
    )
    for wrong in ("a\tb", "a\\b", "a\nb", "a\rb"):
        with pytest.raises(ValueError):
            line(wrong)
    with pytest.raises(ValueError):
        moment(datetime.datetime(2026, 4, 1))  # noqa: DTZ001  # what is refused


@given(st.integers(0, 2**128 - 1))
def test_a_uuid_is_of_version_four(bits):
    made = uuid.UUID(hexadecimal(bits))
    assert (made.version, made.variant) == (4, uuid.RFC_4122)
    assert made.hex == hexadecimal(bits)


def test_a_batch_has_its_tables_in_order_and_is_taken_once():
    waiting = Rows()
    waiting.add("assessments_sheet", "a\n")
    waiting.extend("assessments_rating", ["b\n", "c\n"])
    assert waiting.count == 3
    assert list(waiting.take().items()) == [("assessments_rating", "b\nc\n"), ("assessments_sheet", "a\n")]
    assert (waiting.take(), waiting.count) == ({}, 0)


def test_every_column_of_every_table_is_written():
    for model in apps.get_models():
        if model._meta.db_table in rows.COLUMNS:
            there = {field.column for field in model._meta.local_concrete_fields}
            columns = rows.COLUMNS[model._meta.db_table]
            assert set(columns) | {"id"} == there, model
            assert len(columns) == len(set(columns))
