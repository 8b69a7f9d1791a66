"""An organisation file written and taken back: rows, parents and successors as they were, or a refusal."""

import datetime
import json

import pytest
from django.db import transaction

from access.refusals import Conflict
from organization.departments_file import DepartmentLine, plan_departments
from organization.models import Department
from organization.workflow.departments import (
    known_departments,
    posted_after,
    undo_departments,
    write_departments,
)
from tests import builders as b

START, END = datetime.date(2026, 4, 1), datetime.date(2026, 4, 1)


def write(world, *lines):
    plan = plan_departments(
        list(lines), known_departments(world.city.pk), posted_after=posted_after(world.city.pk)
    )
    assert plan.problems == []
    with transaction.atomic():
        return json.loads(json.dumps(write_departments(plan, world.city)))


def paths(world):
    return dict(Department.objects.filter(municipality=world.city).values_list("code", "path"))


def reorganised(world):
    return write(
        world,
        DepartmentLine(2, "010101", valid_to=END, successor="010900"),
        DepartmentLine(3, "010900", name="新しい係", parent="010100", valid_from=START),
        DepartmentLine(4, "010100", name="新しい課"),
    )


def test_a_successor_is_written_and_all_of_it_comes_back(world):
    before, trees = known_departments(world.city.pk), paths(world)
    what = reorganised(world)
    after = known_departments(world.city.pk)
    assert after["010101"].successor == "010900"
    assert after["010100"].name == "新しい課"
    undo_departments(what, world.city)
    assert known_departments(world.city.pk) == before
    assert paths(world) == trees


def test_a_department_changed_since_stands_in_the_way(world):
    what = reorganised(world)
    Department.objects.filter(municipality=world.city, code="010900").update(name="ほかの名前")
    with pytest.raises(Conflict, match="010900"):
        undo_departments(what, world.city)


def test_a_posting_in_a_new_department_stands_in_the_way(world):
    what = reorganised(world)
    b.make_posting(
        b.make_staff(world.city, staff_number="0009001"),
        Department.objects.get(municipality=world.city, code="010900"),
    )
    with pytest.raises(Conflict, match="先に名簿"), transaction.atomic():
        undo_departments(what, world.city)
    assert known_departments(world.city.pk)["010100"].name == "新しい課"
