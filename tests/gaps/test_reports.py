"""What coverage is read from: people on a day, their newest confirmed steps, needs in the tree."""

import datetime

import pytest
from django.utils import timezone

from assessments.models import Cycle, Sheet
from competency.models.matrix import HOLDER_STEP
from gaps.counting import holder_counts
from gaps.coverage import Status
from gaps.reports import snapshot
from gaps.trends import trend
from organization.models import Posting, Staff
from tests import builders as b
from tests.gaps.records import (
    ANALYSIS,
    PLANNING,
    POLICY,
    RUNNING,
    TALKING,
    confirmed,
    external,
    need,
    rule,
    waiting,
)
from tests.ties import past_the_ties

TODAY = timezone.localdate()


def read(world, department, *, on=TODAY, cycle=None, path=None, years=()):
    picture = snapshot(
        municipality_id=world.city.pk,
        cycle=cycle or world.cycle,
        on=on,
        path=department.path if path is None else path,
        years=years,
    )
    return picture, picture.coverage(department.path, department.name)


def cell_of(report, code):
    return next(cell for cell in report.cells if cell.cell.code == code)


def names(people):
    return sorted(person.name for person in people)


def test_the_section(section):
    _, report = read(section, section.ka)
    assert report.size == 6
    assert (report.confirmed, report.earlier, report.unrated) == (3, 0, 3)
    policy = cell_of(report, POLICY)
    assert (policy.needed, policy.count, policy.status) == (2, 1, Status.SINGLE)
    assert [person.short for person in policy.holders] == ["𠮷田"]
    assert [person.short for person in policy.nearest] == ["髙橋"]
    assert cell_of(report, ANALYSIS).status is Status.OK
    assert cell_of(report, PLANNING).word_note == "（未評価3人）"
    assert cell_of(report, RUNNING).status is Status.OUT
    assert cell_of(report, TALKING).status is Status.SHORT


def test_the_newest_confirmed_year_counts_and_none_is_not_zero(world, last_cycle):
    confirmed(world.honnin, last_cycle, {POLICY: 4})
    confirmed(world.dourei, last_cycle, {POLICY: 4})
    confirmed(world.dourei, world.cycle, {POLICY: 1})
    _, report = read(world, world.kakari_dept)
    assert names(cell_of(report, POLICY).holders) == [world.honnin.name]
    assert (report.confirmed, report.earlier, report.unrated) == (1, 1, 1)
    assert cell_of(report, POLICY).unrated == 1


def test_a_later_year_does_not_count_in_an_earlier_report(world, last_cycle):
    confirmed(world.honnin, world.cycle, {POLICY: 4})
    _, report = read(world, world.kakari_dept, cycle=last_cycle)
    assert cell_of(report, POLICY).count == 0


def test_only_the_final_confirmation_counts(world):
    sheet = waiting(world.honnin, world.cycle, {POLICY: 4})
    Sheet.objects.filter(pk=sheet.pk).update(state=Sheet.State.FIRST_CONFIRMED)
    _, report = read(world, world.kakari_dept)
    policy = cell_of(report, POLICY)
    assert policy.count == 0
    assert names(policy.self_only) == [world.honnin.name]


def test_self_only_is_newer_than_the_confirmed_year(world, last_cycle):
    confirmed(world.honnin, last_cycle, {POLICY: 2, ANALYSIS: 3})
    waiting(world.honnin, world.cycle, {POLICY: 3, ANALYSIS: 4})
    waiting(world.dourei, last_cycle, {POLICY: 4})
    confirmed(world.dourei, world.cycle, {POLICY: 2})
    picture, report = read(world, world.kakari_dept)
    assert names(cell_of(report, POLICY).self_only) == [world.honnin.name]
    assert cell_of(report, ANALYSIS).self_only == ()
    with_them = picture.coverage(world.kakari_dept.path, "係", include_self=True)
    assert cell_of(with_them, POLICY).count == 1


def test_what_is_sent_back_or_drafted_is_nobodys_business(world):
    sheet = waiting(world.honnin, world.cycle, {POLICY: 4})
    Sheet.objects.filter(pk=sheet.pk).update(state=Sheet.State.SENT_BACK)
    _, report = read(world, world.kakari_dept)
    assert cell_of(report, POLICY).self_only == ()


def test_on_leave_does_not_count_and_is_shown_apart(section):
    b.make_leave(section.kakari, start=TODAY)
    _, report = read(section, section.ka)
    policy = cell_of(report, POLICY)
    assert policy.count == 0
    assert names(policy.on_leave) == [section.kakari.name]
    assert names(report.leave) == [section.kakari.name]
    assert report.size == 5


def test_leave_that_ends_today_is_over(section):
    b.make_leave(section.kakari, end=TODAY)
    assert cell_of(read(section, section.ka)[1], POLICY).count == 1


def test_fiscal_year_staff_stand_apart_unless_the_department_counts_them(section):
    Staff.objects.filter(pk=section.kakari.pk).update(employment=Staff.Employment.FISCAL_YEAR)
    _, report = read(section, section.ka)
    assert cell_of(report, POLICY).count == 0
    assert names(cell_of(report, POLICY).fiscal_year) == [section.kakari.name]
    rule(section.ka, section.cycle, fiscal_year_staff=True)
    assert cell_of(read(section, section.ka)[1], POLICY).count == 1
    # The 係 follows the choice of its 課; the 部 above made none.
    assert cell_of(read(section, section.kakari_dept)[1], POLICY).count == 1
    assert cell_of(read(section, section.bu)[1], POLICY).count == 0
    picture, _ = read(section, section.ka, path="")
    assert cell_of(picture.coverage(section.ka.path, "課"), POLICY).count == 1


def test_external_cover_stands_apart_unless_the_department_counts_it(section):
    external(section.ka, section.cycle, {PLANNING: 2})
    planning = cell_of(read(section, section.ka)[1], PLANNING)
    assert (planning.count, planning.external, planning.status) == (0, 2, Status.NONE)
    rule(section.ka, section.cycle, counts_external=True)
    assert cell_of(read(section, section.ka)[1], PLANNING).status is Status.OK


def test_two_postings_count_in_both_and_once_above(world):
    confirmed(world.honnin, world.cycle, {POLICY: 3})
    b.make_posting(world.honnin, world.kiban, kind=Posting.Kind.ADDITIONAL)
    for department in (world.kakari_dept, world.kiban, world.ka, world.bu):
        assert cell_of(read(world, department)[1], POLICY).count == 1, department.name
    _, above = read(world, world.ka)
    assert [person.places for person in above.people if person.id == world.honnin.pk] == [
        ("情報政策係", "基盤係")
    ]


def test_a_transfer_moves_the_person_on_the_day_and_not_before(world):
    confirmed(world.honnin, world.cycle, {POLICY: 3})
    Posting.objects.filter(staff=world.honnin).update(end=TODAY)
    b.make_posting(world.honnin, world.kiban, start=TODAY)
    yesterday = TODAY - datetime.timedelta(days=1)
    found = {
        (department.name, day): cell_of(read(world, department, on=day)[1], POLICY).count
        for department in (world.kakari_dept, world.kiban)
        for day in (yesterday, TODAY)
    }
    assert found == {
        ("情報政策係", yesterday): 1,
        ("情報政策係", TODAY): 0,
        ("基盤係", yesterday): 0,
        ("基盤係", TODAY): 1,
    }


def test_who_left_is_gone_from_the_day(world):
    confirmed(world.honnin, world.cycle, {POLICY: 3})
    Staff.objects.filter(pk=world.honnin.pk).update(left_on=TODAY)
    assert cell_of(read(world, world.kakari_dept)[1], POLICY).count == 0
    yesterday = TODAY - datetime.timedelta(days=1)
    assert cell_of(read(world, world.kakari_dept, on=yesterday)[1], POLICY).count == 1


def test_needs_are_ones_own_else_those_below(world):
    need(world.kakari_dept, world.cycle, {POLICY: 1, TALKING: 2})
    need(world.kiban, world.cycle, {POLICY: 2})
    assert cell_of(read(world, world.ka)[1], POLICY).needed == 3
    assert cell_of(read(world, world.bu)[1], POLICY).needed == 3
    assert cell_of(read(world, world.ka)[1], ANALYSIS).status is Status.UNSET
    need(world.ka, world.cycle, {POLICY: 5})
    assert cell_of(read(world, world.bu)[1], POLICY).needed == 5
    assert cell_of(read(world, world.ka)[1], TALKING).status is Status.UNSET


def test_a_department_that_has_ended_is_left_out_of_the_sum(world):
    need(world.kakari_dept, world.cycle, {POLICY: 1})
    need(world.kiban, world.cycle, {POLICY: 2})
    world.kiban.valid_to = TODAY
    world.kiban.save(update_fields=["valid_to"])
    picture, report = read(world, world.ka)
    assert cell_of(report, POLICY).needed == 1
    assert [unit.name for unit in picture.tree] == ["デジタル推進課", "情報政策係"]


def test_cells_are_matched_by_code_across_versions(world):
    older = b.make_version(name="2011")
    before = b.make_cycle(world.city, older, fiscal_year=2025, state=Cycle.State.CLOSED)
    confirmed(world.honnin, before, {POLICY: 4})
    assert cell_of(read(world, world.kakari_dept)[1], POLICY).count == 1


def test_another_municipality_never_counts(section):
    with past_the_ties():
        b.make_posting(section.yoso, section.ka, kind=Posting.Kind.ADDITIONAL)
    confirmed(section.yoso, section.foreign_cycle, {POLICY: 4})
    assert cell_of(read(section, section.ka)[1], POLICY).count == 1
    whole, _ = read(section, section.ka, path="")
    assert {unit.name for unit in whole.units}.isdisjoint({"他部署"})


@pytest.mark.parametrize("counted", [True, False])
def test_the_database_counts_as_the_fold_does(section, last_cycle, counted):
    confirmed(section.honnin, last_cycle, {POLICY: 3, PLANNING: 4})
    waiting(section.sysadmin, section.cycle, {POLICY: 4})
    b.make_posting(section.honnin, section.kiban, kind=Posting.Kind.ADDITIONAL)
    b.make_leave(section.dourei)
    Staff.objects.filter(pk=section.kacho.pk).update(employment=Staff.Employment.FISCAL_YEAR)
    for department in (section.bu, section.ka, section.kakari_dept):
        rule(department, section.cycle, fiscal_year_staff=counted)
    for department in (section.bu, section.ka, section.kakari_dept, section.kiban):
        folded = {cell.cell.code: cell.count for cell in read(section, department)[1].cells if cell.count}
        counted_there = holder_counts(
            municipality_id=section.city.pk,
            path=department.path,
            on=TODAY,
            year=2026,
            version=section.version,
            fiscal_year_staff=counted,
        )
        assert counted_there == folded, department.name
    assert HOLDER_STEP == 3


def test_the_trend_takes_each_year_at_its_end(section, last_cycle):
    before_last = b.make_cycle(section.city, section.version, fiscal_year=2024, state=Cycle.State.CLOSED)
    confirmed(section.honnin, last_cycle, {POLICY: 3})
    need(section.ka, last_cycle, {POLICY: 1, TALKING: 0, PLANNING: 1})
    need(section.ka, before_last, {POLICY: 1})
    Posting.objects.filter(staff=section.honnin).update(end=datetime.date(2026, 4, 1))
    years = [last_cycle, before_last]
    picture, report = read(section, section.ka, years=years)
    found = trend(picture, years, report)
    assert [each.year for each in found] == [2024, 2025, 2026]
    assert found[0].counts() == {Status.NONE: 1}
    assert found[1].counts() == {Status.SINGLE: 1, Status.OUT: 1, Status.NONE: 1}
    assert found[2].counts()[Status.OK] == report.count(Status.OK)


def test_no_trend_without_needs_in_an_earlier_year(section, last_cycle):
    years = [last_cycle]
    picture, report = read(section, section.ka, years=years)
    assert trend(picture, years, report) == []


def test_four_queries_however_many_people(section, django_assert_num_queries):
    """A fifth where the cells of the version were never asked for."""
    read(section, section.ka)
    with django_assert_num_queries(4):
        read(section, section.ka)
    for number in range(40):
        staff = b.make_staff(section.city, f"職員 {number}")
        b.make_posting(staff, section.kiban)
        confirmed(staff, section.cycle, {POLICY: number % 5})
    with django_assert_num_queries(4):
        _, report = read(section, section.ka)
    assert report.size == 46
    with django_assert_num_queries(4):
        read(section, section.ka, path="")


def test_what_a_closed_year_left_unconfirmed_is_not_told(world, last_cycle):
    waiting(world.honnin, last_cycle, {POLICY: 4})
    picture, report = read(world, world.kakari_dept)
    assert cell_of(report, POLICY).self_only == ()
    with_them = picture.coverage(world.kakari_dept.path, "係", include_self=True)
    assert cell_of(with_them, POLICY).count == 0
