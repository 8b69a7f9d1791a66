"""業務 of a department: ticked, copied from last year, saved by two at once, and kept while somebody has them (P17)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.models import Cycle
from audit.models import Event
from competency.models import DepartmentDuty, Duty, DutyAssignment, DutyPlan
from gaps.workflow import StalePlan, StillAssigned, load_plan, save_plan
from tests import builders as b
from tests.competency.duty_records import has_duties, make_duty
from tests.gaps.records import POLICY, TALKING

SECURITY, NETWORK = "情報セキュリティに関すること", "ネットワークや機器に関すること"
PARTLY, OUTSOURCED = DepartmentDuty.DoneBy.PARTLY, DepartmentDuty.DoneBy.OUTSOURCED


@pytest.fixture
def duties(world):
    """Return the world with two duties to choose, and some that are not."""
    world.security = make_duty(SECURITY, {POLICY: 2})
    world.network = make_duty(NETWORK, {TALKING: 1})
    world.theirs = make_duty("よその業務", municipality=world.other_city)
    world.of_another = make_duty("人事課だけの業務", municipality=world.city, department=world.jinjika)
    return world


def url(department, query=""):
    return reverse("gaps:duties", args=[department.uuid]) + query


def sent(*ticked, version=0, **more):
    """Return the form with these (duty, 担い手) ticked."""
    data = {"version": str(version), "new_name": ""}
    for duty, done_by in ticked:
        data |= {f"has-{duty.uuid}": "on", f"by-{duty.uuid}": done_by}
    return data | more


def assign(plan, duty, staff):
    DutyAssignment.objects.create(
        municipality=plan.municipality,
        department_duty=DepartmentDuty.objects.get(plan=plan, duty=duty),
        staff=staff,
        role=DutyAssignment.Role.MAIN,
    )


def lines(page):
    return {line.duty.name: line for group in page.context["groups"] for line in group.lines}


def test_it_works(sign_in, duties):
    client = sign_in("kacho")
    page = client.get(url(duties.ka))
    assert page.status_code == 200
    assert set(lines(page)) == {SECURITY, NETWORK}
    data = sent((duties.security, "partly"), **{f"by-{duties.network.uuid}": "outsourced"})
    answer = client.post(url(duties.ka), data)
    assert (answer.status_code, answer["Location"]) == (302, url(duties.ka))
    plan = load_plan(duties.ka, 2026)
    assert (plan.done_by, plan.version) == ({duties.security.pk: "partly"}, 1)
    event = Event.objects.get(action="duties.change")
    assert (event.object_uuid, event.data) == (duties.ka.uuid, {"year": 2026, "duties": 1})
    page = client.get(url(duties.ka))
    assert lines(page)[SECURITY].has.value() is True
    assert "セキュリティポリシー｜策定管理 2人" in page.content.decode()


def test_a_second_click_is_no_conflict_and_adds_no_second_duty(sign_in, duties):
    client = sign_in("kacho")
    data = sent((duties.security, "staff"), new_name="庁内放送の機器")
    assert [client.post(url(duties.ka), data).status_code for _ in range(2)] == [302, 302]
    own = Duty.objects.get(name="庁内放送の機器")
    assert (own.department, own.group, own.is_proposal) == (duties.ka, "own", False)
    assert load_plan(duties.ka, 2026).done_by == {duties.security.pk: "staff", own.pk: "staff"}
    assert Event.objects.filter(action="duties.change").count() == 1
    page = client.get(url(duties.ka))
    assert reverse("competency:duty", args=[own.uuid]) in page.content.decode()
    assert "庁内放送の機器" not in client.get(url(duties.kiban)).content.decode()


def test_a_change_an_untick_and_a_new_tick_at_once(sign_in, duties):
    has_duties(duties.ka, 2026, duties.security)
    third = make_duty("問い合わせ対応に関すること")
    has_duties(duties.ka, 2026, third)
    client = sign_in("kacho")
    client.post(url(duties.ka), sent((third, "outsourced"), (duties.network, "staff"), version=1))
    assert load_plan(duties.ka, 2026).done_by == {third.pk: "outsourced", duties.network.pk: "staff"}
    assert load_plan(duties.ka, 2026).version == 2
    assert Event.objects.get(action="duties.change").data["duties"] == 3


def test_copying_last_year_fills_the_form_and_writes_nothing(sign_in, duties, last_cycle):
    has_duties(duties.ka, 2025, duties.security, done_by=PARTLY)
    has_duties(duties.ka, 2024, duties.network)
    client = sign_in("kacho")
    page = client.get(url(duties.ka))
    assert 'href="?copy=1"' in page.content.decode()
    assert (lines(page)[SECURITY].before, lines(page)[NETWORK].before) == ("一部を外部に委託する", "")
    page = client.get(url(duties.ka, "?copy=1"))
    ticked = {name: line.done_by.value() for name, line in lines(page).items() if line.has.value()}
    assert ticked == {SECURITY: "partly"}
    assert "まだ保存していません" in page.content.decode()
    assert not DutyPlan.objects.filter(fiscal_year=2026).exists()


def test_without_a_last_year_there_is_nothing_to_copy(sign_in, duties):
    page = sign_in("kacho").get(url(duties.ka, "?copy=1"))
    assert page.status_code == 200
    assert "昨年" not in page.content.decode()


def test_of_two_who_save_the_second_sees_both_values(sign_in, duties):
    client = sign_in("kacho")
    client.post(url(duties.ka), sent((duties.security, "staff")))
    answer = client.post(
        url(duties.ka), sent((duties.security, "outsourced"), (duties.network, "staff"), new_name="放送")
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    stored = {name: line.stored for name, line in lines(answer).items()}
    assert stored == {SECURITY: "職員が行う", NETWORK: "選ばれていない"}
    assert lines(answer)[SECURITY].done_by.value() == "outsourced"
    assert 'value="放送"' in text
    assert not Duty.objects.filter(name="放送").exists()
    version = answer.context["form"]["version"].value()
    again = client.post(url(duties.ka), sent((duties.security, "outsourced"), version=version))
    assert again.status_code == 302
    assert load_plan(duties.ka, 2026).done_by == {duties.security.pk: "outsourced"}


def test_what_somebody_has_is_not_unticked(sign_in, duties):
    plan = has_duties(duties.ka, 2026, duties.security, duties.network)
    assign(plan, duties.security, duties.honnin)
    assign(plan, duties.security, duties.dourei)
    answer = sign_in("kacho").post(
        url(duties.ka), sent((duties.network, "partly"), version=1, new_name="放送")
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert f"業務「{SECURITY}」には、事務分掌で担当する人が2人います。" in text
    assert 'value="放送"' in text
    assert lines(answer)[NETWORK].done_by.value() == "partly"
    stored = load_plan(duties.ka, 2026)
    assert (stored.done_by, stored.version) == ({duties.security.pk: "staff", duties.network.pk: "staff"}, 1)
    assert DutyAssignment.objects.count() == 2


def test_a_retired_duty_stays_until_it_is_unticked(sign_in, duties):
    has_duties(duties.ka, 2026, duties.security)
    Duty.objects.filter(pk=duties.security.pk).update(retired=True)
    client = sign_in("kacho")
    assert "使わない" in client.get(url(duties.ka)).content.decode()
    assert client.post(url(duties.ka), sent((duties.network, "staff"), version=1)).status_code == 302
    assert set(lines(client.get(url(duties.ka)))) == {NETWORK}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [("new_name", "長" * 81, "80"), ("version", "x", ""), ("version", "", ""), ("version", "-1", "")],
)
def test_what_is_wrong_is_said_and_nothing_is_written(sign_in, duties, field, value, message):
    answer = sign_in("kacho").post(url(duties.ka), sent((duties.security, "staff")) | {field: value})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert lines(answer)[SECURITY].has.value() is True
    assert not DutyPlan.objects.exists()


def test_a_doer_that_there_is_not(sign_in, duties):
    answer = sign_in("kacho").post(url(duties.ka), sent((duties.security, "robots")))
    assert answer.status_code == 422
    assert "担い手を選び直してください。" in answer.content.decode()


def test_a_duty_out_of_reach_is_no_field_of_the_form(sign_in, duties):
    data = sent((duties.security, "staff"), (duties.theirs, "staff"), (duties.of_another, "staff"))
    sign_in("kacho").post(url(duties.ka), data)
    assert load_plan(duties.ka, 2026).done_by == {duties.security.pk: "staff"}


@pytest.mark.parametrize("who", ["bucho", "jinji"])
def test_those_above_and_hr_choose_them_too(sign_in, duties, who):
    assert sign_in(who).post(url(duties.ka), sent((duties.security, "staff"))).status_code == 302


@pytest.mark.parametrize(
    ("who", "status"), [("kakari", 403), ("honnin", 403), ("henshu", 403), ("kansa", 403), ("betsuka", 404)]
)
def test_nobody_else_does(sign_in, duties, who, status):
    client = sign_in(who)
    assert client.get(url(duties.kakari_dept)).status_code == status
    assert client.post(url(duties.kakari_dept), sent()).status_code == status
    assert not DutyPlan.objects.exists()


def test_another_municipality_and_a_wrong_method(sign_in, duties):
    client = sign_in("jinji")
    assert client.get(url(duties.foreign_department)).status_code == 404
    assert client.post(url(duties.foreign_department), sent()).status_code == 404
    assert client.delete(url(duties.ka)).status_code == 405


def test_an_ended_year_takes_nothing_and_before_the_first_there_is_none(sign_in, duties):
    client = sign_in("kacho")
    Cycle.objects.filter(pk=duties.cycle.pk).update(state="closed", closed_at=timezone.now())
    assert client.get(url(duties.ka)).status_code == 409
    assert client.post(url(duties.ka), sent((duties.security, "staff"))).status_code == 409
    Cycle.objects.filter(pk=duties.cycle.pk).update(state="prepared", closed_at=None, opened_at=None)
    assert "受付中の年度がない" in client.get(url(duties.ka)).content.decode()
    assert not DutyPlan.objects.exists()


def test_the_queries_do_not_grow(sign_in, duties, django_assert_max_num_queries):
    client = sign_in("kacho")
    has_duties(duties.ka, 2025, duties.security)
    has_duties(duties.ka, 2026, duties.security)
    with django_assert_max_num_queries(15) as few:
        client.get(url(duties.ka))
    many_duties = [make_duty(f"業務{number}", {POLICY: 1, TALKING: 2}) for number in range(20)]
    has_duties(duties.ka, 2026, *many_duties)
    with django_assert_max_num_queries(15) as many:
        client.get(url(duties.ka))
    assert len(few) == len(many)


def test_the_department_page_leads_here(sign_in, duties):
    department = reverse("gaps:department", args=[duties.ka.uuid])
    assert url(duties.ka) in sign_in("kacho").get(department).content.decode()
    department = reverse("gaps:department", args=[duties.kakari_dept.uuid])
    assert url(duties.kakari_dept) not in sign_in("kakari").get(department).content.decode()


# --- the workflow, without a page


def save(world, done_by, *, department=None, cycle=None, by=None, version=0, **more):
    return save_plan(
        department=department or world.ka, cycle=cycle or world.cycle, done_by=done_by, version=version,
        by=b.actor_of(by or world.kacho), now=timezone.now(), **more,
    )  # fmt: skip


def test_the_workflow_asks_for_itself(duties):
    wanted = {duties.security.pk: "staff"}
    with pytest.raises(Forbidden):
        save(duties, wanted, by=duties.kakari)
    with pytest.raises(NotVisible):
        save(duties, wanted, department=duties.foreign_department)
    with pytest.raises(NotVisible):
        save(duties, wanted, cycle=duties.foreign_cycle)
    with pytest.raises(Conflict):
        save(
            duties, wanted, cycle=b.make_cycle(duties.city, duties.version, fiscal_year=2025, state="closed")
        )
    for pk, done_by in (
        (duties.theirs.pk, "staff"),
        (duties.of_another.pk, "staff"),
        (duties.security.pk, ""),
    ):
        with pytest.raises(Invalid):
            save(duties, {pk: done_by})
    assert not DutyPlan.objects.exists()


def test_a_stale_version_writes_nothing_at_all(duties):
    assert save(duties, {duties.security.pk: "staff"}) is True
    assert save(duties, {duties.security.pk: "staff"}) is False
    with pytest.raises(StalePlan) as refusal:
        save(duties, {duties.network.pk: "staff"}, new_name="放送")
    assert (refusal.value.stored.done_by, refusal.value.detail) == (
        {duties.security.pk: "staff"},
        {"version": 1},
    )
    assert not Duty.objects.filter(name="放送").exists()
    # Nothing at all is a plan too, and then the version still counts.
    assert save(duties, {}, version=1) is True
    assert load_plan(duties.ka, 2026).version == 2
    with pytest.raises(StalePlan):
        save(duties, {duties.network.pk: "staff"}, version=1)


def test_what_is_held_is_named_in_the_order_of_the_catalogue(duties):
    plan = has_duties(duties.ka, 2026, duties.network, duties.security)
    for duty in (duties.network, duties.security):
        assign(plan, duty, duties.honnin)
    with pytest.raises(StillAssigned) as refusal:
        save(duties, {}, version=1)
    assert [(duty.name, people) for duty, people in refusal.value.duties] == [(SECURITY, 1), (NETWORK, 1)]
