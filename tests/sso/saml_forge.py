"""Answers by SAML made by hand and signed by xmlsec1: good ones, and every one that must not be taken."""

import base64
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

IDP = "https://idp.example.lg.jp/saml"
ACS = "http://testserver/sso/saml/acs/"
SP = "http://testserver/sso/saml/metadata/"
SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
RSA256, SHA256 = (
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmlenc#sha256",
)
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"


@cache
def folder() -> Path:
    """Return where the keys of this run lie."""
    return Path(tempfile.mkdtemp(prefix="saml-"))


@cache
def key_pair(name: str) -> tuple[Path, Path, str]:
    """Return (key file, certificate file, certificate as metadata carries it) of somebody."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    key_file, certificate_file = folder() / f"{name}.key", folder() / f"{name}.pem"
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    bare = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    return key_file, certificate_file, bare


def metadata(*names: str, sso="https://idp.example.lg.jp/sso", until="", entity=IDP) -> Path:
    """Write the metadata of a provider that signs with these keys; return the file."""
    keys = "".join(
        f'<KeyDescriptor use="signing"><KeyInfo xmlns="{DS}"><X509Data><X509Certificate>{key_pair(name)[2]}'
        "</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        for name in names
    )
    valid = f' validUntil="{until}"' if until else ""
    text = (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}"{valid}>'
        f'<IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">{keys}'
        f'<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>'
        "</IDPSSODescriptor></EntityDescriptor>"
    )
    file = folder() / f"{'-'.join(names)}-{abs(hash(text))}.xml"
    file.write_text(text)
    return file


def at(seconds: float) -> str:
    """Return a moment so many seconds from now, as SAML writes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def signature(
    covers: str, *, method=RSA256, digest=SHA256, transforms=(f"{DS}enveloped-signature", EXC)
) -> str:
    """Return an empty signature over the element of this id, for xmlsec1 to fill in."""
    steps = "".join(f'<ds:Transform Algorithm="{one}"/>' for one in transforms)
    return (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXC}"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="#{covers}"><ds:Transforms>{steps}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>'
        "<ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"
    )


def assertion(
    asked: str,
    *,
    who="honnin",
    ident="_assertion",
    issuer=IDP,
    audience=SP,
    recipient=ACS,
    answers=None,
    confirmed=300,
    ends=300,
    starts=-30,
    acr="urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    attributes="",
    sealed=None,
    method="bearer",
    statement=None,
) -> str:
    """Return an assertion with the place for its signature; every part can be another. None leaves a part out."""
    answers = asked if answers is None else answers
    sealed = signature(ident) if sealed is None else sealed
    limit = f' NotOnOrAfter="{at(ends)}"' if ends is not None else ""
    begins = f' NotBefore="{at(starts)}"' if starts is not None else ""
    names = [audience] if isinstance(audience, str) else audience or []
    restricted = "".join(
        f"<saml:AudienceRestriction><saml:Audience>{one}</saml:Audience></saml:AudienceRestriction>"
        for one in names
    )
    data = "".join(
        f' {name}="{value}"'
        for name, value in (
            ("InResponseTo", answers),
            ("Recipient", recipient),
            ("NotOnOrAfter", at(confirmed) if confirmed is not None else ""),
        )
        if value
    )
    said = (
        f'<saml:AuthnStatement AuthnInstant="{at(-5)}" SessionIndex="1"><saml:AuthnContext><saml:AuthnContextClassRef>'
        f"{acr}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
    )
    return (
        f'<saml:Assertion xmlns:saml="{SAML}" ID="{ident}" Version="2.0" IssueInstant="{at(-5)}">'
        f"<saml:Issuer>{issuer}</saml:Issuer>{sealed}<saml:Subject><saml:NameID>{who}</saml:NameID>"
        f'<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:{method}"><saml:SubjectConfirmationData{data}/>'
        f"</saml:SubjectConfirmation></saml:Subject><saml:Conditions{begins}{limit}>{restricted}</saml:Conditions>"
        f"{said if statement is None else statement}{attributes}</saml:Assertion>"
    )


def attribute(name: str, *values: str) -> str:
    """Return a statement of one attribute."""
    inner = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
    return f'<saml:AttributeStatement><saml:Attribute Name="{name}">{inner}</saml:Attribute></saml:AttributeStatement>'


def response(
    inner: str,
    asked: str,
    *,
    sealed="",
    destination=ACS,
    status="Success",
    ident="_response",
    issuer=IDP,
    version="2.0",
    issued=-5,
) -> str:
    """Return a response around one or more assertions."""
    answers = f' InResponseTo="{asked}"' if asked else ""
    goes = f' Destination="{destination}"' if destination is not None else ""
    return (
        f'<samlp:Response xmlns:samlp="{SAMLP}" ID="{ident}" Version="{version}" IssueInstant="{at(issued)}"{goes}{answers}>'
        f'<saml:Issuer xmlns:saml="{SAML}">{issuer}</saml:Issuer>{sealed}'
        f'<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status>'
        f"{inner}</samlp:Response>"
    )


def sign(xml: str, ident: str, *, of=f"{SAML}:Assertion", by="idp") -> str:
    """Return the text with the signature in the element of this id filled in by xmlsec1."""
    key_file, certificate_file, _ = key_pair(by)
    source = folder() / "unsigned.xml"
    source.write_text(xml)
    made = subprocess.run(
        [
            "xmlsec1", "--sign", "--privkey-pem", f"{key_file},{certificate_file}", "--id-attr:ID", of,
            "--node-xpath", f"//*[@ID='{ident}']/*[local-name()='Signature']", source,
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return made.stdout


def good(asked: str, *, by="idp", **parts) -> str:
    """Return an answer as an honest provider gives it, with the assertion signed."""
    return sign(response(assertion(asked, **parts), asked), parts.get("ident", "_assertion"), by=by)


def encrypted(xml: str, certificate: Path, *, cipher="aes256-gcm", transport="rsa-oaep-mgf1p") -> str:
    """Return the answer with its assertion encrypted for the holder of a certificate."""
    enc, enc11 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
    name = f"{enc11 if cipher.endswith('gcm') else enc}{cipher}"
    template = (
        f'<xenc:EncryptedData xmlns:xenc="{enc}" Type="{enc}Element"><xenc:EncryptionMethod Algorithm="{name}"/>'
        f'<ds:KeyInfo xmlns:ds="{DS}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{enc}{transport}"/>'
        "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
        "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"
    )
    start, end = xml.index("<saml:Assertion"), xml.rindex("</saml:Assertion>") + len("</saml:Assertion>")
    wrapped = f'<saml:EncryptedAssertion xmlns:saml="{SAML}">{xml[start:end]}</saml:EncryptedAssertion>'
    source, form = folder() / "plain.xml", folder() / "template.xml"
    source.write_text(xml[:start] + wrapped + xml[end:])
    form.write_text(template)
    bits = {"aes256-gcm": "aes-256", "aes256-cbc": "aes-256", "tripledes-cbc": "des-192"}[cipher]
    made = subprocess.run(
        [
            "xmlsec1", "--encrypt", "--pubkey-cert-pem", certificate, "--session-key", bits, "--xml-data", source,
            "--node-xpath", "//*[local-name()='EncryptedAssertion']/*[local-name()='Assertion']", form,
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return made.stdout


def posted(xml: str | bytes) -> dict[str, str]:
    """Return the form that the provider's page sends."""
    return {"SAMLResponse": base64.b64encode(xml if isinstance(xml, bytes) else xml.encode()).decode()}
