"""What a security review asks and no other test of a page does: methods, folders, sessions, passwords, scripts."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from organization.models import Staff

BACKEND = "organization.backends.StaffBackend"
# Long, of one kind of letter, with spaces at both ends: nothing may be asked of its make-up, cut or folded.
LONG = (
    " kawa no nagare wa taezu shite shikamo moto no mizu ni arazu yodomi ni ukabu utakata wa katsu kie katsu "
)
SCRIPTS = sorted((Path(settings.BASE_DIR) / "static" / "js").rglob("*.js"))


def give_password(staff, text):
    staff.set_password(text)
    staff.must_change_password = False
    staff.save(update_fields=["password", "must_change_password"])


def sign_in(client, name, password):
    return client.post("/login/", {"username": name, "password": password})


@pytest.mark.parametrize("path", ["/login/", "/", "/manual/", "/healthz", "/static/css/base.css", "/sheet/"])
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_a_method_that_no_page_has_returns_nothing_of_the_request(path, method, world, client):
    client.force_login(world.honnin, backend=BACKEND)
    response = client.generic(method, path, HTTP_X_TEST="mark-of-the-request")
    assert response.status_code in (404, 405), response.status_code
    assert b"mark-of-the-request" not in response.content


@pytest.mark.parametrize(
    "path", ["/static/", "/static/css/", "/.git/config", "/.env", "/manage.py", "/var/", "/files/", "/admin/"]
)
def test_no_folder_is_listed_and_no_file_of_the_project_served(path, world, client):
    client.force_login(world.jinji, backend=BACKEND)
    assert client.get(path).status_code == 404


def test_a_fresh_database_has_no_account(db):
    assert not Staff.objects.exists()


def test_a_session_is_new_at_sign_in_and_dead_after_signing_out(world, client):
    give_password(world.honnin, LONG)
    client.get("/login/")
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert sign_in(client, world.honnin.username, LONG).status_code == 302
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    # 32 characters out of 36 of the operating system's random source: more than 160 bits.
    assert re.fullmatch(r"[a-z0-9]{32}", key)
    assert key != "a" * 32
    client.post("/logout/")
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert client.get("/").status_code == 302
    assert client.get("/").url.startswith("/login/")


def test_two_sessions_of_one_person_have_two_keys(world):
    give_password(world.honnin, LONG)
    keys = set()
    for _ in range(2):
        browser = Client()
        sign_in(browser, world.honnin.username, LONG)
        keys.add(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    assert len(keys) == 2


@pytest.mark.parametrize("wrong", [LONG.strip(), LONG.upper(), LONG[:72], LONG[:64], LONG + "x"])
def test_a_password_counts_letter_for_letter_whatever_its_length(wrong, world, client):
    give_password(world.honnin, "the password of before")
    client.force_login(world.honnin, backend=BACKEND)
    answer = client.post(
        "/password/", {"password": "the password of before", "new_password": LONG, "repeated": LONG}
    )
    assert answer.status_code == 302
    client.post("/logout/")
    assert sign_in(client, world.honnin.username, wrong).status_code != 302
    assert sign_in(client, world.honnin.username, LONG).status_code == 302


@pytest.mark.parametrize("path", ["/login/", "/password/"])
def test_password_fields_hide_and_take_what_a_manager_fills_in(path, world, client):
    if path != "/login/":
        client.force_login(world.honnin, backend=BACKEND)
    page = client.get(path).content.decode()
    fields = re.findall(r"<input[^>]*name=\"(?:password|new_password|repeated)\"[^>]*>", page)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        length = re.search(r'maxlength="(\d+)"', field)
        assert length is None or int(length[1]) >= 64
    assert "onpaste" not in page


def test_what_stands_in_the_address_is_no_field_of_a_form(world, client):
    give_password(world.honnin, LONG)
    address = f"/login/?username={world.honnin.username}&password={LONG.strip()}"
    assert client.post(address, {}).status_code != 302
    assert "_auth_user_id" not in client.session
    # Of two values the last counts, in every form: no part of the product looks at the first.
    two = client.post(
        "/login/", {"username": [world.kacho.username, world.honnin.username], "password": ["x", LONG]}
    )
    assert two.status_code == 302
    assert int(client.session["_auth_user_id"]) == world.honnin.pk


@pytest.mark.parametrize("path", ["/login/", "/manual/", "/healthz", "/readyz", "/nothing-here/"])
def test_text_says_its_encoding(path, db, client):
    response = client.get(path)
    if response.content:
        assert "charset=utf-8" in response["Content-Type"].lower(), response["Content-Type"]


@pytest.mark.parametrize("persona", ["honnin", "kacho", "jinji", "henshu", "kansa", "sysadmin"])
def test_every_page_leads_to_signing_out(persona, world, client):
    client.force_login(getattr(world, persona), backend=BACKEND)
    for path in ("/", "/manual/", "/password/"):
        assert f'action="{reverse("organization:logout")}"' in client.get(path).content.decode(), path


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_keeps_nothing_and_listens_to_no_other_window(script):
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\b", text)
    assert not re.search(
        r"postMessage|addEventListener\(\s*[\"']message[\"']|WebSocket|RTCPeer|XMLHttpRequest", text
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_runs_no_text_and_merges_no_object_of_others(script):
    text = script.read_text(encoding="utf-8")
    assert not re.search(
        r"\beval\(|new Function|setTimeout\(\s*[\"'`]|__proto__|\.prototype\b|Object\.assign\(", text
    )


def test_a_system_that_asks_in_clear_is_refused_and_a_person_is_sent_on(db, client, settings):
    settings.SECURE_SSL_REDIRECT = True
    token = {"HTTP_AUTHORIZATION": "Bearer a-token-in-clear"}
    refused = client.get("/api/v1/", **token)
    assert refused.status_code == 403
    assert refused["Content-Type"].startswith("application/json")
    assert "Location" not in refused
    assert "取り消し" in refused.json()["error"]
    assert client.get("/api/v1/", secure=True, **token).status_code == 401
    assert client.get("/login/").status_code == 301
