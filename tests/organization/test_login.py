"""Signing in: by password, by one-time code, and every way it is refused."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from organization.forms import REFUSED
from organization.models import SignInCode, Staff
from organization.workflow import issue_codes
from tests import builders as b

URL = "/login/"


@pytest.fixture
def member(world):
    world.honnin.set_password(b.PASSWORD)
    world.honnin.save(update_fields=["password"])
    return world.honnin


def post(client, username, password, **extra):
    return client.post(URL, {"username": username, "password": password, **extra})


def test_it_works(client, member):
    response = post(client, "honnin", b.PASSWORD)
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert Event.objects.filter(action="account.signed_in", subject_uuid=member.uuid).count() == 1


def test_hash_is_argon2id_with_the_chosen_cost(member):
    assert member.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("username", "password"),
    [("honnin", "wrong"), ("nobody", b.PASSWORD), ("honnin", ""), ("", b.PASSWORD), ("HONNIN", b.PASSWORD)],
)
def test_wrong_is_refused(client, member, username, password):
    response = post(client, username, password)
    assert response.status_code == 422
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("typed", ["ｈｏｎｎｉｎ", "　honnin ", "ｈonniｎ"])
def test_a_name_opens_whatever_the_input_method_was_set_to(client, member, typed):
    assert post(client, typed, b.PASSWORD).status_code == 302


def test_an_administrator_gets_no_name_that_nobody_can_type(world):
    with pytest.raises(CommandError, match="半角"):
        call_command("create_admin", "ｋａｎｒｉ", "管理 太郎", municipality=world.city.code)


def test_wrong_name_and_wrong_password_read_the_same(client, member):
    for response in (post(client, "honnin", "wrong"), post(client, "nobody", "wrong")):
        assert REFUSED in response.content.decode()


def test_leaver_is_refused_from_the_day(client, member):
    Staff.objects.filter(pk=member.pk).update(left_on=timezone.localdate())
    assert post(client, "honnin", b.PASSWORD).status_code == 422


def test_open_session_of_a_leaver_ends_at_the_next_request(client, member):
    post(client, "honnin", b.PASSWORD)
    assert client.get("/password/").status_code == 200
    Staff.objects.filter(pk=member.pk).update(left_on=timezone.localdate())
    assert client.get("/password/").status_code == 302


def test_next_stays_on_this_host(client, member):
    assert post(client, "honnin", b.PASSWORD, next="/password/")["Location"] == "/password/"
    client.post("/logout/")
    assert post(client, "honnin", b.PASSWORD, next="https://elsewhere.example/")["Location"] == "/"
    client.post("/logout/")
    assert post(client, "honnin", b.PASSWORD, next="//elsewhere.example/")["Location"] == "/"


def test_page_asks_for_sign_in_with_checked_next(client, db):
    response = client.get("/password/")
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/password/"


def test_unsafe_method_without_session_is_401(client, db):
    assert client.post("/password/", {}).status_code == 401


def test_script_without_session_is_401_json(client, db):
    response = client.get("/password/", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert "error" in response.json()


def test_code_opens_once_and_asks_for_a_password(client, world):
    (slip,) = issue_codes(people=[world.honnin], by=b.actor_of(world.jinji), now=timezone.now())
    assert post(client, "honnin", slip.code.lower()).status_code == 302
    assert client.get("/accounts/")["Location"] == reverse("organization:password")
    response = client.post(
        "/password/", {"new_password": "kasumigaseki-4-go", "repeated": "kasumigaseki-4-go"}
    )
    assert response.status_code == 302
    assert client.get("/password/").status_code == 200
    client.post("/logout/")
    assert post(client, "honnin", slip.code).status_code == 422
    assert post(client, "honnin", "kasumigaseki-4-go").status_code == 302


def test_code_is_refused_after_its_days(client, world):
    issued = timezone.now() - datetime.timedelta(days=15)
    (slip,) = issue_codes(people=[world.honnin], by=b.actor_of(world.jinji), now=issued)
    assert post(client, "honnin", slip.code).status_code == 422


def test_new_code_revokes_the_one_before(client, world):
    (old,) = issue_codes(people=[world.honnin], by=b.actor_of(world.jinji), now=timezone.now())
    (new,) = issue_codes(people=[world.honnin], by=b.actor_of(world.jinji), now=timezone.now())
    assert post(client, "honnin", old.code).status_code == 422
    assert post(client, "honnin", new.code).status_code == 302


def test_code_is_stored_as_a_hash_only(world):
    (slip,) = issue_codes(people=[world.honnin], by=b.actor_of(world.jinji), now=timezone.now())
    stored = SignInCode.objects.get().code_hash
    assert stored.startswith("argon2$")
    assert slip.code not in stored


@pytest.mark.parametrize(
    ("new", "sentence"),
    [("short", "12"), ("123456789012", "数字"), ("honnin-honnin", "似")],
)
def test_weak_password_is_refused_with_a_sentence(client, member, new, sentence):
    post(client, "honnin", b.PASSWORD)
    response = client.post("/password/", {"password": b.PASSWORD, "new_password": new, "repeated": new})
    assert response.status_code == 422
    assert "error-text" in response.content.decode()
    assert sentence in response.content.decode()


def test_password_change_needs_the_present_one(client, member):
    post(client, "honnin", b.PASSWORD)
    new = {"new_password": "kasumigaseki-4-go", "repeated": "kasumigaseki-4-go"}
    assert client.post("/password/", {"password": "wrong", **new}).status_code == 422
    assert client.post("/password/", {"password": b.PASSWORD, **new}).status_code == 302


def test_other_sessions_end_with_the_password(client, member, django_user_model):
    from django.test import Client

    other = Client()
    post(client, "honnin", b.PASSWORD)
    post(other, "honnin", b.PASSWORD)
    new = {"password": b.PASSWORD, "new_password": "kasumigaseki-4-go", "repeated": "kasumigaseki-4-go"}
    client.post("/password/", new)
    assert client.get("/password/").status_code == 200
    assert other.get("/password/").status_code == 302


def test_logout_is_post_only(client, member):
    post(client, "honnin", b.PASSWORD)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/password/").status_code == 302


@pytest.mark.parametrize("wanted", ["0x1", "accounts", "organization:accounts", "あ", "\x00"])
def test_a_next_that_is_no_address_is_no_error(client, member, wanted):
    client.raise_request_exception = True
    assert post(client, "honnin", b.PASSWORD, next=wanted).status_code == 302
    assert client.get(URL, {"next": wanted}).status_code == 302


def test_the_password_and_the_sessions_of_before_end_with_the_code(client, world, member):
    post(client, "honnin", b.PASSWORD)
    (slip,) = issue_codes(people=[member], by=b.actor_of(world.jinji), now=timezone.now())
    assert client.get("/password/").status_code == 200
    other = Client()
    assert post(other, "honnin", slip.code).status_code == 302
    assert client.get("/password/")["Location"].startswith("/login/")
    assert post(client, "honnin", b.PASSWORD).status_code == 422
    assert other.get("/password/").status_code == 200


def test_the_trail_says_from_where_somebody_signed_in(client, world):
    world.honnin.set_password("nagai-himitsu-2026")
    world.honnin.save()
    response = client.post("/login/", {"username": "honnin", "password": "nagai-himitsu-2026"})
    event = Event.objects.get(action="account.signed_in")
    assert (event.address, event.request_id) == ("127.0.0.1", response["X-Request-Id"])
