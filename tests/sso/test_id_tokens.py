"""Forged ID tokens: what must stand in one, and who must have signed it."""

import base64
import hmac
import json

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from organization.providers import read_providers
from organization.sso.linking import NotSignedIn
from organization.sso.oidc import checked

NOW = 1_800_000_000
ISSUER = "https://idp.example.lg.jp"
(PROVIDER,) = read_providers(
    {"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": "skill", "OIDC_CLIENT_SECRET": "secret"}
)
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})
KEYS = {"keys": [KEY.as_dict(private=False)]}
GOOD = {
    "iss": ISSUER, "aud": "skill", "sub": "s", "iat": NOW, "exp": NOW + 300, "nonce": "n", "preferred_username": "honnin",
}  # fmt: skip


def signed(claims, key=KEY, alg="RS256"):
    return jwt.encode({"alg": alg, "kid": "one"}, claims, key, algorithms=[alg])


def check(token):
    return checked(PROVIDER, {"id_token": token}, KEYS, nonce="n", now=NOW)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_good_token_is_taken():
    assert check(signed(GOOD))["preferred_username"] == "honnin"
    assert check(signed(GOOD | {"aud": ["skill"]}))["sub"] == "s"


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": ["skill", "another"]},
        {"aud": ["skill", "another"], "azp": "skill"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iss": ISSUER + "/"},
        {"exp": NOW - 61},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": NOW + 600},
        {"iat": None},
        {"nbf": NOW + 600},
        {"nonce": "another"},
        {"nonce": None},
        {"azp": "another"},
        {"sub": None},
        {"at_hash": "wrong"},
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_or_missing_is_refused(change):
    claims = {name: value for name, value in (GOOD | change).items() if value is not None}
    with pytest.raises(NotSignedIn):
        checked(PROVIDER, {"id_token": signed(claims), "access_token": "token"}, KEYS, nonce="n", now=NOW)


def test_a_token_of_another_key_is_refused():
    with pytest.raises(NotSignedIn):
        check(signed(GOOD, OTHER))


def test_a_token_without_signature_is_refused():
    for alg in ("none", "None", "NONE"):
        with pytest.raises(NotSignedIn):
            check(f"{part({'alg': alg, 'typ': 'JWT'})}.{part(GOOD)}.")


@pytest.mark.parametrize("secret", [KEY.as_pem(private=False), b"secret", b"skill", b""])
def test_a_token_signed_with_what_everybody_knows_is_refused(secret):
    body = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(GOOD)}"
    seal = base64.urlsafe_b64encode(hmac.digest(secret, body.encode(), "sha256")).rstrip(b"=").decode()
    with pytest.raises(NotSignedIn):
        check(f"{body}.{seal}")


@pytest.mark.parametrize("token", ["", "a.b.c", "....", None, 5, {"a": 1}])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(NotSignedIn):
        check(token)


def test_the_signature_of_other_claims_is_refused():
    head, _, tail = signed(GOOD).split(".")
    with pytest.raises(NotSignedIn):
        check(f"{head}.{part(GOOD | {'preferred_username': 'kacho'})}.{tail}")
