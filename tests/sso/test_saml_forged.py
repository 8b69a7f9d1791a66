"""Answers by SAML that must not be taken: forged, wrapped, of others, for others, too late, and tricks of XML."""

import base64
import shutil
import zlib

import pytest

from organization.models import SpentAssertion
from organization.sso import linking, saml
from tests.processes import missing
from tests.sso import saml_forge as f
from tests.sso.saml_steps import asked_by, post, refused_with, signed_in, taken

OPEN, CLOSE = "<saml:Assertion", "</saml:Assertion>"


def inner(xml):
    """Return the assertion in an answer."""
    return xml[xml.index(OPEN) : xml.index(CLOSE) + len(CLOSE)]


def seal(xml):
    """Return the signature in an answer."""
    return xml[xml.index("<ds:Signature") : xml.index("</ds:Signature>") + len("</ds:Signature>")]


def evil(asked, **parts):
    """Return the assertion that an attacker would like to be read: about somebody else, signed by nobody."""
    return f.assertion(asked, who="kacho", **{"ident": "_evil", "sealed": "", **parts})


def around(asked, text, **parts):
    return f.response(text, asked, **parts)


def with_signed_response(asked, **parts):
    xml = f.response(f.assertion(asked, sealed=""), asked, sealed=f.signature("_response"), **parts)
    return f.sign(xml, "_response", of=f"{f.SAMLP}:Response")


# --- Wrapping: a good signature of one's own assertion, another assertion beside, above, below or inside it. -------------
def beside_first(asked, xml):
    return xml.replace(OPEN, evil(asked) + OPEN, 1)


def beside_last(asked, xml):
    return xml.replace(CLOSE, CLOSE + evil(asked), 1)


def original_inside(asked, xml):
    return xml.replace(inner(xml), evil(asked).replace("<saml:Subject>", inner(xml) + "<saml:Subject>", 1))


def original_in_object(asked, xml):
    whole = inner(xml).replace(seal(xml), "")
    sealed = seal(xml).replace("</ds:Signature>", f"<ds:Object>{whole}</ds:Object></ds:Signature>")
    return xml.replace(inner(xml), evil(asked, sealed=sealed))


def seal_moved(asked, xml):
    return xml.replace(inner(xml), evil(asked, sealed=seal(xml)) + inner(xml).replace(seal(xml), ""))


def seal_moved_last(asked, xml):
    return xml.replace(inner(xml), inner(xml).replace(seal(xml), "") + evil(asked, sealed=seal(xml)))


def same_id_first(asked, xml):
    return xml.replace(OPEN, evil(asked, ident="_assertion") + OPEN, 1)


def same_id_with_seal(asked, xml):
    whole = inner(xml).replace(seal(xml), "")
    twin = evil(asked, ident="_assertion", sealed=seal(xml))
    return xml.replace(inner(xml), twin.replace("<saml:Conditions", whole + "<saml:Conditions", 1))


def in_extensions(asked, xml):
    kept = f"<samlp:Extensions>{inner(xml)}</samlp:Extensions>"
    return xml.replace(inner(xml), evil(asked, sealed=seal(xml))).replace(
        "<samlp:Status>", kept + "<samlp:Status>"
    )


def evil_in_extensions(asked, xml):
    return xml.replace("<samlp:Status>", f"<samlp:Extensions>{evil(asked)}</samlp:Extensions><samlp:Status>")


def response_inside(asked, xml):
    """The whole good answer inside a forged one."""
    return around(asked, evil(asked) + xml[xml.index("<samlp:Response") :], ident="_outer")


def in_advice(asked, xml):
    advice = f"<saml:Advice>{inner(xml)}</saml:Advice><saml:AuthnStatement"
    return xml.replace(inner(xml), evil(asked).replace("<saml:AuthnStatement", advice, 1))


def in_status_detail(asked, xml):
    detail = f"<samlp:StatusDetail>{inner(xml)}</samlp:StatusDetail></samlp:Status>"
    return xml.replace(inner(xml), evil(asked, sealed=seal(xml))).replace("</samlp:Status>", detail)


def encrypted_beside(asked, xml):
    locked = f.encrypted(around(asked, evil(asked)), f.key_pair("sp")[1])
    start, end = locked.index("<saml:EncryptedAssertion"), locked.index("</saml:EncryptedAssertion>")
    return xml.replace(CLOSE, CLOSE + locked[start:end] + "</saml:EncryptedAssertion>")


WRAPPED = [
    beside_first, beside_last, original_inside, original_in_object, seal_moved, seal_moved_last, same_id_first, same_id_with_seal,
    in_extensions, evil_in_extensions, response_inside, in_advice, in_status_detail, encrypted_beside,
]  # fmt: skip


def wrapped_response(asked, _):
    """The signature of the response, whose assertion is exchanged: the good response moved into an object."""
    good = with_signed_response(asked)
    body = good[good.index("<samlp:Response") :]
    sealed = seal(body)
    kept = sealed.replace(
        "</ds:Signature>", f"<ds:Object>{body.replace(sealed, '')}</ds:Object></ds:Signature>"
    )
    return around(asked, evil(asked), ident="_outer", sealed=kept)


# --- What an attacker signs, or does not sign. -----------------------------------------------------------------------------
def hmac_by_certificate(asked):
    """The public certificate as a shared secret: what everybody knows signs nothing."""
    return f.good(asked).replace(f.RSA256, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")


def key_of_ones_own(asked):
    """Signed by the attacker, whose certificate comes along inside the signature."""
    return f.good(asked, by="attacker", who="kacho")


def sha1(asked, *, method=f.RSA256, digest=f.SHA256):
    sealed = f.signature("_assertion", method=method, digest=digest)
    return f.sign(around(asked, f.assertion(asked, sealed=sealed)), "_assertion")


FORGED = {
    "unsigned": lambda a: around(a, f.assertion(a, sealed="")),
    "signature taken off": lambda a: (xml := f.good(a)).replace(seal(xml), ""),
    "empty signature": lambda a: around(a, f.assertion(a)),
    "another name": lambda a: f.good(a).replace(">honnin<", ">kacho<"),
    "another audience": lambda a: f.good(a, audience="https://other").replace("https://other", f.SP),
    "key of one's own": key_of_ones_own,
    "certificate of another in the signature": lambda a: f.good(a, by="attacker").replace(
        f.key_pair("attacker")[2], f.key_pair("idp")[2]
    ),
    "hmac": hmac_by_certificate,
    "no algorithm": lambda a: f.good(a).replace(f.RSA256, ""),
    "response signed alone": with_signed_response,
    "response sealed by another": lambda a: f.sign(
        around(a, f.assertion(a), sealed=f.signature("_response")), "_response", of=f"{f.SAMLP}:Response", by="attacker"
    ),
}  # fmt: skip

# Signed by the provider, and yet not for us, not now, or not in answer to us.
NOT_FOR_US = {
    "audience of another": {"audience": "https://other.example"},
    "audience of ours with more": {"audience": f.SP + "x"},
    "no audience": {"audience": None},
    "one restriction of two is another's": {"audience": [f.SP, "https://other.example"]},
    "recipient of another": {"recipient": "https://other.example/acs/"},
    "recipient of ours with more": {"recipient": f.ACS + "x"},
    "no recipient": {"recipient": ""},
    "run out": {"ends": -120},
    "never runs out": {"ends": None},
    "not yet": {"starts": 120},
    "confirmation run out": {"confirmed": -120},
    "confirmation never runs out": {"confirmed": None},
    "confirmation in answer to another": {"answers": "_another"},
    "confirmation in answer to nothing": {"answers": ""},
    "holder of a key": {"method": "holder-of-key"},
    "sender vouches": {"method": "sender-vouches"},
    "another issuer": {"issuer": "https://evil.example"},
    "nobody signed in": {"statement": ""},
}
AROUND = {
    "destination of another": {"destination": "https://other.example/acs/"},
    "no destination": {"destination": None},
    "empty destination": {"destination": ""},
    "destination of ours with more": {"destination": f.ACS + "x"},
    "refused by the provider": {"status": "Responder"},
    "issuer of the response": {"issuer": "https://evil.example"},
    "version": {"version": "1.1"},
    "of the day before yesterday": {"issued": -200_000},
}

# --- Tricks of XML, signed where a signature can be had. --------------------------------------------------------------------
ENTITY = '<!DOCTYPE x [<!ENTITY who SYSTEM "file:///etc/hostname">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def headed(asked, head):
    xml = f.good(asked)
    return head + xml[xml.index("<samlp:Response") :]


TRICKS = {
    "comment in the name": lambda a: f.good(a, who="kacho<!-- -->.evil"),
    "comment added later": lambda a: f.good(a, who="kacho.evil").replace("kacho.evil", "kacho<!-- -->.evil"),
    "comment in the issuer": lambda a: f.good(a).replace(f">{f.IDP}<", f">{f.IDP}<!-- --><"),
    "CDATA": lambda a: f.good(a).replace(">honnin<", "><![CDATA[honnin]]><"),
    "instruction in the name": lambda a: f.good(a).replace(">honnin<", ">honnin<?x y?><"),
    "document type": lambda a: headed(a, "<!DOCTYPE Response>"),
    "external entity": lambda a: headed(a, ENTITY).replace(">honnin<", ">&who;<"),
    "parameter entity": lambda a: headed(a, '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]>'),
    "billion laughs": lambda a: headed(a, LAUGHS).replace(">honnin<", ">&b;<"),
    "style sheet": lambda a: headed(a, '<?xml version="1.0"?><?xml-stylesheet href="http://127.0.0.1:1/"?>'),
    "another character set": lambda a: headed(a, '<?xml version="1.0" encoding="iso-8859-1"?>'),
    "UTF-7": lambda a: headed(a, '<?xml version="1.0" encoding="utf-7"?>'),
    "XML 1.1": lambda a: headed(a, '<?xml version="1.1"?>'),
    "UTF-16": lambda a: f.good(a).replace('<?xml version="1.0"?>', "").encode("utf-16"),
    "bytes that are no text": lambda a: f.good(a).encode().replace(b"honnin", b"honn\xff"),
    "NUL": lambda a: f.good(a).replace("honnin", "honnin\0"),
    "two ids": lambda a: f.good(a).replace("<samlp:Status>", '<samlp:Status Id="_assertion">'),
    "two names": lambda a: f.good(a, who="honnin</saml:NameID><saml:NameID>kacho"),
    "more transforms": lambda a: f.sign(
        around(a, f.assertion(a, sealed=f.signature("_assertion", transforms=(
            f"{f.DS}enveloped-signature", f.EXC, "http://www.w3.org/TR/1999/REC-xpath-19991116")))
        ).replace("xpath-19991116\"/>", "xpath-19991116\"><ds:XPath>true()</ds:XPath></ds:Transform>"), "_assertion"),
    "canonical with comments": lambda a: f.good(a).replace(f.EXC, f.EXC + "WithComments"),
    "no response": lambda a: "<x/>",
    "no XML": lambda a: "{}",
    "nothing": lambda a: "",
    "an assertion alone": lambda a: inner(f.good(a)),
    "no assertion": lambda a: around(a, ""),
    "packed": lambda a: zlib.compress(f.good(a).encode())[2:-4],
    "too long": lambda a: f.good(a).replace("<samlp:Status>", " " * saml.LONGEST + "<samlp:Status>"),
}  # fmt: skip


@pytest.fixture
def client(client, world, configure):
    """Return a browser where a provider is set up."""
    if shutil.which("xmlsec1") is None:
        missing("xmlsec1 is not installed")
    configure(SAML_METADATA_FILE=str(f.metadata("idp")))
    return client


def with_key(configure):
    key, certificate, _ = f.key_pair("sp")
    configure(
        SAML_METADATA_FILE=str(f.metadata("idp")), SAML_KEY_FILE=str(key), SAML_CERT_FILE=str(certificate)
    )
    return certificate


def refused(client, xml, caplog):
    address = post(client, xml)
    assert not taken(address)
    assert not SpentAssertion.objects.exists()
    (line,) = [one.getMessage() for one in caplog.records if one.name == "organization.views.sso"]
    assert not set(line.split()) & {"honnin", "kacho"}
    return refused_with(client, address, linking.REJECTED)


@pytest.mark.parametrize("wrap", WRAPPED, ids=lambda wrap: wrap.__name__)
def test_wrapped(client, wrap, configure, caplog):
    with_key(configure)
    asked = asked_by(client)
    assert refused(client, wrap(asked, f.good(asked)), caplog)


@pytest.mark.parametrize(
    "wrap", [wrapped_response, *WRAPPED[:4], in_extensions, response_inside], ids=lambda w: w.__name__
)
def test_wrapped_where_the_response_is_signed(client, wrap, configure, caplog):
    configure(SAML_METADATA_FILE=str(f.metadata("idp")), SAML_SIGNED="response")
    asked = asked_by(client)
    good = with_signed_response(asked)
    assert refused(client, wrap(asked, good), caplog)


@pytest.mark.parametrize("how", FORGED)
def test_forged(client, how, caplog):
    assert refused(client, FORGED[how](asked_by(client)), caplog)


@pytest.mark.parametrize("how", NOT_FOR_US)
def test_signed_and_not_for_us(client, how, caplog):
    assert refused(client, f.good(asked_by(client), **NOT_FOR_US[how]), caplog)


@pytest.mark.parametrize("how", AROUND)
def test_the_response_around(client, how, caplog):
    asked = asked_by(client)
    xml = f.sign(around(asked, f.assertion(asked), **AROUND[how]), "_assertion")
    assert refused(client, xml, caplog)


@pytest.mark.parametrize("how", TRICKS)
def test_tricks(client, how, caplog):
    assert refused(client, TRICKS[how](asked_by(client)), caplog)


@pytest.mark.parametrize("asked", ["", "_nobody", "_a.b.c", "_x" * 400])
def test_nobody_asked(client, asked, caplog):
    asked_by(client)
    assert refused(client, f.good(asked), caplog)


@pytest.mark.parametrize("text", ["%%%", "", "é", "PA"])
def test_no_base64(client, text):
    asked_by(client)
    response = client.post("/sso/saml/acs/", {"SAMLResponse": text})
    assert refused_with(client, response["Location"], linking.REJECTED)
    assert refused_with(client, client.post("/sso/saml/acs/")["Location"], linking.STALE)


@pytest.mark.parametrize(
    ("method", "digest"),
    [(f"{f.DS}rsa-sha1", f"{f.DS}sha1"), (f"{f.DS}rsa-sha1", f.SHA256), (f.RSA256, f"{f.DS}sha1")],
)
def test_sha1_by_setting_alone(client, method, digest, configure, caplog):
    xml = sha1(asked_by(client), method=method, digest=digest)
    assert refused(client, xml, caplog)
    configure(SAML_METADATA_FILE=str(f.metadata("idp")), SAML_ALLOW_SHA1="true")
    client.get(post(client, sha1(asked_by(client), method=method, digest=digest)))
    assert signed_in(client)


@pytest.mark.parametrize(
    "kind", ["for another", "weak cipher", "weak transport", "unsigned inside", "evil inside", "comment"]
)
def test_encrypted(client, kind, configure, caplog):
    certificate = with_key(configure)
    asked = asked_by(client)
    made = {
        "for another": lambda: f.encrypted(f.good(asked), f.key_pair("another")[1]),
        "weak cipher": lambda: f.encrypted(f.good(asked), certificate, cipher="tripledes-cbc"),
        "weak transport": lambda: f.encrypted(f.good(asked), certificate, transport="rsa-1_5"),
        "unsigned inside": lambda: f.encrypted(around(asked, f.assertion(asked, sealed="")), certificate),
        "evil inside": lambda: f.encrypted(original_inside(asked, f.good(asked)), certificate),
        "comment": lambda: f.encrypted(f.good(asked, who="honnin<!-- -->"), certificate),
    }
    assert refused(client, made[kind](), caplog)


def test_encrypted_for_us_without_a_key(client, caplog):
    assert refused(client, f.encrypted(f.good(asked_by(client)), f.key_pair("sp")[1]), caplog)


def test_base64_is_read_as_it_was_looked_at(client, world):
    """pysaml2 would unpack what is packed as well: it is given the text that was looked at, not the form field."""
    xml = f.good(asked_by(client)).encode()
    spaced = base64.encodebytes(xml).decode()
    response = client.post("/sso/saml/acs/", {"SAMLResponse": spaced})
    client.get(response["Location"])
    assert signed_in(client)
