"""The arithmetic of the trail: how an event is signed and how seals hang together. Pure: no ORM, no clock.

Two layers (docs/adr/0048). An event carries a keyed hash of its own content, written with it: nothing about it can be
changed unseen. A seal binds the event to the one before it in its municipality: nothing can be taken out, put in
or moved unseen. Personal values lie outside, in a payload of which the event knows the salted digest alone.
"""

import datetime
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What the first seal of a chain follows.
START = "0" * 64
_PURPOSE = b"skill-rirekisho audit "
FIELDS = (
    "uuid",
    "at",
    "municipality_id",
    "kind",
    "action",
    "actor_uuid",
    "subject_uuid",
    "object_type",
    "object_uuid",
    "data",
    "request_id",
    "address",
    "payload_digest",
)


@dataclass(frozen=True)
class Key:
    """One signing key of the trail. `name` tells which one signed, and nothing of the key."""

    name: str
    secret: bytes

    @classmethod
    def of(cls, text: str) -> "Key":
        """Return the key made from a secret text of any length."""
        secret = hmac.new(text.encode(), _PURPOSE + b"key", hashlib.sha256).digest()
        return cls(hashlib.sha256(_PURPOSE + secret).hexdigest()[:12], secret)


class KeyRing:
    """The keys that are known: the first signs, all of them verify."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._keys = [Key.of(text) for text in secrets]
        self._by_name = {key.name: key for key in self._keys}

    @property
    def signing(self) -> Key:
        """Return the key that signs from now on."""
        return self._keys[0]

    def named(self, name: str) -> Key | None:
        """Return a key by its name, None where it is no longer known."""
        return self._by_name.get(name)


def plain(data: Any) -> Any:
    """Return data as JSON carries it, so that what is signed is what is read back; dates and ids as text."""
    return json.loads(json.dumps(data, default=str))


def digest_of(payload: Mapping[str, Any], salt: str) -> str:
    """Return the digest of personal values. Salted: whoever holds the digest alone cannot try the likely values."""
    return hashlib.sha256(f"{salt}\n{_json(payload)}".encode()).hexdigest()


def signature(key: Key, content: Mapping[str, Any]) -> str:
    """Return the hash of an event's content (`FIELDS`) under a key, led by the key's name."""
    text = _json({name: _text(content[name]) for name in FIELDS})
    return f"{key.name}:{_mac(key, 'event', text)}"


def signed_rightly(ring: KeyRing, content: Mapping[str, Any], mac: str) -> bool | None:
    """Say whether `mac` is the hash of the content; None where its key is not known any more."""
    name, _, _ = mac.partition(":")
    key = ring.named(name)
    if key is None:
        return None
    return hmac.compare_digest(signature(key, content), mac)


def link(key: Key, *, chain: int, number: int, previous: str, event_id: int, event_mac: str) -> str:
    """Return the hash that seals one event in its place: `chain` is the municipality (0 for none), `number` from 1."""
    text = _json([chain, number, previous, event_id, event_mac])
    return f"{key.name}:{_mac(key, 'seal', text)}"


def linked_rightly(ring: KeyRing, mac: str, **place: Any) -> bool | None:
    """Say whether `mac` seals the event in this place; None where its key is not known any more."""
    name, _, _ = mac.partition(":")
    key = ring.named(name)
    if key is None:
        return None
    return hmac.compare_digest(link(key, **place), mac)


def _mac(key: Key, purpose: str, text: str) -> str:
    return hmac.new(key.secret, _PURPOSE + f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _text(value: Any) -> Any:
    """Return a field as either database gives it back: times in UTC, ids as text, the rest as it is."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if value is None or isinstance(value, str | int | dict | list):
        return value
    return str(value)
