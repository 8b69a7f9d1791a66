"""連携トークン: issued to another system, shown once, taken back (P20t, docs/adr/0038). Only the hash is kept."""

import datetime
import hashlib
import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone

from access.actor import Actor
from access.refusals import Conflict
from audit.models import record
from organization.models import ApiToken, Department

# Tells scanners for lost secrets what it is; 256 bits of the operating system's random source follow.
PREFIX = "skrk_"
# Enough to find the token of a system in its settings, far too little to guess the rest.
_HINT = len(PREFIX) + 4
NAME_TAKEN = "同じ名前のトークンが使われています。先にそれを取り消すか、別の名前にしてください。"


def hash_of(secret: str) -> str:
    """Return what is kept of a token. It is random, not chosen: one fast hash is as good as a slow one."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_token(
    *,
    name: str,
    reason: str,
    scopes: list[str],
    department: Department | None,
    last_day: datetime.date,
    by: Actor,
    now: datetime.datetime,
) -> tuple[ApiToken, str]:
    """Make a token that may be used to the end of `last_day`; return it and its text, which is kept nowhere.

    One of the same name whose time is over makes way. Raises Conflict where one of that name is still in use.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    after = last_day + datetime.timedelta(days=1)
    try:
        with transaction.atomic():
            ApiToken.objects.filter(
                municipality_id=by.municipality_id, name=name, revoked_at__isnull=True, expires_at__lte=now
            ).update(revoked_at=now, revoked_by_id=by.staff_id)
            token = ApiToken.objects.create(
                municipality_id=by.municipality_id,
                name=name,
                reason=reason,
                scopes=scopes,
                department=department,
                token_hash=hash_of(secret),
                hint=secret[:_HINT],
                issued_at=now,
                issued_by_id=by.staff_id,
                expires_at=datetime.datetime.combine(after, datetime.time(), timezone.get_current_timezone()),
            )
            record(
                by=by,
                action="token.issue",
                now=now,
                target=token,
                data={
                    "scopes": scopes,
                    "department": department.code if department else "",
                    "last_day": last_day.isoformat(),
                },
            )
    except IntegrityError:
        raise Conflict(NAME_TAKEN) from None
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Actor, now: datetime.datetime) -> None:
    """Take a token back: its next request is refused. Raises Conflict where it was taken back before."""
    if not ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=now, revoked_by_id=by.staff_id
    ):
        raise Conflict("このトークンは、すでに取り消されています。")
    record(by=by, action="token.revoke", now=now, target=token)
