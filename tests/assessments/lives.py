"""Short ways to move people through their working lives, and to ask who sees, confirms and counts on a day."""

import datetime

from django.test import Client

from assessments.line import line_of
from assessments.models import Sheet
from assessments.workflow.cycles import open_cycle
from gaps.counting import holder_counts
from organization.models import Posting, Staff
from organization.roster import Line
from organization.workflow import add_line
from tests import builders as b
from tests.assessments.sheets import in_state, steps_of

BACKEND = "organization.backends.StaffBackend"
DAY = datetime.date(2026, 12, 1)
BEFORE = DAY - datetime.timedelta(days=1)
TOKYO = datetime.timezone(datetime.timedelta(hours=9))
NOON = datetime.datetime(2026, 11, 20, 12, tzinfo=TOKYO)
MIDNIGHT = datetime.datetime(2026, 12, 1, tzinfo=TOKYO)
SECOND = datetime.timedelta(seconds=1)
State = Sheet.State
Kind = Posting.Kind


def enter(world, staff, kind, start=DAY, now=NOON, **values):
    """Let 人事 enter one 発令, as on the page of the person."""
    staff.refresh_from_db()
    line = Line(line=1, number=staff.staff_number, kind=kind, start=start, **values)
    return add_line(
        by=b.actor_of(world.jinji, NOON.date()), staff=staff, line=line, version=staff.version, now=now
    )


def client_of(staff):
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


def sees(superior, staff, day):
    return Staff.objects.with_records_visible_to(b.actor_of(superior, day)).filter(pk=staff.pk).exists()


def confirmers(staff, day):
    line = line_of(staff.pk, day)
    names = dict(Staff.objects.values_list("pk", "username"))
    return [names[pk] for pk in line.first], [names[pk] for pk in line.final]


def holders(world, department, day, **rule):
    """Return how many people of a department count as holders of the first cell."""
    counted = holder_counts(
        municipality_id=world.city.pk, path=department.path, on=day, year=2026, version=world.version, **rule
    )
    return counted.get(world.cells[0].code, 0)


def able(world, staff=None):
    """Let somebody hold the first cell by a confirmed sheet of the year."""
    staff = staff or world.honnin
    sheet = Sheet.objects.filter(staff=staff, cycle=world.cycle).first()
    sheet = sheet or b.make_sheet(staff, world.cycle, world.kakari_dept)
    return in_state(sheet, State.CONFIRMED, world.kacho, steps_of(sheet, 3))


def handed_out(world, reference_date=DAY):
    """Open a year by a reference date and return who got a sheet."""
    cycle = b.make_cycle(
        world.city, world.version, fiscal_year=2027, state="prepared", reference_date=reference_date
    )
    open_cycle(cycle=cycle, version=cycle.version, by=None, now=NOON)
    return set(Sheet.objects.filter(cycle=cycle).values_list("staff__username", flat=True))
