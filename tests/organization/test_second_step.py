"""The second step of signing in: what opens, what is used up, and what a stranger with the password gets."""

import datetime
import re
import time

import pytest
from django.test import Client
from django.utils import timezone

from access.routes import OPEN, ROUTES
from audit.models import Event
from organization.models import RecoveryCode, SignInCode, Staff
from organization.second_factor import session as kept
from organization.workflow import issue_codes
from tests import builders as b
from tests.organization.factors import (
    STEP,
    code_of,
    first_step,
    give_app,
    give_codes,
    send,
    with_password,
)
from tests.routes import address


@pytest.fixture
def member(world):
    return with_password(world.honnin)


@pytest.fixture
def secret(member):
    return give_app(member)


def is_in(client) -> bool:
    return client.get("/password/", secure=True).status_code == 200


def test_the_password_alone_opens_nothing(client, member, secret):
    response = first_step(client, member)
    assert response["Location"] == STEP
    assert not is_in(client)
    assert not Event.objects.filter(action="account.signed_in").exists()


def test_password_and_code_open(client, member, secret):
    first_step(client, member, next="/jobs/")
    response = send(client, "app", code_of(secret))
    assert (response.status_code, response["Location"]) == (302, "/jobs/")
    assert is_in(client)
    event = Event.objects.get(action="account.signed_in")
    assert event.data == {"how": "password", "second_factor": True, "by": "app"}


def test_somebody_without_a_factor_is_asked_for_none(client, member):
    assert first_step(client, member)["Location"] == "/"


def test_code_is_taken_as_people_type_it(client, member, secret):
    first_step(client, member)
    code = code_of(secret).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert send(client, "app", f" {code[:3]} {code[3:]} ").status_code == 302


@pytest.mark.parametrize("steps", [-1, 1])
def test_clocks_may_differ_by_one_step(client, member, secret, steps):
    first_step(client, member)
    assert send(client, "app", code_of(secret, steps=steps)).status_code == 302


@pytest.mark.parametrize("steps", [-3, 3])
def test_older_and_later_codes_are_refused(client, member, secret, steps):
    first_step(client, member)
    assert send(client, "app", code_of(secret, steps=steps)).status_code == 422


@pytest.mark.parametrize("given", ["", "12345", "abcdef", "000000000", "あ", "\x00", "1" * 5000])
def test_what_is_no_code_is_refused(client, member, secret, given):
    first_step(client, member)
    response = send(client, "app", given)
    assert response.status_code == 422
    assert "error-text" in response.content.decode()


def test_a_code_counts_once(client, member, secret):
    code, other = code_of(secret), Client()
    first_step(client, member)
    first_step(other, member)
    assert send(client, "app", code).status_code == 302
    assert send(other, "app", code).status_code == 422
    assert not is_in(other)


def test_an_older_code_counts_no_more_after_a_newer_one(client, member, secret):
    other = Client()
    first_step(client, member)
    first_step(other, member)
    assert send(client, "app", code_of(secret, steps=1)).status_code == 302
    assert send(other, "app", code_of(secret)).status_code == 422


def test_code_of_somebody_else_is_refused(client, member, secret, world):
    theirs = give_app(world.dourei)
    first_step(client, member)
    assert send(client, "app", code_of(theirs)).status_code == 422


def test_code_on_paper_opens_once(client, member, secret):
    codes = give_codes(member)
    first_step(client, member)
    response = send(client, "recovery", codes[3].lower().replace("-", " "))
    assert response.status_code == 302
    assert RecoveryCode.objects.filter(staff=member, used_at__isnull=False).count() == 1
    assert Event.objects.get(action="factor.code_used").data == {"left": 9}
    other = Client()
    first_step(other, member)
    assert send(other, "recovery", codes[3]).status_code == 422
    assert send(other, "recovery", codes[4]).status_code == 302


def test_codes_on_paper_are_hashes_with_one_salt(member, secret):
    codes = give_codes(member)
    hashes = RecoveryCode.objects.filter(staff=member).values_list("code_hash", flat=True)
    assert len(set(hashes)) == 10
    assert all(each.startswith("argon2$argon2id$") for each in hashes)
    assert len({each.split("$")[4] for each in hashes}) == 1
    assert not any(code in each for code in codes for each in hashes)


def test_code_on_paper_of_somebody_else_is_refused(client, member, secret, world):
    give_codes(member)
    give_app(world.dourei)
    theirs = give_codes(world.dourei)
    first_step(client, member)
    assert send(client, "recovery", theirs[0]).status_code == 422


def test_the_secret_is_kept_encrypted(member, secret):
    stored = bytes(member.authenticator_app.sealed)
    assert secret.encode() not in stored
    member.authenticator_app.refresh_from_db()
    assert b.PASSWORD.encode() not in stored


def test_a_key_that_was_changed_refuses_and_does_not_break(client, member, secret, settings):
    first_step(client, member)
    session, settings.SECRET_KEY_FALLBACKS = dict(client.session), [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key than before, with as many characters as it takes"
    assert session[kept.PENDING]["staff"] == member.pk
    assert send(client, "app", code_of(secret)).status_code == 302
    settings.SECRET_KEY_FALLBACKS = []
    other = Client()
    first_step(other, member)
    assert send(other, "app", code_of(secret, steps=1)).status_code == 422


def test_the_session_has_another_key_after_each_step(client, member, secret):
    client.get("/login/passkey/", secure=True)
    planted = client.session.session_key
    first_step(client, member)
    waiting = client.session.session_key
    send(client, "app", code_of(secret))
    assert planted is not None
    assert len({planted, waiting, client.session.session_key}) == 3


def test_whoever_was_signed_in_is_not_any_more(client, member, secret, world):
    first_step(client, with_password(world.dourei))
    assert is_in(client)
    first_step(client, member)
    assert not is_in(client)


def test_ten_minutes(client, member, secret, monkeypatch):
    first_step(client, member)
    late = time.time() + kept.LIFETIME + 5
    monkeypatch.setattr("organization.second_factor.session.time.time", lambda: late)
    response = send(client, "app", code_of(secret))
    assert response["Location"].startswith("/login/")
    assert not is_in(client)


def test_five_wrong_answers_end_the_attempt(client, member, secret):
    first_step(client, member)
    for _ in range(kept.MOST_WRONG - 1):
        assert send(client, "app", "000000").status_code == 422
    assert send(client, "app", "000000")["Location"].startswith("/login/")
    assert Event.objects.filter(action="factor.refused", subject_uuid=member.uuid).count() == 1
    assert send(client, "app", code_of(secret))["Location"].startswith("/login/")
    assert not is_in(client)


def test_starting_again_from_the_password_gives_no_new_tries(client, member, secret):
    """The limit is the account's, not the session's: whoever knows the password waits too."""
    first_step(client, member)
    for _ in range(kept.MOST_WRONG):
        send(client, "app", "000000")
    other = Client()
    assert first_step(other, member)["Location"] == STEP
    held = send(other, "app", code_of(secret))
    assert held.status_code == 429
    assert int(held["Retry-After"]) > 0
    assert "まで試せません" in held.content.decode()
    assert not is_in(other)


def test_account_that_closes_meanwhile_does_not_open(client, member, secret):
    first_step(client, member)
    Staff.objects.filter(pk=member.pk).update(left_on=timezone.localdate())
    assert send(client, "app", code_of(secret))["Location"].startswith("/login/")


def test_without_a_first_step_there_is_no_second(client, db):
    assert client.get(STEP)["Location"].startswith("/login/")
    assert send(client, "app", "123456")["Location"].startswith("/login/")


def test_who_waits_opens_no_page(client, member, secret, targets):
    """Every URL answers whoever waits for the second step as it answers somebody who is not signed in."""
    first_step(client, member)
    nobody = Client()
    for name, route in ROUTES.items():
        url = address(name, targets.get(route.target, (None, None))[0])
        for method, row in (("GET", route.get), ("POST", route.post)):
            if row in (None, OPEN):
                continue
            waiting, stranger = (
                one.generic(method, url, secure=True, headers={"X-Request-Id": "0123456789ab"})
                for one in (client, nobody)
            )
            assert waiting.status_code == stranger.status_code, (name, method)
            assert waiting.status_code in (302, 401), (name, method)
            assert waiting.content == stranger.content, (name, method)
    # It was somebody who waits, all the time.
    assert client.get(STEP, secure=True).status_code == 200


def test_a_wrong_password_says_nothing_about_the_second_factor(client, member, secret, world):
    with_password(world.dourei)
    answers = [
        first_step(Client(), staff, "wrong") for staff in (member, world.dourei, Staff(username="nobody"))
    ]
    assert {answer.status_code for answer in answers} == {422}
    pages = [
        answer.content.decode().replace(name, "")
        for answer, name in zip(answers, (member.username, "dourei", "nobody"), strict=True)
    ]
    token = r'value="[A-Za-z0-9]{64}"'
    assert len({re.sub(token, "", page) for page in pages}) == 1


def test_first_sign_in_code_is_used_up_by_the_second_step_alone(client, member, secret, world):
    (slip,) = issue_codes(people=[member], by=b.actor_of(world.jinji), now=timezone.now())
    assert first_step(client, member, slip.code)["Location"] == STEP
    assert SignInCode.objects.get(staff=member).used_at is None
    # The password of before still holds: nothing was used up by half a sign-in.
    assert first_step(Client(), member)["Location"] == STEP
    assert send(client, "app", code_of(secret)).status_code == 302
    assert SignInCode.objects.get(staff=member).used_at is not None
    assert client.get("/", secure=True)["Location"] == "/password/"


def test_first_sign_in_code_that_was_revoked_meanwhile_opens_nothing(client, member, secret, world):
    now = timezone.now()
    (slip,) = issue_codes(people=[member], by=b.actor_of(world.jinji), now=now)
    first_step(client, member, slip.code)
    issue_codes(people=[member], by=b.actor_of(world.jinji), now=now + datetime.timedelta(seconds=1))
    assert send(client, "app", code_of(secret)).status_code == 409
    assert not is_in(client)


def test_page_asks_few_queries(client, member, secret, django_assert_max_num_queries):
    give_codes(member)
    first_step(client, member)
    with django_assert_max_num_queries(15):
        assert client.get(STEP, secure=True).status_code == 200
