"""漏えい等の範囲 of exports of many: the same people as 「自分の情報を見た人」 says one by one, in a few queries for all."""

import datetime
import random

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.looks_of_many import OF_MANY, OUTPUTS, held_by
from assessments.viewers_page import looks_at
from audit.models import Event
from organization.models import Posting, Staff
from organization.models.position import LineRole
from privacy import leak
from tests import builders as b

TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)
ROLES = (LineRole.NONE, LineRole.NONE, LineRole.FIRST, LineRole.HEAD)


def a_history(world, chance):
    """Give a few people postings, some with a line role, around today, and sheets in two years."""
    places = [world.bu, world.ka, world.kakari_dept, world.kiban, world.soumu, world.jinjika]
    earlier = b.make_cycle(world.city, world.version, fiscal_year=2025)
    for at in range(8):
        person = b.make_staff(world.city, f"試み {at}")
        start = TODAY - chance.randrange(8, 14) * DAY
        for _ in range(chance.randrange(1, 4)):
            end = start + chance.randrange(1, 8) * DAY
            last = chance.random() < 0.4
            role = chance.choice(ROLES)
            place = chance.choice(places)
            b.make_posting(person, place, start=start, end=None if last else end, line_role=role)
            if last:
                break
            start = end
        for cycle in chance.sample([world.cycle, earlier], chance.randrange(3)):
            b.make_sheet(person, cycle, chance.choice(places))
    return places, [world.cycle, earlier, world.foreign_cycle]


def acts(world, chance, places, cycles):
    """Write acts on many, by everybody and by nobody, around midnights, with and without a department."""
    actors = [None, *Staff.objects.filter(municipality=world.city)]
    zone, made = timezone.get_current_timezone(), []
    for _ in range(150):
        action = chance.choice(OF_MANY)
        who = chance.choice(actors)
        day = datetime.datetime.combine(TODAY - chance.randrange(12) * DAY, datetime.time(), zone)
        lists = action not in OUTPUTS and action != "export.api"
        target = chance.choice(places if lists else cycles)
        data = {"department": chance.choice(["", "", "", chance.choice(places).code, "999999"])}
        data |= chance.choice([{}, {"role": "H"}, {"role": "M"}])
        data |= {"start": chance.choice([0, 1000])} if action == "export.api" else {}
        made.append(Event(
            at=day + chance.choice([0, -1, 1, 3600]) * datetime.timedelta(seconds=1),
            municipality_id=world.city.pk, kind=chance.choice(["people"] * 5 + ["technical"]), action=action,
            actor_uuid=who.uuid if who else None, object_uuid=target.uuid,
            data=chance.choice([data] * 6 + [{}]),
        ))  # fmt: skip
    Event.objects.bulk_create(made)


@pytest.mark.parametrize("seed", range(4))
def test_all_at_once_are_those_found_one_by_one(world, seed):
    chance = random.Random(seed)
    places, cycles = a_history(world, chance)
    acts(world, chance, places, cycles)
    events = list(Event.objects.filter(kind="people", municipality_id=world.city.pk, subject_uuid=None))
    at_once = {(event.pk, who) for event, held in held_by(events, world.city) for who in held}
    one_by_one = {
        (event.pk, person.uuid)
        for person in Staff.objects.filter(municipality=world.city)
        for event in looks_at(person).filter(subject_uuid=None)
    }
    assert at_once == one_by_one
    assert len(at_once) > 100
    found = leak.scope_of(
        world.city,
        acts=leak.by_actors({event.actor_uuid for event in events}),
        since=TODAY - 30 * DAY,
        until=None,
        now=timezone.now() + DAY,
    )
    named = {event.pk: event for event in events if event.actor_uuid}
    told = {one.staff.uuid: one.times for one in found.people}
    wanted = {}
    for pk, who in one_by_one:
        if pk in named:
            wanted[who] = wanted.get(who, 0) + 1
    assert told == wanted


def asked(world, people):
    """Return the queries of the report with so many people in the year's export, and whom it names."""
    for at in range(people - Staff.objects.filter(name__startswith="多数").count()):
        person = b.make_staff(world.city, f"多数 {at}")
        b.make_posting(person, world.kakari_dept)
        b.make_sheet(person, world.cycle, world.kakari_dept)
    with CaptureQueriesContext(connection) as queries:
        found = leak.scope_of(
            world.city,
            acts=leak.by_actors([world.kacho.uuid]),
            since=TODAY,
            until=None,
            now=timezone.now(),
        )
        rows = list(leak.rows_of(found))
    assert len([row for row in rows if row[1].startswith("多数")]) == people
    return len(queries)


def test_as_many_queries_for_three_people_as_for_thirty(world):
    Posting.objects.filter(staff=world.dourei).update(end=TODAY)
    for action, target in [("export.records", world.cycle), ("experienced.view", world.ka)]:
        Event.objects.create(
            at=timezone.now(), municipality_id=world.city.pk, kind="people", action=action,
            actor_uuid=world.kacho.uuid, object_uuid=target.uuid, data={"department": "", "role": "M"},
        )  # fmt: skip
    few = asked(world, 3)
    assert asked(world, 30) == few
    assert few == 5


def test_a_search_over_all_departments_is_to_be_looked_at_by_hand(world):
    """経験者さがし shows people and names none in the trail: the report says so and does not keep silent."""
    client = Client()
    client.force_login(world.kacho, backend="organization.backends.StaffBackend")
    assert client.get(reverse("gaps:experienced"), {"cell": world.cells[0].code}).status_code == 200
    found = leak.scope_of(
        world.city,
        acts=leak.by_actors([world.kacho.uuid]),
        since=TODAY,
        until=None,
        now=timezone.now(),
    )
    assert [event.action for event, _ in found.unnamed] == ["experienced.view"]
    assert found.people == []


def test_a_sheet_lays_open_what_was_replied_too():
    assert {"assessments.Reply", "assessments.Reconfirmation"} <= set(leak.TABLES["sheet."])
