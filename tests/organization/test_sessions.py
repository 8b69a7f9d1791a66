"""Sessions: one row each, ended by deleting what Django keeps of them."""

import datetime
import uuid

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from audit.models import Event
from organization import sessions
from organization.models import StaffSession
from organization.sessions import KEY, end_sessions, running
from organization.workflow import change_password, set_account_active
from tests import builders as b

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"
Ended = StaffSession.Ended


@pytest.fixture
def member(world):
    world.honnin.set_password(b.PASSWORD)
    world.honnin.save(update_fields=["password"])
    return world.honnin


def sign_in(member, **headers) -> Client:
    client = Client(headers={"User-Agent": EDGE, **headers})
    answer = client.post("/login/", {"username": member.username, "password": b.PASSWORD})
    assert answer.status_code == 302
    return client


def signed_in(client) -> bool:
    return client.get("/password/").status_code == 200


def test_each_sign_in_is_written_down(member):
    client = sign_in(member)
    row = StaffSession.objects.get()
    assert (row.staff, row.how, row.device, row.address) == (
        member,
        "password",
        "Windows の Edge",
        "127.0.0.1",
    )
    assert row.session_key == client.session.session_key
    assert client.session[KEY] == str(row.uuid)


def test_a_second_person_in_the_same_browser_gets_a_row_of_their_own(member, world):
    world.kacho.set_password(b.PASSWORD)
    world.kacho.save(update_fields=["password"])
    client = sign_in(member)
    client.post("/login/", {"username": "kacho", "password": b.PASSWORD})
    assert client.session[KEY] == str(StaffSession.objects.get(staff=world.kacho).uuid)
    assert list(running(member, timezone.now())) == []


def test_signing_in_again_in_the_same_browser_begins_another_row(member):
    """Two tabs with the sign-in page: the second one opens as well, and the first row has ended."""
    client = sign_in(member)
    assert client.post("/login/", {"username": member.username, "password": b.PASSWORD}).status_code == 302
    (row,) = running(member, timezone.now())
    assert client.session[KEY] == str(row.uuid)
    assert StaffSession.objects.filter(staff=member).count() == 2


def test_signing_out_ends_it(member):
    client = sign_in(member)
    client.post("/logout/")
    row = StaffSession.objects.get()
    assert (row.ended_how, row.session_key) == (Ended.OWN, "")
    assert not Session.objects.exists()


def test_ending_one_takes_effect_at_its_next_request_and_spares_the_others(member):
    one, two = sign_in(member), sign_in(member)
    ended = end_sessions(staff=member, how=Ended.LIST, now=timezone.now(), only=one.session[KEY])
    assert ended == 1
    assert not signed_in(one)
    assert signed_in(two)


def test_ending_all_others_keeps_this_one(member, world):
    one, two, three = (sign_in(member) for _ in range(3))
    other = Client()
    other.force_login(world.kacho)
    assert end_sessions(staff=member, how=Ended.LIST, now=timezone.now(), keep=two.session[KEY]) == 2
    assert [signed_in(each) for each in (one, two, three, other)] == [False, True, False, True]
    assert [str(row.uuid) for row in running(member, timezone.now())] == [two.session[KEY]]


def test_a_new_password_ends_the_other_sessions_and_follows_this_one(member):
    one, two = sign_in(member), sign_in(member)
    new = {"password": b.PASSWORD, "new_password": "kasumigaseki-4-go", "repeated": "kasumigaseki-4-go"}
    assert one.post("/password/", new).status_code == 302
    assert signed_in(one)
    assert not signed_in(two)
    (row,) = running(member, timezone.now())
    assert row.session_key == one.session.session_key
    assert StaffSession.objects.get(ended_how=Ended.PASSWORD)


def test_a_closed_account_has_no_session_left(member, world):
    one = sign_in(member)
    admin = b.actor_of(world.sysadmin)
    member.refresh_from_db()
    set_account_active(staff=member, active=False, by=admin, version=member.version, now=timezone.now())
    assert not Session.objects.exists()
    assert StaffSession.objects.get().ended_how == Ended.CLOSED
    assert not signed_in(one)


def test_a_change_without_a_session_ends_all(member):
    sign_in(member)
    change_password(staff=member, password="kasumigaseki-4-go", by=b.actor_of(member), now=timezone.now())
    assert not Session.objects.exists()


def test_a_session_past_its_hours_ends_even_in_use(member, settings):
    client = sign_in(member)
    session = client.session
    session[sessions.BEGAN] -= settings.SESSION_HOURS * 3600
    session.save()
    assert not signed_in(client)
    assert StaffSession.objects.get().ended_how == Ended.TOO_OLD


def test_a_session_left_alone_is_not_found_and_not_listed(member, settings):
    client = sign_in(member)
    idle = datetime.timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    row = Session.objects.get()
    assert abs(row.expire_date - timezone.now() - idle) < datetime.timedelta(minutes=1)
    Session.objects.update(expire_date=timezone.now())
    assert list(running(member, timezone.now())) == []
    assert not signed_in(client)


def test_use_is_noted_every_few_minutes_and_puts_the_end_off(member, django_assert_num_queries):
    client = sign_in(member)
    signed_in(client)
    seen, expires = StaffSession.objects.get().seen_at, Session.objects.get().expire_date
    signed_in(client)
    assert StaffSession.objects.get().seen_at == seen
    session = client.session
    session[sessions.SEEN] -= 301
    session.save()
    Session.objects.update(expire_date=expires)
    signed_in(client)
    assert StaffSession.objects.get().seen_at > seen
    assert Session.objects.get().expire_date > expires


def test_the_page_lists_ones_own_with_this_one_first(member, world):
    one, two = sign_in(member), sign_in(member)
    other = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"})
    other.force_login(world.kacho)
    text = one.get("/sessions/").content.decode()
    assert text.count("Windows の Edge</th>") + text.count("Windows の Edge <b>（この端末）</b>") == 2
    assert text.index("（この端末）") < text.index(two.session[KEY])
    assert one.session[KEY] not in text
    assert "Firefox" not in text


def test_the_owner_ends_one_and_then_all_others(member):
    one, two, three = (sign_in(member) for _ in range(3))
    assert one.post("/sessions/", {"session": two.session[KEY]}).status_code == 302
    assert [signed_in(each) for each in (one, two, three)] == [True, False, True]
    assert one.post("/sessions/", {"others": "1"}).status_code == 302
    assert [signed_in(each) for each in (one, three)] == [True, False]
    assert Event.objects.filter(action="account.session_ended", subject_uuid=member.uuid).count() == 2


@pytest.mark.parametrize("wanted", ["own", "foreign", "none", "nonsense"])
def test_what_is_not_ones_own_or_is_this_one_is_not_ended(member, world, wanted):
    one, other = sign_in(member), Client()
    other.force_login(world.kacho)
    uuids = {
        "own": one.session[KEY],
        "foreign": other.session[KEY],
        "none": str(uuid.uuid4()),
        "nonsense": "x",
    }
    answer = one.post("/sessions/", {"session": uuids[wanted]})
    assert answer.status_code == (422 if wanted == "nonsense" else 404)
    assert signed_in(one)
    assert signed_in(other)


def test_the_officer_ends_all_of_somebody_elses(member, world):
    one, admin = sign_in(member), Client()
    admin.force_login(world.sysadmin)
    assert "1台" in admin.get(f"/accounts/{member.uuid}/").content.decode()
    assert admin.post(f"/accounts/{member.uuid}/sessions/").status_code == 302
    assert not signed_in(one)
    assert StaffSession.objects.get(staff=member).ended_how == Ended.OFFICER
    assert admin.post(f"/accounts/{world.sysadmin.uuid}/sessions/").status_code == 403


def test_without_the_token_nothing_is_ended(member):
    one, two = sign_in(member), sign_in(member)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = one.cookies
    assert strict.post("/sessions/", {"others": "1"}).status_code == 403
    assert signed_in(two)


def long_ago(client) -> None:
    """Let the last use of a session be old enough to be noted anew."""
    session = client.session
    session[sessions.SEEN] -= 400
    session.save()


def test_pages_are_read_on_where_nothing_can_be_written(member, monkeypatch):
    """The disk is full: that a session is in use is noted later."""
    client = sign_in(member)
    long_ago(client)
    before = client.session[sessions.SEEN]

    def full(*given, **named):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(sessions.SessionStore, "save", full)
        assert client.get("/password/").status_code == 200
    assert client.session[sessions.SEEN] == before
    assert client.get("/password/").status_code == 200
    assert client.session[sessions.SEEN] > before


def test_a_session_that_cannot_be_written_is_no_bad_request(member, monkeypatch):
    """Django takes every failure for a session that was deleted meanwhile, and answers 400."""
    store = sessions.SessionStore(sign_in(member).session.session_key)
    store["shown"] = "1"

    def full(self, *given, **named):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Session, "save", full)
        with pytest.raises(OperationalError):
            store.save()
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()


def test_a_session_that_is_ended_while_its_use_is_noted_opens_nothing(member, monkeypatch):
    client = sign_in(member)
    long_ago(client)
    honest = sessions.SessionStore.save

    def ended(self, *given, **named):
        Session.objects.all().delete()
        return honest(self, *given, **named)

    monkeypatch.setattr(sessions.SessionStore, "save", ended)
    assert client.get("/password/").status_code == 302
    assert not Session.objects.exists()
