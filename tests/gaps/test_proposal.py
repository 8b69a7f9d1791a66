"""The proposal for 必要人数 from duties, as arithmetic alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaps.proposal import NOBODY_ASKS, Asked, Proposed, propose

CODES = ["a.1", "b.1", "c.1"]

duties_of = st.builds(
    Asked,
    st.sampled_from(["計画", "運用", "窓口", "網"]),
    st.dictionaries(st.sampled_from(CODES), st.integers(1, 9)),
    st.booleans(),
)
lists = st.lists(duties_of, max_size=6)
crowds = st.integers(0, 12)


def counts(proposal):
    return {code: one.count for code, one in proposal.items()}


@given(lists, crowds)
def test_never_more_than_the_head_count(duties, people):
    proposal = propose(CODES, duties, people)
    assert set(proposal) == set(CODES)
    assert all(0 <= one.count <= people for one in proposal.values())


@given(lists, duties_of, crowds)
def test_one_more_duty_done_in_house_never_lowers_a_number(duties, another, people):
    before = counts(propose(CODES, duties, people))
    after = counts(propose(CODES, [*duties, replace(another, in_house=True)], people))
    assert all(after[code] >= before[code] for code in CODES)


@given(lists, crowds, st.randoms())
def test_the_order_of_duties_does_not_matter(duties, people, random):
    shuffled = list(duties)
    random.shuffle(shuffled)
    assert propose(CODES, shuffled, people) == propose(CODES, duties, people)


@given(lists, crowds)
def test_what_is_outsourced_does_not_count(duties, people):
    here = [duty for duty in duties if duty.in_house]
    assert counts(propose(CODES, duties, people)) == counts(propose(CODES, here, people))


@given(lists, crowds)
def test_it_is_the_largest_demand_of_one_duty_and_no_sum(duties, people):
    for code, one in propose(CODES, duties, people).items():
        asked = [duty.demands.get(code, 0) for duty in duties if duty.in_house]
        assert one.count in {0, people, *asked}
        assert one.count == min(people, max(asked, default=0))


@given(lists, crowds)
def test_every_number_says_why(duties, people):
    assert all(one.reasons for one in propose(CODES, duties, people).values())


SECURITY = Asked("情報セキュリティに関すること", {"a.1": 2, "b.1": 5})
NETWORK = Asked("ネットワークや機器に関すること", {"a.1": 1, "c.1": 2}, in_house=False)


def test_the_reasons_in_words():
    assert propose(CODES, [SECURITY, NETWORK], 3) == {
        "a.1": Proposed(
            2,
            (
                "情報セキュリティに関すること：2人",
                "ネットワークや機器に関することは、外部に委託するため数えない",
            ),
        ),
        "b.1": Proposed(3, ("情報セキュリティに関すること：5人", "人数の上限 3人に合わせた")),
        "c.1": Proposed(0, ("ネットワークや機器に関することは、外部に委託するため数えない",)),
    }
    assert propose(["d.1"], [SECURITY], 3)["d.1"] == Proposed(0, (NOBODY_ASKS,))


def test_where_several_ask_for_as_many_two_are_named():
    same = [Asked(name, {"a.1": 1}) for name in ("い", "う", "あ")]
    assert propose(["a.1"], same, 9)["a.1"].reasons == ("あ、い、ほか1業務：1人",)


def test_nobody_there_is_said():
    assert propose(["a.1"], [SECURITY], 0)["a.1"].reasons[1] == "人数の上限 0人に合わせた"
    with pytest.raises(ValueError, match="0"):
        propose(CODES, [], -1)
