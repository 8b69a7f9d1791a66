"""対象者: whose 職員区分, which departments and which people take part in a year."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.models import Cycle, Exclusion, Sheet
from assessments.participants import count, without_sheet
from assessments.workflow.cycles import add_sheets, open_cycle
from assessments.workflow.participants import choose_employments, leave_out, take_in
from audit.models import Event
from organization.models import Staff
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"
NOW = timezone.now()
TODAY = timezone.localdate()


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


@pytest.fixture
def coming(world):
    """Return a year in preparation."""
    return b.make_cycle(world.city, world.version, fiscal_year=2027, state="prepared", reference_date=TODAY)


def url(cycle):
    return reverse("assessments:cycle_participants", args=[cycle.uuid])


def out(world, cycle, **who):
    cycle.refresh_from_db()
    return leave_out(
        cycle=cycle,
        version=cycle.version,
        reason="別の制度のため",
        by=b.actor_of(world.jinji),
        now=NOW,
        **who,
    )


def receivers(cycle):
    cycle.refresh_from_db()
    open_cycle(cycle=cycle, version=cycle.version, by=None, now=NOW)
    return set(Sheet.objects.filter(cycle=cycle).values_list("staff__username", flat=True))


def test_who_is_left_out_gets_no_sheet(world, coming):
    Staff.objects.filter(pk=world.sysadmin.pk).update(employment="fiscal_year")
    actor = b.actor_of(world.jinji)
    choose_employments(cycle=coming, employments=["regular", "fixed_term"], version=1, by=actor, now=NOW)
    assert out(world, coming, department=world.soumu) == 1
    assert out(world, coming, people=[world.dourei, world.betsuka]) == 2
    coming.refresh_from_db()
    counts = count(coming, TODAY)
    assert (counts.posted, counts.by_employment, counts.by_department, counts.by_person) == (10, 1, 3, 1)
    assert counts.taking_part == 5
    assert receivers(coming) == {"honnin", "kakari", "kacho", "bucho", "henshu"}


def test_nothing_chosen_is_everybody_and_all_chosen_is_kept_as_nothing(world, coming):
    assert count(coming, TODAY).taking_part == 10
    fresh = choose_employments(
        cycle=coming, employments=Staff.Employment.values, version=1, by=b.actor_of(world.jinji), now=NOW
    )
    assert fresh.employments == []


def test_late_comers_of_a_left_out_department_are_not_offered(world):
    out(world, world.cycle, department=world.kiban)
    late = {posting.staff for posting in without_sheet(world.cycle, TODAY)}
    assert world.dourei in late
    assert not late & {world.henshu, world.sysadmin}
    actor = b.actor_of(world.jinji)
    assert add_sheets(cycle=world.cycle, staff_ids=[world.henshu.pk], by=actor, now=NOW) == 0


def test_what_is_taken_in_again_takes_part(world, coming):
    out(world, coming, people=[world.dourei])
    coming.refresh_from_db()
    actor, one = b.actor_of(world.jinji), Exclusion.objects.get(cycle=coming)
    assert take_in(cycle=coming, exclusion_id=one.pk, version=coming.version, by=actor, now=NOW)
    assert not take_in(cycle=coming, exclusion_id=one.pk, version=coming.version, by=actor, now=NOW)
    assert "dourei" in receivers(coming)
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"cycle.leave_out", "cycle.take_in"} <= actions


def test_leaving_out_twice_is_once(world, coming):
    assert out(world, coming, department=world.soumu) == 1
    coming.refresh_from_db()
    version = coming.version
    assert out(world, coming, department=world.soumu) == 0
    coming.refresh_from_db()
    assert coming.version == version


def test_a_year_seen_before_somebody_was_left_out_does_not_open(world, coming):
    out(world, coming, people=[world.dourei])
    with pytest.raises(Conflict):
        open_cycle(cycle=coming, version=1, by=None, now=NOW)


def test_refusals(world, coming):
    actor = b.actor_of(world.jinji)
    common = {"cycle": coming, "version": 1, "by": actor, "now": NOW}
    with pytest.raises(Invalid):
        leave_out(**common, reason="　", department=world.soumu)
    with pytest.raises(Invalid):
        choose_employments(**common, employments=["nobody"])
    with pytest.raises(NotVisible):
        leave_out(**common, reason="理由", people=[world.yoso])
    with pytest.raises(NotVisible):
        leave_out(**common | {"cycle": world.foreign_cycle}, reason="理由", people=[world.honnin])
    with pytest.raises(Conflict):
        leave_out(**common | {"version": 7}, reason="理由", people=[world.honnin])
    with pytest.raises(Forbidden):
        leave_out(**common | {"by": b.actor_of(world.kacho)}, reason="理由", people=[world.honnin])
    closed = b.make_cycle(world.city, world.version, fiscal_year=2025, state="closed")
    with pytest.raises(Conflict):
        leave_out(**common | {"cycle": closed}, reason="理由", people=[world.honnin])
    assert not Exclusion.objects.exists()


def test_the_page_counts_before_it_keeps(hr, world, coming):
    Staff.objects.filter(pk=world.sysadmin.pk).update(employment="fiscal_year")
    form = {"version": "1", "employment": ["regular"]}
    tried = hr.post(url(coming), {**form, "action": "count"})
    assert "10人のうち、9人が対象です。まだ保存していません" in tried.content.decode()
    coming.refresh_from_db()
    assert coming.employments == []
    assert hr.post(url(coming), {**form, "action": "employments"}).status_code == 302
    coming.refresh_from_db()
    assert coming.employments == ["regular"]
    assert hr.post(url(coming), {"version": "2", "action": "employments"}).status_code == 422
    assert hr.post(url(coming), {**form, "action": "employments"}).status_code == 409
    assert hr.post(url(coming), {"action": "?"}).status_code == 422


def test_a_department_and_people_are_left_out_and_brought_back_on_the_page(hr, world, coming):
    place = {"action": "place", "version": "1", "place-department": str(world.soumu.uuid)}
    refused = hr.post(url(coming), place)
    assert refused.status_code == 422
    assert "理由を入力" in refused.content.decode()
    assert hr.post(url(coming), {**place, "place-reason": "別の制度のため"}).status_code == 302
    page = hr.get(url(coming), {"q": "小林"}).content.decode()
    assert "総務部" in page
    assert "所属で3人" in page
    assert "小林 健" in page
    people = {"action": "people", "version": "2", "q": "小林", "people-reason": "退職の予定"}
    assert hr.post(url(coming), people).status_code == 422
    both = [str(world.dourei.uuid), str(world.yoso.uuid)]
    assert hr.post(url(coming), {**people, "staff": both}).status_code == 302
    assert set(Exclusion.objects.values_list("staff__username", flat=True)) == {None, "dourei"}
    one = Exclusion.objects.get(staff=world.dourei)
    stale = hr.post(url(coming), {"action": f"back-{one.pk}", "version": "1"})
    assert stale.status_code == 409
    assert hr.post(url(coming), {"action": f"back-{one.pk}", "version": "3"}).status_code == 302
    assert not Exclusion.objects.filter(staff=world.dourei).exists()
    assert hr.post(url(coming), {**people, "staff": ["x"]}).status_code == 422


def test_a_closed_year_only_shows(hr, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=NOW)
    page = hr.get(url(world.cycle)).content.decode()
    assert "所属を外す" not in page


@pytest.mark.parametrize("people", [2, 30])
def test_the_page_costs_the_same_at_any_size(hr, world, coming, django_assert_max_num_queries, people):
    for number in range(people):
        staff = b.make_staff(world.city, f"職員 {number}")
        b.make_posting(staff, world.kiban)
        Exclusion.objects.create(municipality=world.city, cycle=coming, staff=staff, created_at=NOW)
    with django_assert_max_num_queries(15):
        assert hr.get(url(coming), {"q": "職員"}).status_code == 200


def test_the_reference_day_counts_until_the_year_opens(hr, world, coming):
    coming.reference_date = TODAY + datetime.timedelta(days=30)
    coming.save(update_fields=["reference_date"])
    world.dourei.left_on = TODAY + datetime.timedelta(days=5)
    world.dourei.save(update_fields=["left_on"])
    assert "9人のうち、9人が対象" in hr.get(url(coming)).content.decode()
