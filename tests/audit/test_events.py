"""Searching the trail (P27), and who finds what in it."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Alarm, Event, record
from audit.presenters import SENTENCES, describe
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def trail(world):
    now = timezone.now()
    record(
        by=b.actor_of(world.kacho),
        action="sheet.view",
        now=now,
        subject_uuid=world.honnin.uuid,
        target=world.sheet,
    )
    record(
        by=b.actor_of(world.sysadmin),
        action="grant.given",
        now=now,
        subject_uuid=world.kakari.uuid,
        target=world.kakari,
        kind=Event.Kind.TECHNICAL,
    )
    record(by=b.actor_of(world.yoso), action="sheet.view", now=now, subject_uuid=world.yoso.uuid)
    return world


def page(client, staff, **query):
    client.force_login(staff, backend=BACKEND)
    return client.get("/audit/", query)


def test_auditor_finds_every_event_of_the_own_municipality(client, trail):
    text = page(client, trail.kansa).content.decode()
    assert "2件" in text
    assert trail.honnin.name in text
    assert trail.kakari.name in text
    assert trail.yoso.name not in text


def test_sysadmin_finds_technical_events(client, trail):
    text = page(client, trail.sysadmin).content.decode()
    assert "1件" in text
    assert trail.kakari.name in text
    assert trail.honnin.name not in text


def test_hr_finds_people_events(client, trail):
    text = page(client, trail.jinji).content.decode()
    assert "1件" in text
    assert trail.honnin.name in text
    assert trail.kakari.name not in text


@pytest.mark.parametrize("who", ["honnin", "kacho", "henshu"])
def test_others_are_refused(client, trail, who):
    assert page(client, getattr(trail, who)).status_code == 403


def test_search_by_action_and_day(client, trail):
    today = timezone.localdate()
    tomorrow = today + datetime.timedelta(days=1)
    assert "1件" in page(client, trail.kansa, action="sheet.view", since=today.isoformat()).content.decode()
    assert "0件" in page(client, trail.kansa, action="sheet.submit").content.decode()
    assert "0件" in page(client, trail.kansa, since=tomorrow.isoformat()).content.decode()
    assert "2件" in page(client, trail.kansa, until=today.isoformat()).content.decode()


def test_impossible_day_is_answered_in_words(client, trail):
    response = page(client, trail.kansa, since="令和8年2月30日")
    assert response.status_code == 422
    assert "error-text" in response.content.decode()


def test_search_by_people_address_and_number(client, trail):
    found = {"who": "髙橋", "whom": "山﨑", "action": "reads"}
    assert "1件" in page(client, trail.kansa, **found).content.decode()
    assert "0件" in page(client, trail.kansa, who="だれでもない").content.decode()
    assert "0件" in page(client, trail.kansa, address="192.0.2.77").content.decode()
    assert "2件" in page(client, trail.kansa, number="-").content.decode()
    # Nobody of elsewhere is found by their name.
    assert "0件" in page(client, trail.kansa, whom=trail.yoso.name).content.decode()


def test_values_are_shown_to_those_who_may_see_them(client, trail):
    wrote = record(
        by=b.actor_of(trail.jinji), action="entry.change", now=timezone.now(), subject_uuid=trail.honnin.uuid,
        before={"title": "むかしの業務"}, after={"title": "あたらしい業務"},
    )  # fmt: skip
    moved = record(
        by=b.actor_of(trail.jinji), action="staff.edit", now=timezone.now(), subject_uuid=trail.honnin.uuid,
        before={"name": "旧氏名"}, after={"name": "新氏名"},
    )  # fmt: skip
    for staff, event, word, seen in (
        (trail.jinji, wrote, "むかしの業務", True),
        (trail.kansa, wrote, "むかしの業務", False),
        (trail.kansa, moved, "旧氏名", True),
    ):
        client.force_login(staff, backend=BACKEND)
        response = client.get(f"/audit/{event.uuid}/")
        assert response.status_code == 200
        assert (word in response.content.decode()) is seen, (staff, word)
    client.force_login(trail.sysadmin, backend=BACKEND)
    assert client.get(f"/audit/{wrote.uuid}/").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_found_is_taken_out_and_that_is_noted(client, trail, kind):
    client.force_login(trail.kansa, backend=BACKEND)
    response = client.get(f"/audit/events.{kind}", {"action": "sheet.view", "who": "髙橋"})
    body = b"".join(response) if kind == "csv" else response.content
    assert response.status_code == 200
    if kind == "csv":
        text = body.decode("utf-8-sig")
        assert trail.honnin.name in text
        assert trail.yoso.name not in text
        assert len(text.splitlines()) == 2
    noted = Event.objects.get(action="export.audit")
    assert noted.data == {"rows": 1, "format": kind, "action": "sheet.view", "who": True}
    assert client.get(f"/audit/events.{kind}", {"since": "x"}).status_code == 422


def test_an_alarm_is_dealt_with_once_and_not_by_whom_it_is_about(client, trail):
    now = timezone.now()
    about = Alarm.objects.create(
        municipality_id=trail.city.pk,
        kind="reading",
        actor_uuid=trail.kacho.uuid,
        since=now,
        at=now,
        count=31,
    )
    own = Alarm.objects.create(
        municipality_id=trail.city.pk,
        kind="refusals",
        actor_uuid=trail.kansa.uuid,
        since=now,
        at=now,
        count=20,
    )
    client.force_login(trail.kansa, backend=BACKEND)
    assert trail.kacho.name in client.get("/audit/alarms/").content.decode()
    assert "2件" in client.get("/audit/").content.decode()
    url = f"/audit/alarms/{about.uuid}/"
    assert client.post(url, {"note": ""}).status_code == 422
    assert client.post(url, {"note": "評価の時期の確認"}).status_code == 302
    assert client.post(url, {"note": "別の人の言葉"}).status_code == 409
    assert client.post(f"/audit/alarms/{own.uuid}/", {"note": "自分で"}).status_code == 409
    about.refresh_from_db()
    assert about.note == "評価の時期の確認"
    client.force_login(trail.jinji, backend=BACKEND)
    assert client.get("/audit/alarms/").status_code == 403


def test_no_way_to_write(client, trail):
    client.force_login(trail.kansa, backend=BACKEND)
    assert client.post("/audit/").status_code == 405


def test_query_count_does_not_grow(client, trail):
    client.force_login(trail.kansa, backend=BACKEND)
    with CaptureQueriesContext(connection) as small:
        client.get("/audit/")
    for _ in range(40):
        record(
            by=b.actor_of(trail.kacho),
            action="sheet.view",
            now=timezone.now(),
            subject_uuid=trail.honnin.uuid,
        )
    with CaptureQueriesContext(connection) as large:
        client.get("/audit/")
    assert len(small) == len(large) <= 15


def test_sentences_are_japanese_and_unknown_actions_show_their_code():
    assert all(not sentence.isascii() for sentence in SENTENCES.values())
    assert describe(Event(action="something.new")) == "something.new"
