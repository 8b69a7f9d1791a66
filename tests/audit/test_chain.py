"""Signatures and seals: whatever is changed, is told (pure)."""

import datetime
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.chain import (
    FIELDS,
    START,
    KeyRing,
    digest_of,
    link,
    linked_rightly,
    plain,
    signature,
    signed_rightly,
)

RING = KeyRing(["the key of these tests, long enough", "the one before it"])
CONTENT = {
    "uuid": uuid.UUID(int=1), "at": datetime.datetime(2026, 4, 1, 8, 30, tzinfo=datetime.UTC),
    "municipality_id": 3, "kind": "people", "action": "sheet.view", "actor_uuid": uuid.UUID(int=2),
    "subject_uuid": uuid.UUID(int=3), "object_type": "assessments.sheet", "object_uuid": uuid.UUID(int=4),
    "data": {"role": "H"}, "request_id": "abc", "address": "10.0.0.1", "payload_digest": "",
}  # fmt: skip
OTHER = {
    "uuid": uuid.UUID(int=9), "at": CONTENT["at"] + datetime.timedelta(microseconds=1), "municipality_id": None,
    "kind": "technical", "action": "sheet.print", "actor_uuid": None, "subject_uuid": uuid.UUID(int=9),
    "object_type": "", "object_uuid": None, "data": {"role": "M"}, "request_id": "", "address": "10.0.0.2",
    "payload_digest": "0" * 64,
}  # fmt: skip
PLACE = {"chain": 3, "number": 7, "previous": START, "event_id": 12, "event_mac": "x"}


def test_a_signature_is_right_for_its_content():
    assert signed_rightly(RING, CONTENT, signature(RING.signing, CONTENT)) is True


@pytest.mark.parametrize("field", FIELDS)
def test_a_change_of_any_field_is_told(field):
    mac = signature(RING.signing, CONTENT)
    assert signed_rightly(RING, {**CONTENT, field: OTHER[field]}, mac) is False


def test_the_same_moment_in_another_zone_is_the_same():
    moved = {**CONTENT, "at": CONTENT["at"].astimezone(datetime.timezone(datetime.timedelta(hours=9)))}
    assert signature(RING.signing, moved) == signature(RING.signing, CONTENT)


@pytest.mark.parametrize(
    ("name", "value"),
    [("chain", 4), ("number", 8), ("previous", "1" * 64), ("event_id", 13), ("event_mac", "y")],
)
def test_a_seal_holds_in_its_place_alone(name, value):
    mac = link(RING.signing, **PLACE)
    assert linked_rightly(RING, mac, **PLACE) is True
    assert linked_rightly(RING, mac, **{**PLACE, name: value}) is False


def test_an_older_key_still_verifies_and_a_forgotten_one_is_said():
    old, new = KeyRing(["the one before it"]), KeyRing(["another key altogether"])
    mac = signature(old.signing, CONTENT)
    assert signed_rightly(RING, CONTENT, mac) is True
    assert signed_rightly(new, CONTENT, mac) is None
    assert linked_rightly(new, link(old.signing, **PLACE), **PLACE) is None


def test_another_key_under_the_name_of_ours_is_not_right():
    forged = signature(KeyRing(["guessed"]).signing, CONTENT)
    assert signed_rightly(RING, CONTENT, f"{RING.signing.name}:{forged.partition(':')[2]}") is False


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_digests_are_equal_for_equal_values_alone(one, other):
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest_of({"after": one}, "s") == digest_of({"after": other}, "s")) == same
    assert digest_of({"after": one}, "s") != digest_of({"after": one}, "t")


@given(JSON)
def test_what_is_signed_is_what_is_read_back(value):
    assert plain(plain(value)) == plain(value)
