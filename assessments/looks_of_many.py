"""Whom an export of many people held: it names none in the trail. Takes no request.

It is found by the years of the person's sheets, the departments they lay in, and who led the person on that day
(ADR 0025). Said twice: as a condition for one person (`of_many`), which is paged by the database, and as a fold over
events for everybody of a municipality (`held_by`), whose queries do not grow with the people. A test holds them together.
"""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from assessments.api_reads import READ
from assessments.models import Sheet
from audit.models import Event
from lib.paths import ancestors, is_within
from organization.models import Department, Municipality, Posting, Staff
from organization.models.position import LineRole

RESUMES = "export.resumes"
EXPERIENCED = "experienced.view"
OUTPUTS = ("export.records", "export.certifications", "export.trainings")
OF_MANY = (*OUTPUTS, RESUMES, READ, EXPERIENCED)
NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class _Lead:
    """Somebody led the person from one day to another; `end` None is open."""

    staff_uuid: object
    start: datetime.date
    end: datetime.date | None


def of_many(staff: Staff) -> Q:
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
        lists |= since & Q(action=EXPERIENCED)
        lists |= since & Q(action=RESUMES) & (Q(at__lt=_midnight(end)) if end else Q())
    # Of what a system reads page by page, the first page stands for all.
    outputs = Q(action__in=OUTPUTS) | Q(action=READ, data__start=0)
    found = outputs & exports | lists
    return found & (Q(actor_uuid__isnull=True) | ~Q(actor_uuid=staff.uuid))


def held_by(events: Iterable[Event], municipality: Municipality) -> Iterator[tuple[Event, set[uuid.UUID]]]:
    """Yield each event with the uuids of everybody whom it held by `of_many`. Three queries for any number of people.

    The events are the municipality's own.
    """
    book = _Book(municipality)
    for event in events:
        held = book.in_output(event) | book.in_list(event)
        yield event, held - {event.actor_uuid}


class _Book:
    """Everybody's sheets and postings, and the departments, read once and looked up from the side of an event."""

    def __init__(self, municipality: Municipality) -> None:
        self._sheets = defaultdict(list)
        sheets = Sheet.objects.filter(staff__municipality=municipality)
        for person, cycle, path in sheets.values_list("staff__uuid", "cycle__uuid", "department_path"):
            self._sheets[cycle].append((person, path))
        rows = Department.objects.filter(municipality=municipality).values_list("path", "code", "uuid")
        self._by_code = {code: path for path, code, _ in rows}
        self._by_uuid = {key: path for path, _, key in rows}
        self._postings = list(
            Posting.objects.filter(staff__municipality=municipality).values_list(
                "staff__uuid", "department__path", "start", "end", "line_role"
            )
        )

    def in_output(self, event: Event) -> set[uuid.UUID]:
        """Return whose sheets a table of a year holds; of what a system reads, the first page stands for all."""
        if event.action not in OUTPUTS and not (event.action == READ and event.data.get("start") == 0):
            return set()
        sheets, code = self._sheets.get(event.object_uuid, []), event.data.get("department")
        if code in self._by_code:
            root = self._by_code[code]
            return {person for person, path in sheets if is_within(path, root)}
        if code != "":
            return set()
        held = {person for person, _ in sheets}
        if event.data.get("role") == "H" or event.actor_uuid is None:
            return held
        return held & self._led_by(event.actor_uuid, timezone.localdate(event.at))

    def in_list(self, event: Event) -> set[uuid.UUID]:
        """Return who is in a department's bundle, or in its list of those who can and who once could."""
        root = self._by_uuid.get(event.object_uuid)
        if root is None or event.action not in (EXPERIENCED, RESUMES):
            return set()
        day = timezone.localdate(event.at)
        return {
            person
            for person, path, start, end, _ in self._postings
            if is_within(path, root)
            and start <= day
            and (event.action == EXPERIENCED or end is None or day < end)
        }

    @cached_property
    def _leading(self) -> dict[uuid.UUID, list[tuple]]:
        found = defaultdict(list)
        for person, path, start, end, role in self._postings:
            if role != LineRole.NONE:
                found[person].append((path, start, end))
        return found

    def _led_by(self, leader: uuid.UUID, day: datetime.date) -> set[uuid.UUID]:
        """Return who was posted, on a day, in or below what somebody led then."""
        roots = [path for path, start, end in self._leading.get(leader, []) if _holds(start, end, day)]
        return {
            person
            for person, path, start, end, _ in self._postings
            if _holds(start, end, day) and any(is_within(path, root) for root in roots)
        }


def _holds(start: datetime.date, end: datetime.date | None, day: datetime.date) -> bool:
    return start <= day and (end is None or day < end)


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
