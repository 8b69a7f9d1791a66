"""Who sees how much, against the table (P16, P17, P33)."""

import pytest

from gaps import policies
from gaps.policies import Sight, may_see_overview, may_see_words, sight_of
from tests import builders as b

SEEN = {
    "honnin": {"kakari_dept": "own"},
    "dourei": {"kakari_dept": "own"},
    "kakari": {"kakari_dept": Sight.NAMES},
    "kacho": dict.fromkeys(["ka", "kakari_dept", "kiban"], Sight.NAMES),
    "bucho": dict.fromkeys(["bu", "ka", "kakari_dept", "kiban"], Sight.NAMES),
    "betsuka": {"jinjika": "own"},
    "jinji": dict.fromkeys(["bu", "ka", "kakari_dept", "kiban", "soumu", "jinjika"], Sight.NAMES),
    "henshu": {
        **dict.fromkeys(["bu", "ka", "kakari_dept", "soumu", "jinjika"], Sight.BANDS), "kiban": "own",
    },
    "kansa": {**dict.fromkeys(["bu", "ka", "kakari_dept", "kiban", "jinjika"], Sight.BANDS), "soumu": "own"},
    "sysadmin": {"kiban": "own"},
}  # fmt: skip
PLACES = ["bu", "ka", "kakari_dept", "kiban", "soumu", "jinjika"]


@pytest.mark.parametrize("who", SEEN)
def test_sight(world, who):
    actor = b.actor_of(getattr(world, who))
    for place in PLACES:
        path = getattr(world, place).path
        expected = SEEN[who].get(place)
        # Editors and auditors count their own colleagues in bands as well.
        counts = Sight.BANDS if who in ("henshu", "kansa") else Sight.COUNTS
        small, large = (Sight.WORDS, counts) if expected == "own" else (expected, expected)
        assert sight_of(actor, path, 4) is small, place
        assert sight_of(actor, path, 5) is large, place


# Their own unit and those that it belongs to; the line below it, and 人事 everywhere.
WORDS = {
    "honnin": ["bu", "ka", "kakari_dept"],
    "kakari": ["bu", "ka", "kakari_dept"],
    "kacho": ["bu", "ka", "kakari_dept", "kiban"],
    "betsuka": ["soumu", "jinjika"],
    "jinji": PLACES,
    "henshu": ["bu", "ka", "kiban"],
    "kansa": ["soumu"],
}


@pytest.mark.parametrize("who", WORDS)
def test_status_words_are_of_ones_own_unit_and_those_above_it(world, who):
    actor = b.actor_of(getattr(world, who))
    assert [place for place in PLACES if may_see_words(actor, getattr(world, place).path)] == WORDS[who]


LINE = {"kakari", "kacho", "bucho", "jinji"}
HEADS = LINE - {"kakari"}
# What names people is for the line and 人事; what is decided about a department for its 所属長 and those above, and 人事.
WHO = {
    policies.may_see_measures: LINE,
    policies.may_see_experienced: LINE,
    policies.may_simulate: LINE,
    policies.may_bundle_resumes: LINE,
    policies.may_edit_needs: HEADS,
    policies.may_edit_measures: HEADS,
    policies.may_edit_assignments: HEADS,
    policies.may_import_assignments: HEADS,
}


@pytest.mark.parametrize("policy", WHO, ids=lambda policy: policy.__name__)
def test_who_may_in_a_department_and_nobody_but_hr_in_another_line(world, policy):
    may = {
        place: {who for who in SEEN if policy(b.actor_of(getattr(world, who)), getattr(world, place).path)}
        for place in ("kakari_dept", "jinjika")
    }
    assert may == {"kakari_dept": WHO[policy], "jinjika": {"jinji"}}


def test_the_overview_is_for_hr(world):
    assert {who for who in SEEN if may_see_overview(b.actor_of(getattr(world, who)))} == {"jinji"}
