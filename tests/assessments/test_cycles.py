"""年度と締切: workflow and pages; the commands are in test_cycle_commands.py."""

import datetime
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden, Invalid
from assessments.models import Cycle, Sheet
from assessments.participants import without_sheet
from assessments.workflow.closing import NotAccepted, NotDecided, close_cycle, decide_rest
from assessments.workflow.cycles import Plan, YearExists, add_sheets, change_plan, open_cycle, prepare_cycle
from audit.models import Event
from competency.models import FrameworkVersion
from lib import fiscal
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import in_state

BACKEND = "organization.backends.StaffBackend"
NOW = timezone.now()
DAY = datetime.date(2027, 4, 1)
PLAN = Plan(DAY, DAY, datetime.date(2027, 12, 10), datetime.date(2028, 1, 28))
NAMES = ["honnin", "dourei", "kakari", "kacho", "bucho", "betsuka", "jinji", "henshu", "kansa", "sysadmin"]


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


def prepared(world, **kwargs):
    return prepare_cycle(
        municipality=world.city,
        fiscal_year=kwargs.pop("fiscal_year", 2027),
        framework_version=kwargs.pop("version", world.version),
        plan=kwargs.pop("plan", PLAN),
        by=b.actor_of(world.jinji),
        now=NOW,
    )


def opened(cycle, by=None):
    return open_cycle(cycle=cycle, version=cycle.version, by=by, now=NOW)


def dates(**changes):
    return {
        "reference_date": "令和9年4月1日",
        "starts_on": "R9.4.1",
        "submit_by": "2027/12/10",
        "confirm_by": "2028-01-28",
        "steps": "two",
        **changes,
    }


def test_everyone_posted_on_the_day_gets_a_sheet(world):
    b.make_leave(world.dourei)
    Posting.objects.filter(staff=world.kansa).update(end=DAY)
    world.betsuka.left_on = DAY
    world.betsuka.save(update_fields=["left_on"])
    b.make_posting(world.honnin, world.jinjika, kind=Posting.Kind.ADDITIONAL)
    late = b.make_staff(world.city, "新人")
    b.make_posting(late, world.kiban, start=DAY + datetime.timedelta(days=1))
    Posting.objects.filter(staff=world.honnin, kind="main").update(position="主任")
    cycle, made = opened(prepared(world))
    names = set(Sheet.objects.filter(cycle=cycle).values_list("staff__username", flat=True))
    assert names == set(NAMES) - {"kansa", "betsuka"}
    assert made == len(names)
    sheet = Sheet.objects.get(cycle=cycle, staff=world.honnin)
    assert (sheet.department, sheet.department_path) == (world.kakari_dept, world.kakari_dept.path)
    assert (sheet.position, sheet.employment, sheet.fiscal_year) == ("主任", "regular", 2027)
    assert (sheet.state, sheet.version) == ("not_started", 1)
    assert Event.objects.get(action="cycle.open").data == {"fiscal_year": 2027, "sheets": made}


def test_two_main_postings_at_once_make_one_sheet(world):
    b.make_posting(world.honnin, world.kiban, end=datetime.date(2030, 4, 1), start=datetime.date(2026, 4, 1))
    cycle, made = opened(prepared(world))
    assert made == len(NAMES)
    assert Sheet.objects.get(cycle=cycle, staff=world.honnin).department in (world.kakari_dept, world.kiban)


@pytest.mark.parametrize("people", [1, 30])
def test_opening_costs_the_same_at_any_size(world, django_assert_num_queries, people):
    for number in range(people):
        b.make_posting(b.make_staff(world.city, f"職員 {number}"), world.kiban)
    cycle = prepared(world)
    with django_assert_num_queries(7):
        opened(cycle)


def test_it_opens_once(world):
    cycle = prepared(world)
    opened(cycle)
    with pytest.raises(Conflict):
        opened(cycle)
    with pytest.raises(Conflict):
        opened(Cycle.objects.get(pk=cycle.pk))
    assert Sheet.objects.filter(cycle=cycle).count() == len(NAMES)


def test_nobody_there_means_nothing_opens(world):
    cycle = prepared(world, plan=Plan(datetime.date(2019, 4, 1), *([DAY] * 3)))
    with pytest.raises(Conflict, match="名簿"):
        opened(cycle)
    cycle.refresh_from_db()
    assert cycle.state == Cycle.State.PREPARED


def test_what_cannot_be_prepared(world):
    with pytest.raises(YearExists):
        prepared(world, fiscal_year=2026)
    with pytest.raises(Conflict):
        prepared(world, version=b.make_version(name="草案", publish=False))
    with pytest.raises(Invalid):
        prepared(world, plan=Plan(DAY, DAY, DAY, DAY - datetime.timedelta(days=1)))
    assert not Cycle.objects.filter(fiscal_year=2027).exists()


def test_dates_change_until_the_end_but_not_the_reference_date(world):
    actor = b.actor_of(world.jinji)
    cycle, _ = opened(prepared(world))
    later = Plan(DAY, DAY, PLAN.submit_by, datetime.date(2028, 2, 28), True)
    fresh = change_plan(cycle=cycle, plan=later, version=cycle.version, by=actor, now=NOW)
    assert (fresh.confirm_by, fresh.final_without_confirmer, fresh.version) == (later.confirm_by, True, 3)
    with pytest.raises(Conflict):
        change_plan(cycle=cycle, plan=later, version=cycle.version, by=actor, now=NOW)
    moved = Plan(datetime.date(2027, 5, 1), DAY, PLAN.submit_by, PLAN.confirm_by)
    with pytest.raises(Conflict, match="基準日"):
        change_plan(cycle=fresh, plan=moved, version=fresh.version, by=actor, now=NOW)


def test_late_comers_get_a_sheet_once(world):
    actor = b.actor_of(world.jinji)
    late = b.make_staff(world.city, "新人")
    b.make_posting(late, world.kiban, position="主事")
    assert late.pk in {posting.staff_id for posting in without_sheet(world.cycle, actor.today)}
    assert add_sheets(cycle=world.cycle, staff_ids=[late.pk, world.honnin.pk], by=actor, now=NOW) == 1
    assert Sheet.objects.get(staff=late).position == "主事"
    assert add_sheets(cycle=world.cycle, staff_ids=[late.pk], by=actor, now=NOW) == 0
    assert Sheet.objects.filter(cycle=world.cycle, staff=world.honnin).count() == 1
    with pytest.raises(Conflict):
        add_sheets(cycle=prepared(world), staff_ids=[late.pk], by=actor, now=NOW)


def test_closing_needs_the_unfinished_to_be_decided_and_accepted(world):
    actor = b.actor_of(world.jinji)
    with pytest.raises(NotAccepted) as refusal:
        close_cycle(cycle=world.cycle, version=1, accepted=0, by=actor, now=NOW)
    assert refusal.value.unfinished == 1
    with pytest.raises(NotDecided):
        close_cycle(cycle=world.cycle, version=1, accepted=1, by=actor, now=NOW)
    world.cycle.refresh_from_db()
    assert world.cycle.is_open
    decide_rest(cycle=world.cycle, by=actor, now=NOW, today=actor.today)
    closed = close_cycle(cycle=world.cycle, version=1, accepted=1, by=actor, now=NOW)
    assert (closed.state, closed.closed_at) == ("closed", NOW)
    for again in (world.cycle, closed):
        with pytest.raises(Conflict):
            close_cycle(cycle=again, version=again.version, accepted=1, by=actor, now=NOW)
    with pytest.raises(Conflict):
        change_plan(cycle=closed, plan=PLAN, version=closed.version, by=actor, now=NOW)


@pytest.mark.parametrize("who", [name for name in NAMES if name != "jinji"])
def test_nobody_but_hr(world, who):
    actor = b.actor_of(getattr(world, who))
    for change in [
        lambda: prepare_cycle(
            municipality=world.city,
            fiscal_year=2027,
            framework_version=world.version,
            plan=PLAN,
            by=actor,
            now=NOW,
        ),
        lambda: change_plan(cycle=world.cycle, plan=PLAN, version=1, by=actor, now=NOW),
        lambda: open_cycle(cycle=world.cycle, version=1, by=actor, now=NOW),
        lambda: add_sheets(cycle=world.cycle, staff_ids=[], by=actor, now=NOW),
        lambda: close_cycle(cycle=world.cycle, version=1, accepted=1, by=actor, now=NOW),
    ]:
        with pytest.raises(Forbidden):
            change()


def test_the_list_shows_how_far_each_year_is(hr, world):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    response = hr.get(reverse("assessments:cycles"))
    assert response.status_code == 200
    assert "令和8年度（2026年度）" in response.content.decode()
    (cycle,) = response.context["cycles"]
    assert (cycle.total, cycle.waiting, cycle.confirmed) == (1, 1, 0)


def test_a_year_from_preparing_to_closing(hr, world):
    year = str(timezone.localdate().year + 1)
    form = dates(fiscal_year=year, framework_version=str(world.version.uuid))
    response = hr.post(reverse("assessments:cycle_new"), form)
    cycle = Cycle.objects.get(fiscal_year=year)
    assert response["Location"] == reverse("assessments:cycle", args=[cycle.uuid])
    page = hr.get(response["Location"]).content.decode()
    assert f"{len(NAMES)}人に年度票を配ります" in page
    hr.post(reverse("assessments:cycle_open", args=[cycle.uuid]), {"version": "1", "seen": "1"})
    cycle.refresh_from_db()
    assert cycle.is_open
    assert Sheet.objects.filter(cycle=cycle).count() == len(NAMES)
    hr.post(reverse("assessments:cycle", args=[cycle.uuid]), {"version": "2", **dates(confirm_by="2028/2/1")})
    cycle.refresh_from_db()
    assert cycle.confirm_by == datetime.date(2028, 2, 1)
    close = reverse("assessments:cycle_close", args=[cycle.uuid])
    assert "山﨑 美咲" in hr.get(close).content.decode()
    refused = hr.post(close, {"action": "close", "version": "3", "unfinished": "10", "accept": "1"})
    assert refused.status_code == 409
    assert "どうするか決めていない年度票が10件" in refused.content.decode()
    hr.post(close, {"action": "rest", "undecided": "10"})
    hr.post(close, {"action": "close", "version": "3", "unfinished": "10", "accept": "1"})
    cycle.refresh_from_db()
    assert cycle.state == "closed"
    page = hr.get(reverse("assessments:cycle", args=[cycle.uuid])).content.decode()
    assert "10件は確定しないまま" in page


def test_a_year_too_early_is_opened_only_by_who_read_why(hr, world):
    cycle = prepared(world, plan=replace(PLAN, reference_date=timezone.localdate() + datetime.timedelta(1)))
    url = reverse("assessments:cycle_open", args=[cycle.uuid])
    for response in (hr.get(reverse("assessments:cycle", args=[cycle.uuid])), hr.post(url, {"version": "1"})):
        page = response.content.decode()
        assert "がまだ来ていません" in page
        assert f"先に{world.cycle}を終えてください" in page
    assert response.status_code == 409
    assert not Sheet.objects.filter(cycle=cycle).exists()
    assert hr.post(url, {"version": "1", "seen": "1"}).status_code == 302
    assert Sheet.objects.filter(cycle=cycle).count() == len(NAMES)


def test_a_year_that_follows_a_closed_one_opens_without_a_question(hr, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=NOW)
    cycle = prepared(world, plan=replace(PLAN, reference_date=timezone.localdate()))
    url = reverse("assessments:cycle_open", args=[cycle.uuid])
    assert hr.post(url, {"version": "1"}).status_code == 302


def test_the_next_year_without_sheets_is_proposed(hr, world):
    initial = hr.get(reverse("assessments:cycle_new")).context["form"].initial
    taken = set(Cycle.objects.filter(municipality=world.city).values_list("fiscal_year", flat=True))
    this_year = fiscal.fiscal_year(timezone.localdate())
    year = this_year + 1 if this_year in taken else this_year
    assert initial["fiscal_year"] == year
    assert initial["reference_date"] == max(timezone.localdate(), fiscal.first_day(year))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"submit_by": "2027/13/1"}, "暦にない日付"),
        ({"submit_by": ""}, "提出の締切を入力"),
        ({"confirm_by": "2027/4/2"}, "提出の締切と同じ日か"),
        ({"fiscal_year": "2026"}, "この年度はもうあります"),
        ({"framework_version": "00000000-0000-0000-0000-000000000000"}, "選"),
    ],
)
def test_a_bad_plan_shows_its_error(hr, world, changes, said):
    form = {"fiscal_year": "2027", "framework_version": str(world.version.uuid), **dates(), **changes}
    response = hr.post(reverse("assessments:cycle_new"), form)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Cycle.objects.count() == 2


def test_a_draft_version_is_not_offered(hr, world):
    b.make_version(name="草案", publish=False)
    shown = hr.get(reverse("assessments:cycle_new")).context["form"].fields["framework_version"].queryset
    assert list(shown) == [FrameworkVersion.objects.get(pk=world.version.pk)]


def test_dates_changed_in_another_tab_keep_what_was_typed(hr, world):
    response = hr.post(
        reverse("assessments:cycle", args=[world.cycle.uuid]), {"version": "0", **dates(confirm_by="R10.3.3")}
    )
    assert response.status_code == 409
    assert "R10.3.3" in response.content.decode()
    bad = hr.post(
        reverse("assessments:cycle", args=[world.cycle.uuid]), {"version": "1", **dates(starts_on="?")}
    )
    assert bad.status_code == 422


def test_late_comers_are_chosen_on_a_page(hr, world):
    url = reverse("assessments:cycle_add", args=[world.cycle.uuid])
    page = hr.get(url).content.decode()
    assert "小林 健" in page
    assert "山﨑 美咲" not in page
    assert hr.post(url).status_code == 422
    assert hr.post(url, {"staff": [str(world.honnin.uuid), str(world.yoso.uuid)]}).status_code == 422
    response = hr.post(url, {"staff": [str(world.dourei.uuid)]})
    assert response.status_code == 302
    assert set(Sheet.objects.filter(cycle=world.cycle).values_list("staff__username", flat=True)) == {
        "honnin",
        "dourei",
    }


def test_all_late_comers_are_added_at_once_as_long_as_they_are_those_shown(hr, world):
    url = reverse("assessments:cycle_add", args=[world.cycle.uuid])
    shown = len(hr.get(url).context["late"])
    assert hr.post(url, {"all": str(shown + 1)}).status_code == 422
    assert hr.post(url, {"all": str(shown)}).status_code == 302
    assert Sheet.objects.filter(cycle=world.cycle).count() == len(NAMES)


def test_a_closed_year_takes_no_late_comers(hr, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=NOW)
    assert hr.get(reverse("assessments:cycle_add", args=[world.cycle.uuid])).status_code == 409


@pytest.mark.parametrize("name", ["cycle", "cycle_add"])
def test_another_municipality_is_404(hr, world, name):
    assert hr.get(reverse(f"assessments:{name}", args=[world.foreign_cycle.uuid])).status_code == 404


@pytest.mark.parametrize("who", ["honnin", "kacho", "kansa"])
def test_the_pages_are_hrs(client, world, who):
    client.force_login(getattr(world, who), backend=BACKEND)
    for name in ("cycles", "cycle_new"):
        assert client.get(reverse(f"assessments:{name}")).status_code == 403
    for name in ("cycle", "cycle_add"):
        assert client.get(reverse(f"assessments:{name}", args=[world.cycle.uuid])).status_code == 403


def test_get_does_not_change(hr, world):
    assert hr.get(reverse("assessments:cycle_open", args=[world.cycle.uuid])).status_code == 405


@pytest.mark.parametrize("people", [2, 40])
def test_pages_cost_the_same_at_any_size(hr, world, django_assert_max_num_queries, people):
    for number in range(people):
        staff = b.make_staff(world.city, f"職員 {number}")
        b.make_posting(staff, world.kiban)
        in_state(b.make_sheet(staff, world.cycle, world.kiban), Sheet.State.SUBMITTED)
    for name in ("cycle", "cycle_add"):
        with django_assert_max_num_queries(12):
            assert hr.get(reverse(f"assessments:{name}", args=[world.cycle.uuid])).status_code == 200
    with django_assert_max_num_queries(8):
        hr.get(reverse("assessments:cycles"))
