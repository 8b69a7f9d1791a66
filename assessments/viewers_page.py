"""自分の情報を見た人: what others did with somebody's record, from the trail (P27s). Takes no request.

Views, files, prints and confirmations name the person. An export of many people names none: assessments.looks_of_many
says whom it held.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from assessments.api_reads import READ
from assessments.looks_of_many import RESUMES, of_many
from audit.models import Event
from audit.presenters import describe
from organization.models import Staff

CONFIRMING = ("sheet.confirm_first", "sheet.confirm", "sheet.send_back", "sheet.correct", "sheet.reconfirm")
ROLES = {"H": "人事", "M": "上司"}
UNKNOWN_ROLE = "上司または人事"
SYSTEM = "ほかのシステム"
OPERATOR = "運用の担当（コマンド）"
_PURPOSES = (
    ("entry.view", "閲覧"),
    ("file.view", "添付ファイル"),
    ("sheet.proxy_", "代理入力"),
    ("experienced.", "経験者さがし"),
    ("export.", "出力"),
    ("entry.", "代わりの記入"),
    ("file.", "代わりの記入"),
)
_OUTPUTS = (".print", ".pdf", ".xlsx")


@dataclass(frozen=True)
class Look:
    """One thing that somebody did with the record. `reason` is what they typed for an export."""

    at: datetime.datetime
    name: str
    role: str
    what: str
    purpose: str
    reason: str = ""


def looks_at(staff: Staff):
    """Return the queryset of what others did with somebody's record, newest first. Four queries before it runs."""
    # Each by an index of its own, for the trail of a municipality is long: what names the person, and what is about a
    # year or a department of theirs. These belong to one municipality, and so do their events.
    people = Event.objects.filter(kind=Event.Kind.PEOPLE)
    named = people.about(staff.uuid).filter(_sights(), ~Q(actor_uuid=staff.uuid), actor_uuid__isnull=False)
    found = named.values("pk").union(people.filter(of_many(staff)).values("pk"))
    return Event.objects.filter(pk__in=found).order_by("-at", "-pk")


def lay_out(events: Iterable[Event]) -> list[Look]:
    """Return events as rows; a list. One query for the names."""
    events = list(events)
    names = Event.names_of({event.actor_uuid for event in events if event.actor_uuid})
    return [
        Look(
            at=event.at,
            name=names.get(event.actor_uuid, "―") if event.actor_uuid else OPERATOR,
            role=_role(event),
            what=describe(event),
            purpose=purpose_of(event.action),
            reason=event.data.get("reason", ""),
        )
        for event in events
    ]


def _role(event: Event) -> str:
    if event.action == READ:
        return SYSTEM
    return ROLES.get(event.data.get("role", ""), UNKNOWN_ROLE) if event.actor_uuid else ""


def purpose_of(action: str) -> str:
    """Return in one word what an action was for."""
    if action in CONFIRMING:
        return "確認"
    if action.endswith(_OUTPUTS) or action == RESUMES:
        return "印刷・PDF・Excel"
    return next((word for start, word in _PURPOSES if action.startswith(start)), "閲覧")


def _sights() -> Q:
    """Return the condition for what hands out something of a record, or changes it for its owner."""
    starts = ("export.", "entry.", "file.", "experienced.", "sheet.proxy_")
    ends = (".view", *_OUTPUTS)
    return (
        Q(action__in=CONFIRMING)
        | reduce(or_, (Q(action__startswith=one) for one in starts))
        | reduce(or_, (Q(action__endswith=one) for one in ends))
    )
