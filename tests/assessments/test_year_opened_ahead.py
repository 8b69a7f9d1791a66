"""A year that HR opens ahead of its first day does not hide the one that people are still filling in."""

import datetime

import pytest
from django.utils import timezone

from assessments.home_page import newest_sheet
from assessments.lookups import my_open_sheet
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def ahead(world):
    today = timezone.localdate()
    cycle = b.make_cycle(
        world.city, world.version, fiscal_year=world.cycle.fiscal_year + 1,
        starts_on=today + datetime.timedelta(days=30), submit_by=today + datetime.timedelta(days=60),
        confirm_by=today + datetime.timedelta(days=90),
    )  # fmt: skip
    world.next_sheet = b.make_sheet(world.honnin, cycle, world.kakari_dept)
    return world


def test_the_running_year_stays_in_reach(ahead, client):
    actor = b.actor_of(ahead.honnin)
    assert my_open_sheet(actor) == ahead.sheet
    assert newest_sheet(actor) == ahead.sheet
    client.force_login(ahead.honnin, backend=BACKEND)
    assert str(ahead.sheet.uuid) in client.get("/sheet/")["Location"]


def test_from_its_first_day_the_new_year_comes_first(ahead):
    later = b.actor_of(ahead.honnin, timezone.localdate() + datetime.timedelta(days=30))
    assert my_open_sheet(later) == ahead.next_sheet
    assert newest_sheet(later) == ahead.next_sheet


def test_alone_it_is_what_people_find(ahead):
    type(ahead.cycle).objects.filter(pk=ahead.cycle.pk).update(state="closed", closed_at=timezone.now())
    actor = b.actor_of(ahead.honnin)
    assert my_open_sheet(actor) == ahead.next_sheet
    assert newest_sheet(actor) == ahead.next_sheet
