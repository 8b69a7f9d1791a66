"""Passkeys: what the browser is asked, and the check of what it answers, by py_webauthn. Reads and writes no row."""

import base64
import json
import re
import secrets
import time
from dataclasses import dataclass

from django.conf import settings
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lib.networks import is_address
from organization.models import Passkey, Staff

# In the session: what this browser was asked, for what, and when.
ASKED = "passkey_asked"
LIFETIME = 300
# What the device is asked for: a key of its own, a second step, or the only step.
ADD, STEP, ONLY = "add", "step", "only"
_RP_NAME = "スキル履歴書"
_LONGEST = 20_000
# base64url, as long as the column.
_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{Passkey._meta.get_field('credential_id').max_length}}}")


class NotRecognised(Exception):
    """The answer is none to what this browser was asked, or no key of ours made it. Says nothing personal."""


@dataclass(frozen=True)
class Place:
    """Where a key holds: `rp_id`, the host name that the device keeps it for, and the origin of this request."""

    rp_id: str
    origin: str


@dataclass(frozen=True)
class NewKey:
    """A key that the device has just made."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: list[str]


def place_of(request) -> Place | None:
    """Return where a key of this request holds, None where there can be none.

    Browsers keep no key for an IP address, and none over plain HTTP but on this machine (localhost).
    """
    host = request.get_host()
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    name = name.lower().rstrip(".")
    local = name == "localhost" or name.endswith(".localhost")
    if is_address(name) or not (request.is_secure() or local):
        return None
    rp_id = settings.PASSKEY_RP_ID or name
    if name != rp_id and not name.endswith(f".{rp_id}"):
        return None
    return Place(rp_id=rp_id, origin=f"{request.scheme}://{host}")


def ask_new(request, place: Place, staff: Staff, known: list[Passkey]) -> str:
    """Return, as JSON, what the browser is asked to make a key: one that finds its person without a name."""
    options = generate_registration_options(
        rp_id=place.rp_id,
        rp_name=_RP_NAME,
        user_id=staff.uuid.bytes,
        user_name=staff.username,
        user_display_name=staff.name,
        challenge=_challenge(request, ADD),
        timeout=LIFETIME * 1000,
        exclude_credentials=_descriptors(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return options_to_json(options)


def ask(request, place: Place, purpose: str, known: list[Passkey]) -> str:
    """Return, as JSON, what the browser is asked to prove a key: one of `known`, or any that it has (ONLY).

    As the only step the device must ask for a finger, a face or a PIN; that is the second factor then.
    """
    verification = (
        UserVerificationRequirement.REQUIRED if purpose == ONLY else UserVerificationRequirement.PREFERRED
    )
    options = generate_authentication_options(
        rp_id=place.rp_id,
        challenge=_challenge(request, purpose),
        timeout=LIFETIME * 1000,
        allow_credentials=_descriptors(known),
        user_verification=verification,
    )
    return options_to_json(options)


def check_new(request, place: Place, answer: str) -> NewKey:
    """Return the key that the browser made for what it was asked; raises NotRecognised."""
    challenge = _taken(request, ADD)
    said = _parsed(answer)
    try:
        made = verify_registration_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    # Whatever else the bytes of a stranger break in a parser is no key either.
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise NotRecognised(type(error).__name__) from error
    named = said["response"].get("transports")
    known = {each.value for each in AuthenticatorTransport}
    return NewKey(
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=[each for each in named if each in known] if isinstance(named, list) else [],
    )


def id_of(answer: str) -> str:
    """Return the id of the key that an answer names; raises NotRecognised for what names none."""
    named = _parsed(answer).get("id")
    if not isinstance(named, str) or not _ID.fullmatch(named):
        raise NotRecognised("id")
    return named


def check(request, place: Place, purpose: str, passkey: Passkey | None, answer: str) -> int:
    """Return the new count of a key that was proven for what this browser was asked; raises NotRecognised.

    The question is used up whatever comes, before anything is looked at.
    """
    challenge = _taken(request, purpose)
    if passkey is None or passkey.rp_id != place.rp_id:
        raise NotRecognised("no such key")
    said = _parsed(answer)
    try:
        proven = verify_authentication_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=purpose == ONLY,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise NotRecognised(type(error).__name__) from error
    if bytes_to_base64url(proven.credential_id) != passkey.credential_id:
        raise NotRecognised("another key")
    handle = said["response"].get("userHandle")
    # A device that finds the person itself says whom it made the key for.
    if purpose == ONLY and _bytes(handle) != passkey.staff.uuid.bytes:
        raise NotRecognised("userHandle")
    return proven.new_sign_count


def _challenge(request, purpose: str) -> bytes:
    challenge = secrets.token_bytes(32)
    request.session[ASKED] = {
        "challenge": base64.b64encode(challenge).decode(),
        "for": purpose,
        "at": int(time.time()),
    }
    return challenge


def _taken(request, purpose: str) -> bytes:
    kept = request.session.pop(ASKED, None)
    if kept is None or kept["for"] != purpose or not 0 <= time.time() - kept["at"] <= LIFETIME:
        raise NotRecognised("nobody asked")
    return base64.b64decode(kept["challenge"])


def _parsed(answer: str) -> dict:
    try:
        parsed = json.loads(answer) if len(answer) <= _LONGEST else None
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("response"), dict):
        raise NotRecognised("no answer of a browser")
    return parsed


def _bytes(text: object) -> bytes:
    try:
        return base64url_to_bytes(text) if isinstance(text, str) else b""
    except ValueError:
        return b""


def _descriptors(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(each.credential_id),
            transports=[AuthenticatorTransport(name) for name in each.transports],
        )
        for each in known
    ]
