"""The steps of a sign-in by SAML, as the tests take them."""

import base64
import re
import zlib
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.sso.saml_forge import posted


def press(client, following="") -> str:
    """Press the button; return the address at the provider."""
    response = client.get(f"/sso/saml/?{urlencode({'next': following})}")
    assert response.status_code == 302, response.content
    return response["Location"]


def request_of(url: str) -> str:
    """Return the AuthnRequest in an address at the provider."""
    packed = parse_qs(urlsplit(url).query)["SAMLRequest"][0]
    return zlib.decompress(base64.b64decode(packed), -15).decode()


def asked_by(client, following="") -> str:
    """Press the button; return the id of the request."""
    return re.search(r' ID="([^"]+)"', request_of(press(client, following)))[1]


def post(client, xml) -> str:
    """Post an answer as the provider's page does; return where the browser is sent, our own page in any case."""
    response = client.post("/sso/saml/acs/", posted(xml), headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 303
    assert response["Location"].startswith("/sso/saml/answer/?answer=")
    # Whoever makes a browser post anything here changes nothing in it.
    assert not response.cookies
    return response["Location"]


def taken(address: str) -> bool:
    """Say whether an answer was taken at the door."""
    return not address.endswith("?answer=")


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def refused_with(client, address: str, sentence: str) -> bool:
    """Say whether the sign-in page comes back with the sentence, and nobody is signed in."""
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?stay=1")
    assert sentence in client.get(response["Location"]).content.decode()
    return not signed_in(client)
