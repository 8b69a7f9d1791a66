"""The rule of the line, by property and by the cases of permissions.md P09 and P10."""

from hypothesis import given
from hypothesis import strategies as st

from assessments.line_rule import FIRST, HEAD, Lead, Leads, Line
from lib.paths import child_path
from organization.models.position import LineRole

BU = child_path("", 1)
KA = child_path(BU, 2)
KAKARI = child_path(KA, 3)
KIBAN = child_path(KA, 4)
OTHER = child_path("", 9)
PLACES = [BU, KA, KAKARI, KIBAN, OTHER]
MINAMI, KAKARICHO, KACHO, BUCHO = 1, 2, 3, 4

ORDINARY = [Lead(KAKARICHO, KAKARI, FIRST), Lead(KACHO, KA, HEAD), Lead(BUCHO, BU, HEAD)]

leads_lists = st.lists(
    st.builds(
        Lead, st.integers(1, 6), st.sampled_from(PLACES), st.sampled_from([FIRST, HEAD]), st.booleans()
    ),
    max_size=12,
)


def line(leads, staff_id=MINAMI, path=KAKARI) -> Line:
    return Leads(leads).line_of(staff_id, path)


def test_the_words_are_those_of_the_postings():
    assert (LineRole.FIRST.value, LineRole.HEAD.value) == (FIRST, HEAD)


def test_section_chief_then_head():
    assert line(ORDINARY) == Line((KAKARICHO,), (KACHO,), False)


def test_a_missing_section_chief_is_skipped():
    assert line(ORDINARY[1:]) == Line((), (KACHO,), False)


def test_a_section_chief_of_another_section_is_not_asked():
    assert line([Lead(KAKARICHO, KIBAN, FIRST), *ORDINARY[1:]]) == Line((), (KACHO,), False)


def test_a_section_chief_skips_the_first_step():
    deputy = Lead(5, KA, FIRST)
    assert line([*ORDINARY, deputy], KAKARICHO) == Line((), (KACHO,), False)


def test_a_section_chief_elsewhere_does_not():
    elsewhere = Lead(MINAMI, OTHER, FIRST)
    assert line([*ORDINARY, elsewhere]) == Line((KAKARICHO,), (KACHO,), False)


def test_a_head_goes_to_the_head_above():
    assert line(ORDINARY, KACHO, KA) == Line((), (BUCHO,), False)


def test_the_highest_head_goes_to_hr():
    assert line(ORDINARY, BUCHO, BU) == Line((), (), True)


def test_two_heads_of_one_department_do_not_confirm_each_other():
    assert line([*ORDINARY, Lead(5, KA, HEAD)], KACHO, KA) == Line((), (BUCHO,), False)


def test_two_heads_share_the_confirmation_of_their_people():
    assert line([*ORDINARY, Lead(5, KA, HEAD)]).final == (KACHO, 5)


def test_a_head_who_acts_as_section_chief_confirms_once():
    assert line([Lead(KACHO, KAKARI, FIRST), *ORDINARY[1:]]) == Line((), (KACHO,), False)


def test_somebody_absent_is_passed_over():
    absent = [Lead(lead.staff_id, lead.path, lead.role, present=False) for lead in ORDINARY[:2]]
    assert line([*absent, ORDINARY[2]]) == Line((), (BUCHO,), False)


def test_an_absent_head_is_still_not_confirmed_by_their_people():
    deputy, absent = Lead(5, KA, FIRST), Lead(KACHO, KA, HEAD, present=False)
    assert line([deputy, absent, ORDINARY[2]], KACHO, KA) == Line((), (BUCHO,), False)


def test_without_a_head_above_the_section_chief_comes_first_and_hr_confirms():
    assert line(ORDINARY[:1]) == Line((KAKARICHO,), (), True)


def test_without_a_posting_it_is_for_hr():
    assert line(ORDINARY, path=None) == Line((), (), True)


def test_covered_are_the_topmost_heads():
    assert Leads([*ORDINARY, Lead(5, OTHER, FIRST)]).covered() == [BU]
    assert Leads(ORDINARY).heads() == {KACHO, BUCHO}


def _places(leads, staff_id, role):
    return {lead.path for lead in leads if lead.staff_id == staff_id and lead.role == role and lead.present}


@given(leads_lists, st.integers(1, 6), st.sampled_from(PLACES))
def test_nobody_confirms_themselves_or_those_above_them(leads, staff_id, path):
    found = line(leads, staff_id, path)
    assert staff_id not in found.first + found.final
    assert found.to_hr == (not found.final)
    assert not set(found.first) & set(found.final)
    headed = {
        lead.path
        for lead in leads
        if lead.staff_id == staff_id and lead.role == HEAD and path.startswith(lead.path)
    }
    for confirmer in found.final:
        # Somewhere on the line they head a department, strictly above all that the person heads there.
        assert any(
            path.startswith(place) and all(len(place) < len(own) for own in headed)
            for place in _places(leads, confirmer, HEAD)
        )


@given(leads_lists, st.integers(1, 6), st.sampled_from(PLACES))
def test_the_first_is_never_above_the_final(leads, staff_id, path):
    found = line(leads, staff_id, path)
    lowest_final = max(
        (len(place) for who in found.final for place in _places(leads, who, HEAD) if path.startswith(place)),
        default=0,
    )
    for confirmer in found.first:
        assert any(
            path.startswith(place) and len(place) >= lowest_final
            for place in _places(leads, confirmer, FIRST)
        )


@given(leads_lists, st.integers(1, 6), st.sampled_from(PLACES))
def test_nobody_nearer_is_passed_over(leads, staff_id, path):
    index = Leads(leads)
    found = index.line_of(staff_id, path)
    if found.to_hr and staff_id not in index.heads():
        assert not any(path.startswith(root) for root in index.covered())
