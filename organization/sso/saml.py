"""SAML 2.0 as a service provider: redirect to the provider, its answer by POST, everything in it checked (docs/adr/0057).

pysaml2 and the program xmlsec1 verify signatures and open what is encrypted. What they leave to taste is decided here and
in saml_shape: one assertion, in one place, signed, for us, in answer to what this browser asked for, used once.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.core.signing import BadSignature, TimestampSigner
from django.utils.dateparse import parse_datetime

from lib.sealing import Unreadable, seal, unseal
from organization.models import SpentAssertion
from organization.providers import Provider
from organization.sso import saml_shape
from organization.sso.linking import REJECTED, STALE, UNREACHABLE, NotSignedIn

# From the button to the answer; from the answer of the provider to the next request of the same browser.
LIFETIME, HANDOVER = 600, 60
LONGEST = 300_000
# What carries an answer over to our own session: unreadable in the address.
_HANDED_OVER = "organization.sso.saml.handover"
_DEFAULT_SKEW = 60
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
# Where AD FS and Entra ID name the single methods; their AuthnContextClassRef says "password" whatever was done.
_METHODS = "http://schemas.microsoft.com/claims/authnmethodsreferences"


@dataclass(frozen=True)
class Place:
    """Our own addresses: what the provider knows us by, and where it sends its answers."""

    entity_id: str
    acs: str


@dataclass(frozen=True)
class Said:
    """What an assertion says, all of it checked: in answer to what, about whom, how strongly."""

    request_id: str
    name: str
    acr: str
    amr: tuple[str, ...]


def begin(provider: Provider, place: Place) -> tuple[str, dict]:
    """Return where the browser goes, and what our session must remember until it comes back.

    Raises NotSignedIn where the metadata of the provider cannot be used.
    """
    client = _client(provider, place)
    request_id = _signer(provider).sign("_" + secrets.token_urlsafe(16))
    wanted = provider.words("REQUIRED_ACR")
    more = {}
    if wanted:
        more = {"requested_authn_context": {"authn_context_class_ref": list(wanted), "comparison": "exact"}}
    if provider.option("KEY_FILE"):
        more |= {"sigalg": f"{saml_shape.MORE}rsa-sha256"}
    try:
        from saml2 import BINDING_HTTP_REDIRECT

        _, http = client.prepare_for_authenticate(
            entityid=_issuer(provider, client),
            binding=BINDING_HTTP_REDIRECT,
            message_id=request_id,
            sign=bool(provider.option("KEY_FILE")),
            nameid_format="",
            **more,
        )
    except Exception as fault:
        raise NotSignedIn(UNREACHABLE, f"SAML request: {type(fault).__name__}") from fault
    return dict(http["headers"])["Location"], {"request_id": request_id}


def metadata(provider: Provider, place: Place) -> bytes:
    """Return our own metadata, which the provider is set up with; raises NotSignedIn as `begin` does."""
    from saml2.metadata import entity_descriptor

    return str(entity_descriptor(_client(provider, place).config)).encode()


def received(provider: Provider, place: Place, posted: str, *, now: datetime) -> str:
    """Return what `taken` takes, for an answer that a browser posted; raises NotSignedIn. The assertion is spent by it.

    Nothing of a session is read or written: a page of another site sends this, without our cookies.
    """
    try:
        xml = base64.b64decode(posted, validate=False) if len(posted) <= LONGEST else b""
    except ValueError as fault:
        raise NotSignedIn(REJECTED, "SAML: no base64") from fault
    signed = provider.option("SIGNED", "assertion")
    sha1 = provider.option("ALLOW_SHA1").lower() == "true"
    shape = saml_shape.check(xml, destination=place.acs, signed=signed, sha1=sha1)
    try:
        asked = _signer(provider).unsign(shape.in_response_to, max_age=LIFETIME) and shape.in_response_to
    except BadSignature as fault:
        raise NotSignedIn(REJECTED, f"SAML InResponseTo: {type(fault).__name__}") from fault
    client = _client(provider, place)
    assertion = _verified(client, xml.decode(), asked, signed=signed, sha1=sha1)
    issuer = _issuer(provider, client)
    until = _check(assertion, place, issuer=issuer, asked=asked)
    said = Said(asked, _name(provider, assertion), _class(assertion), tuple(_values(assertion, _METHODS)))
    _spend(f"{issuer} {assertion.id}", until + timedelta(seconds=_skew(provider)), now)
    parts = [provider.slug, said.request_id, said.name, said.acr, said.amr]
    return seal(json.dumps(parts).encode(), _HANDED_OVER).decode()


def taken(provider: Provider, kept: dict, answer: str) -> Said:
    """Return what the provider said, to the browser that asked for it and to no other; raises NotSignedIn.

    `kept` is what `begin` gave, taken out of the session; `answer` is what `received` gave, a minute ago at most.
    """
    try:
        slug, request_id, name, acr, amr = json.loads(unseal(answer.encode(), _HANDED_OVER, seconds=HANDOVER))
    except (Unreadable, ValueError) as fault:
        raise NotSignedIn(REJECTED, "SAML: refused or stale") from fault
    if slug != provider.slug or not hmac.compare_digest(request_id.encode(), kept["request_id"].encode()):
        raise NotSignedIn(STALE, "SAML: another browser asked")
    return Said(request_id, name, acr, tuple(amr))


def _verified(client, xml: str, asked: str, *, signed: str, sha1: bool):
    """Return the one assertion whose signature, or whose response's, pysaml2 found good."""
    try:
        answer = client.parse_authn_request_response(
            xml,
            # No binding: the very text that was looked at, not what else could be unpacked from the form field.
            None,
            outstanding={asked: "/"},
            conv_info={"entity_id": client.config.entityid},
        )
    except Exception as fault:
        # pysaml2 says "not good" by exceptions of any class, its own and Python's bare one.
        raise NotSignedIn(REJECTED, f"SAML: {type(fault).__name__}") from fault
    if answer is None or len(answer.assertions) != 1 or answer.assertion is not answer.assertions[0]:
        raise NotSignedIn(REJECTED, "SAML: not one assertion")
    if answer.issuer() not in ("", _text(answer.assertion.issuer)):
        raise NotSignedIn(REJECTED, "SAML: issuers differ")
    # What was encrypted shows its shape only now.
    opened = answer.xmlstr if isinstance(answer.xmlstr, bytes) else answer.xmlstr.encode()
    shape = saml_shape.check(
        opened, destination=answer.response.destination, signed=signed, sha1=sha1, opened=True
    )
    if answer.assertion.id != shape.assertion_id:
        raise NotSignedIn(REJECTED, "SAML: another assertion was signed")
    return answer.assertion


def _check(assertion, place: Place, *, issuer: str, asked: str) -> datetime:
    """Return until when the assertion is valid. Times are compared by pysaml2; what it lets be missing is asked for."""
    conditions, subject = assertion.conditions, assertion.subject
    audiences = [
        {_text(one) for one in restriction.audience}
        for restriction in (conditions.audience_restriction if conditions else [])
    ]
    confirmed = [
        one.subject_confirmation_data
        for one in (subject.subject_confirmation if subject else [])
        if one.method == _BEARER
        and (data := one.subject_confirmation_data) is not None
        and data.recipient == place.acs
        and data.in_response_to == asked
        and data.not_on_or_after
        and not data.not_before
    ]
    wrong = {
        "issuer": _text(assertion.issuer) != issuer,
        "version": assertion.version != "2.0",
        "audience": not audiences or any(place.entity_id not in named for named in audiences),
        "conditions": conditions is None or not conditions.not_on_or_after,
        "confirmation": len(confirmed) != 1 or len(subject.subject_confirmation) != 1,
        "statement": len(assertion.authn_statement) != 1,
    }
    if any(wrong.values()):
        raise NotSignedIn(REJECTED, "SAML: " + ", ".join(name for name, bad in wrong.items() if bad))
    ends = [parse_datetime(text) for text in (conditions.not_on_or_after, confirmed[0].not_on_or_after)]
    return max(end if end.tzinfo else end.replace(tzinfo=UTC) for end in ends)


def _spend(key: str, until: datetime, now: datetime) -> None:
    """Write down that the assertion has served; raises NotSignedIn where it had already."""
    SpentAssertion.objects.filter(keep_until__lt=now).delete()
    _, new = SpentAssertion.objects.get_or_create(
        key_hash=hashlib.sha256(key.encode()).hexdigest(), defaults={"keep_until": until}
    )
    if not new:
        raise NotSignedIn(REJECTED, "SAML: used already")


def _name(provider: Provider, assertion) -> str:
    """Return the NameID, or the one value of the attribute that is set."""
    if not provider.attribute:
        return _text(assertion.subject.name_id)
    values = _values(assertion, provider.attribute)
    if len(values) != 1:
        raise NotSignedIn(REJECTED, "SAML attribute")
    return values[0]


def _values(assertion, name: str) -> list[str]:
    return [
        _text(value)
        for statement in assertion.attribute_statement
        for attribute in statement.attribute
        if attribute.name == name
        for value in attribute.attribute_value
    ]


def _class(assertion) -> str:
    context = assertion.authn_statement[0].authn_context
    return _text(context.authn_context_class_ref) if context else ""


def _text(element) -> str:
    return (element.text or "").strip() if element is not None else ""


def _skew(provider: Provider) -> int:
    return int(provider.option("CLOCK_SKEW", str(_DEFAULT_SKEW)))


def _signer(provider: Provider) -> TimestampSigner:
    """Return what makes and knows the ids of our requests: they are ours by their signature, no row keeps them."""
    return TimestampSigner(sep=".", salt=f"organization.sso.saml.{provider.slug}")


def _issuer(provider: Provider, client) -> str:
    """Return the entity id of the provider: the one in its metadata, or the one that is named of several."""
    found = list(client.metadata.identity_providers())
    wanted = provider.option("ISSUER") or (found[0] if len(found) == 1 else "")
    if wanted not in found:
        raise NotSignedIn(UNREACHABLE, "SAML metadata: expired, or not one provider")
    return wanted


def _client(provider: Provider, place: Place):
    """Return a client of pysaml2; it remembers whom it has seen, so each request has its own."""
    from saml2.client import Saml2Client

    try:
        changed = Path(provider.option("METADATA_FILE")).stat().st_mtime_ns
        return Saml2Client(_config(provider.slug, tuple(sorted(provider.options.items())), place, changed))
    except Exception as fault:
        raise NotSignedIn(UNREACHABLE, f"SAML metadata: {type(fault).__name__}") from fault


@lru_cache(maxsize=32)
def _config(slug: str, options: tuple[tuple[str, str], ...], place: Place, changed: int):
    """Return the configuration of pysaml2, made anew when the metadata file has changed."""
    from saml2 import BINDING_HTTP_POST
    from saml2.config import SPConfig

    own = Provider(slug=slug, kind="SAML", label="", options=dict(options))
    response = own.option("SIGNED", "assertion") == "response"
    keys = {"key_file": own.option("KEY_FILE"), "cert_file": own.option("CERT_FILE")}
    return SPConfig().load(
        {
            "entityid": place.entity_id,
            "metadata": {"local": [own.option("METADATA_FILE")]},
            "accepted_time_diff": _skew(own),
            "allow_unknown_attributes": True,
            "only_use_keys_in_metadata": True,
            **({**keys, "encryption_keypairs": [keys]} if keys["key_file"] else {}),
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(place.acs, BINDING_HTTP_POST)]},
                    "allow_unsolicited": False,
                    "authn_requests_signed": bool(keys["key_file"]),
                    "want_assertions_signed": not response,
                    "want_response_signed": response,
                }
            },
        }
    )
