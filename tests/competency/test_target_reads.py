"""Targets read for one person and for many: 職位 of the day, duties of the year, never a query more."""

import datetime

from competency.target_reads import targets_in_position, targets_of_people, targets_of_person
from competency.targets import Target
from organization.models import Posting
from tests import builders as b

TODAY = datetime.date(2026, 6, 1)
POLICY, ANALYSIS, TALKING = "security-policy.1", "internal-it.1", "communication.1"


def of(world, *people, year=2026, on=TODAY):
    return targets_of_people(
        municipality_id=world.city.pk, fiscal_year=year, staff_ids=[one.pk for one in people], on=on
    )


def call(staff, position):
    Posting.objects.filter(staff=staff).update(position=position)


def test_it_works(world):
    b.make_profile(b.make_position(world.city, "主任"), {POLICY: 2, TALKING: 3})
    call(world.honnin, "主任")
    b.make_assignment(world.honnin, world.ka, [POLICY], name="計画")
    b.make_assignment(world.dourei, world.ka, [ANALYSIS], name="分析", role="deputy")
    assert of(world, world.honnin, world.dourei, world.kakari) == {
        world.honnin.pk: {POLICY: Target(3, "主担当：計画"), TALKING: Target(3, "職位：主任")},
        world.dourei.pk: {ANALYSIS: Target(2, "副担当：分析")},
        world.kakari.pk: {},
    }


def test_what_does_not_ask_for_anything(world):
    b.make_profile(b.make_position(world.other_city, "主任"), {TALKING: 4})
    b.make_position(world.city, "主任")
    call(world.honnin, "主任")
    b.make_assignment(world.honnin, world.ka, [POLICY], done_by="outsourced")
    b.make_assignment(world.honnin, world.ka, [POLICY], fiscal_year=2025)
    b.make_assignment(world.honnin, world.ka, [])
    assert of(world, world.honnin) == {world.honnin.pk: {}}
    assert of(world) == {}


def test_duties_of_every_department_count_and_partly_outsourced_ones_too(world):
    b.make_assignment(world.honnin, world.ka, [POLICY], name="計画", role="deputy")
    b.make_assignment(world.honnin, world.jinjika, [POLICY, TALKING], name="兼務の仕事", done_by="partly")
    assert of(world, world.honnin)[world.honnin.pk] == {
        POLICY: Target(3, "主担当：兼務の仕事"),
        TALKING: Target(3, "主担当：兼務の仕事"),
    }


def test_the_position_is_that_of_the_honmu_on_the_day(world):
    b.make_profile(b.make_position(world.city, "主任"), {TALKING: 2})
    b.make_profile(b.make_position(world.city, "係長", retired=True), {TALKING: 4})
    call(world.honnin, "主任")
    Posting.objects.filter(staff=world.honnin).update(end=datetime.date(2026, 7, 1))
    b.make_posting(world.honnin, world.ka, position="係長", start=datetime.date(2026, 7, 1))
    b.make_posting(world.honnin, world.kiban, position="係長", kind=Posting.Kind.ADDITIONAL)
    assert of(world, world.honnin)[world.honnin.pk] == {TALKING: Target(2, "職位：主任")}
    later = of(world, world.honnin, on=datetime.date(2026, 7, 1))
    assert later[world.honnin.pk] == {TALKING: Target(4, "職位：係長")}


def test_one_query_for_one_and_for_many(world, django_assert_num_queries):
    b.make_profile(b.make_position(world.city, "主任"), {TALKING: 2})
    for staff in (world.honnin, world.dourei, world.kakari):
        call(staff, "主任")
        b.make_assignment(staff, world.ka, [POLICY])
    with django_assert_num_queries(1):
        assert len(of(world, world.honnin)) == 1
    with django_assert_num_queries(1):
        assert len(of(world, world.honnin, world.dourei, world.kakari)) == 3
    with django_assert_num_queries(1):
        found = targets_in_position(
            municipality_id=world.city.pk, fiscal_year=2026, staff_id=world.honnin.pk, position="主任"
        )
    assert found == {POLICY: Target(3, "主担当：情報化の企画"), TALKING: Target(2, "職位：主任")}


def test_the_question_about_one_is_the_question_about_many(world):
    b.make_profile(b.make_position(world.city, "主任"), {TALKING: 2})
    b.make_profile(b.make_position(world.city, "係長"), {TALKING: 4, POLICY: 1})
    call(world.honnin, "主任")
    call(world.kakari, "係長")
    b.make_assignment(world.honnin, world.ka, [POLICY])
    b.make_assignment(world.dourei, world.ka, [ANALYSIS], role="deputy")
    people = (world.honnin, world.dourei, world.kakari, world.yoso)
    together = of(world, *people)
    for staff in people:
        alone = targets_of_person(
            municipality_id=world.city.pk, fiscal_year=2026, staff_id=staff.pk, on=TODAY
        )
        assert alone == together[staff.pk]
    unknown = targets_in_position(
        municipality_id=world.city.pk, fiscal_year=2026, staff_id=world.honnin.pk, position=""
    )
    assert unknown == {POLICY: Target(3, "主担当：情報化の企画")}
