"""The clock of the server is set back: nobody is shut out for longer, nothing is lost, the trail stays whole (docs/adr/0066)."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from assessments.models import Draft, Sheet
from audit import anchors
from audit.models import Event, Seal, record
from audit.sealing import seal
from audit.verification import breaches, chains
from organization import attempts, sessions
from organization.models import Attempt, StaffSession
from tests import builders as b
from tests.drills.browser import Seen
from tests.drills.in_process import Wire
from tests.drills.ledger import judge
from tests.drills.person import Person

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
BACK = pytest.mark.parametrize("back", [HOUR, DAY])
NOON = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)


@pytest.fixture
def clock(monkeypatch):
    """Stop the clock at noon, and return what sets it."""

    def stop(instant):
        monkeypatch.setattr(timezone, "now", lambda: instant)
        return instant

    stop(NOON)
    return stop


@pytest.fixture
def member(world):
    world.honnin.set_password(b.PASSWORD)
    world.honnin.save(update_fields=["password"])
    return world.honnin


def sign_in(member, client=None, password=b.PASSWORD):
    return (client or Client()).post("/login/", {"username": member.username, "password": password})


@BACK
def test_whoever_had_to_wait_waits_no_longer_than_was_said(member, clock, back):
    for _ in range(attempts.FREE):
        sign_in(member, password="ちがうパスワード")
    assert sign_in(member).status_code == 429
    clock(NOON - back)
    assert sign_in(member).status_code == 302


def test_a_second_of_difference_between_two_servers_shortens_no_wait(member, clock):
    for _ in range(attempts.FREE):
        sign_in(member, password="ちがうパスワード")
    clock(NOON - datetime.timedelta(seconds=5))
    assert sign_in(member).status_code == 429


@BACK
def test_the_failures_of_an_address_drain_by_the_new_clock(member, clock, back):
    Attempt.objects.create(key_hash=attempts._hash("address", "127.0.0.1"), failures=9, last_at=NOON)
    now = clock(NOON - back)
    assert attempts.drained(9, NOON, now) == (9, now)
    assert attempts.drained(9, NOON, NOON + 2 * attempts.DRAIN)[0] == 7


@BACK
def test_a_session_goes_on_and_lasts_no_longer_than_any_other(member, clock, back, settings):
    client = Client()
    assert sign_in(member, client).status_code == 302
    now = clock(NOON - back)
    assert client.get("/password/").status_code == 200
    assert client.session[sessions.BEGAN] == int(now.timestamp())
    assert StaffSession.objects.get().seen_at == now
    clock(now + datetime.timedelta(minutes=settings.SESSION_IDLE_MINUTES + 1))
    assert client.get("/password/").status_code == 302


@BACK
def test_what_is_written_before_and_after_is_there(world, clock, back):
    wire = Wire(world.honnin, Seen())
    one = Person("職員001", str(world.honnin.uuid), str(world.sheet.uuid), wire, wire.seen)
    one.open()
    codes = list(one._bases)
    one.save(codes)
    one.submit()
    clock(NOON - back)
    one.withdraw()
    one.save(codes[:2])
    one.add()
    one.submit()
    verdict = judge([one])
    assert (verdict.lost, verdict.duplicates, verdict.half) == ([], [], [])
    assert verdict.acknowledged > 3 * len(codes)
    world.sheet.refresh_from_db()
    assert world.sheet.state == Sheet.State.SUBMITTED
    assert Draft.objects.filter(sheet=world.sheet, updated_at=NOON - back).count() == 2
    assert not any(status >= 400 for status in wire.seen.statuses)


@BACK
def test_the_trail_is_sealed_and_whole(world, clock, back, tmp_path, settings):
    settings.FILES_DIR = tmp_path

    def act():
        Client().force_login(world.honnin)
        wire = Wire(world.honnin, Seen())
        wire("POST", "/resume/add/", {"kind": "handover", "title": "引継ぎ", "key": str(world.sheet.uuid)})
        return [sentence for chain in chains() for sentence in breaches(chain)]

    act()
    assert seal(now=NOON)
    anchors.note(chains(), NOON)
    now = clock(NOON - back)
    record(by=b.actor_of(world.honnin), action="resume.view", now=now)
    assert act() == [], "what waits for its seal is no breach"
    assert seal(now=now)
    anchors.note(chains(), now)
    assert not Event.objects.unsealed().exists()
    # Something is written, and the clock set right before it has its seal.
    record(by=b.actor_of(world.honnin), action="resume.view", now=now)
    now = clock(NOON + HOUR)
    record(by=b.actor_of(world.honnin), action="resume.view", now=now)
    assert seal(now=now)
    anchors.note(chains(), now)
    assert act() == []
    assert (
        Seal.objects.of_chain(world.city.pk).count()
        == Event.objects.filter(municipality_id=world.city.pk).count()
    )
