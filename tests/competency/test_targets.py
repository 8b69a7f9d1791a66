"""目標: the larger of duty and 職位, whatever the order; and the distance in signs and in words."""

from hypothesis import given
from hypothesis import strategies as st

from competency.models import DutyAssignment
from competency.targets import ROLES, DutyShare, Gap, Target, targets_of

CODES = ["a.1", "a.2", "b.1", "c.1"]
shares = st.builds(
    DutyShare,
    name=st.sampled_from(["情報化の企画", "機器の管理", "セキュリティ", "長い業務の名前" * 11]),
    role=st.sampled_from(sorted(ROLES)),
    cell_codes=st.lists(st.sampled_from(CODES), unique=True).map(tuple),
)
many = st.lists(shares, max_size=6)
profiles = st.dictionaries(st.sampled_from(CODES), st.integers(0, 4))


def steps(found):
    return {code: target.step for code, target in found.items()}


@given(profiles, many)
def test_it_is_the_larger_of_duty_and_position(profile, duties):
    expected = {}
    for code in CODES:
        of_duties = [{"main": 3, "deputy": 2}[one.role] for one in duties if code in one.cell_codes]
        largest = max([profile.get(code, 0), *of_duties])
        if largest:
            expected[code] = largest
    assert steps(targets_of(profile, duties)) == expected


@given(profiles, many, shares)
def test_one_duty_more_never_lowers_a_target(profile, duties, one):
    before, after = targets_of(profile, duties), targets_of(profile, [*duties, one])
    assert before.keys() <= after.keys()
    assert all(after[code].step >= target.step for code, target in before.items())


@given(profiles, many.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_the_duties_is_of_no_account(profile, both):
    first, second = both
    assert targets_of(profile, first, position="係長") == targets_of(profile, second, position="係長")


@given(profiles, many)
def test_a_reason_names_what_asks_for_the_step_and_fits_its_column(profile, duties):
    for code, target in targets_of(profile, duties, position="長" * 40).items():
        of_duties = max(
            [0, *({"main": 3, "deputy": 2}[one.role] for one in duties if code in one.cell_codes)]
        )
        assert ("職位：" in target.reason) == (profile.get(code, 0) == target.step)
        assert ("担当：" in target.reason) == (of_duties == target.step)
        assert len(target.reason) <= 200


def test_nothing_asks_for_nothing():
    assert targets_of({}, []) == {}
    assert targets_of({"a.1": 0}, [DutyShare("機器の管理", "main")]) == {}


def test_the_reasons_in_words():
    duties = [
        DutyShare("情報セキュリティに関すること", "main", ("a.1", "b.1")),
        DutyShare("機器の管理", "deputy", ("a.1", "a.2")),
        DutyShare("運用", "main", ("b.1",)),
    ]
    found = targets_of({"a.2": 4, "b.1": 3, "c.1": 1}, duties, position="係長")
    assert found == {
        "a.1": Target(3, "主担当：情報セキュリティに関すること"),
        "a.2": Target(4, "職位：係長"),
        "b.1": Target(3, "主担当：情報セキュリティに関すること・運用、職位：係長"),
        "c.1": Target(1, "職位：係長"),
    }


def test_the_roles_are_those_of_the_model():
    assert {role: label for role, (_, label) in ROLES.items()} == dict(DutyAssignment.Role.choices)


def test_a_distance_is_signed_and_read_out():
    target = Target(3, "職位：係長")
    told = [(gap.text, gap.words, gap.css) for gap in (Gap(target, step) for step in (None, 0, 2, 3, 4))]
    assert told == [
        ("", "", ""),
        ("0（−3）", "目標より3段階下", "minus2"),
        ("2（−1）", "目標より1段階下", "minus1"),
        ("3（±0）", "目標どおり", "zero"),
        ("4（＋1）", "目標より1段階上", "plus"),
    ]
    assert Gap(target, 4).signed == "＋1"
