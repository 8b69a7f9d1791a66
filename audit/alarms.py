"""知らせ: told from the trail while it is sealed, so that no request pays for it."""

import datetime
import logging
from collections.abc import Iterable
from smtplib import SMTPException

from django.apps import apps
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Count, Min

from audit.middleware import REFUSED
from audit.models import Alarm, Event

log = logging.getLogger(__name__)
WINDOW = datetime.timedelta(minutes=10)
# One alarm an hour for one account and kind: whoever looks at the first sees the rest.
QUIET = datetime.timedelta(hours=1)
_READS = (".view", ".print", ".pdf", ".xlsx", ".search")
SUBJECT = "【スキル履歴書】操作の記録に知らせがあります"


def raise_alarms(events: Iterable[Event]) -> list[Alarm]:
    """Return the alarms that these newly sealed events give cause for, written. Two queries for each account among them."""
    latest: dict[tuple[int, object], datetime.datetime] = {}
    for event in events:
        if event.actor_uuid and event.municipality_id and _counts(event):
            key = (event.municipality_id, event.actor_uuid)
            latest[key] = max(event.at, latest.get(key, event.at))
    found = []
    for (municipality_id, actor), at in sorted(latest.items(), key=lambda item: item[1]):
        for kind, limit, counted in _questions(municipality_id, actor, at):
            number, since = counted
            if number >= limit and (made := _raise(municipality_id, actor, kind, since, at, number)):
                found.append(made)
    return found


def _counts(event: Event) -> bool:
    return event.action == REFUSED or event.action.endswith(_READS)


def _questions(municipality_id: int, actor, at: datetime.datetime):
    window = Event.objects.filter(
        municipality_id=municipality_id, actor_uuid=actor, at__gt=at - WINDOW, at__lte=at
    )
    refused = window.filter(action=REFUSED).aggregate(number=Count("pk"), since=Min("at"))
    yield Alarm.Kind.REFUSALS, settings.AUDIT_ALARM_REFUSALS, (refused["number"], refused["since"])
    read = [
        (subject, when)
        for action, subject, when in window.values_list("action", "subject_uuid", "at")
        if subject and subject != actor and action.endswith(_READS)
    ]
    people = {subject for subject, _ in read}
    yield (
        Alarm.Kind.READING,
        settings.AUDIT_ALARM_PEOPLE,
        (len(people), min((when for _, when in read), default=None)),
    )


def _raise(municipality_id: int, actor, kind: str, since, at, number: int) -> Alarm | None:
    with transaction.atomic():
        if Alarm.objects.filter(
            municipality_id=municipality_id, actor_uuid=actor, kind=kind, at__gt=at - QUIET
        ).exists():
            return None
        return Alarm.objects.create(
            municipality_id=municipality_id, actor_uuid=actor, kind=kind, since=since, at=at, count=number
        )


def tell(now: datetime.datetime) -> int:
    """Mail those who look after the trail that there is something to look at; returns how many alarms were mailed.

    The mail names nobody and says nothing of what was done: the page does, to whoever may see it.
    """
    if settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend"):
        return 0
    waiting = list(Alarm.objects.filter(mailed_at__isnull=True, settled_at__isnull=True))
    told = 0
    for municipality_id in sorted({alarm.municipality_id for alarm in waiting}):
        addresses = _addresses(municipality_id)
        mine = [alarm for alarm in waiting if alarm.municipality_id == municipality_id]
        if addresses:
            where = (
                f"{settings.SITE_URL.rstrip('/')}/audit/alarms/"
                if settings.SITE_URL
                else "「操作の記録」の「知らせ」"
            )
            body = (
                f"確かめていただきたい知らせが{len(mine)}件あります。\n{where} で内容を確かめてください。\n"
            )
            try:
                send_mail(SUBJECT, body, settings.DEFAULT_FROM_EMAIL, addresses)
            except (OSError, SMTPException) as failure:
                # The page shows it all the same; the next minute tries again.
                log.warning("the mail about an alarm was not sent: %s", type(failure).__name__)
                continue
            Alarm.objects.filter(pk__in=[alarm.pk for alarm in mine]).update(mailed_at=now)
            told += len(mine)
    return told


def _addresses(municipality_id: int) -> list[str]:
    """Return the mail addresses of 監査 and システム管理. Asked of the model by its name: this app imports nothing above it."""
    grants = apps.get_model("organization", "Grant").objects.filter(
        municipality_id=municipality_id, role__in=("A", "Y"), withdrawn_at__isnull=True, staff__is_active=True
    )
    return sorted(set(grants.exclude(staff__email="").values_list("staff__email", flat=True)))
