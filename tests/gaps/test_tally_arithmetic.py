"""Counting beforehand and reading one by one give the same figures, by property; and until when a count holds."""

import datetime
from collections import defaultdict
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from gaps.coverage import Person, Rule, department_coverage
from gaps.tally import Away, Main, Sums, count_department, tallied_coverage
from lib.intervals import active

DAY = datetime.date(2026, 11, 27)
CODES = ["a", "b", "c"]
CELLS = [SimpleNamespace(code=code, area=SimpleNamespace(code=code)) for code in CODES]
_days = st.integers(-40, 40).map(lambda days: DAY + datetime.timedelta(days))
_ends = st.none() | _days
_steps = st.none() | st.tuples(
    st.sampled_from([2024, 2025, 2026]), st.dictionaries(st.sampled_from(CODES), st.integers(0, 4))
)


@st.composite
def somebody(draw):
    """Return (start, end, left_on, apart, leaves, steps) of one person."""
    start, end = draw(_days), draw(_ends)
    leaves = [(one, other) for one, other in draw(st.lists(st.tuples(_days, _ends), max_size=2))]
    return start, end, draw(_ends), draw(st.booleans()), leaves, draw(_steps)


def _people(everybody):
    """Return the people who are there on the day, as the reports read them."""
    found = []
    for number, (start, end, left_on, apart, leaves, steps) in enumerate(everybody):
        if active(start, end, DAY) and (left_on is None or left_on > DAY):
            year, held = steps or (None, {})
            away = any(active(*leave, DAY) for leave in leaves)
            found.append(Person(number, "", is_fiscal_year=apart, on_leave=away, year=year, steps=held))
    return found


def _counted(everybody, day=DAY):
    mains = [Main(number, *one[:4]) for number, one in enumerate(everybody) if one[1] is None or one[1] > day]
    aways = defaultdict(list)
    for number, one in enumerate(everybody):
        aways[number] = [Away(number, *leave) for leave in one[4] if leave[1] is None or leave[1] > day]
    return count_department(mains, aways, {n: one[5] for n, one in enumerate(everybody) if one[5]}, day)


def _sums(counts):
    sums = Sums()
    for one in counts:
        sums.add(one.people, one.rated, one.apart, one.apart_rated)
        for code in CODES:
            held = (sum(found.get(code, [0] * 5)[3:]) for found in (one.steps, one.apart_steps))
            sums.add_holders(code, *held)
    return sums


@given(
    tallied=st.lists(st.lists(somebody(), max_size=5), max_size=3),
    others=st.lists(somebody(), max_size=4),
    needs=st.none() | st.dictionaries(st.sampled_from(CODES), st.integers(0, 4)),
    external=st.dictionaries(st.sampled_from(CODES), st.integers(0, 2)),
    rule=st.builds(Rule, st.booleans(), st.booleans()),
)
def test_both_ways_give_the_same(tallied, others, needs, external, rule):
    everybody = [one for department in tallied for one in department] + others
    said = {"needs": needs, "external": external, "rule": rule}
    whole = department_coverage("課", 2026, CELLS, _people(everybody), **said)
    sums = _sums(_counted(department) for department in tallied)
    mixed = tallied_coverage("課", 2026, CELLS, sums, _people(others), **said)
    assert (mixed.size, mixed.unrated) == (whole.size, whole.unrated)
    for one, other in zip(mixed.cells, whole.cells, strict=True):
        assert (one.count, one.needed, one.status, one.word) == (
            other.count, other.needed, other.status, other.word,
        )  # fmt: skip
    assert [(a.covered, a.needed, a.worst, a.unrated) for a in mixed.areas()] == [
        (a.covered, a.needed, a.worst, a.unrated) for a in whole.areas()
    ]


@given(everybody=st.lists(somebody(), max_size=5), later=st.integers(1, 45))
def test_it_holds_until_the_day_it_says(everybody, later):
    """The day it names is the first on which anything dated happens: until then the numbers are the same."""
    before = _counted(everybody)
    day = DAY + datetime.timedelta(later)
    if before.until is None or day < before.until:
        after = _counted(everybody, day)
        assert (after.people, after.rated, after.apart, after.steps, after.apart_steps) == (
            before.people, before.rated, before.apart, before.steps, before.apart_steps,
        )  # fmt: skip


def test_a_coming_day_ends_it():
    soon, far = DAY + datetime.timedelta(1), DAY + datetime.timedelta(90)
    there = (DAY - datetime.timedelta(30), None, None, False, [], None)
    assert _counted([there]).until is None
    assert _counted([there, (far, None, None, False, [], None)]).until == far
    assert _counted([(there[0], far, None, False, [], None)]).until == far
    assert _counted([(there[0], None, far, False, [(soon, None)], None)]).until == soon
