"""自分の情報を見た人: what others did with somebody's record, from the trail (P27s). Takes no request.

Views, files, prints and confirmations name the person. An export of many people names none: it is found by the
years of the person's sheets, the departments they lay in, and who led the person on that day (ADR 0025).
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils import timezone

from assessments.api_reads import READ
from assessments.models import Sheet
from audit.models import Event
from audit.presenters import describe
from lib.paths import ancestors, is_within
from organization.models import Department, Posting, Staff
from organization.models.position import LineRole

CONFIRMING = ("sheet.confirm_first", "sheet.confirm", "sheet.send_back", "sheet.correct")
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
RESUMES = "export.resumes"
OUTPUTS = ("export.records", "export.certifications", "export.trainings")
NOTHING = Q(pk__in=[])
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


@dataclass(frozen=True)
class _Lead:
    """Somebody led the person from one day to another; `end` None is open."""

    staff_uuid: object
    start: datetime.date
    end: datetime.date | None


def looks_at(staff: Staff):
    """Return the queryset of what others did with somebody's record, newest first. Four queries before it runs."""
    # Each by an index of its own, for the trail of a municipality is long: what names the person, and what is about a
    # year or a department of theirs. These belong to one municipality, and so do their events.
    people = Event.objects.filter(kind=Event.Kind.PEOPLE)
    named = people.about(staff.uuid).filter(_sights(), ~Q(actor_uuid=staff.uuid), actor_uuid__isnull=False)
    found = named.values("pk").union(people.filter(_of_many(staff)).values("pk"))
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


def _of_many(staff: Staff) -> Q:
    """Return the condition for exports of many people that held this one, and lists of those who once worked there."""
    sheets = list(Sheet.objects.filter(staff=staff).values_list("cycle__uuid", "department_path"))
    mine = list(Posting.objects.filter(staff=staff).values_list("department__path", "start", "end"))
    paths = {
        one
        for path in (*(path for _, path in sheets), *(path for path, _, _ in mine))
        for one in ancestors(path)
    }
    departments = {
        path: (code, key)
        for path, code, key in Department.objects.filter(
            municipality_id=staff.municipality_id, path__in=paths
        ).values_list("path", "code", "uuid")
    }
    # Without a department a file holds everybody the reader may see: all for 人事 and the operator, else those led.
    whole = Q(data__department="") & (
        Q(data__role="H") | Q(actor_uuid__isnull=True) | _led_by(_leads_over(staff, mine, paths))
    )
    exports = NOTHING
    for cycle, path in sheets:
        named = Q(data__department__in=[departments[one][0] for one in ancestors(path) if one in departments])
        exports |= Q(object_uuid=cycle) & (named | whole)
    # Of a department, or of those who once worked there: while, and since, the person was posted below it.
    lists = NOTHING
    for path, start, end in mine:
        keys = [departments[one][1] for one in ancestors(path) if one in departments]
        since = Q(object_uuid__in=keys, at__gte=_midnight(start))
        lists |= since & Q(action="experienced.view")
        lists |= since & Q(action=RESUMES) & (Q(at__lt=_midnight(end)) if end else Q())
    # Of what a system reads page by page, the first page stands for all.
    outputs = Q(action__in=OUTPUTS) | Q(action=READ, data__start=0)
    found = outputs & exports | lists
    return found & (Q(actor_uuid__isnull=True) | ~Q(actor_uuid=staff.uuid))


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), timezone.get_current_timezone())


def _led_by(leads: Iterable[_Lead]) -> Q:
    found = NOTHING
    for lead in leads:
        then = Q(actor_uuid=lead.staff_uuid, at__gte=_midnight(lead.start))
        found |= then & Q(at__lt=_midnight(lead.end)) if lead.end else then
    return found


def _leads_over(staff: Staff, mine: list[tuple], paths: set[str]) -> Iterator[_Lead]:
    """Yield who led somebody, and when. One query."""
    rows = (
        Posting.objects.filter(municipality_id=staff.municipality_id, department__path__in=paths)
        .exclude(line_role=LineRole.NONE)
        .exclude(staff=staff)
        .values_list("staff__uuid", "department__path", "start", "end")
    )
    for key, root, start, end in rows:
        for path, since, until in mine:
            first, ends = max(start, since), [day for day in (end, until) if day is not None]
            last = min(ends) if ends else None
            if is_within(path, root) and (last is None or first < last):
                yield _Lead(key, first, last)
