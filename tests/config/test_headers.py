"""What every response carries, errors included."""

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError

BACKEND = "organization.backends.StaffBackend"
PATHS = ["/login/", "/healthz", "/nowhere/", "/manual/", "/password/"]


@pytest.mark.parametrize("path", PATHS)
def test_headers_on_every_answer(client, db, path):
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY" or "frame-ancestors 'none'" in policy
    assert "no-store" in response["Cache-Control"]
    assert response["X-Request-Id"]


def test_given_request_id_is_kept_only_when_harmless(client, db):
    assert (
        client.get("/healthz", headers={"X-Request-Id": "abcdef-123456"})["X-Request-Id"] == "abcdef-123456"
    )
    assert client.get("/healthz", headers={"X-Request-Id": "a b<script>"})["X-Request-Id"] != "a b<script>"


def test_policy_has_the_shape_of_django_6():
    assert all(isinstance(values, list) for values in settings.SECURE_CSP.values())


@pytest.mark.parametrize(
    "error", [OperationalError("database is locked"), InterfaceError("connection closed")]
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_database_error_is_503_with_retry_after(client, db, monkeypatch, error, accept):
    def broken(*args, **kwargs):
        raise error

    monkeypatch.setattr("organization.views.signin.SignInForm", broken)
    response = client.get("/login/", headers={"Accept": accept})
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "Content-Security-Policy" in response
    assert "locked" not in response.content.decode()


def test_database_error_while_reading_the_session_is_503(client, world, monkeypatch):
    client.force_login(world.honnin, backend=BACKEND)

    def broken(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr("organization.backends.Staff.objects.select_related", broken, raising=False)
    client.raise_request_exception = False
    response = client.get("/password/")
    assert response.status_code == 503
    assert response["Retry-After"]


def test_csrf_failure_is_403_in_words(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    response = client.post("/login/", {"username": "honnin", "password": "x"})
    assert response.status_code == 403
    assert "読み込み直して" in response.content.decode()


def test_unknown_address_is_404_signed_in_or_not(client, world):
    assert client.get("/nowhere/").status_code == 404
    client.force_login(world.honnin, backend=BACKEND)
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "見つかりません" in response.content.decode()


def test_a_cookie_with_a_nul_is_no_session_and_no_error(client, db):
    headers = {"Cookie": 'sessionid="abcdefgh\\000ijklmnop"; csrftoken="\\000"'}
    assert client.get("/login/", headers=headers).status_code == 200
    assert client.get("/password/", headers=headers).status_code == 302
