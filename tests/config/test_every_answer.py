"""The headers of the browser's own walls, on every class of answer: nothing leaves without them."""

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import StreamingHttpResponse
from django.test import Client

from access.routes import ROUTES
from config.middleware import RequestIdMiddleware
from tests.config.test_conditional import KEPT
from tests.routes import URLS, address

BACKEND = "organization.backends.StaffBackend"
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
METHODS = ("get", "head", "options", "post", "put")


def missing(response, *, static=False):
    """Return what an answer lacks."""
    lacking = [name for name, value in EXPECTED.items() if response.headers.get(name) != value]
    policy = response.headers.get("Content-Security-Policy", "")
    # A file that people attached may do less still.
    if "sandbox" not in policy and not (
        "frame-ancestors 'none'" in policy and "require-trusted-types-for 'script'" in policy
    ):
        lacking.append("Content-Security-Policy")
    if "unsafe" in policy or "default-src 'none'" not in policy:
        lacking.append("a strict policy")
    if not static and "no-store" not in response.headers.get("Cache-Control", ""):
        lacking.append("no-store")
    if "Access-Control-Allow-Origin" in response.headers:
        lacking.append("no other origin")
    return lacking


@pytest.fixture
def somebody(world):
    def sign_in(staff):
        client = Client(raise_request_exception=False)
        if staff is not None:
            client.force_login(staff, backend=BACKEND)
        return client

    return sign_in


def test_every_address_and_method(world, targets, somebody):
    """Pages, files, JSON, redirects, 401, 403, 404, 405, 409, 422: ours, foreign, signed in and out."""
    wrong, statuses = [], set()
    for staff in (world.jinji, None):
        client = somebody(staff)
        for name in URLS:
            if name == "organization:logout" and staff is not None:
                continue
            kind = ROUTES[name].target
            ours, _ = targets.get(kind, (None, None))
            for method in METHODS if staff is None else ("get", "post"):
                response = getattr(client, method)(address(name, ours))
                statuses.add(response.status_code)
                # What is published may be kept; tests/config/test_conditional.py says which addresses these are.
                kept = name in KEPT and method in ("get", "head") and response.status_code == 200
                lacking = missing(response, static=kept)
                wrong += [f"{name} {method} {response.status_code}: {what}" for what in lacking]
    assert not wrong, "\n".join(wrong)
    assert {200, 302, 401, 403, 404, 405, 422} <= statuses


def broken(error):
    def view(*args, **kwargs):
        raise error

    return view


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(("error", "status"), [(ValueError("x"), 500), (OperationalError("x"), 503)])
def test_forced_errors(db, somebody, monkeypatch, error, status, accept):
    monkeypatch.setattr("organization.views.signin.SignInForm", broken(error))
    response = somebody(None).get("/login/", headers={"Accept": accept})
    assert (response.status_code, missing(response)) == (status, [])


def test_a_host_that_is_not_ours(db, somebody):
    for host in ("evil.example", "testserver.evil.example", "testserver:x", "a b"):
        response = somebody(None).get("/login/", HTTP_HOST=host)
        assert (response.status_code, missing(response)) == (400, []), host
        assert host not in response.content.decode()
    # Nobody's word for the host counts but the Host header's.
    answer = somebody(None).get("/password/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer["Location"]


def test_streams(db, somebody, monkeypatch):
    monkeypatch.setattr(
        "organization.views.signin.render", lambda *a, **k: StreamingHttpResponse(iter([b"x"]))
    )
    response = somebody(None).get("/login/")
    assert response.streaming
    assert missing(response) == []


def test_uploads_refused(world, somebody, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    response = somebody(world.jinji).post("/imports/", {"reason": "x" * 100})
    assert response.status_code in (400, 413, 422)
    assert missing(response) == []


def test_static_files_and_304(db, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "app.js").write_text("1\n")
    client = Client()

    def ask(path, **headers):
        response = client.get(path, headers=headers)
        b"".join(response.streaming_content if response.streaming else [])
        response.close()
        return response

    first = ask("/static/app.js")
    assert (first.status_code, missing(first, static=True)) == (200, [])
    assert "no-store" not in first.headers.get("Cache-Control", "")
    for more, status in (
        ({"If-Modified-Since": first["Last-Modified"]}, 304),
        ({"Range": "bytes=0-1"}, 206),
        ({"Range": "bytes=99-"}, 416),
    ):
        response = ask("/static/app.js", **more)
        assert (response.status_code, missing(response, static=True)) == (status, [])
    assert missing(ask("/static/nothing.js"), static=True) == []


def test_a_missing_header_is_noticed(db, monkeypatch):
    monkeypatch.setitem(EXPECTED, "Cross-Origin-Opener-Policy", "never")
    assert missing(Client().get("/login/")) == ["Cross-Origin-Opener-Policy"]


@pytest.mark.parametrize("name", [*EXPECTED, "Content-Security-Policy", "Cache-Control"])
def test_a_header_that_is_taken_away_turns_the_check_red(db, monkeypatch, name):
    """A real header, taken off on its way out: pages, redirects and refusals are all missed."""
    whole = RequestIdMiddleware.__call__

    def without(self, request):
        response = whole(self, request)
        response.headers.pop(name, None)
        return response

    monkeypatch.setattr(RequestIdMiddleware, "__call__", without)
    client = Client()
    answers = [client.get(path) for path in ("/login/", "/sheet/", "/nowhere/")] + [client.post("/logout/")]
    assert [answer.status_code for answer in answers] == [200, 302, 404, 401]
    assert all(missing(answer) for answer in answers)


@pytest.mark.parametrize(
    ("directive", "values", "lacking"),
    [
        ("script-src", ["'self'", "'unsafe-inline'"], "a strict policy"),
        ("default-src", ["*"], "a strict policy"),
        ("frame-ancestors", ["'self'"], "Content-Security-Policy"),
        ("require-trusted-types-for", [], "Content-Security-Policy"),
    ],
)
def test_a_policy_that_is_weakened_turns_the_check_red(db, monkeypatch, directive, values, lacking):
    monkeypatch.setitem(settings.SECURE_CSP, directive, values)
    assert missing(Client().get("/login/")) == [lacking]
