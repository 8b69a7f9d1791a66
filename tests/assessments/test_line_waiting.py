"""What waits for 人事 is found from the highest departments down: the same as asking the line of each waiting sheet."""

import datetime
import random

import pytest

from access.actor import Role
from assessments.line import act_for, line_for, waiting_for
from assessments.models import Sheet
from organization.models import Posting
from organization.models.position import LineRole
from tests import builders as b
from tests.assessments.test_line import TODAY, submitted

YESTERDAY, TOMORROW = TODAY - datetime.timedelta(1), TODAY + datetime.timedelta(1)


class Town:
    """A random town beside the world's: some of its highest departments are headed, some are not, some by who is away."""

    def __init__(self, world, seed: int, *, headed: bool) -> None:
        self.chance = random.Random(seed)
        self.world = world
        tops = [b.make_department(world.city, f"部{number}") for number in range(3)]
        middle = [b.make_department(world.city, f"課{n}", parent=self.chance.choice(tops)) for n in range(4)]
        low = [b.make_department(world.city, f"係{n}", parent=self.chance.choice(middle)) for n in range(4)]
        self.places = [*tops, *middle, *low]
        for number, place in enumerate(self.places):
            role = LineRole.HEAD if place in tops else self.chance.choice(LineRole.values)
            if role != LineRole.NONE and (place not in tops or headed or self.chance.random() < 0.5):
                self.person(f"長 {number}", place, line_role=role)
        for number in range(12):
            self.person(f"職員 {number}", self.chance.choice(self.places))
        self.person("本務なし", None)

    def person(self, name, place, *, line_role=LineRole.NONE):
        """Post somebody in one of several ways, and let their sheet wait."""
        staff = b.make_staff(self.world.city, name)
        way = self.chance.random()
        if place is None or (way < 0.1 and line_role == LineRole.NONE):
            if place is not None:
                b.make_posting(staff, place, end=TODAY)
        elif way < 0.25 and line_role != LineRole.NONE:
            # Heads here and has the 本務 elsewhere.
            b.make_posting(staff, place, kind=Posting.Kind.ADDITIONAL, line_role=line_role)
            b.make_posting(staff, self.chance.choice(self.places))
        elif way < 0.35:
            # Two 本務 for a day: the later one counts.
            b.make_posting(staff, place, end=TOMORROW, line_role=line_role)
            b.make_posting(staff, self.chance.choice(self.places), start=YESTERDAY, line_role=line_role)
        else:
            b.make_posting(staff, place, line_role=line_role)
        if self.chance.random() < 0.2:
            b.make_leave(staff)
        state = self.chance.choice([Sheet.State.SUBMITTED, Sheet.State.FIRST_CONFIRMED])
        submitted(b.make_sheet(staff, self.world.cycle, place or self.places[0]), state)
        return staff


def one_by_one(actor):
    """Return what waits for somebody by the line of each sheet that waits at all."""
    sheets = Sheet.objects.filter(municipality_id=actor.municipality_id, state__in=Sheet.WAITING)
    acts = {
        sheet.pk: act_for(actor, sheet.staff_id, sheet.state, line_for(sheet, TODAY))
        for sheet in sheets.select_related("cycle")
    }
    return {pk: act for pk, act in acts.items() if act}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("headed", [True, False])
@pytest.mark.parametrize("leads", [False, True])
def test_the_menu_of_hr_counts_what_the_line_of_each_sheet_says(world, seed, headed, leads):
    town = Town(world, seed, headed=headed)
    if leads:
        place = town.chance.choice(town.places)
        b.make_posting(world.jinji, place, kind=Posting.Kind.ADDITIONAL, line_role=LineRole.HEAD)
    if seed % 2:
        world.cycle.confirmer_date = YESTERDAY
        world.cycle.save(update_fields=["confirmer_date"])
    actor = b.actor_of(world.jinji, TODAY)
    assert actor.has(Role.HR)
    found = waiting_for(actor).acts
    assert found == one_by_one(actor)
    assert found


def test_where_too_many_lead_nothing_is_narrowed(world, monkeypatch):
    """A headless 部 with a headed 課 makes a list; above the bound everything is read and asked one by one."""
    town = Town(world, 3, headed=False)
    place = b.make_department(
        world.city, "課長のいる課", parent=b.make_department(world.city, "部長のいない部")
    )
    town.person("課長", place, line_role=LineRole.HEAD)
    actor = b.actor_of(world.jinji, TODAY)
    before = waiting_for(actor).acts
    monkeypatch.setattr("assessments.line_reads.MANY", 0)
    assert waiting_for(actor).acts == before == one_by_one(actor)
