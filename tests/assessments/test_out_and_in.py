"""What the export centre gives out is read back by the import of past years as what it was, cell by cell."""

import datetime

import pytest

from assessments.models import Cycle, Sheet
from lib.text import clean
from tests import builders as b
from tests.assessments.exporting import body, posted, url
from tests.assessments.past import entries_options, planned, ratings_options
from tests.assessments.sheets import in_state, steps_of
from tests.hostile import CELLS

BACKEND = "organization.backends.StaffBackend"
DAY = datetime.date(2024, 6, 1)
FORMATS = [("csv", "kiroku.csv"), ("xlsx", "kiroku.xlsx")]
# What a person can have written into one line: the forms cut spaces and lines, and an entry has a name.
TEXTS = sorted({word for cell in CELLS if (word := clean(cell)) and "\n" not in word and len(word) <= 100})


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


def out(hr, world, kind, format, **changes):
    return body(hr.post(url(kind), posted(world, format=format, **changes)))


@pytest.mark.parametrize(("format", "name"), FORMATS)
@pytest.mark.parametrize("kind", ["records", "records-wide"])
def test_steps(hr, world, kind, format, name):
    cycle = b.make_cycle(world.city, world.version, fiscal_year=2024)
    for at, staff in enumerate([world.honnin, world.dourei, world.kakari]):
        sheet = b.make_sheet(staff, cycle, world.kakari_dept)
        own, final = steps_of(sheet, at), steps_of(sheet, 4 - at, c0=0)
        in_state(sheet, Sheet.State.CONFIRMED, confirmer=world.kacho, steps=own, final=final)
    Cycle.objects.filter(pk=cycle.pk).update(state="closed", closed_at=datetime.datetime.now(datetime.UTC))
    content = out(hr, world, kind, format, cycle=str(cycle.uuid))
    _, plan, unread = planned(world, "ratings", content, ratings_options(world), name=name)
    assert [*unread, *plan.problems] == []
    assert plan.counts() == {"unchanged": 3}


@pytest.mark.parametrize(("format", "name"), FORMATS)
def test_certifications(hr, world, format, name):
    for text in TEXTS:
        b.make_certification(world.honnin, text, start=DAY, registered_on=DAY, registration_number=text[:40])
    content = out(hr, world, "certifications", format)
    _, plan, unread = planned(world, "entries", content, entries_options(world, "certification"), name=name)
    assert [*unread, *plan.problems] == []
    assert plan.counts() == {"unchanged": len(TEXTS)}


@pytest.mark.parametrize(("format", "name"), FORMATS)
def test_trainings(hr, world, format, name):
    this_year = datetime.date(world.cycle.fiscal_year, 6, 1)
    for text in TEXTS:
        b.make_training(
            world.dourei, text, start=this_year, end=this_year, hours=7, fee=1200, provider=text[:40], state="finished",
            result=text[:60],
        )  # fmt: skip
    content = out(hr, world, "trainings", format)
    _, plan, unread = planned(world, "entries", content, entries_options(world, "training"), name=name)
    assert [*unread, *plan.problems] == []
    assert plan.counts() == {"unchanged": len(TEXTS)}
