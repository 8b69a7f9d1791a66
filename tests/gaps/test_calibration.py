"""Own steps against confirmed ones: the arithmetic, and who is shown it (P16)."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessments.models import Sheet
from gaps.calibration import Answers, tendencies
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import in_state
from tests.gaps.records import ANALYSIS, POLICY, TALKING, steps


def url(department):
    return reverse("gaps:calibration", args=[department.uuid])


def rated(staff, cycle, own=None, final=None, **values):
    """Write a confirmed sheet with these own and confirmed steps by cell code, 1 and 1 elsewhere."""
    department = Posting.objects.filter(staff=staff).first().department
    sheet = Sheet.objects.filter(staff=staff, cycle=cycle).first() or b.make_sheet(
        staff, cycle, department, **values
    )
    own, final = steps(cycle, 1, own or {}), steps(cycle, 1, final or {})
    return in_state(sheet, Sheet.State.CONFIRMED, staff, own, final=final)


@pytest.fixture
def few(world):
    """Two confirmed people of 情報政策係: one too high in one place and too low in another."""
    rated(world.honnin, world.cycle, {POLICY: 3, TALKING: 1}, {POLICY: 2, TALKING: 2})
    rated(world.dourei, world.cycle, {ANALYSIS: 4}, {ANALYSIS: 3})
    return world


@pytest.fixture
def many(few):
    """Six confirmed people in the 課 and below."""
    for staff in (few.kakari, few.kacho, few.henshu, few.sysadmin):
        rated(staff, few.cycle)
    return few


def told(page):
    return {row.name: row.values for row in page.context["chart"].rows}


def test_it_works(sign_in, many):
    page = sign_in("kacho").get(url(many.ka))
    assert told(page) == {"概念化能力": (2, 16, 0), "専門能力": (0, 12, 0), "組織能力": (0, 5, 1)}
    text = page.content.decode()
    assert "今年度に確定した6人の36件の記入のうち、33件は本人と確認が同じです。" in text
    assert "違うときは、本人が高く書くほうが多くなっています。" in text
    main = text.split("<main", 1)[1]
    assert not any(name in main for name in ("山﨑", "小林", "平均"))


def test_the_line_sees_a_small_department(sign_in, few):
    assert told(sign_in("kakari").get(url(few.kakari_dept)))["概念化能力"] == (2, 4, 0)


@pytest.mark.parametrize(("people", "shown"), [(4, False), (5, True)])
def test_staff_see_it_from_five_people_on(sign_in, world, last_cycle, people, shown):
    Posting.objects.filter(staff=world.honnin).update(department=world.ka)
    there = [world.honnin, world.dourei, world.kakari, world.kacho, world.henshu]
    for staff in there:
        rated(staff, last_cycle)
    for staff in there[:people]:
        rated(staff, world.cycle, {POLICY: 2})
    page = sign_in("honnin").get(url(world.ka))
    assert (page.context["chart"] is not None) is shown
    assert ("今年度に確定した人が5人未満のため表示しません。" in page.content.decode()) is not shown
    if shown:
        assert told(page)["概念化能力"] == (5, 10, 0)
    else:
        assert "本人が高い" not in page.content.decode()


@pytest.mark.parametrize("who", ["kansa", "henshu"])
def test_who_sees_bands_alone_is_sent_to_the_report(sign_in, many, who):
    answer = sign_in(who).get(url(many.ka))
    assert (answer.status_code, answer["Location"]) == (302, reverse("gaps:department", args=[many.ka.uuid]))


def test_who_confirmed_themselves_has_nothing_to_compare(sign_in, few):
    rated(few.kakari, few.cycle, without_confirmer=True)
    assert told(sign_in("kacho").get(url(few.ka)))["概念化能力"] == (2, 4, 0)


def test_who_moved_away_is_left_out(sign_in, few):
    today = timezone.localdate()
    for staff in (few.honnin, few.dourei):
        Posting.objects.filter(staff=staff).update(end=today)
        b.make_posting(staff, few.jinjika, start=today)
    page = sign_in("kacho").get(url(few.ka))
    assert page.context["chart"] is None
    assert "今年度に確定した年度票が、まだありません。" in page.content.decode()
    # Nor does the new department get answers that were given in the old one.
    assert sign_in("jinji").get(url(few.jinjika)).context["chart"] is None


def test_out_of_scope_is_as_nothing_and_a_wrong_method(sign_in, few):
    assert sign_in("kakari").get(url(few.ka)).status_code == 404
    assert sign_in("jinji").get(url(few.foreign_department)).status_code == 404
    assert sign_in("kacho").post(url(few.ka)).status_code == 405


def test_as_many_queries_at_six_people_as_at_forty(sign_in, many, django_assert_max_num_queries):
    client = sign_in("kacho")
    with django_assert_max_num_queries(15) as small:
        client.get(url(many.ka))
    for number in range(34):
        staff = b.make_staff(many.city, f"職員 {number}")
        b.make_posting(staff, many.kiban, start=datetime.date(2024, 4, 1))
        rated(staff, many.cycle, {POLICY: 2}, {})
    with django_assert_max_num_queries(15) as large:
        page = client.get(url(many.ka))
    assert told(page)["概念化能力"] == (36, 84, 0)
    assert len(small) == len(large)


ANSWERS = st.lists(
    st.builds(Answers, st.sampled_from("abc"), st.integers(0, 4), st.integers(0, 4), st.integers(1, 9)),
    max_size=30,
)


@given(ANSWERS)
def test_every_answer_is_counted_once_on_its_side(answers):
    found = tendencies(answers)
    assert sum(each.total for each in found) == sum(each.times for each in answers)
    assert len({each.category for each in found}) == len(found)
    higher = sum(each.times for each in answers if each.own > each.final)
    assert sum(each.higher for each in found) == higher


@given(ANSWERS)
def test_exchanging_own_and_confirmed_exchanges_the_sides(answers):
    turned = tendencies(Answers(each.category, each.final, each.own, each.times) for each in answers)
    sides = [(each.category, each.lower, each.same, each.higher) for each in tendencies(answers)]
    assert [(each.category, each.higher, each.same, each.lower) for each in turned] == sides
