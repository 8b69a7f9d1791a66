"""A roster taken back: every row as it was, or a refusal that names who stands in the way."""

import datetime
import json

import pytest
from django.db import transaction
from django.utils import timezone

from access.refusals import Conflict
from lib.tabular import read_table
from organization.headers import guess
from organization.models import Leave, Position, Posting, Staff
from organization.roster import COLUMNS, parse_lines, plan_roster
from organization.workflow.roster_undo import undo_roster
from organization.workflow.rosters import known_for, write_roster
from tests import builders as b
from tests.organization.files import row
from tests.organization.rosters import roster

TODAY = datetime.date(2026, 4, 1)


def write(world, *rows):
    """Write a roster and return what takes it back, as it comes out of the database."""
    table = read_table(roster(*rows), "m.csv")
    lines = parse_lines(table, guess(table.header, COLUMNS, {})).lines
    plan = plan_roster(lines, known_for(world.city.pk, {line.number for line in lines}, TODAY), today=TODAY)
    assert plan.problems == []
    with transaction.atomic():
        return json.loads(json.dumps(write_roster(plan, world.city, now=timezone.now())))


def undo(world, what):
    with transaction.atomic():
        undo_roster(what, world.city)


def state(world):
    """Return everything that a roster can touch, without the counters."""
    people = Staff.objects.filter(municipality=world.city).order_by("staff_number")
    return (
        list(
            people.values_list(
                "staff_number", "name", "kana", "former_name", "employment", "email", "left_on", "search"
            )
        ),
        list(
            Posting.objects.filter(municipality=world.city)
            .order_by("pk")
            .values_list("pk", "department", "kind", "position", "line_role", "start", "end")
        ),
        list(
            Leave.objects.filter(municipality=world.city)
            .order_by("pk")
            .values_list("pk", "kind", "start", "end")
        ),
        sorted(Position.objects.filter(municipality=world.city).values_list("name", flat=True)),
    )


@pytest.fixture
def march(world):
    write(
        world,
        row("0009001", "木村 花子", "010101", start="2024/4/1"),
        row("0009002", "森 一", "010101", start="2024/4/1"),
    )
    return world


APRIL = (
    row("0009001", "髙橋 花子", "010100", start="2026/4/1", position="主幹の新しい職位"),
    row("0009002", "森 一", "010101", start="2026/4/1", kind="退職"),
    row("0009003", "林 新", "010101", start="2026/4/1"),
)


def test_comes_back_to_exactly_what_was_there_and_can_be_written_again(march):
    before = state(march)
    undo(march, write(march, *APRIL))
    assert state(march) == before
    again = write(march, *APRIL)
    after = state(march)
    assert after != before
    undo(march, again)
    assert state(march) == before


def test_a_person_changed_since_stands_in_the_way(march):
    what = write(march, *APRIL)
    Staff.objects.filter(staff_number="0009001").update(name="高橋 花子")
    with pytest.raises(Conflict, match="0009001"):
        undo(march, what)
    assert Staff.objects.filter(staff_number="0009003").exists()


def test_a_later_posting_of_somebody_touched_stands_in_the_way(march):
    what = write(march, *APRIL)
    b.make_posting(Staff.objects.get(staff_number="0009003"), march.kakari_dept, kind=Posting.Kind.ADDITIONAL)
    with pytest.raises(Conflict, match="0009003"):
        undo(march, what)


def test_a_new_posting_changed_since_stands_in_the_way(march):
    what = write(march, *APRIL)
    write(march, row("0009003", "林 新", "010101", start="2026/5/1", kind="退職"))
    with pytest.raises(Conflict, match="0009003"):
        undo(march, what)


def test_somebody_else_may_have_changed_meanwhile(march):
    what = write(march, *APRIL)
    write(march, row("0009004", "川 四", "010101", start="2026/4/1"))
    undo(march, what)
    theirs = Staff.objects.filter(staff_number__in=[f"000900{number}" for number in range(1, 5)])
    assert set(theirs.values_list("staff_number", flat=True)) == {"0009001", "0009002", "0009004"}


def test_nothing_is_touched_in_another_municipality(march):
    what = write(march, *APRIL)
    city = b.make_municipality(code="999999")
    with pytest.raises(Conflict):
        undo_roster(what, city)
