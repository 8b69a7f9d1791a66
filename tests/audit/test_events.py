"""Searching the trail (P27), and who finds what in it."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event, record
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


def test_auditor_finds_people_events_of_the_own_municipality(client, trail):
    text = page(client, trail.kansa).content.decode()
    assert "1件" in text
    assert trail.honnin.name in text
    assert trail.yoso.name not in text


def test_sysadmin_finds_technical_events(client, trail):
    text = page(client, trail.sysadmin).content.decode()
    assert "1件" in text
    assert trail.kakari.name in text
    assert trail.honnin.name not in text


@pytest.mark.parametrize("who", ["honnin", "kacho", "jinji", "henshu"])
def test_others_are_refused(client, trail, who):
    assert page(client, getattr(trail, who)).status_code == 403


def test_search_by_action_and_day(client, trail):
    today = timezone.localdate()
    tomorrow = today + datetime.timedelta(days=1)
    assert "1件" in page(client, trail.kansa, action="sheet.view", since=today.isoformat()).content.decode()
    assert "0件" in page(client, trail.kansa, action="sheet.submit").content.decode()
    assert "0件" in page(client, trail.kansa, since=tomorrow.isoformat()).content.decode()
    assert "1件" in page(client, trail.kansa, until=today.isoformat()).content.decode()


def test_impossible_day_is_answered_in_words(client, trail):
    response = page(client, trail.kansa, since="令和8年2月30日")
    assert response.status_code == 422
    assert "error-text" in response.content.decode()


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
