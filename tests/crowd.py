"""20,000 people more for a city of the bench, in bulk: what lists and searches have to be quick at (docs/adr/0074).

Only what lists read: people, departments, postings, sheets, events. Everything else stands in the city itself.
"""

import datetime
import uuid
from collections.abc import Iterable

from django.db.models import Exists, Model, OuterRef, Subquery
from django.utils import timezone

from assessments.models import Revision, Sheet
from audit.models import Event
from bench.data import City
from bench.names import kana_of, name_of
from lib.paths import child_path
from organization.models import Department, Posting, Staff
from organization.models.position import LineRole

PEOPLE = 20_000
DEPARTMENTS = 600
EVENTS = 5_000
# One in so many has handed in.
HANDED_IN = 8
# A superior of the whole city sees everybody; people are told apart from those of the city itself by their numbers.
FIRST = 100_000
_BATCH = 2000


def add_crowd(city: City) -> None:
    """Add the people to a city, in 600 departments below its root, an eighth of their sheets handed in."""
    now = timezone.now()
    places = _departments(city)
    people = _bulk(Staff, (_person(city, at) for at in range(PEOPLE)))
    _bulk(
        Posting,
        (
            Posting(
                municipality=city.municipality, staff=person, department=places[at % DEPARTMENTS],
                position="課長" if at < DEPARTMENTS else "主事",
                line_role=LineRole.HEAD if at < DEPARTMENTS else LineRole.NONE, start=datetime.date(2020, 4, 1),
            )
            for at, person in enumerate(people)
        ),
    )  # fmt: skip
    _sheets(city, people, places, now)
    jinji = city.persona("jinji").uuid
    _bulk(
        Event,
        (
            Event(
                at=now - datetime.timedelta(minutes=at), municipality_id=city.municipality.pk, kind=Event.Kind.PEOPLE,
                action="sheet.view", actor_uuid=jinji, subject_uuid=person.uuid, object_type="organization.staff",
                object_uuid=person.uuid, request_id=uuid.uuid4().hex[:12],
            )
            for at, person in enumerate(people[:EVENTS])
        ),
    )  # fmt: skip


def _bulk(model: type[Model], rows: Iterable[Model]) -> list:
    return model._default_manager.bulk_create(list(rows), batch_size=_BATCH)


def _departments(city: City) -> list[Department]:
    made = _bulk(
        Department,
        (
            Department(
                municipality=city.municipality, code=f"9{at:05d}", name=f"第{at + 1}事務所", parent=city.root, rank=at,
                path="", valid_from=datetime.date(2010, 4, 1),
            )
            for at in range(DEPARTMENTS)
        ),
    )  # fmt: skip
    for one in made:
        one.path = child_path(city.root.path, one.pk)
    Department.objects.bulk_update(made, ["path"], batch_size=_BATCH)
    return made


def _person(city: City, at: int) -> Staff:
    number = f"{FIRST + at:07d}"
    person = Staff(
        municipality=city.municipality, username=f"{city.municipality.code}-{number}", staff_number=number,
        name=name_of(at), kana=kana_of(at), password="!",
    )  # fmt: skip
    person.search = person.search_text()
    return person


def _sheets(city: City, people: list[Staff], places: list[Department], now: datetime.datetime) -> None:
    sheets = _bulk(
        Sheet,
        (
            Sheet(
                municipality=city.municipality, staff=person, cycle=city.cycle, fiscal_year=city.cycle.fiscal_year,
                department=place, department_path=place.path, position="主事", employment=person.employment,
                updated_at=now,
            )
            for at, person in enumerate(people)
            for place in [places[at % DEPARTMENTS]]
        ),
    )  # fmt: skip
    handed_in = sheets[::HANDED_IN]
    _bulk(
        Revision,
        (
            Revision(
                municipality=city.municipality, sheet=sheet, number=1, submitted_at=now,
                submitted_by_id=sheet.staff_id,
            )
            for sheet in handed_in
        ),
    )  # fmt: skip
    mine = Revision.objects.filter(sheet=OuterRef("pk"))
    Sheet.objects.filter(Exists(mine), current_revision=None).update(
        state=Sheet.State.SUBMITTED, submitted_at=now, current_revision=Subquery(mine.values("pk")[:1])
    )
