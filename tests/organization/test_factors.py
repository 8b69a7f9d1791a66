"""「2段階認証」 of oneself: added, listed, renamed, removed, and asked for again before a change."""

import time

import pytest
from django.test import Client

from audit.models import Event
from organization.models import AuthenticatorApp, Passkey, RecoveryCode
from organization.second_factor import session as kept
from organization.second_factor.reads import has_second_factor
from tests import builders as b
from tests.organization.factors import (
    PROOF,
    STEP,
    code_of,
    enrol,
    first_step,
    give_app,
    give_codes,
    prove_now,
    send,
    shown_secret,
    with_password,
)

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def member(world):
    return with_password(world.honnin)


def later(monkeypatch):
    """Let the ten minutes of a proof pass."""
    late = time.time() + kept.LIFETIME + 5
    monkeypatch.setattr("organization.second_factor.session.time.time", lambda: late)


def test_an_app_is_added_by_its_first_code(client, member):
    first_step(client, member)
    secret = shown_secret(client)
    assert client.post("/factors/app/", {"given": "000000"}, secure=True).status_code == 422
    assert shown_secret(client) == secret
    response = client.post("/factors/app/", {"given": code_of(secret)}, secure=True)
    assert response.status_code == 200
    assert len(response.context["codes"]) == 10
    assert AuthenticatorApp.objects.get().staff == member
    client.post("/logout/", secure=True)
    assert first_step(client, member)["Location"] == STEP
    # The code that added it opens no sign-in.
    assert send(client, "app", code_of(secret)).status_code == 422
    assert send(client, "app", code_of(secret, steps=1)).status_code == 302


def test_the_page_shows_the_secret_to_nobody_else_and_keeps_nothing(client, member):
    first_step(client, member)
    response = client.get("/factors/app/", secure=True)
    assert "no-store" in response["Cache-Control"]
    assert response.context["secret"].replace(" ", "") not in str(dict(client.session))
    other = Client()
    first_step(other, member)
    assert shown_secret(other) != response.context["secret"].replace(" ", "")


def test_the_picture_is_plain_svg(client, member):
    first_step(client, member)
    page = client.get("/factors/app/", secure=True).content.decode()
    drawing = page[page.index('<svg role="img"') : page.index("</svg>", page.index('<svg role="img"'))]
    assert "style" not in drawing
    assert 'd="M4 4h1v1h-1z' in drawing


def test_codes_are_shown_once_and_replace_those_before(client, member):
    old = give_codes(member)
    give_app(member)
    client.force_login(member, backend=BACKEND)
    prove_now(client)
    codes = client.post("/factors/codes/", secure=True).context["codes"]
    assert len(set(codes)) == 10
    assert not set(codes) & set(old)
    assert RecoveryCode.objects.filter(staff=member).count() == 10
    page = client.get("/factors/", secure=True).content.decode()
    assert not any(code in page for code in codes)


def test_codes_without_a_factor_stand_in_for_nothing(client, member):
    first_step(client, member)
    assert client.post("/factors/codes/", secure=True).status_code == 409
    give_codes(member)
    assert not has_second_factor(member)


CHANGES = [
    ("GET", "/factors/app/"),
    ("POST", "/factors/app/"),
    ("POST", "/factors/app/remove/"),
    ("GET", "/factors/passkeys/"),
    ("POST", "/factors/passkeys/"),
    ("POST", "/factors/codes/"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_changes_ask_who_sits_here_after_ten_minutes(client, member, method, path, monkeypatch):
    give_app(member)
    client.force_login(member, backend=BACKEND)
    prove_now(client)
    later(monkeypatch)
    response = client.generic(method, path, secure=True)
    assert response["Location"].startswith(PROOF)
    assert AuthenticatorApp.objects.filter(staff=member).exists()


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_password_proves_nothing_once_there_is_a_factor(client, member, method, path):
    """A session of before, whose password was just given: whoever has it has not the app."""
    first_step(client, member)
    give_app(member)
    assert client.generic(method, path, secure=True)["Location"].startswith(PROOF)
    response = send(client, "password", b.PASSWORD, PROOF)
    assert client.generic(method, path, secure=True)["Location"].startswith(PROOF)
    assert response.status_code == 200


def test_removing_a_passkey_asks_too(client, member):
    passkey = b.make_passkey(member)
    client.force_login(member, backend=BACKEND)
    assert client.post(f"/factors/passkeys/{passkey.uuid}/remove/", secure=True)["Location"].startswith(PROOF)
    prove_now(client)
    assert client.post(f"/factors/passkeys/{passkey.uuid}/remove/", secure=True)["Location"] == "/factors/"
    assert not Passkey.objects.exists()


def test_proof_by_password_and_by_app(client, member, monkeypatch):
    client.force_login(member, backend=BACKEND)
    assert client.get("/factors/app/", secure=True)["Location"] == "/factors/proof/?next=%2Ffactors%2Fapp%2F"
    assert send(client, "password", "wrong", PROOF).status_code == 422
    assert send(client, "password", b.PASSWORD, PROOF, next="/factors/app/")["Location"] == "/factors/app/"
    assert client.get("/factors/app/", secure=True).status_code == 200
    secret = give_app(member)
    assert send(client, "app", code_of(secret), PROOF, next="//elsewhere.example")["Location"] == "/factors/"
    assert client.get("/factors/app/", secure=True).status_code == 200


def test_guessing_at_an_open_session_ends_it(client, member):
    give_app(member)
    client.force_login(member, backend=BACKEND)
    for _ in range(kept.MOST_WRONG - 1):
        assert send(client, "app", "000000", PROOF).status_code == 422
    assert send(client, "app", "000000", PROOF)["Location"].startswith("/login/")
    assert client.get("/factors/", secure=True).status_code == 302
    assert Event.objects.filter(action="factor.refused").count() == 1


def test_another_person_signing_in_has_proven_nothing(client, member, world):
    give_app(member)
    client.force_login(member, backend=BACKEND)
    prove_now(client)
    first_step(client, with_password(world.dourei))
    assert not client.session.get(kept.SECOND_FACTOR)


def test_passkeys_are_renamed_and_listed(client, member):
    first_step(client, member)
    enrol(client)
    passkey = Passkey.objects.get()
    url = f"/factors/passkeys/{passkey.uuid}/"
    assert client.post(url, {"name": ""}, secure=True).status_code == 422
    assert client.post(url, {"name": "x" * 41}, secure=True).status_code == 422
    assert client.post(url, {"name": "貸出のノートPC"}, secure=True).status_code == 302
    assert "貸出のノートPC" in client.get("/factors/", secure=True).content.decode()
    assert Event.objects.filter(action="factor.rename").count() == 1


def test_nobody_sees_or_touches_the_passkey_of_another(client, member, world):
    passkey = b.make_passkey(world.dourei)
    for staff in (member, world.jinji, world.sysadmin, world.yoso):
        client.force_login(staff, backend=BACKEND)
        prove_now(client)
        for path in ("", "remove/"):
            url = f"/factors/passkeys/{passkey.uuid}/{path}"
            assert client.post(url, {"name": "x"}, secure=True).status_code == 404, staff.username
    assert Passkey.objects.get(pk=passkey.pk).name == "職場のパソコン"


def test_eleventh_passkey_is_refused(client, member):
    for _ in range(10):
        b.make_passkey(member, rp_id="other")
    client.force_login(member, backend=BACKEND)
    prove_now(client)
    with pytest.raises(AssertionError):
        enrol(client)
    assert Passkey.objects.count() == 10


def test_pages_ask_few_queries(client, member, django_assert_max_num_queries):
    give_app(member)
    give_codes(member)
    for _ in range(5):
        b.make_passkey(member)
    client.force_login(member, backend=BACKEND)
    prove_now(client)
    for path in ("/factors/", "/factors/app/", "/factors/passkeys/", PROOF):
        with django_assert_max_num_queries(15):
            client.get(path, secure=True)


def test_the_other_sessions_end_with_a_change(client, member):
    """Whoever has another session of the person has proven less than is asked from now on."""
    other = Client()
    first_step(other, member)
    first_step(client, member)
    enrol(client)
    assert other.get("/jobs/", secure=True).status_code == 302
    assert client.get("/jobs/", secure=True).status_code == 200
