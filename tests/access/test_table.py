"""The permission table against a second writing of it, and what each reach means."""

import datetime
import uuid

import pytest

from access.actor import Actor, Role
from access.table import RULES, Reach, may, may_at_all, reach

# Double entry: the rows as the permission document states them, columns S M H F A Y.
DOCUMENT = """
P01  own  scope all   -       all     -
P02  -    -     all   -       -       -
P03  own  -     all   -       -       -
P03s own  -     -     -       -       -
P04  own  scope all   -       -       -
P05  own  -     -     -       -       -
P05h -    -     all   -       -       -
P05c own  -     -     -       -       -
P06  own  -     -     -       -       -
P07  own  scope all   -       -       -
P08  -    scope all   -       -       -
P08w own  -     -     -       -       -
P09  -    first -     -       -       -
P09c -    scope all   -       -       -
P10  -    head  all   -       -       -
P11  -    -     all   -       -       -
P12  own  scope all   -       -       -
P12r own  -     -     -       -       -
P12d -    head  all   -       -       -
P13  -    scope all   -       -       -
P14  own  scope all   -       -       -
P15  -    -     all   -       -       -
P16  own  scope all   counts  counts  -
P17  -    head  all   -       -       -
P17c -    -     all   -       -       -
P17d -    head  all   -       -       -
P18  -    scope all   -       -       -
P19  -    scope all   -       -       -
P20  own  scope all   -       -       -
P20s own  -     -     -       -       -
P20d -    scope all   -       -       -
P20t -    -     all   -       -       -
P20p -    -     all   -       -       -
P20r -    -     all   -       -       -
P21  -    -     all   -       -       -
P21t -    -     all   -       -       -
P22  -    -     all   -       -       -
P23  all  all   all   all     all     all
P24  -    -     -     all     -       -
P25  -    -     -     -       -       all
P25v -    -     -     -       all     all
P26  -    -     all   -       -       all
P26o own  -     -     -       -       -
P27  -    -     all   -       all     all
P27a -    -     -     -       all     all
P27l -    -     -     -       all     -
P27s own  -     -     -       -       -
P28  -    -     -     -       -       -
P29  -    -     -     -       -       all
P30  -    -     -     -       -       -
P31  -    -     all   -       -       -
P32  own  -     all   -       -       -
P32e own  -     -     -       -       -
P33  -    scope all   -       -       -
P33r -    -     all   -       -       -
P33t -    scope all   -       -       -
P33o -    -     all   -       -       -
"""
CELLS = [
    (row[0], role, None if word == "-" else Reach(word))
    for row in (line.split() for line in DOCUMENT.strip().splitlines())
    for role, word in zip("SMHFAY", row[1:], strict=True)
]


def actor(*roles: Role, first=(), head=()) -> Actor:
    return Actor(
        staff_id=1,
        staff_uuid=uuid.UUID(int=1),
        municipality_id=1,
        today=datetime.date(2026, 11, 23),
        roles=frozenset({Role.SELF, *roles}),
        first_paths=first,
        head_paths=head,
    )


@pytest.mark.parametrize(("number", "role", "far"), CELLS)
def test_table_is_the_document(number, role, far):
    assert reach(number, Role(role)) == far


def test_no_row_beyond_the_document():
    assert set(RULES) == {number for number, _, _ in CELLS}


def test_own_needs_own():
    assert may(actor(), "P04", own=True)
    assert not may(actor(), "P04", own=False)


def test_scope_is_at_or_below_what_is_led():
    lead = actor(Role.LINE, first=("00000007",))
    assert may(lead, "P04", path="00000007")
    assert may(lead, "P04", path="0000000700000009")
    assert not may(lead, "P04", path="00000008")
    assert not may(lead, "P04", path="0000000800000007")


def test_first_and_head_are_kept_apart():
    path = "0000000700000009"
    kakari, kacho = actor(Role.LINE, first=(path,)), actor(Role.LINE, head=("00000007",))
    assert may(kakari, "P09", path=path)
    assert not may(kacho, "P09", path=path)
    assert may(kacho, "P10", path=path)
    assert not may(kakari, "P10", path=path)


def test_nobody_confirms_their_own():
    path = "00000007"
    both = actor(Role.LINE, first=(path,), head=(path,))
    assert not may(both, "P09", own=True, path=path)
    assert not may(both, "P10", own=True, path=path)


def test_counts_never_opens_a_page_with_names():
    assert not may(actor(Role.AUDITOR), "P16", path="00000007")
    assert may_at_all(actor(Role.AUDITOR), "P16")


def test_unknown_row_is_an_error_not_a_refusal():
    with pytest.raises(KeyError):
        may(actor(), "P99")


def test_whoever_leads_a_department_reaches_their_own_record_in_it_but_never_confirms_it():
    """SCOPE holds for one's own object too; FIRST and HEAD, which confirm, never do."""
    line = Actor(
        staff_id=1, staff_uuid=uuid.uuid4(), municipality_id=1, today=datetime.date(2026, 4, 1),
        roles=frozenset({Role.LINE}), first_paths=("00000001",), head_paths=("00000001",),
    )  # fmt: skip
    assert may(line, "P08", own=True, path="00000001")
    assert not may(line, "P09", own=True, path="00000001")
    assert not may(line, "P10", own=True, path="00000001")
