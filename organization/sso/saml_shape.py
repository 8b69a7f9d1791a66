"""The shape that an answer by SAML must have before anybody asks whether its signature is good.

Every wrapping attack needs a second assertion, a second element of one id, or a signature over something else than
what is read; every trick with comments, entities and character sets needs what is refused here. Stricter than the standard:
no provider that we know of sends anything of it.
"""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError  # their names; parsed elsewhere # nosec B405

from organization.sso.linking import REJECTED, NotSignedIn

_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_XENC = "{http://www.w3.org/2001/04/xmlenc#}"
MORE, _ENC11 = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2009/xmlenc11#"
_DECLARATION = re.compile(
    r'<\?xml version=["\']1\.0["\'](?: encoding=["\']utf-8["\'])?(?: standalone=["\'](?:yes|no)["\'])? ?\?>',
    re.I,
)
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"

SIGNATURES = {MORE + f"{kind}-sha{bits}" for kind in ("rsa", "ecdsa") for bits in (256, 384, 512)}
DIGESTS = {f"{_XENC[1:-1]}sha256", f"{_XENC[1:-1]}sha512", MORE + "sha384"}
# By setting alone, for a provider that cannot be brought to anything newer.
SHA1_SIGNATURES = {"http://www.w3.org/2000/09/xmldsig#rsa-sha1"}
SHA1_DIGESTS = {"http://www.w3.org/2000/09/xmldsig#sha1"}
TRANSFORMS = {
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
}
CIPHERS = {
    *(f"{_XENC[1:-1]}aes{bits}-cbc" for bits in (128, 192, 256)),
    *(f"{_ENC11}aes{bits}-gcm" for bits in (128, 192, 256)),
    # The key, under ours: never the padding of PKCS #1 v1.5, which an answer could be asked to guess.
    f"{_XENC[1:-1]}rsa-oaep-mgf1p",
    f"{_ENC11}rsa-oaep",
}


@dataclass(frozen=True)
class Shape:
    """What an answer says of itself. Nothing here has been verified yet."""

    in_response_to: str
    assertion_id: str


def check(xml: bytes, *, destination: str, signed: str, sha1: bool, opened: bool = False) -> Shape:
    """Return what the answer says of itself; raises NotSignedIn for one of another shape.

    `signed` is `assertion` or `response`; `sha1` admits SHA-1; `opened`: encryption has been taken off by now.
    """
    root = _parsed(xml)
    if root.tag != f"{_SAMLP}Response" or root.get("Version") != "2.0":
        raise _other("no response")
    if root.get("Destination") != destination:
        raise _other("destination")
    codes = [element.get("Value") for element in root.iter(f"{_SAMLP}StatusCode")]
    if codes != [_SUCCESS]:
        raise _other("the provider refused")
    assertion = _the_assertion(root, opened=opened)
    if (
        len(assertion.findall(f"{_SAML}Subject/{_SAML}NameID")) > 1
        or len(assertion.findall(f"{_SAML}Subject")) > 1
    ):
        raise _other("two names")
    ids = [value for element in root.iter() for name, value in element.attrib.items() if _is_id(name)]
    if len(ids) != len(set(ids)) or not root.get("ID"):
        raise _other("ids")
    _check_signatures(root, assertion, signed=signed, sha1=sha1)
    for method in root.iter(f"{_XENC}EncryptionMethod"):
        if method.get("Algorithm") not in CIPHERS:
            raise _other("cipher")
    return Shape(root.get("InResponseTo", ""), assertion.get("ID", ""))


def _parsed(xml: bytes) -> Element:
    """Return the tree of a text without document type, entity, comment, CDATA, instruction or another character set.

    Two parsers see it, Python's and that of xmlsec1: where they could read it differently, it is not read.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        text = xml.decode("utf-8")
        body = _DECLARATION.sub("", text, count=1) if text.startswith("<?xml") else text
        if "<!" in body or "<?" in body or "\0" in body or not text.strip():
            raise _other("markup")
        return fromstring(xml, forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, DefusedXmlException, ValueError) as fault:
        raise _other(type(fault).__name__) from fault


def _the_assertion(root: Element, *, opened: bool) -> Element:
    """Return the one assertion, plain or encrypted, that stands where it belongs; there is none elsewhere."""
    kinds = (f"{_SAML}Assertion", f"{_SAML}EncryptedAssertion")
    found = [element for element in root.iter() if element.tag in kinds]
    if opened and len(found) == 2 and found[0].tag == kinds[1] and found[1] in list(found[0]):
        return found[1] if found[0] in list(root) else _refuse("assertion")
    if len(found) != 1 or found[0] not in list(root) or (opened and found[0].tag != kinds[0]):
        raise _other("assertion")
    return found[0]


def _check_signatures(root: Element, assertion: Element, *, signed: str, sha1: bool) -> None:
    holders = {"response": root, "assertion": assertion}
    inside = {
        name: [child for child in holder if child.tag == f"{_DS}Signature"]
        for name, holder in holders.items()
    }
    everywhere = list(root.iter(f"{_DS}Signature"))
    if len(everywhere) != sum(map(len, inside.values())) or max(map(len, inside.values())) > 1:
        raise _other("signature in another place")
    # The signature of what is encrypted shows when it has been opened.
    hidden = assertion.tag == f"{_SAML}EncryptedAssertion"
    if not inside[signed] and not (signed == "assertion" and hidden):
        raise _other("unsigned")
    for name, signatures in inside.items():
        for signature in signatures:
            _check_signature(signature, holders[name].get("ID"), sha1=sha1)


def _check_signature(signature: Element, covers: str | None, *, sha1: bool) -> None:
    """Refuse a signature that is not over the whole of the element it stands in, or by an algorithm of yesterday."""
    infos, values = signature.findall(f"{_DS}SignedInfo"), signature.findall(f"{_DS}SignatureValue")
    references = list(signature.iter(f"{_DS}Reference"))
    if len(infos) != 1 or len(values) != 1 or len(references) != 1 or references[0] not in list(infos[0]):
        raise _other("references")
    if not covers or references[0].get("URI") != f"#{covers}":
        raise _other("reference")
    if {child.tag for child in signature} - {
        f"{_DS}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo")
    }:
        raise _other("object in a signature")
    named = {
        name: {element.get("Algorithm") for element in signature.iter(f"{_DS}{name}")}
        for name in ("SignatureMethod", "DigestMethod", "Transform", "CanonicalizationMethod")
    }
    allowed = {
        "SignatureMethod": SIGNATURES | (SHA1_SIGNATURES if sha1 else set()),
        "DigestMethod": DIGESTS | (SHA1_DIGESTS if sha1 else set()),
        "Transform": TRANSFORMS,
        "CanonicalizationMethod": TRANSFORMS,
    }
    for name, algorithms in named.items():
        if not algorithms or not algorithms <= allowed[name]:
            raise _other(f"algorithm of {name}")


def _is_id(name: str) -> bool:
    return name.rpartition("}")[2].lower() == "id"


def _other(reason: str) -> NotSignedIn:
    return NotSignedIn(REJECTED, f"SAML shape: {reason}")


def _refuse(reason: str) -> Element:
    raise _other(reason)
