"""For whom a request goes on: for the municipality of its session, and for nobody where there is none or a token speaks."""

import datetime
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY as STAFF_KEY
from django.contrib.sessions.models import Session

from lib import tenant
from organization import middleware, sessions, tenancy
from organization.middleware import TenantMiddleware
from organization.models import Staff
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"
SCRIPT = {"Accept": "application/json"}


class Untouched:
    """A session that must not be read: reading it asks the database."""

    def get(self, key):
        raise AssertionError(f"the session was asked for {key}")


def became(session, *, cookie: bool, by_token: bool = False):
    """Return for whom a request with such a session goes on."""
    request = SimpleNamespace(COOKIES={settings.SESSION_COOKIE_NAME: "x"} if cookie else {}, session=session)
    view = SimpleNamespace(by_token=True) if by_token else SimpleNamespace()
    with tenant.as_nobody():
        assert TenantMiddleware(None).process_view(request, view, (), {}) is None
        return tenant.current()


@pytest.mark.parametrize(
    ("cookie", "by_token"), [(False, False), (True, True), (False, True)], ids=["stranger", "both", "system"]
)
def test_without_a_cookie_and_by_a_token_the_session_is_not_even_read(cookie, by_token):
    assert became(Untouched(), cookie=cookie, by_token=by_token) is tenant.NOBODY


def test_a_session_goes_on_for_its_municipality():
    assert became({tenancy.SESSION_KEY: 7}, cookie=True) == 7


def test_a_session_of_nobody_stays_nobodys():
    assert became({}, cookie=True) is tenant.NOBODY


@pytest.mark.django_db
def test_a_session_from_before_says_whose_it_is_and_the_person_says_where():
    staff = b.make_staff(b.make_municipality())
    assert became({STAFF_KEY: str(staff.pk)}, cookie=True) == staff.municipality_id


@pytest.mark.django_db(databases=[])
def test_a_session_that_names_its_municipality_asks_for_no_person():
    assert became({tenancy.SESSION_KEY: 7, STAFF_KEY: "12345"}, cookie=True) == 7


@pytest.mark.parametrize("what", ["password", "factor"])
def test_a_browser_that_reads_is_led_there_and_everything_else_is_refused(world, client, settings, what):
    if what == "factor":
        settings.REQUIRE_SECOND_FACTOR = "all"
    else:
        Staff.objects.filter(pk=world.honnin.pk).update(must_change_password=True)
    client.force_login(world.honnin, backend=BACKEND)
    there = {"password": "/password/", "factor": "/factors/"}[what]
    assert client.get("/resume/", secure=True)["Location"] == there
    assert client.head("/resume/", secure=True)["Location"] == there
    assert client.get("/resume/", headers=SCRIPT, secure=True).status_code == 403
    assert client.post("/resume/", secure=True).status_code == 403
    assert client.post("/resume/", headers=SCRIPT, secure=True).status_code == 403


def test_a_session_ends_at_its_hour_and_not_a_second_before(world, client, settings, monkeypatch):
    client.force_login(world.honnin, backend=BACKEND)
    began = client.session[sessions.BEGAN]
    for seconds, status in ((settings.SESSION_HOURS * 3600 - 1, 200), (settings.SESSION_HOURS * 3600, 302)):
        now = datetime.datetime.fromtimestamp(began + seconds, tz=datetime.UTC)
        monkeypatch.setattr(middleware.timezone, "now", lambda now=now: now)
        Session.objects.update(expire_date=now + datetime.timedelta(minutes=5))
        assert client.get("/password/").status_code == status


def test_use_is_noted_when_the_minutes_are_over_and_not_a_second_before(world, client, monkeypatch):
    client.force_login(world.honnin, backend=BACKEND)
    seen = client.session[sessions.SEEN]
    every = int(sessions.SEEN_EVERY.total_seconds())
    for seconds, noted in ((every - 1, seen), (every, seen + every)):
        now = datetime.datetime.fromtimestamp(seen + seconds, tz=datetime.UTC)
        monkeypatch.setattr(middleware.timezone, "now", lambda now=now: now)
        client.get("/password/")
        assert client.session[sessions.SEEN] == noted


def test_an_address_for_systems_asks_neither_how_old_a_session_is_nor_who_has_it(world, client, monkeypatch):
    client.force_login(world.honnin, backend=BACKEND)
    now = datetime.datetime.fromtimestamp(client.session[sessions.BEGAN] + 400, tz=datetime.UTC)
    monkeypatch.setattr(middleware.timezone, "now", lambda: now)
    seen = client.session[sessions.SEEN]
    assert client.get("/api/v1/departments/").status_code == 401
    assert client.session[sessions.SEEN] == seen
