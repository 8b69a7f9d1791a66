"""What became of a gap: the rule, and what must hold for any two days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaps.coverage import Status, status
from gaps.outcomes import Outcome, outcome

DAYS = st.tuples(st.integers(0, 8), st.integers(0, 8))
ORDER = [Outcome.WORSE, Outcome.SAME, Outcome.BETTER, Outcome.CLOSED]


def became(before, now):
    return outcome(status(*before), before[1], status(*now), now[1])


@pytest.mark.parametrize(
    ("before", "now", "word"),
    [
        # (needed, holders) on both days
        ((2, 0), (2, 2), "解消"),
        ((2, 1), (0, 1), "解消"),
        ((2, 0), (2, 1), "改善"),
        ((4, 1), (4, 2), "改善"),
        ((4, 2), (4, 3), "改善"),
        ((2, 1), (2, 1), "変わらない"),
        ((2, 2), (2, 3), "変わらない"),
        ((0, 0), (2, 2), "変わらない"),
        ((4, 3), (4, 2), "悪化"),
        ((2, 1), (2, 0), "悪化"),
        ((2, 2), (2, 1), "悪化"),
        ((0, 0), (2, 0), "悪化"),
    ],
)
def test_the_rule(before, now, word):
    assert became(before, now).label == word


@pytest.mark.parametrize(("before", "now"), [(Status.UNSET, Status.OK), (Status.NONE, Status.UNSET)])
def test_without_a_need_nothing_is_said(before, now):
    assert outcome(before, 0, now, 2) is None


@given(DAYS)
def test_two_equal_days_are_the_same(day):
    assert became(day, day) is Outcome.SAME


@given(DAYS, DAYS)
def test_one_more_holder_never_reads_worse(before, now):
    needed, holders = now
    assert ORDER.index(became(before, (needed, holders + 1))) >= ORDER.index(became(before, now))


@given(DAYS, DAYS)
def test_what_got_better_reads_worse_backwards(before, now):
    forwards, backwards = became(before, now), became(now, before)
    if forwards in (Outcome.BETTER, Outcome.CLOSED):
        assert backwards is Outcome.WORSE
    elif forwards is Outcome.SAME:
        assert backwards is Outcome.SAME


@given(DAYS, DAYS)
def test_closed_is_said_of_gaps_that_are_gone_alone(before, now):
    gone = status(*before).is_gap and not status(*now).is_gap
    assert (became(before, now) is Outcome.CLOSED) == gone
