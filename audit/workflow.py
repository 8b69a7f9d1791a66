"""Changes of the trail's own: dealing with an alarm."""

import datetime

from django.db import transaction

from access.actor import Actor
from access.refusals import Conflict
from audit.models import Alarm, Event, record


@transaction.atomic
def settle(*, alarm: Alarm, note: str, by: Actor, now: datetime.datetime) -> None:
    """Write down what came of an alarm. Raises Conflict where somebody did already: the first word stays."""
    if by.staff_uuid == alarm.actor_uuid:
        raise Conflict("自分についての知らせは、ほかの人が確かめます。")
    waiting = Alarm.objects.filter(pk=alarm.pk, settled_at__isnull=True)
    if not waiting.update(settled_at=now, settled_by=by.staff_uuid, note=note):
        raise Conflict("この知らせは、ほかの人が先に確かめました。")
    record(
        by=by, action="audit.settle", now=now, kind=Event.Kind.TECHNICAL, subject_uuid=alarm.actor_uuid,
        target=alarm, data={"kind": alarm.kind},
    )  # fmt: skip
