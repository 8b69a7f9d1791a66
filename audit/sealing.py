"""Sealing: putting written events into the chain of their municipality, apart from the requests that wrote them.

A chain needs one writer at a time. Were it written with each event, a city would wait in one line for every submission;
so events are signed when written, and sealed within the minute by `manage.py seal_audit` (docs/adr/0048).
"""

import datetime
import logging
from itertools import groupby, islice

from django.db import connection, transaction
from django.db.models import Q, Subquery

from audit.chain import START, KeyRing, link, linked_rightly, signed_rightly
from audit.models import ChainStart, Event, Seal
from audit.recording import key_ring

log = logging.getLogger(__name__)
# A transaction may commit later than one that began after it; nothing of ours runs for longer than this.
OVERLAP = datetime.timedelta(hours=2)
BATCH = 1000
# Any number that nothing else in this database locks.
_LOCK = 7_310_271


@transaction.atomic
def seal(*, now: datetime.datetime, everything: bool = False) -> list[Event]:
    """Seal what was written since, up to `BATCH` events of each call; returns the sealed events in their order.

    `everything` looks at the whole trail, not only at the last hours: what a crash long ago left unsealed. An event
    whose signature is wrong is not sealed and logged by number alone.
    """
    _alone()
    waiting = Event.objects.unsealed()
    last = Seal.objects.order_by("-at").values_list("at", flat=True).first()
    if last is not None and not everything:
        # What came after the last sealed event, whatever its time says: the clock may have been wrong, and set right.
        after = Seal.objects.order_by("-event_id").values_list("event_id", flat=True)[:1]
        waiting = waiting.filter(Q(at__gte=min(last, now) - OVERLAP) | Q(pk__gt=Subquery(after)))
    ring, sealed = key_ring(), []
    found = sorted(
        islice(waiting.order_by("pk").iterator(chunk_size=BATCH), BATCH), key=lambda e: (e.chain, e.pk)
    )
    for chain, events in groupby(found, key=lambda event: event.chain):
        number, previous = end_of(chain)
        seals = []
        for event in events:
            if not _sound(ring, event, first=number == 0):
                log.error("audit event %d is not what was signed and stays unsealed", event.pk)
                continue
            number += 1
            previous = link(
                ring.signing,
                chain=chain,
                number=number,
                previous=previous,
                event_id=event.pk,
                event_mac=event.mac,
            )
            seals.append(Seal(event_id=event.pk, municipality_id=chain, number=number, mac=previous, at=now))
            sealed.append(event)
        Seal.objects.bulk_create(seals)
    return sealed


def end_of(chain: int) -> tuple[int, str]:
    """Return the number and the hash of a chain's last seal, (0, START) for a chain that has not begun."""
    last = Seal.objects.of_chain(chain).last()
    if last is not None:
        return last.number, last.mac
    begun = ChainStart.objects.filter(municipality_id=chain).order_by("number").last()
    return (begun.number, begun.previous) if begun else (0, START)


def _sound(ring: KeyRing, event: Event, *, first: bool) -> bool:
    """Say whether an event may be sealed: signed, or written before the trail was (only at the start of a chain)."""
    if not event.mac:
        return first or _before_signing(event)
    return bool(signed_rightly(ring, event.content(), event.mac))


def _before_signing(event: Event) -> bool:
    """Say whether no event of the chain up to this one was ever signed: then it is from an earlier release."""
    earlier = Event.objects.filter(municipality_id=event.municipality_id, pk__lte=event.pk)
    return not earlier.exclude(mac="").exists()


def _alone() -> None:
    """Wait until nobody else seals; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def rightly_begun(ring: KeyRing, start: ChainStart) -> bool | None:
    """Say whether a chain's start is the one we signed; None where its key is not known any more."""
    return linked_rightly(
        ring,
        start.mac,
        chain=start.municipality_id,
        number=start.number,
        previous=start.previous,
        event_id=0,
        event_mac="start",
    )
