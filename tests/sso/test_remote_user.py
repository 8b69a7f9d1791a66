"""統合Windows認証: the name that a trusted proxy gives, and everybody else who writes that header."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from lib.networks import parse_networks
from organization.models import Staff
from organization.sso import linking

PROXY = "10.0.0.9"


@pytest.fixture
def windows(configure, monkeypatch):
    monkeypatch.setattr(settings, "TRUSTED_PROXY", parse_networks(PROXY))
    monkeypatch.setattr(settings, "REMOTE_USER_HEADER", "X-Remote-User")
    configure(REMOTE_USER_HEADER="X-Remote-User", REMOTE_USER_DOMAINS="MIHON, mihon.example")


def get(client, path, name=None, *, peer=PROXY, **more):
    headers = {} if name is None else {"HTTP_X_REMOTE_USER": name}
    return client.get(path, REMOTE_ADDR=peer, **headers, **more)


def signed_in(client):
    return client.session.get("_auth_user_id")


@pytest.mark.parametrize("name", ["MIHON\\honnin", "mihon\\HONNIN", "honnin@MIHON.EXAMPLE", "honnin@mihon"])
def test_a_person_enters_without_a_click(client, world, windows, name):
    first = get(client, "/login/?next=/sheet/", name)
    assert first["Location"] == "/sso/windows/?next=%2Fsheet%2F"
    assert get(client, first["Location"], name)["Location"] == "/sheet/"
    assert signed_in(client) == str(world.honnin.pk)


@pytest.mark.parametrize(
    "name",
    [
        "honnin",
        "OTHER\\honnin",
        "honnin@other.example",
        "MIHON\\honnin@other.example",
        "MIHON\\OTHER\\honnin",
        "MIHON\\",
        "MIHON\\nobody",
        "MIHON\\honn%",
        "MIHON\\*",
        "MIHON\\honnin,MIHON\\kacho",
        "MIHON\\ honnin",
        "",
        "\\honnin",
        "@MIHON",
    ],
)
def test_names_that_are_nobodys(client, world, windows, name):
    response = get(client, "/sso/windows/", name)
    assert response["Location"].startswith("/login/?stay=1")
    assert signed_in(client) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_X_REMOTE_USER": "MIHON\\honnin"},
        {"HTTP_X_REMOTE_USER": "MIHON\\honnin", "HTTP_X_FORWARDED_FOR": PROXY},
        {"HTTP_X_REMOTE_USER": "MIHON\\honnin", "HTTP_X_REAL_IP": PROXY, "HTTP_FORWARDED": f"for={PROXY}"},
        {"HTTP_REMOTE_USER": "MIHON\\honnin"},
        {"REMOTE_USER": "MIHON\\honnin"},
    ],
)
@pytest.mark.parametrize("path", ["/login/", "/sso/windows/", "/sheet/"])
def test_nobody_else_can_say_who_they_are(client, world, windows, headers, path):
    response = client.get(path, REMOTE_ADDR="10.0.0.8", **headers)
    assert response.status_code in (200, 302)
    assert signed_in(client) is None
    assert "Windowsの認証でログイン" not in response.content.decode()


def test_a_header_of_another_name_is_nothing(client, world, windows):
    get(client, "/sso/windows/", HTTP_REMOTE_USER="MIHON\\honnin", REMOTE_USER="MIHON\\honnin")
    assert signed_in(client) is None


def test_leavers_and_closed_accounts_read_like_nobody(client, world, windows):
    Staff.objects.filter(pk=world.dourei.pk).update(left_on=timezone.localdate())
    Staff.objects.filter(pk=world.betsuka.pk).update(is_active=False)
    pages = set()
    for name in ("nobody", "dourei", "betsuka"):
        response = get(client, get(client, "/sso/windows/", f"MIHON\\{name}")["Location"], f"MIHON\\{name}")
        assert linking.UNLINKED in response.content.decode()
        pages.add(response.content.decode().replace(response["X-Request-Id"], ""))
    assert signed_in(client) is None


def test_another_person_at_the_same_browser_is_not_the_first(client, world, windows):
    get(client, "/sso/windows/", "MIHON\\honnin")
    assert signed_in(client) == str(world.honnin.pk)
    get(client, "/sheet/", "MIHON\\kacho")
    assert signed_in(client) is None


def test_who_signs_out_stays_out_until_they_ask(client, world, windows):
    get(client, "/sso/windows/", "MIHON\\honnin")
    response = client.post("/logout/", REMOTE_ADDR=PROXY, HTTP_X_REMOTE_USER="MIHON\\honnin")
    assert response["Location"] == "/login/?stay=1"
    page = get(client, response["Location"], "MIHON\\honnin")
    assert "Windowsの認証でログイン" in page.content.decode()
    assert signed_in(client) is None


def test_a_first_code_on_paper_asks_nobody_for_a_password_who_came_by_windows(client, world, windows):
    Staff.objects.filter(pk=world.honnin.pk).update(must_change_password=True)
    get(client, "/sso/windows/", "MIHON\\honnin")
    assert get(client, "/resume/", "MIHON\\honnin").status_code == 200
    other = Client()
    other.force_login(world.honnin, backend="organization.backends.StaffBackend")
    assert other.get("/resume/")["Location"] == "/password/"


def test_two_people_whose_names_differ_in_capitals_alone_are_not_mixed_up(client, world, windows):
    Staff.objects.filter(pk=world.dourei.pk).update(username="HONNIN")
    get(client, "/sso/windows/", "MIHON\\Honnin")
    assert signed_in(client) is None
    get(client, "/sso/windows/", "MIHON\\HONNIN")
    assert signed_in(client) == str(world.dourei.pk)
