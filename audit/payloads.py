"""Erasing personal values from the trail, and writing down that it was done (docs/adr/0048)."""

import datetime
from collections.abc import Collection
from uuid import UUID

from django.db import connection, transaction

from access.actor import Actor
from audit.guards import GUARDS
from audit.models import Event, EventPayload, record
from lib.guards import install, remove

ERASED = "audit.erase"
_LISTED = 1000


@transaction.atomic
def erase(
    *, staff_uuids: Collection[UUID], municipality_id: int, by: Actor | None, now: datetime.datetime
) -> int:
    """Erase what stood there before and after in every event about these people; returns how many events.

    The events stay, and the chain holds: it covers the digests alone. Which events lost their values stands in an
    event of its own, without which a missing payload counts as a manipulation.
    """
    doomed = EventPayload.objects.filter(
        municipality_id=municipality_id, event__subject_uuid__in=list(staff_uuids)
    )
    ids = sorted(doomed.values_list("pk", flat=True))
    walls = [guard for guard in GUARDS if guard.table == "audit_eventpayload" and guard.event == "DELETE"]
    for start in range(0, len(ids), _LISTED):
        record(
            by=by, action=ERASED, now=now, kind=Event.Kind.TECHNICAL, municipality_id=municipality_id,
            data={"events": ids[start : start + _LISTED]},
        )  # fmt: skip
    if ids:
        remove(connection, walls)
        EventPayload.objects.filter(pk__in=ids).delete()
        install(connection, walls)
    return len(ids)


def erased_events(municipality_id: int | None) -> set[int]:
    """Return the numbers of the events whose values were erased, as the trail itself tells. One query."""
    found = Event.objects.filter(municipality_id=municipality_id, action=ERASED).values_list(
        "data", flat=True
    )
    return {number for data in found for number in data.get("events", [])}
