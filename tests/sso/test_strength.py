"""How strongly a provider recognised somebody: asked for, looked at, told to who lets people in."""

from urllib.parse import parse_qs, urlsplit

import pytest

from audit.models import Event
from organization.providers import read_providers
from organization.sso import linking
from organization.sso.linking import NotSignedIn
from organization.sso.strength import check_strength
from tests.sso.test_oidc import ask, provider_answers, refused_with, signed_in

STRONG = "urn:example:strong"
OIDC = {"OIDC_ISSUER": "https://idp.example", "OIDC_CLIENT_ID": "skill", "OIDC_CLIENT_SECRET": "s"}


def provider(**more):
    return read_providers(OIDC | more)[0]


@pytest.mark.parametrize(
    ("settings", "acr", "amr"),
    [
        ({"OIDC_REQUIRED_ACR": f"{STRONG},urn:other"}, "urn:other", ()),
        ({"OIDC_REQUIRED_AMR": "pwd otp"}, None, ["otp", "pwd", "x"]),
        ({}, None, ()),
        ({}, 5, [5, None]),
    ],
)
def test_enough_is_enough(settings, acr, amr):
    assert check_strength(provider(**settings), acr, amr) is False


@pytest.mark.parametrize(
    ("settings", "acr", "amr"),
    [
        ({"OIDC_REQUIRED_ACR": STRONG}, "urn:example:weak", ["mfa"]),
        ({"OIDC_REQUIRED_ACR": STRONG}, None, ["mfa"]),
        ({"OIDC_REQUIRED_ACR": STRONG}, [STRONG], ()),
        ({"OIDC_REQUIRED_ACR": STRONG}, "", [STRONG]),
        ({"OIDC_REQUIRED_AMR": "mfa"}, "mfa", ()),
        ({"OIDC_REQUIRED_AMR": "mfa pwd"}, None, ["mfa"]),
        ({"OIDC_REQUIRED_AMR": "mfa"}, None, "mfamfa"),
    ],
)
def test_less_is_refused(settings, acr, amr):
    with pytest.raises(NotSignedIn) as refusal:
        check_strength(provider(**settings), acr, amr)
    assert refusal.value.message == linking.WEAK


@pytest.mark.parametrize(
    ("settings", "acr", "amr", "second"),
    [
        ({}, None, ["pwd", "mfa"], True),
        ({}, "http://schemas.microsoft.com/claims/multipleauthn", (), True),
        ({}, STRONG, ["pwd"], False),
        ({"OIDC_SECOND_FACTOR": STRONG}, STRONG, ["pwd"], True),
        ({"OIDC_SECOND_FACTOR": STRONG}, None, ["mfa"], False),
    ],
)
def test_a_second_factor_is_known_by_its_words(settings, acr, amr, second):
    assert check_strength(provider(**settings), acr, amr) is second


def test_the_class_is_asked_for_and_the_answer_taken(client, world, oidc, configure):
    configure(**oidc, OIDC_REQUIRED_ACR=STRONG, OIDC_REQUIRED_AMR="mfa")
    url = ask(client)
    assert parse_qs(urlsplit(url).query)["acr_values"] == [STRONG]
    client.get(provider_answers(url, f"honnin,pwd%2Bmfa,{STRONG}"))
    assert signed_in(client)
    assert Event.objects.get(action="account.signed_in").data == {"how": "oidc", "second_factor": True}


@pytest.mark.parametrize("who", ["honnin", "honnin,pwd%2Bmfa,urn:example:weak", f"honnin,pwd,{STRONG}"])
def test_whoever_was_recognised_more_weakly_stays_outside(client, world, oidc, configure, who):
    configure(**oidc, OIDC_REQUIRED_ACR=STRONG, OIDC_REQUIRED_AMR="mfa")
    assert refused_with(client, client.get(provider_answers(ask(client), who)), linking.WEAK)


def test_a_password_alone_is_no_second_factor(client, world, oidc):
    client.get(provider_answers(ask(client), "honnin"))
    assert Event.objects.get(action="account.signed_in").data == {"how": "oidc"}
