"""Ways past the sign-in that somebody found once: each stays shut."""

import io
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from access.actor import Role
from lib.wall_install import APP_ROLE
from organization import attempts, sessions
from organization.attempts import FREE, begin_second_step, succeeded, take_back
from organization.devices import device_of
from organization.models import Attempt, AuthenticatorApp, StaffSession
from organization.providers import Provider
from organization.second_factor.proving import APP, PASSKEY
from organization.sessions import SessionStore
from organization.sso.strength import check_strength
from organization.workflow import change_password, issue_codes
from organization.workflow.factors import reset_factors
from tests import builders as b
from tests.organization.factors import code_of, first_step, give_app, send, shown_secret, with_password

NAMES = '{"id":"?","response":{}}'
OLD, NEW = "old-Zq7" * 9, "new-Rt5" * 9


@pytest.fixture
def member(world):
    return with_password(world.honnin)


def cookie(client: Client) -> str:
    return client.cookies["__Host-sessionid"].value


def test_a_session_that_two_requests_renew_at_once_can_be_ended(member):
    """After a change of SECRET_KEY, say: both bring a new key, one of them is the session's."""
    client = Client()
    first_step(client, member)
    one, two = SessionStore(cookie(client)), SessionStore(cookie(client))
    for store in (one, two):
        assert store.get("_auth_user_id")
    for store in (one, two):
        store.cycle_key()
        store.save()
    assert one.session_key == two.session_key
    sessions.end_sessions(staff=member, how=StaffSession.Ended.OFFICER, now=timezone.now())
    client.cookies["__Host-sessionid"] = two.session_key
    assert client.get("/sessions/", secure=True).status_code == 302


def test_a_session_that_was_ended_is_not_renewed(member):
    client = Client()
    first_step(client, member)
    late = SessionStore(cookie(client))
    assert late.get("_auth_user_id")
    sessions.end_sessions(staff=member, how=StaffSession.Ended.OFFICER, now=timezone.now())
    late.cycle_key()
    assert late.get("_auth_user_id") is None


def test_what_had_run_out_already_is_not_counted_as_ended(member):
    gone, here = Client(), Client()
    for client in (gone, here):
        first_step(client, member)
    Session.objects.filter(pk=cookie(gone)).update(expire_date=timezone.now())
    assert sessions.end_sessions(staff=member, how=StaffSession.Ended.LIST, now=timezone.now()) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"AUDIT_KEYS": "x"},
        {"SESSION_HOURS": "0"},
        {"SESSION_IDLE_MINUTES": "-5"},
        {"PASSWORD_MIN_LENGTH": "1"},
    ],
)
def test_settings_that_undo_the_sign_in_stop_the_start(given):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=settings.BASE_DIR, env=os.environ | given, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert next(iter(given)) in done.stderr


@pytest.mark.parametrize("named", ["\\ud800", "\\u0000", "あ", "a b", ""])
@pytest.mark.parametrize("path", ["/login/passkey/", "/login/step/"])
def test_no_id_of_a_passkey_breaks_the_page(member, named, path):
    give_app(member)
    client = Client()
    if path == "/login/step/":
        first_step(client, member)
        answer = send(client, PASSKEY, NAMES.replace("?", named))
    else:
        client.get(path, secure=True)
        answer = client.post(path, {"given": NAMES.replace("?", named)}, secure=True)
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    "charset", ["rot13", "hex", "idna", "undefined", "utf-7", "unicode_escape", "utf-16", "x"]
)
@pytest.mark.parametrize("path", ["/login/", "/login/step/", "/health/"])
def test_a_form_in_another_encoding_is_refused(member, charset, path):
    body = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\n\\ud800a+2AA-\r\n--x--\r\n'
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    assert Client().generic("POST", path, body, content_type=kind, secure=True).status_code == 400


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8"])
def test_a_form_in_ours_is_read(member, charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    sent = f"username={member.username}&password={b.PASSWORD}"
    assert Client().generic("POST", "/login/", sent, content_type=kind, secure=True).status_code == 302


def test_whoever_removes_the_factor_has_proven_none(world, settings):
    settings.REQUIRE_SECOND_FACTOR = "privileged"
    member, client = with_password(world.dourei), Client()
    first_step(client, member)
    client.post("/factors/app/", {"given": code_of(shown_secret(client))}, secure=True)
    removed = client.post("/factors/app/remove/", secure=True, follow=True)
    assert not AuthenticatorApp.objects.exists()
    assert "12文字より短い" in removed.content.decode()
    b.make_grant(member, Role.HR)
    assert client.get("/people/", secure=True)["Location"] == "/factors/"


def test_a_new_password_ends_what_waits_for_the_second_step(member):
    secret, thief = give_app(member), Client()
    first_step(thief, member)
    change_password(
        staff=member, password="まったく あたらしい ことば", by=b.actor_of(member), now=timezone.now()
    )
    assert "/login/" in send(thief, APP, code_of(secret))["Location"]
    assert thief.get("/sessions/", secure=True).status_code == 302


def test_who_was_reset_meanwhile_begins_again(member):
    give_app(member)
    client = Client()
    first_step(client, member)
    reset_factors(staff=member, by=None, now=timezone.now())
    page = client.get("/login/step/", secure=True, follow=True)
    assert "2段階認証を解除しました" in page.content.decode()


@pytest.mark.parametrize("released", ["code", "reset"])
def test_the_wait_of_the_second_step_is_released(member, world, released):
    give_app(member)
    now, by = timezone.now(), b.actor_of(world.sysadmin)
    for _ in range(FREE):
        begin_second_step(staff_uuid=member.uuid, name=member.username, now=now)
    if released == "code":
        issue_codes(people=[member], by=by, now=now)
    else:
        reset_factors(staff=member, by=by, now=now)
    begin_second_step(staff_uuid=member.uuid, name=member.username, now=now)


def test_a_try_that_nobody_judged_leaves_the_ones_before(db):
    now = timezone.now()
    for _ in range(3):
        trial = attempts.begin(name="a", address="192.0.2.1", now=now)
    take_back(trial, now=now)
    assert sorted(Attempt.objects.values_list("failures", flat=True)) == [2, 2]


def test_a_row_that_is_dropped_meanwhile_is_made_again(db, monkeypatch):
    now, made = timezone.now(), []
    honest = Attempt.objects.bulk_create

    def dropped_once(rows, **given):
        honest(rows, **given)
        made.append(1)
        if len(made) == 1:
            Attempt.objects.all().delete()

    monkeypatch.setattr(
        type(Attempt.objects), "bulk_create", lambda self, rows, **given: dropped_once(rows, **given)
    )
    succeeded(begin_second_step(staff_uuid="x", name="x", now=now), now=now)
    assert len(made) == 2


def test_a_device_is_known_through_a_change_of_the_key(member, settings, rf):
    settings.SECRET_KEY = OLD
    client = Client()
    first_step(client, member)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    request = rf.get("/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    assert device_of(request, member.username)
    settings.SECRET_KEY_FALLBACKS = []
    assert not device_of(request, member.username)


def test_hr_lets_somebody_without_rights_begin_again(world):
    give_app(world.honnin)
    client = Client()
    client.force_login(world.jinji, backend="organization.backends.StaffBackend")
    card = client.get(f"/people/{world.honnin.uuid}/", secure=True).content.decode()
    assert f"/accounts/{world.honnin.uuid}/factors/" in card
    done = client.post(f"/accounts/{world.honnin.uuid}/factors/", secure=True, follow=True)
    assert done.status_code == 200
    assert "2段階認証を解除しました" in done.content.decode()


def test_only_the_owner_of_the_tables_seals_anew(world, settings):
    if connection.vendor != "postgresql":
        settings.SEALED = []
        call_command("rotate_keys", stdout=io.StringIO())
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {APP_ROLE}")
        with pytest.raises(CommandError, match="所有者"):
            call_command("rotate_keys", stdout=io.StringIO())
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize("amr", [5, None, True, {"mfa": 1}])
def test_no_kind_of_amr_breaks_the_check(amr):
    provider = Provider(slug="oidc", kind="OIDC", label="", options={})
    assert check_strength(provider, None, amr) is False
