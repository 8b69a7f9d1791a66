"""What stood there before and what stands there now, in the events of the registers that people decide with."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessments.workflow.cycles import Plan, change_plan
from audit.models import Event, EventPayload, sides_of
from competency.workflow.profiles import save_profile
from organization.models import Position
from organization.workflow.departments import DepartmentValues, edit_department
from organization.workflow.positions import PositionValues, set_positions
from tests import builders as b

SIDES = st.dictionaries(st.sampled_from("abcde"), st.none() | st.integers(0, 3))


@given(SIDES, SIDES)
def test_both_sides_hold_what_differs_and_nothing_else(before, after):
    both = sides_of(before, after)
    assert {**before, **both["after"]}.items() >= after.items()
    untouched = before.items() & after.items()
    assert not untouched & both["before"].items()
    assert not untouched & both["after"].items()
    # Undone by what was kept: nothing is missing and nothing was made up.
    back = {name: value for name, value in after.items() if name not in both["after"]} | both["before"]
    assert back == before


def _payload(action: str) -> EventPayload:
    return EventPayload.objects.get(event=Event.objects.get(action=action))


def test_a_department_that_moves(world):
    jinji, section = b.actor_of(world.jinji), world.kakari_dept
    values = DepartmentValues(
        code=section.code, name="情報戦略係", parent=None, valid_from=section.valid_from, rank=section.rank
    )
    was = section.name, section.parent.code
    edit_department(by=jinji, department=section, values=values, version=section.version, now=timezone.now())
    kept = _payload("department.edit")
    assert kept.before == {"name": was[0], "parent": was[1]}
    assert kept.after == {"name": "情報戦略係", "parent": None}


def test_a_position_that_confirms_from_now_on(world):
    one = Position.objects.create(municipality=world.city, name="主査", rank=5)
    row = PositionValues(one, one.name, "first", one.rank, version=one.version)
    set_positions(by=b.actor_of(world.sysadmin), rows=[row], now=timezone.now())
    kept = _payload("position.edit")
    assert kept.before[one.name]["line_role"] == "none"
    assert kept.after[one.name]["line_role"] == "first"


def test_the_dates_of_a_year(world):
    cycle = world.cycle
    plan = Plan(
        reference_date=cycle.reference_date, starts_on=cycle.starts_on, submit_by=cycle.submit_by,
        confirm_by=cycle.confirm_by + datetime.timedelta(days=7), steps=cycle.steps,
        confirmer_date=cycle.confirmer_date, final_without_confirmer=cycle.final_without_confirmer,
    )  # fmt: skip
    change_plan(cycle=cycle, plan=plan, version=cycle.version, by=b.actor_of(world.jinji), now=timezone.now())
    kept = _payload("cycle.change")
    assert kept.before == {"confirm_by": cycle.confirm_by.isoformat()}
    assert kept.after == {"confirm_by": plan.confirm_by.isoformat()}


def test_what_is_expected_of_a_position(world):
    one = Position.objects.create(municipality=world.city, name="主査", rank=5)
    code = world.cells[0].code
    for version, step in ((0, 2), (1, 3)):
        save_profile(
            position=one,
            targets={code: step},
            version=version,
            by=b.actor_of(world.jinji),
            now=timezone.now(),
        )
    first, second = EventPayload.objects.filter(event__action="profile.change").order_by("pk")
    assert (first.before, first.after) == ({}, {code: 2})
    assert (second.before, second.after) == ({code: 2}, {code: 3})


@pytest.mark.parametrize("hours", [None, Decimal("2.5")])
def test_numbers_are_kept_as_they_are_read(hours):
    assert sides_of({"hours": hours}, {"hours": Decimal("3")})["before"] == {"hours": hours}
