"""Writing the trail: one event in the transaction of what it reports."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from django.conf import settings

from access.actor import Actor, Role
from audit.chain import KeyRing, digest_of, plain, signature
from audit.models.event import Event
from audit.models.payload import EventPayload

_SALT_BYTES = 16
_ABSENT = object()


def key_ring() -> KeyRing:
    """Return the keys of the trail (settings.AUDIT_KEYS): the first signs."""
    return _ring(tuple(settings.AUDIT_KEYS))


@cache
def _ring(texts: tuple[str, ...]) -> KeyRing:
    return KeyRing(texts)


def record(
    *,
    by: Actor | None,
    action: str,
    now,
    kind: str = Event.Kind.PEOPLE,
    municipality_id: int | None = None,
    subject_uuid=None,
    target=None,
    data: dict | None = None,
    before: dict | None = None,
    after: dict | None = None,
    address: str = "",
    request_id: str = "",
) -> Event:
    """Write one event; call it inside the transaction of the change it reports.

    `by` is None for a command run by the operator and for a sign-in, which gives its `address` and `request_id`
    itself. `target` is any model instance with a `uuid`. `data` holds ids, states and counts only; where somebody
    looks at another's record, works on it or exports, the role of that day is added, for 「自分の情報を見た人」.
    `before` and `after` are what stood there and what stands there now, by field: personal values, kept apart so that
    they can be erased, and costing one more statement. Returns the saved event.
    """
    data = plain(data or {})
    if (
        by
        and kind == Event.Kind.PEOPLE
        and touches_record(action)
        and subject_uuid != by.staff_uuid
        and (role := role_of(by))
    ):
        data["role"] = role
    event = Event(
        at=now,
        municipality_id=by.municipality_id if by else municipality_id,
        kind=str(kind),
        action=action,
        actor_uuid=by.staff_uuid if by else None,
        subject_uuid=subject_uuid,
        object_type=target._meta.label_lower if target is not None else "",
        object_uuid=target.uuid if target is not None else None,
        data=data,
        request_id=by.request_id if by else request_id,
        address=by.address if by else address,
    )
    payload = None
    if before is not None or after is not None:
        payload = EventPayload(
            municipality_id=event.municipality_id,
            before=plain(before),
            after=plain(after),
            salt=secrets.token_hex(_SALT_BYTES),
        )
        event.payload_digest = digest_of(payload.values(), payload.salt)
    event.mac = signature(key_ring().signing, event.content())
    event.save(force_insert=True)
    if payload is not None:
        payload.event = event
        payload.save(force_insert=True)
    return event


def differing(before: Any, after: Any) -> dict[str, dict[str, Any]]:
    """Return `before` and `after` for `record`: of two dataclass values of one kind, the fields that differ."""
    return sides_of(asdict(before), asdict(after))


def sides_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return `before` and `after` for `record`: of two mappings, what differs; a key that one lacks stays away there."""
    names = [name for name in {**before, **after} if before.get(name, _ABSENT) != after.get(name, _ABSENT)]
    return {
        "before": {name: before[name] for name in names if name in before},
        "after": {name: after[name] for name in names if name in after},
    }


def touches_record(action: str) -> bool:
    """Say whether an action hands something of a record to the reader, or is work on the record of somebody."""
    return action.startswith(
        (
            "export.records",
            "export.certifications",
            "export.trainings",
            "export.resume",
            "sheet.",
            "entry.",
            "file.",
        )
    ) or action.endswith((".view", ".print", ".pdf", ".xlsx", ".search"))


def role_of(by: Actor) -> str:
    """Return in which role somebody sees another's record: "H" 人事, which sees all, else "M" the line; "" for neither."""
    return next((role.value for role in (Role.HR, Role.LINE) if by.has(role)), "")
