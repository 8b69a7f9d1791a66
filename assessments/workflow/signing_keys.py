"""The keys that sign records which travel: made at the first use, made anew, and sealed anew after a rotation."""

import datetime

from django.db import transaction

from access.actor import Actor
from access.refusals import Conflict
from assessments.models import SigningKey
from assessments.travel.keys import PURPOSE, KeyUnreadable, Signer
from audit.models import Event, record
from lib.sealing import seal_rows_anew
from organization.models import Municipality

UNREADABLE = (
    "署名の鍵が読めないため、いまは発行できません。システムの設定（SECRET_KEY）が変わったときに起きます。"
    "システム管理の担当者に、新しい鍵を作るよう伝えてください。"
)


def signer_of(municipality: Municipality, *, by: Actor | None, now: datetime.datetime) -> Signer:
    """Return the key that signs for a municipality, made at its first use; Conflict where it cannot be opened."""
    key = SigningKey.objects.filter(municipality=municipality, retired_at__isnull=True).first()
    if key is None:
        key = make_key(municipality=municipality, by=by, now=now)
    try:
        return Signer.unseal(bytes(key.private_key))
    except KeyUnreadable:
        raise Conflict(UNREADABLE) from None


def signs(key: SigningKey) -> bool:
    """Say whether a key can be opened under SECRET_KEY, today's or a former one."""
    try:
        Signer.unseal(bytes(key.private_key))
    except KeyUnreadable:
        return False
    return True


@transaction.atomic
def make_key(
    *, municipality: Municipality, by: Actor | None, now: datetime.datetime, anew: bool = False
) -> SigningKey:
    """Return the key in use, made where there is none; `anew` retires that one and makes another.

    The row of the municipality is locked, so that two first uses at once make one key.
    """
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    current = SigningKey.objects.filter(municipality=municipality, retired_at__isnull=True).first()
    if current is not None and not anew:
        return current
    if current is not None:
        SigningKey.objects.filter(pk=current.pk).update(retired_at=now)
    signer = Signer.generate()
    key = SigningKey.objects.create(
        municipality=municipality,
        public_key=signer.key,
        private_key=signer.seal(),
        created_at=now,
    )
    record(
        by=by, action="travel.key", now=now, kind=Event.Kind.TECHNICAL, municipality_id=municipality.pk,
        data={"key": key.public_key, "retired": current.public_key if current else ""},
    )  # fmt: skip
    return key


def seal_anew() -> tuple[int, int]:
    """Seal every key under today's SECRET_KEY; return (sealed anew, unreadable)."""
    return seal_rows_anew(SigningKey, "private_key", PURPOSE)
