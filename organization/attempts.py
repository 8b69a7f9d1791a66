"""Limits on trying to sign in: a growing wait for one name from one place, never a lock (docs/adr/0050).

An attempt is counted before the password is looked at, under the lock of its row: of many at once no more are hashed
than of as many one after the other. What succeeds takes its count back. All of it lies in the database, for there are
several processes. Names that nobody has are counted like any other.
"""

import datetime
import ipaddress
import math
import unicodedata
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from organization.models import Attempt

# So many tries without waiting; then a wait that doubles, up to half an hour.
FREE = 5
FIRST_WAIT = datetime.timedelta(seconds=30)
LONGEST_WAIT = datetime.timedelta(minutes=30)
FORGOTTEN = datetime.timedelta(hours=24)
# The clocks of several servers differ by less. What is later than that was written before the clock was set back.
SKEW = datetime.timedelta(minutes=1)
# Failures of one address: an office of 500 mistypes less than that. Above it, a name has one free try from there.
BURST = 300
DRAIN = datetime.timedelta(seconds=3)
_SALT = "organization.attempts"
_TRIMMED = 50


class Held(Exception):
    """This name, or this person, has to wait until `until` before the next try from here."""

    def __init__(self, until: datetime.datetime):
        # On a whole second, the next one: whoever comes at the time that was said is not too early.
        self.until = until.replace(microsecond=0) + datetime.timedelta(seconds=1)
        super().__init__()

    @property
    def words(self) -> str:
        """Return the time of day from which to try again, in words."""
        until = timezone.localtime(self.until)
        return f"{until.hour}時{until.minute}分{until.second}秒"

    def answered(self, response: HttpResponse) -> HttpResponse:
        """Return the answer with Retry-After."""
        response["Retry-After"] = str(max(1, math.ceil((self.until - timezone.now()).total_seconds())))
        return response


@dataclass(frozen=True)
class Trial:
    """One attempt that was counted: the keys of its rows, and how many it is in a row; `crowded` fills its address."""

    key: str
    address_key: str
    failures: int
    crowded: bool = False

    @property
    def holds(self) -> bool:
        """Say whether the next one has to wait, should this one fail."""
        return self.failures >= FREE


def wait_after(failures: int, *, free: int = FREE) -> datetime.timedelta:
    """Return how long the next attempt waits after so many failures in a row; pure."""
    if failures < free:
        return datetime.timedelta()
    # The cap before the power: a count of thousands must not overflow.
    return min(FIRST_WAIT * 2 ** min(failures - free, 10), LONGEST_WAIT)


def drained(level: int, at: datetime.datetime, now: datetime.datetime) -> tuple[int, datetime.datetime]:
    """Return (what is left of the failures of an address, up to when that is counted); pure.

    One goes every DRAIN; the rest of the time stays to be counted, so that asking often does not keep it full. What was
    counted before the clock was set back drains from now on.
    """
    at = now if at - now > SKEW else at
    gone = max(0, (now - at) // DRAIN)
    return (level - gone, at + gone * DRAIN) if gone < level else (0, max(now, at))


def name_tag(name: str, *, secret: str | None = None) -> str:
    """Return the hash of a sign-in name, the same for what people take for the same name; under another `secret` if given."""
    return _hash("name", unicodedata.normalize("NFKC", name).strip().casefold(), secret=secret)


def begin(*, name: str, address: str, device: str = "", now: datetime.datetime) -> Trial:
    """Count an attempt to sign in by a name; `device` is one that this name signed in on before ("" for none).

    From a known device its own failures count alone, so that nobody else holds its owner up. Raises Held, and then
    counts nothing: who only waits is let in at the time that was said.
    """
    place = f"device {device}" if device else f"address {_network(address)}"
    tag = name_tag(name)
    with transaction.atomic():
        crowd = _locked(_hash("address", _network(address)), now)
        level, at = drained(crowd.failures, crowd.last_at, now)
        free = 1 if level >= BURST and not device else FREE
        trial = _count(_hash("at", tag, place), now, free=free, name_hash=tag)
        Attempt.objects.filter(pk=crowd.pk).update(failures=level + 1, last_at=at)
    return Trial(trial.key_hash, crowd.key_hash, trial.failures, crowded=level + 1 == BURST)


def begin_second_step(*, staff_uuid, name: str, now: datetime.datetime) -> Trial:
    """Count an answer to the second step of somebody whose password was right; raises Held.

    `name` is their sign-in name, by which `forget` finds the row too.
    """
    with transaction.atomic():
        row = _count(_hash("second step", str(staff_uuid)), now, free=FREE, name_hash=name_tag(name))
    return Trial(row.key_hash, "", row.failures)


def succeeded(trial: Trial, *, now: datetime.datetime) -> None:
    """Forget the failures of this name from this place, and take the try back from those of the address."""
    with transaction.atomic():
        if trial.address_key:
            crowd = _locked(trial.address_key, now)
            Attempt.objects.filter(pk=crowd.pk).update(failures=max(0, crowd.failures - 1))
        Attempt.objects.filter(key_hash=trial.key).delete()
    _trim(now)


def take_back(trial: Trial, *, now: datetime.datetime) -> None:
    """Count a try no more that nobody could judge, because what knows the password did not answer.

    This one alone: the failures before it stay.
    """
    with transaction.atomic():
        for key in filter(None, (trial.address_key, trial.key)):
            row = _locked(key, now)
            row.failures, row.held_until = max(0, row.failures - 1), None
            row.save(update_fields=["failures", "held_until"])


def forget(name: str) -> None:
    """Let somebody try again at once from everywhere: a new code was issued, or the account opened."""
    Attempt.objects.filter(name_hash=name_tag(name)).delete()


def _count(key: str, now: datetime.datetime, *, free: int, name_hash: str = "") -> Attempt:
    row = _locked(key, now, name_hash=name_hash)
    # A wait from before the clock was set back would be longer than it was said to be.
    is_real = row.last_at - now <= SKEW
    if row.held_until is not None and row.held_until > now and is_real:
        raise Held(row.held_until)
    before = 0 if now - row.last_at > FORGOTTEN else row.failures
    row.failures = before + 1
    wait = wait_after(row.failures, free=free)
    row.held_until, row.last_at = (now + wait) if wait else None, now
    row.save(update_fields=["failures", "held_until", "last_at"])
    return row


def _locked(key: str, now: datetime.datetime, *, name_hash: str = "") -> Attempt:
    """Return the row of a key, made where it is missing, locked to the end of the transaction."""
    Attempt.objects.bulk_create(
        [Attempt(key_hash=key, name_hash=name_hash, last_at=now)], ignore_conflicts=True
    )
    row = Attempt.objects.select_for_update().filter(key_hash=key).first()
    # Somebody dropped it between the two statements: then it is made again.
    return row or _locked(key, now, name_hash=name_hash)


def _trim(now: datetime.datetime) -> None:
    """Drop some rows that no longer count; those that somebody is using are left to the next."""
    with transaction.atomic():
        old = Attempt.objects.filter(last_at__lt=now - FORGOTTEN).select_for_update(skip_locked=True)
        Attempt.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_TRIMMED])).delete()


def _network(address: str) -> str:
    """Return the address, or the /64 of one of IPv6: one machine has as many as it likes of those."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "-"
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _hash(*parts: str, secret: str | None = None) -> str:
    return salted_hmac(_SALT, "\n".join(parts), secret=secret, algorithm="sha256").hexdigest()
