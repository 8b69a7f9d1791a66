"""Of whom a second factor is required, and what opens until it is there."""

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.actor import Role
from access.routes import OPEN, ROUTES, TOKEN
from organization.entering import enter
from organization.models import AuthenticatorApp, RecoveryCode
from organization.workflow import withdraw_grant
from tests import builders as b
from tests.organization.factors import (
    PROOF,
    STEP,
    code_of,
    first_step,
    give_app,
    give_codes,
    prove_now,
    send,
    shown_secret,
    with_password,
)
from tests.routes import address

BACKEND = "organization.backends.StaffBackend"
# What somebody may open who must still set up a second factor.
SET_UP = {name for name in ROUTES if name.startswith("organization:factor")} | {
    "organization:password",
    "organization:logout",
}


@pytest.fixture
def member(world):
    return with_password(world.honnin)


@pytest.mark.parametrize(
    ("switch", "asked"),
    [
        ("none", set()),
        ("privileged", {"jinji", "henshu", "kansa", "sysadmin"}),
        ("all", {"honnin", "kakari", "kacho", "jinji", "henshu", "kansa", "sysadmin"}),
    ],
)
def test_of_whom_it_is_required(world, client, settings, switch, asked):
    settings.REQUIRE_SECOND_FACTOR = switch
    names = {"honnin", "kakari", "kacho", "jinji", "henshu", "kansa", "sysadmin"}
    led = set()
    for name in names:
        client.force_login(getattr(world, name), backend=BACKEND)
        response = client.get("/", secure=True)
        if response.status_code == 302 and response["Location"] == "/factors/":
            led.add(name)
    assert led == asked


def test_nothing_else_opens_until_it_is_set_up(world, targets, client, settings):
    settings.REQUIRE_SECOND_FACTOR = "privileged"
    client.force_login(world.jinji, backend=BACKEND)
    for name, route in ROUTES.items():
        url = address(name, targets.get(route.target, (None, None))[0])
        for method, row in (("GET", route.get), ("POST", route.post)):
            if row in (None, OPEN, TOKEN) or name in SET_UP:
                continue
            response = client.generic(method, url, secure=True)
            assert response.status_code == (302 if method == "GET" else 403), (name, method)
            assert method == "POST" or response["Location"] == "/factors/", name


def test_the_menu_is_not_shown_until_then(world, client, settings):
    settings.REQUIRE_SECOND_FACTOR = "privileged"
    client.force_login(world.jinji, backend=BACKEND)
    page = client.get("/factors/", secure=True)
    assert page.context["nav"] == []
    assert "2段階認証を登録してください" in page.content.decode()


def test_setting_up_opens_the_rest(world, client, settings):
    settings.REQUIRE_SECOND_FACTOR = "privileged"
    first_step(client, with_password(world.jinji))
    secret = shown_secret(client)
    client.post("/factors/app/", {"given": code_of(secret)}, secure=True)
    assert client.get("/people/", secure=True).status_code == 200


def test_a_role_that_is_given_holds_at_the_next_request(world, client, settings):
    settings.REQUIRE_SECOND_FACTOR = "privileged"
    client.force_login(world.dourei, backend=BACKEND)
    assert client.get("/jobs/", secure=True).status_code == 200
    grant = b.make_grant(world.dourei, Role.EDITOR)
    assert client.get("/jobs/", secure=True)["Location"] == "/factors/"
    withdraw_grant(grant=grant, by=b.actor_of(world.sysadmin), now=grant.granted_at)
    assert client.get("/jobs/", secure=True).status_code == 200


def test_session_of_before_proves_the_factor_that_is_there(world, client, settings):
    secret = give_app(world.jinji)
    client.force_login(world.jinji, backend=BACKEND)
    assert client.get("/jobs/", secure=True).status_code == 200
    settings.REQUIRE_SECOND_FACTOR = "privileged"
    assert client.get("/jobs/", secure=True)["Location"] == "/factors/"
    assert client.get("/factors/", secure=True)["Location"] == PROOF
    assert send(client, "app", code_of(secret), PROOF)["Location"] == "/"
    assert client.get("/jobs/", secure=True).status_code == 200


def test_no_query_more_where_it_is_required(world, client, settings):
    client.force_login(world.jinji, backend=BACKEND)
    prove_now(client)
    counts = []
    for switch in ("none", "all"):
        settings.REQUIRE_SECOND_FACTOR = switch
        with CaptureQueriesContext(connection) as sent:
            assert client.get("/jobs/", secure=True).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_the_last_one_of_somebody_who_must_have_it_stays(world, client, settings):
    give_app(world.jinji)
    settings.REQUIRE_SECOND_FACTOR = "privileged"
    client.force_login(world.jinji, backend=BACKEND)
    prove_now(client)
    assert client.post("/factors/app/remove/", secure=True).status_code == 409
    assert AuthenticatorApp.objects.filter(staff=world.jinji).exists()
    b.make_passkey(world.jinji)
    assert client.post("/factors/app/remove/", secure=True).status_code == 302


def test_codes_go_with_the_last_factor(world, client, member):
    give_app(member)
    give_codes(member)
    client.force_login(member, backend=BACKEND)
    prove_now(client)
    client.post("/factors/app/remove/", secure=True)
    assert not RecoveryCode.objects.filter(staff=member).exists()


@pytest.mark.parametrize(
    ("said", "setting", "location"),
    [(False, "said", STEP), (True, "said", "/"), (False, "always", "/")],
)
def test_whether_the_step_of_a_provider_counts(world, rf, client, settings, said, setting, location):
    settings.PROVIDER_SECOND_FACTOR = setting
    give_app(world.honnin)
    request = rf.get("/")
    request.session, request.request_id = SessionStore(), "x"
    request._messages = FallbackStorage(request)
    assert enter(request, world.honnin, how="oidc", second_factor=said)["Location"] == location
    # The password of a directory is a password, whatever is trusted.
    request.session = SessionStore()
    assert enter(request, world.honnin, how="ldap")["Location"] == STEP
