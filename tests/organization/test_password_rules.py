"""What a new password must be, and that it may be typed in any spelling."""

import secrets
import string

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from lib.passwords import normalised, spellings
from organization.attempts import FREE
from organization.models import AuthenticatorApp, Staff
from organization.password_rules import NoObviousWords
from tests import builders as b


def said(password, staff) -> str:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, staff)
    return " ".join(refused.value.messages)


@pytest.mark.parametrize(
    "password",
    [
        "password2026!", "skill-rirekisho", "スキル履歴書スキル履歴書", "みほん市2026年みほん市", "honnin-2026-1127",
        "sakura-sakura-1", "1qaz2wsx-1qaz2wsx", "aiueo12345aiueo", "おはようこんにちは123", "ﾊﾟｽﾜｰﾄﾞﾊﾟｽﾜｰﾄﾞ",
        "aaaaaaaaaaaa", "ababababababab", "ああああああああああああ", "mnbvcxzlkjhg", "poiuytrewqlk", "mizuumi " * 3,
    ],
)  # fmt: skip
def test_what_anybody_tries_first_is_refused_with_what_to_do(world, password):
    assert "つないでください" in said(password, world.honnin)


def test_short_is_refused_and_the_length_is_a_setting(world, settings):
    assert "12文字以上" in said("mizuumi-akr", world.honnin)
    settings.PASSWORD_MIN_LENGTH = 15
    assert "15文字以上" in said("mizuumi-akari", world.honnin)


def test_beside_a_second_factor_eight_are_enough(world):
    AuthenticatorApp.objects.create(
        municipality=world.city, staff=world.honnin, sealed=b"x", last_step=0, added_at=timezone.now()
    )
    validate_password("kxpvtqmw", world.honnin)
    assert "8文字以上" in said("kxpvtqm", world.honnin)
    assert "12文字以上" in said("kxpvtqmw", world.dourei)


@pytest.mark.parametrize(
    "password",
    [
        "kasumigaseki-4-go",
        "みずうみのむこうのあかり",
        "sakura saku mizuumi",
        "みずうみのむこうのあかり、きしべのふね、ゆうがたのかぜ、あさのしずけさ、ふゆのほしぞら、なつのかわあそびのうた",
        "correct horse battery",
    ],
)
def test_phrases_are_taken_short_and_long(world, password):
    validate_password(password.strip(), world.honnin)


def test_what_chance_makes_is_taken(world):
    """Twelve characters of a password manager; hardly one in a thousand holds a word or repeats itself so much."""
    signs = string.ascii_letters + string.digits + string.punctuation
    refused = 0
    for _ in range(300):
        password = "".join(secrets.choice(signs) for _ in range(12))
        try:
            NoObviousWords().validate(password, world.honnin)
        except ValidationError:
            refused += 1
    assert refused <= 3


def test_a_password_of_64_and_more_opens_again(world, client):
    long = "みずうみのむこうのあかり " * 12
    world.honnin.set_password(long)
    world.honnin.save(update_fields=["password"])
    assert client.post("/login/", {"username": "honnin", "password": long}).status_code == 302


def test_spellings():
    assert normalised("ｍｉｚｕ ｶﾞ") == "mizu ガ"
    assert spellings("mizu") == ["mizu"]
    assert spellings("ｍｉｚｕ") == ["mizu", "ｍｉｚｕ"]


@pytest.mark.parametrize("typed", ["ｋａｓｕｍｉ－ガ", "kasumi-ｶﾞ", "kasumi-ガ"])
def test_one_password_opens_in_every_spelling(world, typed):
    world.honnin.set_password("kasumi-ガ")
    world.honnin.save(update_fields=["password"])
    assert Client().post("/login/", {"username": "honnin", "password": typed}).status_code == 302
    assert world.honnin.check_password(typed)


def test_a_hash_from_before_still_opens(world, client):
    Staff.objects.filter(pk=world.honnin.pk).update(password=make_password("ｋａｓｕｍｉｇａｓｅｋｉ"))
    answer = client.post("/login/", {"username": "honnin", "password": "ｋａｓｕｍｉｇａｓｅｋｉ"})
    assert answer.status_code == 302
    world.honnin.refresh_from_db()
    assert world.honnin.check_password("ｋａｓｕｍｉｇａｓｅｋｉ")


def test_full_width_letters_make_no_password_longer_or_better(world):
    assert said("ﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟｶﾞ", world.honnin)


def test_the_form_says_the_length_and_browsers_may_paste_and_keep(world, client, settings):
    settings.PASSWORD_MIN_LENGTH = 14
    client.force_login(world.honnin)
    page = client.get("/password/").content.decode()
    assert "14文字以上" in page
    assert 'autocomplete="new-password"' in page
    assert b.PASSWORD not in page


def test_an_open_screen_is_no_place_to_guess_the_present_one(world, client):
    world.honnin.set_password(b.PASSWORD)
    world.honnin.save(update_fields=["password"])
    client.force_login(world.honnin)
    new = {"new_password": "kasumigaseki-4-go", "repeated": "kasumigaseki-4-go"}
    answers = [client.post("/password/", {"password": "wrong", **new}) for _ in range(FREE + 1)]
    assert [each.status_code for each in answers] == [422] * FREE + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert client.post("/password/", {"password": b.PASSWORD, **new}).status_code == 429
    assert Staff.objects.get(pk=world.honnin.pk).check_password(b.PASSWORD)
