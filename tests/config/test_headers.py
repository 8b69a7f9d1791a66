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
    headers = {"Cookie": '__Host-sessionid="abcdefgh\\000ijklmnop"; __Host-csrftoken="\\000"'}
    assert client.get("/login/", headers=headers).status_code == 200
    assert client.get("/password/", headers=headers).status_code == 302


SENT = {"reason": "消えてはならない\n理由", "comment-x": "VPN <b>", "version": "17", "key": "a-b-c"}


def test_a_busy_database_leaves_the_text_on_the_page(client, world, monkeypatch):
    client.force_login(world.kacho, backend=BACKEND)

    def broken(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr("assessments.views.confirming.sheet_for", broken)
    response = client.post(f"/sheets/{world.sheet.uuid}/send-back/", SENT)
    page = response.content.decode()
    assert response.status_code == 503
    assert "消えてはならない<br>理由" in page
    assert "VPN &lt;b&gt;" in page
    assert "a-b-c" not in page


def test_a_session_that_ended_and_a_stale_token_leave_the_text_on_the_page(world):
    from django.test import Client

    for client, status in ((Client(), 401), (Client(enforce_csrf_checks=True), 403)):
        response = client.post(f"/sheets/{world.sheet.uuid}/send-back/", SENT)
        assert response.status_code == status
        assert "消えてはならない" in response.content.decode()


def test_no_password_is_ever_shown_again(client, world):
    from django.test import Client

    for url, name in (("/login/", "password"), ("/password/", "new_password")):
        response = Client(enforce_csrf_checks=True).post(
            url, {name: "ひみつの ことば", "repeated": "ひみつの ことば"}
        )
        assert response.status_code == 403
        assert "ひみつの" not in response.content.decode()


def test_nothing_sent_tells_one_404_from_another(client, world):
    client.force_login(world.kacho, backend=BACKEND)
    pages = [
        client.post(f"/sheets/{sheet}/send-back/", SENT)
        for sheet in (world.foreign_sheet.uuid, "00000000-0000-4000-8000-000000000000")
    ]
    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].content == pages[1].content
    assert "消えてはならない" not in pages[0].content.decode()


FORM = "application/x-www-form-urlencoded"
UNREADABLE = [
    (FORM, b"&".join(b"reason%d=1" % number for number in range(5000))),
    (FORM, b"reason=" + b"x" * 3_000_000),
    (FORM + "; charset=utf-7", b"reason=x"),
    ("multipart/form-data", b"reason=x"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=reason"),
]


@pytest.mark.parametrize(("kind", "body"), UNREADABLE)
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_form_that_cannot_be_read_is_no_error(client, world, kind, body, signed_in):
    if signed_in:
        client.force_login(world.kacho, backend=BACKEND)
    response = client.post(f"/sheets/{world.sheet.uuid}/send-back/", body, content_type=kind)
    assert 400 <= response.status_code < 500
