"""Each of our own checks shown red: taken away, what it refuses is taken."""

from datetime import timedelta

import pytest
from django.utils import timezone

from organization.sso import saml, saml_shape
from tests.sso import saml_forge as f
from tests.sso.saml_steps import asked_by, post, taken
from tests.sso.test_saml_forged import FORGED, NOT_FOR_US, around, client, sha1

__all__ = ["client"]


def lax_shape(xml, **given):
    root = saml_shape._parsed(xml) if b"<!" not in xml else None
    ident = root.find(f"{saml_shape._SAML}Assertion").get("ID") if root is not None else "_assertion"
    asked = xml.partition(b'InResponseTo="')[2].partition(b'"')[0].decode()
    return saml_shape.Shape(asked, ident)


@pytest.mark.parametrize(
    "made",
    [
        lambda a: f.good(a, who="honnin<!-- -->"),
        lambda a: sha1(a, method=f"{f.DS}rsa-sha1", digest=f"{f.DS}sha1"),
        lambda a: f.sign(around(a, f.assertion(a), destination=None), "_assertion"),
        lambda a: f.good(a).replace(">honnin<", "><![CDATA[honnin]]><"),
    ],
    ids=["comment", "sha1", "no destination", "CDATA"],
)
def test_without_the_look_at_the_shape_it_would_pass(client, made, monkeypatch, caplog):
    assert not taken(post(client, made(asked_by(client))))
    monkeypatch.setattr(saml_shape, "check", lax_shape)
    assert taken(post(client, made(asked_by(client))))


@pytest.mark.parametrize(
    "how", ["no audience", "never runs out", "sender vouches", "one restriction of two is another's"]
)
def test_without_the_look_at_the_assertion_it_would_pass(client, how, monkeypatch):
    assert not taken(post(client, f.good(asked_by(client), **NOT_FOR_US[how])))
    monkeypatch.setattr(saml, "_check", lambda *given, **more: timezone.now() + timedelta(seconds=60))
    assert taken(post(client, f.good(asked_by(client), **NOT_FOR_US[how])))


@pytest.mark.parametrize("how", ["another name", "key of one's own", "unsigned"])
def test_without_the_signature_it_would_pass(client, how, monkeypatch):
    from saml2.sigver import SecurityContext

    monkeypatch.setattr(SecurityContext, "_check_signature", lambda self, xml, item, *given, **more: item)
    monkeypatch.setattr(saml_shape, "_check_signatures", lambda *given, **more: None)
    if how == "unsigned":
        monkeypatch.setattr("saml2.response.AuthnResponse._assertion", _unsigned)
    assert taken(post(client, FORGED[how](asked_by(client))))


def _unsigned(self, assertion, verified=False):
    self.assertion = assertion
    return True


def test_without_the_signed_id_anybodys_request_would_do(client, monkeypatch):
    class Anybody:
        def unsign(self, value, max_age):
            return value

    monkeypatch.setattr(saml, "_signer", lambda provider: Anybody())
    assert taken(post(client, f.good("_nobody")))
