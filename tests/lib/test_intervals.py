"""Half-open periods of days."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from lib import intervals

BASE = datetime.date(2026, 4, 1)


def day(number):
    return BASE + datetime.timedelta(days=number)


DAYS = st.integers(0, 12).map(day)
INTERVALS = st.tuples(DAYS, st.none() | DAYS)
WINDOW = [day(number) for number in range(14)]


def days_of(interval):
    return {each for each in WINDOW if intervals.active(*interval, each)}


def test_the_end_is_outside():
    assert intervals.active(day(0), day(3), day(0))
    assert intervals.active(day(0), day(3), day(2))
    assert not intervals.active(day(0), day(3), day(3))
    assert not intervals.active(day(1), None, day(0))
    assert intervals.active(day(1), None, datetime.date.max)
    assert not intervals.active(day(1), day(1), day(1))


@given(INTERVALS, INTERVALS)
def test_overlap_is_a_shared_day(a, b):
    assert intervals.overlaps(a, b) == intervals.overlaps(b, a) == bool(days_of(a) & days_of(b))


@given(INTERVALS)
def test_empty_is_without_days(interval):
    assert intervals.is_empty(interval) == (not days_of(interval))


@given(st.lists(INTERVALS, max_size=9))
def test_pairs_are_all_pairs(several):
    expected = [
        (i, j)
        for i in range(len(several))
        for j in range(i + 1, len(several))
        if intervals.overlaps(several[i], several[j])
    ]
    assert intervals.overlapping_pairs(several) == expected


@given(st.dates())
def test_last_day_and_end_are_inverse(last):
    end = intervals.end_after(last)
    assert intervals.last_day(end) == (None if last == datetime.date.max else last)


def test_open_stays_open():
    assert intervals.last_day(None) is None
    assert intervals.end_after(None) is None
    assert intervals.last_day(day(0)) == datetime.date(2026, 3, 31)
