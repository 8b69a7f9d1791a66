"""Secure cookies, no plain HTTP by accident, and no form of another origin."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from config import transport
from config.apps import plain_http

BACKEND = "organization.backends.StaffBackend"
PASSWORD = "a long enough passphrase"


def test_plain_http_on_a_network_is_asked_for_by_name():
    assert (
        transport.problem(["127.0.0.1", "LOCALHOST", "[::1]", "a.localhost"], https=False, plain_http=False)
        == ""
    )
    for host in ("skill.example.lg.jp", "*", ".example", "10.0.0.1", "localhost.example", "0.0.0.0", ""):
        assert "HTTPS=true" in transport.problem([host], https=False, plain_http=False)
        assert transport.problem([host], https=True, plain_http=False) == ""
        assert transport.problem([host], https=False, plain_http=True) == ""
    assert transport.problem(["localhost"], https=True, plain_http=True)


@given(st.text(), st.sampled_from(sorted(transport.LOOPBACK)))
def test_a_name_that_only_looks_like_loopback_is_none(text, name):
    assert not transport.is_loopback(f"{name}.{text}x")


SETTINGS = """import json; from django.conf import settings as s; print(json.dumps([
s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT,
s.SECURE_HSTS_SECONDS > 0]))"""


def started(code=SETTINGS, **environment):
    kept = {
        name: text
        for name, text in os.environ.items()
        if name not in ("HTTPS", "PLAIN_HTTP", "ALLOWED_HOSTS")
    }
    env = {**kept, "DJANGO_SETTINGS_MODULE": "config.settings", **environment}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_a_start_makes_of_the_environment():
    own = ["__Host-sessionid", "__Host-csrftoken", True, True]
    assert json.loads(started().stdout) == [*own, False, False]
    assert json.loads(started(HTTPS="true", ALLOWED_HOSTS="skill.example").stdout) == [*own, True, True]
    plain = started(PLAIN_HTTP="true", ALLOWED_HOSTS="skill.example")
    assert json.loads(plain.stdout) == ["sessionid", "csrftoken", False, False, False, False]
    refused = started(ALLOWED_HOSTS="skill.example")
    assert refused.returncode != 0
    assert "skill.example, which is reached over a network" in refused.stderr


def test_plain_http_is_warned_of_at_every_start():
    started_up = started("import config.wsgi", PLAIN_HTTP="true", ALLOWED_HOSTS="skill.example")
    assert "cross the network in clear" in started_up.stderr
    assert "in clear" not in started("import config.wsgi").stderr
    with override_settings(PLAIN_HTTP=True):
        assert [found.id for found in plain_http(None)] == ["config.W001"]
    assert plain_http(None) == []


@pytest.fixture
def person(world):
    world.honnin.set_password(PASSWORD)
    world.honnin.save()
    return world.honnin


def test_cookies_are_ours_alone_and_a_planted_session_is_not_continued(person):
    client = Client()
    client.cookies["__Host-sessionid"] = "a" * 32
    response = client.post("/login/", {"username": "honnin", "password": PASSWORD})
    assert response.status_code == 302
    session = response.cookies["__Host-sessionid"]
    assert session.value != "a" * 32
    for cookie in response.cookies.values():
        assert cookie.key.startswith("__Host-")
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (
            True,
            True,
            "/",
            "",
        )
        assert cookie["samesite"] == "Lax"


def test_a_cookie_of_a_sibling_host_is_no_session(person):
    client = Client()
    client.force_login(person, backend=BACKEND)
    tossed = Client()
    tossed.cookies["sessionid"] = client.cookies["__Host-sessionid"].value
    assert tossed.get("/password/").status_code == 302


def test_messages_travel_in_a_cookie_of_ours(person):
    client = Client()
    client.force_login(person, backend=BACKEND)
    new = "another long passphrase of mine"
    sent = {"password": PASSWORD, "new_password": new, "repeated": new}
    response = client.post("/password/", sent)
    assert response.status_code == 302, response.content.decode()
    assert "__Host-messages" in response.cookies


def test_signing_out_leaves_nothing_on_a_shared_pc(person):
    client = Client()
    client.force_login(person, backend=BACKEND)
    response = client.post("/logout/")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert client.cookies["__Host-sessionid"].value == ""


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, 302),
        ({"Sec-Fetch-Site": "none"}, 302),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "https://testserver"}, 403),
        ({"Origin": "http://testserver:8080"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_form_of_another_origin_is_refused_even_with_its_token(person, headers, status):
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")
    token = client.cookies["__Host-csrftoken"].value
    sent = {"username": "honnin", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert client.post("/login/", sent, headers=headers).status_code == status


def test_no_header_or_field_changes_the_method(person):
    client = Client()
    client.force_login(person, backend=BACKEND)
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert client.get("/logout/?_method=POST", headers={header: "POST"}).status_code == 405
    assert client.get("/password/").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "http:evil.example", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "/\n/evil.example",
        "%2F%2Fevil.example", "http://testserver@evil.example", "http:///evil.example", "\x00//evil.example",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(person, wanted):
    response = Client().post("/login/", {"username": "honnin", "password": PASSWORD, "next": wanted})
    assert response.status_code == 302
    assert response["Location"] == "/"


def test_text_becomes_markup_in_one_module_alone():
    sinks = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "Function(",
             "srcdoc", "createContextualFragment", "setHTMLUnsafe", "createPolicy")  # fmt: skip
    found = {
        path.name
        for path in (settings.BASE_DIR / "static" / "js").rglob("*.js")
        if any(sink in path.read_text(encoding="utf-8") for sink in sinks)
    }
    assert found == {"inert.js"}
