"""漏えい等の範囲: from the trail, whose records were reached, which fields, and since when.

Asked by what got out: an account or a token, the machine that somebody else sat at (its address), or one file.

What the trail names is told by person. An export of many people is worked out for each person as in
「自分の情報を見た人」. What it cannot tell by person is listed apart, to be looked at by hand.
"""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from assessments.looks_of_many import OF_MANY, held_by
from audit.models import Event
from audit.presenters import describe, is_output
from lib.personal import Treat
from organization.models import Municipality, Staff
from privacy import inventory

# A report is due from a hundred people on; or of any number, where somebody meant harm (個人情報の保護に関する法律
# 68条, 施行規則 43条). To be checked against the text of the day.
MANY = 100

_CARD = ("organization.Staff", "organization.Posting")
_SHEET = (*_CARD, "assessments.Sheet", "assessments.Rating", "assessments.Confirmation", "assessments.Remark")
_RESUME = (
    *_CARD, "assessments.Entry", "assessments.Experience", "assessments.Certification", "assessments.Training",
    "assessments.Career", "assessments.Handover", "assessments.Statement", "assessments.ForeignLevel",
)  # fmt: skip
# What an action lays open, by how its name begins; the longest beginning counts.
TABLES = {
    "sheet.": (*_SHEET, "assessments.Reply", "assessments.Reconfirmation"),
    "interview.": (*_SHEET, *_RESUME),
    "resume.": (*_SHEET, *_RESUME),
    "handover.": _RESUME,
    "entry.": _RESUME,
    "file.": ("assessments.Attachment",),
    "wish.": ("assessments.TransferWish",),
    "experienced.": (*_CARD, "assessments.Rating"),
    "staff.": _CARD,
    "account.": ("organization.Staff",),
    "grant.": ("organization.Staff", "organization.Grant"),
    "export.records": _SHEET,
    "export.resumes": (*_SHEET, *_RESUME),
    "export.api": (*_SHEET, *_RESUME),
    "export.certifications": (*_CARD, "assessments.Certification"),
    "export.trainings": (*_CARD, "assessments.Training"),
    "disclosure.": (),  # everything
}
# One's own way in, written before it is known who acts: it reached nobody else.
_WAYS_IN = ("account.signed_in", "account.code_used", "account.password_changed")


@dataclass
class Affected:
    """One person whose record was reached."""

    staff: Staff
    first: datetime.datetime
    last: datetime.datetime
    times: int = 0
    actions: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)

    @property
    def what(self) -> str:
        """Return what was done with it, in words."""
        return "、".join(sorted(self.actions))

    @property
    def kinds(self) -> str:
        """Return which data was laid open, in words."""
        return "、".join(inventory.line_of(name).what for name in sorted(self.tables))


@dataclass(frozen=True)
class Scope:
    """The whole report. `unnamed` are acts that reached people whom the trail does not tell apart."""

    since: datetime.datetime
    until: datetime.datetime
    people: list[Affected]
    unnamed: list[tuple[Event, str]]
    acts: int
    addresses: list[str]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return (data, its fields in words) of everything that was laid open."""
        names = sorted({name for one in self.people for name in one.tables})
        return [(inventory.line_of(name).what, "、".join(_fields(name))) for name in names]

    @property
    def is_many(self) -> bool:
        """Say whether there are as many people as make a report due by their number alone."""
        return len(self.people) >= MANY


def by_actors(actor_uuids: Iterable[uuid.UUID]) -> Q:
    """Return the acts of an account, or of all tokens that a system has had."""
    return Q(actor_uuid__in=list(actor_uuids))


def by_address(address: str) -> Q:
    """Return the acts that came from one address, whoever was signed in."""
    return Q(address=address)


def by_file(event_uuid: uuid.UUID) -> Q:
    """Return the one act that made a file."""
    return Q(uuid=event_uuid)


def scope_of(
    municipality: Municipality,
    *,
    acts: Q,
    since: datetime.date,
    until: datetime.date | None,
    now,
) -> Scope:
    """Return what some acts (`by_…`) reached from one day to another, both inside.

    Whoever looks at their own record reached nobody. Five queries at most, however many people and acts.
    """
    start = _midnight(since)
    end = (
        min(_midnight(until + datetime.timedelta(days=1)), now)
        if until and until < timezone.localdate(now)
        else now
    )
    between = Q(municipality_id=municipality.pk, at__gte=start, at__lte=end)
    found: dict[uuid.UUID, Affected] = {}
    people = {one.uuid: one for one in Staff.objects.filter(municipality=municipality)}
    events = list(Event.objects.filter(between & acts).order_by("at", "pk"))
    for event in events:
        seen = people.get(event.subject_uuid)
        if seen is None or event.subject_uuid == event.actor_uuid or event.action in _WAYS_IN:
            continue
        if tables_of(event.action):
            _note(found, seen, event)
    many = [
        event
        for event in events
        if event.action in OF_MANY and event.subject_uuid is None and event.kind == Event.Kind.PEOPLE
    ]
    if many:
        for event, held in held_by(many, municipality):
            for key in held:
                _note(found, people[key], event)
    unnamed = [
        (event, describe(event)) for event in events if event.subject_uuid is None and _names_nobody(event)
    ]
    listed = sorted(found.values(), key=lambda one: (one.staff.kana, one.staff.staff_number))
    addresses = sorted({address for event in events if (address := getattr(event, "address", "") or "")})
    return Scope(start, end, listed, unnamed, len(events), addresses)


def tables_of(action: str) -> tuple[str, ...]:
    """Return the tables that an action lays open; () for one that shows nothing of a person."""
    begins = [start for start in TABLES if action.startswith(start)]
    if not begins:
        return ()
    start = max(begins, key=len)
    return TABLES[start] or tuple(line.model for line in inventory.about_people())


def rows_of(scope: Scope) -> Iterable[list[object]]:
    """Yield the lines of the file, a person each."""
    for one in scope.people:
        yield [
            one.staff.staff_number, one.staff.name, one.kinds, one.what, one.times,
            timezone.localtime(one.first), timezone.localtime(one.last),
        ]  # fmt: skip


HEADER = ("職員番号", "氏名", "情報の種類", "操作", "回数", "最初", "最後")


def _note(found: dict[uuid.UUID, Affected], person: Staff, event: Event) -> None:
    one = found.setdefault(person.uuid, Affected(person, event.at, event.at))
    one.first, one.last, one.times = min(one.first, event.at), max(one.last, event.at), one.times + 1
    one.actions.add(describe(event))
    one.tables.update(tables_of(event.action))


def _names_nobody(event: Event) -> bool:
    """Say whether an act laid people open whom nothing tells apart: 経験者さがし over all departments names none."""
    if event.action in OF_MANY:
        return event.object_uuid is None
    return is_output(event.action) or event.action.startswith(("exports.", "job.fetch"))


def _fields(name: str) -> list[str]:
    line = inventory.line_of(name)
    shown = line.treated(Treat.WORDS, Treat.OPINION, Treat.PLAIN, Treat.OTHER)
    inner = {"id", "uuid", "version", "municipality", "search", "entry_ptr", "department_path"}
    return [inventory.label_of(line, one) for one in shown if one not in inner]


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), timezone.get_current_timezone())
