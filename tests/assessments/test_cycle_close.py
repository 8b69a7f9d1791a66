"""年度を終える: what is left is listed, decided one by one or in bulk, and shown on the sheets."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden
from assessments.models import Cycle, Leftover, Sheet
from assessments.views import closing
from assessments.workflow.closing import (
    NotDecided,
    close_cycle,
    decide,
    decide_rest,
    decided_sheets,
    with_decisions,
)
from audit.models import Event
from tests import builders as b
from tests.assessments.sheets import in_state, show

BACKEND = "organization.backends.StaffBackend"
NOW = timezone.now()
TODAY = timezone.localdate()
DECISIONS = Leftover.Decision


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


@pytest.fixture
def four(world):
    """Give the year four more sheets: 提出, somebody on leave, somebody who left, 確定."""
    makes = [
        (world.dourei, Sheet.State.SUBMITTED),
        (world.henshu, Sheet.State.NOT_STARTED),
        (world.betsuka, Sheet.State.DRAFTING),
        (world.sysadmin, Sheet.State.CONFIRMED),
    ]
    for staff, state in makes:
        in_state(b.make_sheet(staff, world.cycle, world.kiban), state, confirmer=world.kacho)
    b.make_leave(world.henshu)
    world.betsuka.left_on = TODAY
    world.betsuka.save(update_fields=["left_on"])
    return world


def url(cycle):
    return reverse("assessments:cycle_close", args=[cycle.uuid])


def sheet_of(staff):
    return Sheet.objects.get(staff=staff, cycle__fiscal_year=2026)


def rest(world, **changes):
    actor = b.actor_of(world.jinji)
    return decide_rest(
        cycle=world.cycle, by=actor, now=changes.pop("now", timezone.now()), today=actor.today, **changes
    )


def closed(world):
    left = decided_sheets(world.cycle).count()
    return close_cycle(
        cycle=world.cycle, version=world.cycle.version, accepted=left, by=b.actor_of(world.jinji), now=NOW
    )


def test_what_is_at_hand_is_proposed(four):
    found = {sheet.staff.username: sheet.proposed for sheet in with_decisions(four.cycle, TODAY)}
    assert found == {"honnin": "unsubmitted", "dourei": "unconfirmed", "henshu": "absent", "betsuka": "left"}


def test_all_is_decided_in_bulk_and_the_year_ends(four):
    assert rest(four, expected=4) == 4
    assert rest(four) == 0
    closed(four)
    kept = dict(Leftover.objects.values_list("sheet__staff__username", "decision"))
    assert kept == {"honnin": "unsubmitted", "dourei": "unconfirmed", "henshu": "absent", "betsuka": "left"}
    assert set(Leftover.objects.values_list("decided_by__username", flat=True)) == {"jinji"}
    assert Event.objects.get(action="cycle.decide").data == {"fiscal_year": 2026, "sheets": 4}


def test_more_than_were_shown_are_not_decided(four):
    with pytest.raises(NotDecided) as refusal:
        rest(four, expected=3)
    assert refusal.value.undecided == 4
    assert not Leftover.objects.exists()


def test_one_that_is_not_decided_keeps_the_year_open(four):
    rest(four)
    Leftover.objects.filter(sheet__staff=four.dourei).delete()
    with pytest.raises(NotDecided):
        closed(four)
    four.cycle.refresh_from_db()
    assert four.cycle.is_open


def test_who_submits_after_all_is_asked_about_anew(four):
    rest(four, now=NOW - datetime.timedelta(hours=1))
    for staff in (four.honnin, four.henshu):
        in_state(sheet_of(staff), Sheet.State.SUBMITTED)
    open_ones = set(decided_sheets(four.cycle).filter(decided="").values_list("staff__username", flat=True))
    assert open_ones == {"honnin", "henshu", "dourei"}
    with pytest.raises(NotDecided):
        closed(four)
    assert rest(four) == 3
    closed(four)


def test_what_was_confirmed_meanwhile_has_no_decision(four):
    rest(four)
    sheet = sheet_of(four.dourei)
    Sheet.objects.filter(pk=sheet.pk).update(state="confirmed", confirmed_at=NOW)
    closed(four)
    assert not Leftover.objects.filter(sheet=sheet).exists()


def test_a_decision_must_suit_the_state(four):
    actor = b.actor_of(four.jinji)
    for staff, decision in ((four.honnin, DECISIONS.NOT_CONFIRMED), (four.dourei, DECISIONS.NOT_SUBMITTED)):
        with pytest.raises(Conflict):
            decide(cycle=four.cycle, decisions={sheet_of(staff).uuid: decision}, by=actor, now=NOW)
    with pytest.raises(Forbidden):
        decide(cycle=four.cycle, decisions={}, by=b.actor_of(four.kacho), now=NOW)
    foreign = {four.foreign_sheet.uuid: DECISIONS.ABSENT}
    assert decide(cycle=four.cycle, decisions=foreign, by=actor, now=NOW) == 0
    assert not Leftover.objects.exists()


def test_the_page_lists_decides_and_closes(hr, four):
    page = hr.get(url(four.cycle)).content.decode()
    assert "確定していない年度票が4件あります。そのうち4件は" in page
    assert "松本 圭" not in page
    assert 'value="close"' not in page
    chosen = {
        f"decision-{sheet_of(four.honnin).uuid}": "absent",
        f"decision-{sheet_of(four.dourei).uuid}": "left",
    }
    assert hr.post(url(four.cycle), {"action": "decide", **chosen}).status_code == 302
    assert dict(Leftover.objects.values_list("sheet__staff__username", "decision")) == {
        "honnin": "absent",
        "dourei": "left",
    }
    assert hr.post(url(four.cycle), {"action": "rest", "undecided": "4"}).status_code == 409
    assert hr.post(url(four.cycle), {"action": "rest", "undecided": "2"}).status_code == 302
    close = {"action": "close", "version": "1", "unfinished": "4"}
    refused = hr.post(url(four.cycle), close)
    assert refused.status_code == 409
    assert "印を付けてください" in refused.content.decode()
    assert hr.post(url(four.cycle), {**close, "accept": "1"}).status_code == 302
    four.cycle.refresh_from_db()
    assert four.cycle.state == "closed"
    year = hr.get(reverse("assessments:cycle", args=[four.cycle.uuid])).content.decode()
    assert "確定しないまま終えた年度票" in year
    assert hr.get(url(four.cycle)).status_code == 409


def test_a_year_with_everything_confirmed_closes_without_a_question(hr, world):
    in_state(world.sheet, Sheet.State.CONFIRMED, confirmer=world.kacho)
    assert "すべての年度票が確定しました" in hr.get(url(world.cycle)).content.decode()
    hr.post(url(world.cycle), {"action": "close", "version": "1", "unfinished": "0"})
    world.cycle.refresh_from_db()
    assert world.cycle.state == "closed"


@pytest.mark.parametrize(
    "sent",
    [{"action": "?"}, {"action": "decide", "decision-x": "absent"}, {"action": "decide", "decision-{}": "?"}],
)
def test_what_no_form_sends_is_refused(hr, world, sent):
    form = {name.format(world.sheet.uuid): value for name, value in sent.items()}
    assert hr.post(url(world.cycle), form).status_code == 422
    assert not Leftover.objects.exists()


def test_many_are_paged_and_stay_on_their_page(hr, four, monkeypatch):
    monkeypatch.setattr(closing, "PAGE", 3)
    second = f"{url(four.cycle)}?page=2"
    page = hr.get(second)
    (sheet,) = [sheet for sheet, _ in page.context["rows"]]
    response = hr.post(second, {"action": "decide", f"decision-{sheet.uuid}": "absent"})
    assert response["Location"].endswith("?page=2")
    assert "そのうち3件は" in hr.get(second).content.decode()


@pytest.mark.parametrize("people", [2, 40])
def test_the_page_costs_the_same_at_any_size(hr, world, django_assert_max_num_queries, people):
    for number in range(people):
        staff = b.make_staff(world.city, f"職員 {number}")
        b.make_posting(staff, world.kiban)
        b.make_sheet(staff, world.cycle, world.kiban)
    with django_assert_max_num_queries(10):
        hr.get(url(world.cycle))


def test_the_decision_is_seen_on_the_sheet_after_the_year_has_ended(client, four):
    rest(four)
    client.force_login(four.dourei, backend=BACKEND)
    words = "確認しないまま終える（自己記入のみ）"
    assert words not in show(client, sheet_of(four.dourei)).content.decode()
    closed(four)
    page = show(client, sheet_of(four.dourei)).content.decode()
    assert words in page
    assert "年度が終わったため、確認は行われません" in page
    client.force_login(four.jinji, backend=BACKEND)
    assert words in show(client, sheet_of(four.dourei)).content.decode()
    client.force_login(four.honnin, backend=BACKEND)
    assert (
        "人事の記録は「未提出のまま終える」です" in client.get(reverse("assessments:home")).content.decode()
    )


def test_a_decision_says_nothing_while_the_year_is_open(client, four):
    rest(four)
    client.force_login(four.honnin, backend=BACKEND)
    assert "未提出のまま終える" not in client.get(reverse("assessments:home")).content.decode()
    assert Cycle.objects.get(pk=four.cycle.pk).is_open
