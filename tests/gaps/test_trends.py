"""Earlier years of a department, followed through reorganisations."""

import datetime

import pytest
from django.utils import timezone

from gaps.coverage import Status
from gaps.reports import snapshot
from gaps.trends import trend
from organization.models import Department, Posting
from tests import builders as b
from tests.gaps.records import ANALYSIS, POLICY, confirmed, external, need, rule

TODAY = timezone.localdate()
LAST_DAY = datetime.date(2026, 3, 31)


@pytest.fixture
def joined(world, last_cycle):
    """旧情報課 and 旧統計課 became デジタル推進課 this April: with a 係 of which one went to 人事課.

    Last year 小林さん stood in 旧情報課 (policy), 山﨑さん in 旧統計課 (analysis), 森さん in the 係 that went away.
    """
    april = datetime.date(2026, 4, 1)
    world.old = b.make_department(world.city, "旧情報課", parent=world.bu)
    world.statistics = b.make_department(world.city, "旧統計課", parent=world.bu)
    world.moved = b.make_department(world.city, "給与係", parent=world.old)
    for old, new in ((world.old, world.ka), (world.statistics, world.ka), (world.moved, world.jinjika)):
        Department.objects.filter(pk=old.pk).update(valid_to=april, successor=new)
    Department.objects.filter(pk__in=[world.ka.pk, world.kakari_dept.pk, world.kiban.pk]).update(
        valid_from=april
    )
    for person, old in (
        (world.dourei, world.old),
        (world.honnin, world.statistics),
        (world.betsuka, world.moved),
    ):
        Posting.objects.filter(staff=person).update(start=april)
        b.make_posting(person, old, end=april)
    confirmed(world.dourei, last_cycle, {POLICY: 3})
    confirmed(world.honnin, last_cycle, {ANALYSIS: 3, POLICY: 3})
    confirmed(world.betsuka, last_cycle, {POLICY: 4})
    need(world.old, last_cycle, {POLICY: 1})
    need(world.statistics, last_cycle, {POLICY: 1, ANALYSIS: 2})
    need(world.moved, last_cycle, {POLICY: 1})
    need(world.ka, world.cycle, {POLICY: 2, ANALYSIS: 1})
    return world


def years_of(world, department, last_cycle):
    picture = snapshot(
        municipality_id=world.city.pk, cycle=world.cycle, on=TODAY, path=department.path, years=[last_cycle]
    )
    return trend(picture, [last_cycle], picture.coverage(department.path, department.name))


def test_the_years_before_a_reorganisation_count_those_who_were_joined(joined, last_cycle):
    before, now = years_of(joined, joined.ka, last_cycle)
    assert before.joined
    assert before.cells[POLICY].holders == 2
    assert before.cells[POLICY].needed == 2
    assert before.cells[POLICY].status is Status.OK
    assert before.cells[ANALYSIS].status is Status.SINGLE
    assert not now.joined
    assert now.cells[POLICY].needed == 2


def test_a_part_that_went_elsewhere_is_counted_there(joined, last_cycle):
    before, _ = years_of(joined, joined.jinjika, last_cycle)
    assert (before.cells[POLICY].needed, before.cells[POLICY].holders) == (1, 1)


def test_what_lay_in_both_places_anyway_is_counted_once(joined, last_cycle):
    before, _ = years_of(joined, joined.bu, last_cycle)
    # 旧情報課 and 旧統計課 stand below the 部; the 係 went to another 部.
    assert (before.cells[POLICY].needed, before.cells[POLICY].holders) == (2, 2)


def test_the_rule_and_the_contractors_of_a_predecessor_hold_for_its_year(joined, last_cycle):
    rule(joined.old, last_cycle, counts_external=True)
    external(joined.old, last_cycle, {POLICY: 3})
    before, _ = years_of(joined, joined.ka, last_cycle)
    assert before.cells[POLICY].holders == 5


def test_one_query_for_all_years(joined, last_cycle, django_assert_num_queries):
    picture = snapshot(
        municipality_id=joined.city.pk, cycle=joined.cycle, on=TODAY, path=joined.ka.path, years=[last_cycle]
    )
    report = picture.coverage(joined.ka.path, "課")
    with django_assert_num_queries(1):
        trend(picture, [last_cycle], report)


def test_states_of_some_cells_alone(joined, last_cycle):
    before, _ = years_of(joined, joined.ka, last_cycle)
    assert before.counts([ANALYSIS]) == {Status.SINGLE: 1}
    assert before.counts(["no.such"]) == {}
