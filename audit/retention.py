"""Removing events whose time is over: the whole beginning of a chain, and only that."""

import datetime

from django.db import connection, transaction

from audit.chain import link
from audit.guards import TRAIL
from audit.models import ChainStart, Event, EventPayload, Seal, record
from audit.recording import key_ring
from audit.sealing import end_of
from lib.guards import install, remove

FLOOR_YEARS = 1
TRIMMED = "audit.trim"


def due_until(chain: int, *, years: int, now: datetime.datetime) -> int:
    """Return the number of the last seal such that it and all before it are older than `years`; 0 for none.

    ValueError for fewer years than the floor of one.
    """
    if years < FLOOR_YEARS:
        raise ValueError("操作の記録は、1年より短くはできません。")
    limit = _years_before(now, years)
    young = Event.objects.filter(municipality_id=chain or None, at__gte=limit).values("pk")
    first_young = (
        Seal.objects.of_chain(chain).filter(event_id__in=young).values_list("number", flat=True).first()
    )
    if first_young is None:
        return end_of(chain)[0] if Seal.objects.filter(municipality_id=chain).exists() else 0
    first = Seal.objects.of_chain(chain).values_list("number", flat=True).first()
    return first_young - 1 if first is not None and first < first_young else 0


@transaction.atomic
def trim(chain: int, *, years: int, now: datetime.datetime) -> int:
    """Remove what is older than `years` from the beginning of a chain; returns how many events.

    What stays is chained to the last hash that went (`ChainStart`, signed), and an event says how many went.
    """
    through = due_until(chain, years=years, now=now)
    going = Seal.objects.of_chain(chain).filter(number__lte=through)
    last = going.last()
    if last is None:
        return 0
    ids = list(going.values_list("event_id", flat=True))
    key = key_ring().signing
    begin = ChainStart(municipality_id=chain, number=last.number, previous=last.mac, at=now)
    begin.mac = link(
        key, chain=chain, number=begin.number, previous=begin.previous, event_id=0, event_mac="start"
    )
    record(
        by=None, action=TRIMMED, now=now, kind=Event.Kind.TECHNICAL, municipality_id=chain or None,
        data={"events": len(ids), "through": last.number, "years": years},
    )  # fmt: skip
    remove(connection, TRAIL)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        EventPayload.objects.filter(pk__in=part).delete()
        Seal.objects.filter(pk__in=part).delete()
        Event.objects.filter(pk__in=part).delete()
    ChainStart.objects.filter(municipality_id=chain, number__lt=last.number).delete()
    begin.save(force_insert=True)
    install(connection, TRAIL)
    return len(ids)


def _years_before(now: datetime.datetime, years: int) -> datetime.datetime:
    try:
        return now.replace(year=now.year - years)
    except ValueError:  # 29 February
        return now.replace(year=now.year - years, day=28)
