"""必要人数: set, cleared, copied from last year, and saved by two at once (P17)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden, NotVisible
from assessments.models import Cycle
from audit.models import Event
from competency.models import DepartmentDuty
from gaps.models import CountingRule, ExternalCover, Need
from gaps.workflow import CellNeed, Needs, Stale, load_needs, save_needs
from organization.models import Staff
from tests import builders as b
from tests.competency.duty_records import has_duties, make_duty
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, RUNNING, TALKING, external, need, rule


def url(department, query=""):
    return reverse("gaps:needs", args=[department.uuid]) + query


def needs_of(department, cycle):
    return {code: one.needed for code, one in load_needs(department, cycle).cells.items()}


def test_it_works(sign_in, world):
    client = sign_in("kacho")
    assert client.get(url(world.ka)).status_code == 200
    answer = client.post(
        url(world.ka),
        {
            "version": "0",
            f"need-{POLICY}": "２",
            f"note-{POLICY}": "改定の年",
            f"need-{ANALYSIS}": "0",
            f"external-{TALKING}": "1",
            "count_external": "on",
        },
    )
    assert answer.status_code == 302
    assert answer["Location"] == reverse("gaps:department", args=[world.ka.uuid])
    stored = load_needs(world.ka, world.cycle)
    assert stored.cells == {
        POLICY: CellNeed(2, "改定の年"),
        ANALYSIS: CellNeed(0),
        TALKING: CellNeed(external=1),
    }
    assert (stored.count_external, stored.count_fiscal_year_staff, stored.version) == (True, False, 1)
    event = Event.objects.get(action="needs.change")
    assert (event.object_uuid, event.data) == (world.ka.uuid, {"year": 2026, "cells": 3})
    assert "改定の年" not in str(event.data)


def test_blank_takes_the_number_away_and_zero_keeps_it(sign_in, world):
    need(world.ka, world.cycle, {POLICY: 3, ANALYSIS: 1, PLANNING: 2})
    client = sign_in("kacho")
    client.post(
        url(world.ka),
        {"version": "0", f"need-{POLICY}": "", f"need-{ANALYSIS}": "0", f"need-{PLANNING}": "2"},
    )
    assert needs_of(world.ka, world.cycle) == {ANALYSIS: 0, PLANNING: 2}
    versions = dict(Need.objects.values_list("cell__code", "version"))
    assert versions == {ANALYSIS: 2, PLANNING: 1}


def test_the_form_shows_what_is_stored_and_last_year(sign_in, world, last_cycle):
    need(world.ka, world.cycle, {POLICY: 3})
    external(world.ka, world.cycle, {POLICY: 1})
    need(world.ka, last_cycle, {POLICY: 2, ANALYSIS: 0})
    page = sign_in("kacho").get(url(world.ka))
    lines = {line.cell.code: line for line in page.context["lines"]}
    assert (lines[POLICY].needed.value(), lines[POLICY].external.value(), lines[POLICY].before) == (3, 1, 2)
    assert (lines[ANALYSIS].needed.value(), lines[ANALYSIS].before) == (None, 0)
    assert lines[PLANNING].before is None
    assert 'href="?copy=1"' in page.content.decode()


def test_copying_last_year_fills_the_form_and_writes_nothing(sign_in, world, last_cycle):
    need(world.ka, last_cycle, {POLICY: 2})
    rule(world.ka, last_cycle, fiscal_year_staff=True)
    page = sign_in("kacho").get(url(world.ka, "?copy=1"))
    lines = {line.cell.code: line for line in page.context["lines"]}
    assert lines[POLICY].needed.value() == 2
    assert page.context["form"]["count_fiscal_year_staff"].value() is True
    assert "まだ保存していません" in page.content.decode()
    assert not Need.objects.filter(cycle=world.cycle).exists()


def test_without_a_last_year_there_is_nothing_to_copy(sign_in, world):
    page = sign_in("kacho").get(url(world.ka, "?copy=1"))
    assert page.status_code == 200
    assert "昨年の値" not in page.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (f"need-{POLICY}", "-1", "0から999までの数を入れてください。"),
        (f"need-{POLICY}", "1000", "0から999までの数を入れてください。"),
        (f"need-{POLICY}", "二人", "0から999までの数を入れてください。"),
        (f"external-{POLICY}", "100", "0から99までの数を入れてください。"),
        (f"note-{POLICY}", "数のないメモ", "メモだけは保存できません。"),
        (f"note-{POLICY}", "長" * 201, "200"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(sign_in, world, field, value, message):
    answer = sign_in("kacho").post(url(world.ka), {"version": "0", f"need-{ANALYSIS}": "2", field: value})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert message in text
    assert f'href="#id_{field.replace("note-", "need-") if value == "数のないメモ" else field}"' in text
    assert f'value="{value}"' in text
    assert not Need.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "-1"])
def test_a_version_no_form_of_ours_sends(sign_in, world, version):
    assert sign_in("kacho").post(url(world.ka), {"version": version}).status_code == 422


def test_of_two_who_save_the_second_sees_both_values(sign_in, world):
    client = sign_in("kacho")
    client.post(url(world.ka), {"version": "0", f"need-{POLICY}": "2", f"need-{ANALYSIS}": "1"})
    answer = client.post(
        url(world.ka),
        {"version": "0", f"need-{POLICY}": "5", f"need-{ANALYSIS}": "1", f"note-{POLICY}": "わたしのメモ"},
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="5"' in text
    assert "わたしのメモ" in text
    assert "保存されている値：必要人数 2人、メモなし" in text
    marked = [line.cell.code for line in answer.context["lines"] if line.stored]
    assert marked == [POLICY]
    assert needs_of(world.ka, world.cycle) == {POLICY: 2, ANALYSIS: 1}
    # The form that came back carries the new version: sending it again decides.
    version = answer.context["form"]["version"].value()
    again = client.post(url(world.ka), {"version": version, f"need-{POLICY}": "5", f"need-{ANALYSIS}": "1"})
    assert again.status_code == 302
    assert needs_of(world.ka, world.cycle)[POLICY] == 5


def test_every_kind_of_difference_is_named(sign_in, world):
    client = sign_in("kacho")
    client.post(url(world.ka), {"version": "0", f"external-{POLICY}": "1"})
    mine = {"version": "0", f"need-{POLICY}": "0", f"external-{POLICY}": "", f"need-{ANALYSIS}": "1"}
    text = client.post(url(world.ka), mine).content.decode()
    assert "保存されている値：必要人数 未設定、委託常駐 1人" in text
    theirs = {"version": "1", f"need-{POLICY}": "1", f"note-{POLICY}": "改定の年"}
    client.post(url(world.ka), theirs)
    text = client.post(url(world.ka), mine | {f"external-{POLICY}": "2"}).content.decode()
    assert "保存されている値：必要人数 1人、委託常駐 なし、メモ「改定の年」" in text


def test_an_old_version_after_several_saves(sign_in, world):
    client = sign_in("kacho")
    for version, number in (("0", "1"), ("1", "2"), ("2", "3")):
        assert client.post(url(world.ka), {"version": version, f"need-{POLICY}": number}).status_code == 302
    assert client.post(url(world.ka), {"version": "1", f"need-{POLICY}": "9"}).status_code == 409
    assert needs_of(world.ka, world.cycle) == {POLICY: 3}


def test_a_second_click_is_no_conflict(sign_in, world):
    client = sign_in("kacho")
    data = {"version": "0", f"need-{POLICY}": "2"}
    assert [client.post(url(world.ka), data).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(action="needs.change").count() == 1


@pytest.mark.parametrize("who", ["bucho", "jinji"])
def test_those_above_and_hr_set_them_too(sign_in, world, who):
    assert sign_in(who).post(url(world.ka), {"version": "0", f"need-{POLICY}": "1"}).status_code == 302


@pytest.mark.parametrize(
    ("who", "status"), [("kakari", 403), ("honnin", 403), ("henshu", 403), ("kansa", 403), ("betsuka", 404)]
)
def test_nobody_else_does(sign_in, world, who, status):
    client = sign_in(who)
    assert client.get(url(world.kakari_dept)).status_code == status
    assert client.post(url(world.kakari_dept), {"version": "0", f"need-{POLICY}": "1"}).status_code == status
    assert not Need.objects.exists()


def test_another_municipality_and_a_wrong_method(sign_in, world):
    client = sign_in("jinji")
    assert client.get(url(world.foreign_department)).status_code == 404
    assert client.post(url(world.foreign_department), {"version": "0"}).status_code == 404
    assert client.delete(url(world.ka)).status_code == 405


def test_an_ended_year_takes_nothing(sign_in, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=timezone.now())
    client = sign_in("kacho")
    assert client.get(url(world.ka)).status_code == 409
    assert client.post(url(world.ka), {"version": "0", f"need-{POLICY}": "1"}).status_code == 409
    assert not Need.objects.exists()


def test_before_the_first_year(sign_in, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="prepared", opened_at=None)
    answer = sign_in("kacho").get(url(world.ka))
    assert answer.status_code == 409
    assert "受付中の年度がない" in answer.content.decode()


# --- the workflow, without a page


def save(world, department, needs, *, by=None, cycle=None):
    return save_needs(
        department=department, cycle=cycle or world.cycle, needs=needs, by=b.actor_of(by or world.kacho),
        now=timezone.now(),
    )  # fmt: skip


def test_the_workflow_asks_for_itself(world):
    wanted = Needs({POLICY: CellNeed(1)})
    with pytest.raises(Forbidden):
        save(world, world.ka, wanted, by=world.kakari)
    with pytest.raises(NotVisible):
        save(world, world.foreign_department, wanted)
    with pytest.raises(NotVisible):
        save(world, world.ka, wanted, cycle=world.foreign_cycle)
    closed = b.make_cycle(world.city, world.version, fiscal_year=2025, state="closed")
    with pytest.raises(Conflict):
        save(world, world.ka, wanted, cycle=closed)
    assert not Need.objects.exists()


def test_saving_nothing_new_changes_nothing(world):
    wanted = Needs({POLICY: CellNeed(1, "", 2)})
    assert save(world, world.ka, wanted) is True
    assert (
        save(world, world.ka, Needs({POLICY: CellNeed(1, "", 2), ANALYSIS: CellNeed()}, version=1)) is False
    )
    assert CountingRule.objects.get().version == 1
    assert save(world, world.ka, Needs({POLICY: CellNeed(1)}, version=1)) is True
    assert not ExternalCover.objects.exists()


def test_a_stale_version_writes_nothing_at_all(world):
    save(world, world.ka, Needs({POLICY: CellNeed(1)}))
    with pytest.raises(Stale) as refusal:
        save(world, world.ka, Needs({POLICY: CellNeed(3)}, count_external=True, version=0))
    assert refusal.value.stored.cells == {POLICY: CellNeed(1)}
    assert refusal.value.detail == {"version": 1}
    assert CountingRule.objects.get().count_external is False
    assert Event.objects.filter(action="needs.change").count() == 1


# --- the proposal from the duties


@pytest.fixture
def with_duties(world):
    """Return the world whose 課 secures, has its network outsourced, and holds six people."""
    security = make_duty("情報セキュリティに関すること", {POLICY: 2, TALKING: 9})
    network = make_duty("ネットワークや機器に関すること", {POLICY: 5})
    has_duties(world.ka, 2026, security)
    has_duties(world.ka, 2026, network, done_by=DepartmentDuty.DoneBy.OUTSOURCED)
    return world


def test_the_proposal_stands_beside_every_number_with_its_reason(sign_in, with_duties):
    page = sign_in("kacho").get(url(with_duties.ka))
    text = page.content.decode()
    proposed = {line.cell.code: line.proposed.count for line in page.context["lines"]}
    assert proposed == {POLICY: 2, TALKING: 6} | dict.fromkeys(
        [ANALYSIS, PLANNING, RUNNING, "system-operations.2"], 0
    )
    for reason in (
        "情報セキュリティに関すること：2人",
        "人数の上限 6人に合わせた",
        "ネットワークや機器に関することは、外部に委託するため数えない",
        "どの業務も求めていない",
    ):
        assert reason in text
    assert all(line.needed.value() is None for line in page.context["lines"])
    assert 'href="?propose=1"' in text


def test_the_proposal_is_filled_in_and_nothing_written(sign_in, with_duties):
    need(with_duties.ka, with_duties.cycle, {POLICY: 7})
    Need.objects.update(note="改定の年")
    external(with_duties.ka, with_duties.cycle, {ANALYSIS: 1})
    client = sign_in("kacho")
    page = client.get(url(with_duties.ka, "?propose=1"))
    lines = {line.cell.code: line for line in page.context["lines"]}
    assert [lines[code].needed.value() for code in (POLICY, TALKING, ANALYSIS)] == [2, 6, 0]
    assert (lines[POLICY].note.value(), lines[ANALYSIS].external.value()) == ("改定の年", 1)
    assert "まだ保存していません" in page.content.decode()
    assert needs_of(with_duties.ka, with_duties.cycle)[POLICY] == 7


def test_the_head_count_is_that_of_the_report(sign_in, with_duties):
    b.make_leave(with_duties.dourei)
    Staff.objects.filter(pk=with_duties.honnin.pk).update(employment=Staff.Employment.FISCAL_YEAR)
    b.make_posting(with_duties.henshu, with_duties.kakari_dept, kind="additional")
    client = sign_in("kacho")

    def proposed():
        page = client.get(url(with_duties.ka))
        return next(line.proposed.count for line in page.context["lines"] if line.cell.code == TALKING)

    assert proposed() == 4
    rule(with_duties.ka, with_duties.cycle, fiscal_year_staff=True)
    assert proposed() == 5
    report = client.get(reverse("gaps:department", args=[with_duties.ka.uuid]))
    assert report.status_code == 200


def test_without_duties_it_says_where_to_choose_them(sign_in, world):
    text = sign_in("kacho").get(url(world.ka, "?propose=1")).content.decode()
    assert reverse("gaps:duties", args=[world.ka.uuid]) in text
    assert "業務からの案" not in text
    assert "?propose=1" not in text


def test_the_queries_do_not_grow_with_the_duties(sign_in, with_duties, django_assert_max_num_queries):
    client = sign_in("kacho")
    with django_assert_max_num_queries(15) as few:
        client.get(url(with_duties.ka))
    has_duties(with_duties.ka, 2026, *(make_duty(f"業務{number}", {POLICY: 1}) for number in range(20)))
    with django_assert_max_num_queries(15) as many:
        client.get(url(with_duties.ka))
    assert len(few) == len(many)
