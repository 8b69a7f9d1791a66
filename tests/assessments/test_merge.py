"""Whatever two or more tabs do, nothing that was acknowledged is overwritten by somebody who had not seen it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.merge import Outcome, Stored, Value, merge, parse_base

values = st.builds(
    Value, st.none() | st.integers(0, 4), st.sampled_from(["", "RPA研修", "𠮷田さんと", "a:b\nc"])
)
stored = st.builds(Stored, values, st.integers(0, 999))


@given(stored)
def test_a_token_tells_what_was_loaded(kept):
    base = parse_base(kept.token)
    assert base.version == kept.version
    assert base.is_of(kept.value)


@given(stored, values)
def test_a_token_knows_every_other_value(kept, other):
    assert parse_base(kept.token).is_of(other) == (other == kept.value)


@pytest.mark.parametrize(
    "token",
    ["", "1", "1:2", "1:5:0123456789abcdef", "1:12:0123456789abcdef", "-1:2:0123456789abcdef", "1:2:xyz"],
)
def test_a_broken_token_is_refused(token):
    with pytest.raises(ValueError):
        parse_base(token)


@pytest.mark.parametrize(
    ("loaded", "posted", "now", "outcome"),
    [
        (Stored(Value(1), 1), Value(1), Stored(Value(1), 1), Outcome.UNTOUCHED),
        (Stored(Value(1), 1), Value(1), Stored(Value(2), 2), Outcome.UNTOUCHED),
        (Stored(Value(1), 1), Value(3), Stored(Value(1), 1), Outcome.SAVE),
        (Stored(), Value(3, "根拠"), Stored(), Outcome.SAVE),
        (Stored(Value(1), 1), Value(3), Stored(Value(3), 2), Outcome.AGREED),
        (Stored(Value(1), 1), Value(3), Stored(Value(2), 2), Outcome.CONFLICT),
        (Stored(), Value(3), Stored(Value(2), 1), Outcome.CONFLICT),
        # Changed there and changed back: somebody decided in the meantime, so the person is asked.
        (Stored(Value(1), 1), Value(3), Stored(Value(1), 3), Outcome.CONFLICT),
        (Stored(Value(1, "前"), 1), Value(1, "後"), Stored(Value(1, "別"), 2), Outcome.CONFLICT),
    ],
)
def test_outcomes(loaded, posted, now, outcome):
    assert merge(parse_base(loaded.token), posted, now) is outcome


TABS = 3


@given(st.lists(st.tuples(st.integers(0, TABS - 1), st.sampled_from(["load", "save", "lost"]), values)))
def test_no_tab_overwrites_what_it_has_not_seen(actions):
    """Model: each tab loads, edits and saves at will; `lost` is a save whose answer never arrives."""
    now = Stored()
    bases = [parse_base(now.token)] * TABS
    seen = [{(now.version, now.value)} for _ in range(TABS)]
    for tab, action, value in actions:
        if action == "load":
            bases[tab] = parse_base(now.token)
            seen[tab].add((now.version, now.value))
            continue
        before = now
        outcome = merge(bases[tab], value, now)
        if outcome is Outcome.SAVE:
            assert (before.version, before.value) in seen[tab]
            now = Stored(value, before.version + 1)
            # Its own text is no news to the tab, even where the answer was lost.
            seen[tab].add((now.version, now.value))
        else:
            assert now == before
        if outcome is Outcome.AGREED:
            assert now.value == value
            seen[tab].add((now.version, now.value))
        # A new base is given only for what the tab itself shows.
        if action == "save" and now.value == value:
            bases[tab] = parse_base(now.token)
            seen[tab].add((now.version, now.value))


@given(stored, values)
def test_saving_again_after_a_lost_answer_is_no_conflict(kept, value):
    base = parse_base(kept.token)
    first = merge(base, value, kept)
    after = Stored(value, kept.version + 1) if first is Outcome.SAVE else kept
    assert merge(base, value, after) in (Outcome.UNTOUCHED, Outcome.AGREED)
