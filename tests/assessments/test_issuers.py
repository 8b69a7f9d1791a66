"""署名の鍵と信頼する発行元: the own key handed out, others trusted after their fingerprint was heard, and withdrawn."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from access.refusals import Conflict
from assessments.models import SigningKey, TrustedIssuer
from assessments.travel.keys import KeyUnreadable, Signer, is_signed
from assessments.travel.multikey import (
    NoKey,
    base58,
    decode_key,
    did_of,
    encode_key,
    fingerprint,
    key_of,
    unbase58,
)
from assessments.workflow.signing_keys import make_key, signer_of
from audit.models import Event
from tests.assessments.travelling import ELSEWHERE, trust

URL = "/issuers/"


def words(response) -> str:
    return response.content.decode()


def add(client, **changes):
    form = {"name": "となり市", "key": ELSEWHERE.key, "fingerprint": fingerprint(ELSEWHERE.key), **changes}
    return client.post(URL, form)


def test_the_own_key_is_made_once_and_shown_in_groups(world, sign_in):
    client = sign_in("jinji")
    page = words(client.get(URL))
    assert "署名の鍵を作る" in page
    assert not SigningKey.objects.exists()
    for _ in range(2):
        assert client.post(URL, {"act": "key"})["Location"] == URL
    key = SigningKey.objects.get()
    page = words(client.get(URL))
    assert key.public_key in page
    assert fingerprint(key.public_key) in page
    groups = fingerprint(key.public_key).split(" ")
    assert [len(group) for group in groups] == [4] * 8
    assert Event.objects.get(action="travel.key").data["key"] == key.public_key


def test_an_issuer_is_trusted_after_its_fingerprint_was_heard(world, sign_in):
    client = sign_in("jinji")
    heard = (
        fingerprint(ELSEWHERE.key)
        .lower()
        .replace(" ", "－")
        .translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    )
    assert add(client, key=f" {did_of(ELSEWHERE.key)}\n", fingerprint=heard)["Location"] == URL
    issuer = TrustedIssuer.objects.get()
    assert (issuer.name, issuer.public_key, issuer.municipality) == ("となり市", ELSEWHERE.key, world.city)
    page = words(client.get(URL))
    assert "信頼する発行元　1団体" in page
    assert fingerprint(ELSEWHERE.key) in page
    assert Event.objects.get(action="travel.trust").data == {"key": ELSEWHERE.key}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"key": ""}, "公開鍵を入力してください"),
        ({"key": ELSEWHERE.key[:-1]}, "公開鍵として読めません"),
        ({"key": ELSEWHERE.key + "1"}, "公開鍵として読めません"),
        ({"key": "z6LS" + "1" * 44}, "公開鍵として読めません"),
        ({"key": "<script>alert(1)</script>"}, "公開鍵として読めません"),
        ({"fingerprint": "0000 0000 0000 0000 0000 0000 0000 0000"}, "鍵の指紋が合いません"),
        ({"fingerprint": fingerprint(ELSEWHERE.key)[:20]}, "鍵の指紋が合いません"),
        ({"name": ""}, "発行する団体の名前を入力してください"),
    ],
)
def test_what_is_wrong_is_said_and_kept(world, sign_in, changes, sentence):
    response = add(sign_in("jinji"), **changes)
    assert response.status_code == 422
    page = words(response)
    assert sentence in page
    assert "<script>alert" not in page
    if "fingerprint" in changes:
        assert fingerprint(ELSEWHERE.key) not in page
    assert not TrustedIssuer.objects.exists()


def test_twice_and_the_own_key_are_refused(world, sign_in):
    client = sign_in("jinji")
    add(client)
    response = add(client)
    assert response.status_code == 409
    assert "もう登録してあります" in words(response)
    client.post(URL, {"act": "key"})
    own = SigningKey.objects.get().public_key
    response = add(client, key=own, fingerprint=fingerprint(own))
    assert response.status_code == 409
    assert "この団体の鍵です" in words(response)
    assert TrustedIssuer.objects.count() == 1


def test_trust_is_withdrawn_and_may_be_given_again(world, sign_in):
    client = sign_in("jinji")
    add(client)
    issuer = TrustedIssuer.objects.get()
    url = reverse("assessments:issuer_withdraw", args=[issuer.uuid])
    assert "信頼を取り消しました" in words(client.post(url, follow=True))
    assert client.post(url).status_code == 409
    assert "信頼を取り消した発行元　1件" in words(client.get(URL))
    assert add(client).status_code == 302
    assert TrustedIssuer.objects.filter(withdrawn_at__isnull=True).count() == 1


def test_another_municipality_is_not_ours(world, sign_in):
    foreign = trust(world.yoso)
    client = sign_in("jinji")
    assert fingerprint(ELSEWHERE.key) not in words(client.get(URL))
    assert client.post(reverse("assessments:issuer_withdraw", args=[foreign.uuid])).status_code == 404


@pytest.mark.parametrize("who", ["honnin", "kacho", "kansa", "henshu", "sysadmin"])
def test_only_hr(world, sign_in, who):
    client = sign_in(who)
    assert client.get(URL).status_code == 403
    assert add(client).status_code == 403


def test_queries(world, sign_in, django_assert_max_num_queries):
    client = sign_in("jinji")
    client.post(URL, {"act": "key"})
    for _ in range(5):
        trust(world.jinji, Signer.generate())
    with django_assert_max_num_queries(12):
        client.get(URL)


def test_the_command_makes_a_new_key_and_retires_the_old_one(world, sign_in, capsys):
    now = timezone.now()
    old = make_key(municipality=world.city, by=None, now=now)
    call_command("create_signing_key", world.city.code)
    new = SigningKey.objects.get(retired_at__isnull=True)
    assert new.public_key in capsys.readouterr().out
    old.refresh_from_db()
    assert old.retired_at is not None
    assert signer_of(world.city, by=None, now=now).key == new.public_key != old.public_key
    page = words(sign_in("jinji").get(URL))
    assert "前に使っていた鍵" in page
    assert fingerprint(old.public_key) in page
    with pytest.raises(CommandError):
        call_command("create_signing_key", "000000")


def test_the_private_half_is_kept_under_the_secret_key(world, settings, sign_in):
    now = timezone.now()
    signer = signer_of(world.city, by=None, now=now)
    row = SigningKey.objects.get()
    assert is_signed(b"x", signer.sign(b"x"), row.public_key)
    assert not is_signed(b"y", signer.sign(b"x"), row.public_key)
    assert Signer.unseal(bytes(row.private_key)).key == row.public_key
    settings.SECRET_KEY = "another-secret-key-of-fifty-letters-or-more-0123456789"
    with pytest.raises(KeyUnreadable):
        Signer.unseal(bytes(row.private_key))
    with pytest.raises(Conflict, match="署名の鍵が読めない"):
        signer_of(world.city, by=None, now=now)
    assert "この鍵では、いまは署名できません" in words(sign_in("jinji").get(URL))
    make_key(municipality=world.city, by=None, now=now, anew=True)
    assert signer_of(world.city, by=None, now=now).key != row.public_key
    assert "いまは署名できません" not in words(sign_in("jinji").get(URL))


@given(st.binary(max_size=60))
def test_base58_gives_back_what_it_got(data):
    assert unbase58(base58(data)) == data


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_read_as_it_is_written(raw):
    key = encode_key(raw)
    assert key.startswith("z6Mk")
    assert decode_key(key) == raw
    assert key_of(did_of(key)) == key_of(f"{did_of(key)}#{key}") == key


@given(st.text(max_size=120))
def test_any_text_is_a_key_or_is_none(text):
    for candidate in (text, f"z6Mk{text}", did_of(text)):
        try:
            assert key_of(candidate)
        except NoKey:
            continue
