"""A year made after another one: dates, version, steps, who takes part, and what departments need."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import NotVisible
from assessments.models import Cycle, Exclusion
from assessments.workflow.cycles import Copy, Plan, prepare_cycle
from audit.models import Event
from gaps.models import CountingRule, ExternalCover, Need
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"
NOW = timezone.now()
DAY = datetime.date(2027, 4, 1)
PLAN = Plan(DAY, DAY, datetime.date(2027, 12, 10), datetime.date(2028, 1, 28))


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


def copied(world, copy, **changes):
    common = {
        "municipality": world.city, "fiscal_year": 2027, "framework_version": world.version, "plan": PLAN,
        "by": b.actor_of(world.jinji), "now": NOW,
    }  # fmt: skip
    return prepare_cycle(**common | changes, copy=copy)


def need(world, department, cell=0, count=2, **kwargs):
    return Need.objects.create(
        municipality=world.city, department=department, cycle=world.cycle, cell=world.cells[cell], count=count,
        updated_at=NOW, **kwargs,
    )  # fmt: skip


def exclude(world, **who):
    return Exclusion.objects.create(
        municipality=world.city, cycle=world.cycle, reason="別の制度のため", created_at=NOW, **who
    )


def ended(department, successor=None, day=DAY):
    department.valid_to, department.successor = day, successor
    department.save(update_fields=["valid_to", "successor"])


def needs_of(cycle):
    rows = Need.objects.filter(cycle=cycle).values_list("department__name", "cell__rank", "count", "note")
    return set(rows)


def test_who_takes_part_and_what_is_needed_come_along(world):
    Cycle.objects.filter(pk=world.cycle.pk).update(employments=["regular"])
    world.cycle.refresh_from_db()
    exclude(world, department=world.soumu)
    exclude(world, staff=world.dourei)
    need(world, world.ka, note="夜間の当番を含む")
    common = {"municipality": world.city, "department": world.ka, "cycle": world.cycle, "updated_at": NOW}
    ExternalCover.objects.create(cell=world.cells[0], count=1, **common)
    CountingRule.objects.create(count_external=True, version=5, **common)
    cycle = copied(world, Copy(world.cycle))
    assert (cycle.copied_from, cycle.employments, cycle.state) == (world.cycle, ["regular"], "prepared")
    assert {(one.department, one.staff, one.reason) for one in cycle.exclusions.all()} == {
        (world.soumu, None, "別の制度のため"),
        (None, world.dourei, "別の制度のため"),
    }
    assert needs_of(cycle) == {("デジタル推進課", 0, 2, "夜間の当番を含む")}
    assert ExternalCover.objects.get(cycle=cycle).count == 1
    rule = CountingRule.objects.get(cycle=cycle)
    assert (rule.count_external, rule.count_fiscal_year_staff, rule.version) == (True, False, 1)
    data = Event.objects.get(action="cycle.prepare").data
    assert data == {"fiscal_year": 2027, "copied_from": 2026, "exclusions": 2, "needs": 1}


def test_only_what_is_asked_for_comes_along(world):
    exclude(world, department=world.soumu)
    need(world, world.ka)
    cycle = copied(world, Copy(world.cycle, exclusions=False, needs=False))
    assert not cycle.exclusions.exists()
    assert not needs_of(cycle)


def test_departments_that_were_joined_are_added_up_in_the_one_that_followed(world):
    new = b.make_department(world.city, "情報政策課", parent=world.bu, valid_from=DAY)
    ended(world.kakari_dept, new)
    ended(world.kiban, new)
    ended(world.jinjika)
    need(world, world.kakari_dept, note="夜間")
    need(world, world.kiban, count=3, note="休日")
    need(world, world.kiban, cell=1)
    need(world, world.jinjika)
    exclude(world, department=world.kiban)
    exclude(world, department=world.kakari_dept)
    exclude(world, department=world.jinjika)
    cycle = copied(world, Copy(world.cycle))
    assert needs_of(cycle) == {("情報政策課", 0, 5, "夜間、休日"), ("情報政策課", 1, 2, "")}
    assert [one.department for one in cycle.exclusions.all()] == [new]


def test_what_stood_below_a_department_that_ended_goes_along(world):
    new = b.make_department(world.city, "デジタル戦略課", parent=world.bu, valid_from=DAY)
    for department, successor in ((world.ka, new), (world.kakari_dept, None), (world.kiban, None)):
        ended(department, successor)
    need(world, world.kiban)
    assert needs_of(copied(world, Copy(world.cycle))) == {("デジタル戦略課", 0, 2, "")}


def test_a_department_that_ends_later_still_speaks_for_itself(world):
    ended(world.kiban, world.ka, DAY + datetime.timedelta(days=1))
    need(world, world.kiban)
    assert needs_of(copied(world, Copy(world.cycle))) == {("基盤係", 0, 2, "")}


def test_cells_are_known_by_their_code_in_another_version(world):
    other = b.make_version(code="new", name="2027")
    need(world, world.ka)
    cycle = copied(world, Copy(world.cycle), framework_version=other)
    codes = Need.objects.filter(cycle=cycle).values_list("cell__code", "cell__version")
    assert list(codes) == [(world.cells[0].code, other.pk)]


def test_sums_stay_within_what_a_form_can_hold(world):
    ended(world.kakari_dept, world.ka)
    for department in (world.kakari_dept, world.ka):
        need(world, department, count=999, note="あ" * 150)
    ((_, _, count, note),) = needs_of(copied(world, Copy(world.cycle)))
    assert count == 999
    assert len(note) <= 200


def test_people_who_have_left_are_not_left_out_again(world):
    world.dourei.left_on = DAY
    world.dourei.save(update_fields=["left_on"])
    exclude(world, staff=world.dourei)
    assert not copied(world, Copy(world.cycle)).exclusions.exists()


def test_nothing_comes_from_another_municipality(hr, world):
    with pytest.raises(NotVisible):
        copied(world, Copy(world.foreign_cycle))
    for source in (world.foreign_cycle.uuid, "x"):
        assert hr.get(reverse("assessments:cycle_new"), {"from": source}).status_code == 404


@pytest.mark.parametrize("places", [1, 15])
def test_copying_costs_the_same_at_any_size(world, django_assert_num_queries, places):
    for number in range(places):
        need(world, b.make_department(world.city, f"課 {number}"))
    with django_assert_num_queries(15):
        copied(world, Copy(world.cycle))


def test_the_form_proposes_the_year_after(hr, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(steps="one", employments=["regular"])
    need(world, world.ka)
    exclude(world, department=world.soumu)
    url = reverse("assessments:cycle_new") + f"?from={world.cycle.uuid}"
    assert url in hr.get(reverse("assessments:cycles")).content.decode()
    response = hr.get(url)
    page = response.content.decode()
    assert "1つの所属の1項目" in page
    assert "1件（所属と職員）" in page
    initial = response.context["form"].initial
    assert (initial["fiscal_year"], initial["steps"]) == (2027, "one")
    assert initial["submit_by"] == datetime.date(2027, 12, 11)
    assert "1年後の同じ日は土曜日です" in page
    form = {
        "fiscal_year": "2027", "framework_version": str(world.version.uuid), "steps": "one", "reference_date": "R9.4.1",
        "starts_on": "R9.4.1", "submit_by": "R9.12.10", "confirm_by": "R10.1.28", "exclusions": "on", "needs": "on",
    }  # fmt: skip
    bad = hr.post(url, {**form, "submit_by": ""})
    assert bad.status_code == 422
    assert "1つの所属の1項目" in bad.content.decode()
    assert hr.post(url, form).status_code == 302
    cycle = Cycle.objects.get(fiscal_year=2027)
    assert (cycle.steps, cycle.employments, cycle.copied_from) == ("one", ["regular"], world.cycle)
    assert needs_of(cycle)
    assert "写した年度" in hr.get(reverse("assessments:cycle", args=[cycle.uuid])).content.decode()


def test_what_stays_behind_is_said_before(hr, world):
    ended(world.jinjika, day=datetime.date(2027, 3, 1))
    ended(world.kiban, world.ka, datetime.date(2027, 3, 1))
    for department in (world.jinjika, world.kiban, world.ka):
        need(world, department)
    page = hr.get(reverse("assessments:cycle_new"), {"from": world.cycle.uuid}).content.decode()
    assert "引継ぎ先のない1つの所属" in page
    assert "統合された2つの所属" in page
