"""Signing in by a real SAML provider of another maker, started in the test."""

import html
import re
import shutil
from urllib.parse import urlencode

import pytest
import requests

from organization.sso import linking
from tests.processes import missing
from tests.sso import saml_forge as f
from tests.sso.saml_process import running
from tests.sso.saml_steps import press, refused_with, signed_in


@pytest.fixture(scope="module")
def saml_provider():
    """Start `samlp`; return its address."""
    if shutil.which("xmlsec1") is None:
        missing("xmlsec1 is not installed")
    with running(f.ACS) as address:
        yield address


@pytest.fixture
def provider(configure, saml_provider):
    """Return a function that configures it for somebody who will sign in there, with more variables."""

    def of(who, **more):
        file = f.metadata("idp", sso=f"{saml_provider}/sso/{who}")
        return configure(SAML_METADATA_FILE=str(file), **more)

    return of


def come_back(client, following="", **query):
    """Press the button and sign in there; return our answer to what the provider's page posts."""
    browser = requests.Session()
    browser.trust_env = False
    page = browser.get(f"{press(client, following)}&{urlencode(query)}", timeout=10).text
    answer = html.unescape(re.search(r'name="SAMLResponse" value="([^"]+)"', page)[1])
    response = client.post(
        "/sso/saml/acs/", {"SAMLResponse": answer}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    return response["Location"]


@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_a_person_enters(client, world, provider, sign):
    provider("honnin", SAML_SIGNED=sign)
    response = client.get(come_back(client, "/sheet/", sign=sign))
    assert response["Location"] == "/sheet/"
    assert client.session["_auth_user_id"] == str(world.honnin.pk)


def test_encrypted_for_us(client, world, provider):
    key, certificate, _ = f.key_pair("sp")
    provider("opaque", SAML_ATTRIBUTE="uid", SAML_KEY_FILE=str(key), SAML_CERT_FILE=str(certificate))
    assert refused_with(client, come_back(client, **{"for": certificate}), linking.UNLINKED)
    provider("honnin", SAML_ATTRIBUTE="uid", SAML_KEY_FILE=str(key), SAML_CERT_FILE=str(certificate))
    client.get(come_back(client, **{"for": certificate}))
    assert signed_in(client)


def test_sha1_is_refused(client, world, provider):
    provider("honnin")
    assert refused_with(client, come_back(client, digest="sha1"), linking.REJECTED)
    provider("honnin", SAML_ALLOW_SHA1="true")
    client.get(come_back(client, digest="sha1"))
    assert signed_in(client)


def test_a_second_factor_is_asked_for(client, world, provider):
    strong = "http://schemas.microsoft.com/claims/multipleauthn"
    provider("honnin", SAML_REQUIRED_AMR=strong)
    assert refused_with(client, come_back(client), linking.WEAK)
    client.get(come_back(client, methods=strong))
    assert signed_in(client)
