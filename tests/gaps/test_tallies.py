"""Tallies: what makes them stale, who counts again, and that they say what reading everybody says (docs/adr/0073)."""

import datetime
import uuid

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Confirmation, Sheet
from assessments.workflow.confirmation import confirm_final
from assessments.workflow.correction import Correction, correct
from gaps import reports, tally_reads
from gaps.management.commands import count_tallies
from gaps.models import CellTally, CountingRule, Tally, TallyChange
from gaps.workflow import tallies
from gaps.workflow.tallies import count_changed, forget_after_migrate
from lib.paths import LEVEL_DIGITS
from organization.models import Department, Posting, Staff
from organization.roster import Line
from organization.workflow import add_line, edit_staff
from organization.workflow.departments import rebuild_paths
from tests import builders as b
from tests.assessments.sheets import confirmations
from tests.gaps.records import ANALYSIS, POLICY, confirmed, waiting
from tests.gaps.tallied import assert_same, count, figures, holding, noted
from tests.verifying import told

TODAY = timezone.localdate()
TOMORROW = TODAY + datetime.timedelta(1)


@pytest.fixture
def city(section):
    """The section counted; somebody of another 課 helps out in it."""
    helper = b.make_staff(section.city, "応援 次郎")
    b.make_posting(helper, section.jinjika)
    b.make_posting(helper, section.kakari_dept, kind=Posting.Kind.ADDITIONAL)
    confirmed(helper, section.cycle, {POLICY: 4})
    section.helper = helper
    count(section.city)
    return section


def test_they_are_read(city):
    """The same figures with fewer people read: those in no tally that holds, and whoever is posted twice."""
    whole = reports.snapshot(municipality_id=city.city.pk, cycle=city.cycle, on=TODAY, holders_only=True)
    assert whole.tallied is not None
    assert set(whole.members[city.kakari_dept.path]) == {city.helper.pk}
    assert not whole.members[""]
    assert_same(city.city, city.cycle, TODAY)


def test_the_database_adds_up_what_is_asked_for_the_highest_alone(city):
    asked = {"municipality_id": city.city.pk, "cycle": city.cycle, "on": TODAY, "holders_only": True}
    picture = reports.snapshot(**asked, levels=1)
    assert {len(place) for place, *_ in picture.tallied.holders} == {LEVEL_DIGITS}
    assert picture.coverage(city.bu.path, "", named=False).size
    with pytest.raises(ValueError):
        picture.coverage(city.ka.path, "", named=False)


@pytest.mark.parametrize("named", [500, 0])
def test_what_does_not_hold_is_in_no_sum_of_the_database(city, monkeypatch, named):
    """Its people are read one by one, whether the statement names it or every department is read for itself."""
    monkeypatch.setattr(tally_reads, "_NAMED", named)
    newcomer = b.make_staff(city.city, "新任 花子")
    b.make_posting(newcomer, city.kakari_dept)
    confirmed(newcomer, city.cycle, {POLICY: 4})
    picture = reports.snapshot(
        municipality_id=city.city.pk, cycle=city.cycle, on=TODAY, holders_only=True, levels=1
    )
    assert city.kakari_dept.pk in picture.tallied.others
    assert (picture.tallied.longest is None) is (named == 0)
    assert_same(city.city, city.cycle, TODAY)


def test_a_planted_fault_shows(city):
    CellTally.objects.filter(cell__code=POLICY, tally__department=city.kakari_dept).update(step3=7)
    assert figures(city.city, city.cycle, TODAY) != one_by_one(city)


def waits(place):
    """Return how many changes wait to be counted."""
    return TallyChange.objects.filter(municipality=place.city).count()


def one_by_one(city):
    return figures(city.city, city.cycle, TODAY, tallies=False)


def test_who_is_posted_twice_counts_once_above_both(city):
    b.make_posting(city.kakari, city.ka, kind=Posting.Kind.ADDITIONAL)
    count(city.city)
    assert_same(city.city, city.cycle, TODAY)


def test_who_counts_is_the_departments_word(city):
    part_time = b.make_staff(city.city, "伊藤 裕子", employment="fiscal_year")
    b.make_posting(part_time, city.kakari_dept)
    confirmed(part_time, city.cycle, {ANALYSIS: 4})
    count(city.city)
    assert_same(city.city, city.cycle, TODAY)
    CountingRule.objects.create(
        municipality=city.city, department=city.ka, cycle=city.cycle, count_fiscal_year_staff=True,
        updated_at=timezone.now(),
    )  # fmt: skip
    assert_same(city.city, city.cycle, TODAY)


def test_the_database_notes_whatever_changes_a_count(city):
    """By update() and by hand as well: whoever forgets to say so makes a report slower, and never wrong."""
    assert noted(city.city) == []
    main = Posting.objects.get(staff=city.honnin, kind="main")
    here, there = main.department.name, city.jinjika.name
    steps = [
        (lambda: Posting.objects.filter(pk=main.pk).update(department=city.jinjika), [here, there]),
        (lambda: Posting.objects.filter(pk=main.pk).update(end=TOMORROW), [there]),
        (lambda: Posting.objects.filter(pk=main.pk).delete(), [there]),
        (lambda: b.make_posting(city.honnin, city.kakari_dept), [here]),
        (lambda: b.make_posting(city.honnin, city.jinjika, kind=Posting.Kind.ADDITIONAL), []),
        (lambda: b.make_leave(city.honnin, start=TOMORROW), [here]),
        (lambda: city.honnin.leaves.update(end=TOMORROW + datetime.timedelta(1)), [here]),
        (lambda: city.honnin.leaves.all().delete(), [here]),
        (lambda: Staff.objects.filter(pk=city.honnin.pk).update(last_login=timezone.now()), []),
        (lambda: Staff.objects.filter(pk=city.honnin.pk).update(employment="reappointed"), [here]),
        (lambda: Staff.objects.filter(pk=city.honnin.pk).update(left_on=TOMORROW), [here]),
        (lambda: Staff.objects.filter(pk=city.honnin.pk).update(left_on=None), [here]),
        (lambda: waiting(city.honnin, city.cycle, {POLICY: 3}), []),
    ]
    for step, wanted in steps:
        step()
        assert noted(city.city) == sorted(wanted)
    sheet = Sheet.objects.get(staff=city.honnin, cycle=city.cycle)
    confirmations(sheet, city.kacho)
    assert noted(city.city) == []
    Sheet.objects.filter(pk=sheet.pk).update(state="confirmed", confirmed_at=timezone.now())
    assert noted(city.city) == [here]
    Sheet.objects.filter(pk=sheet.pk).update(updated_at=timezone.now())
    assert noted(city.city) == []


def test_what_was_noted_is_read_one_by_one_until_it_is_counted(city):
    Posting.objects.filter(staff=city.kakari, kind="main").update(department=city.jinjika)
    assert city.kakari_dept.name not in holding(city.cycle, TODAY)
    assert_same(city.city, city.cycle, TODAY)
    assert count(city.city) == 2
    assert city.kakari_dept.name in holding(city.cycle, TODAY)
    assert_same(city.city, city.cycle, TODAY)


def test_a_coming_day_makes_it_stale(city):
    Posting.objects.filter(staff=city.kakari, kind="main").update(end=TOMORROW)
    b.make_posting(city.kakari, city.jinjika, start=TOMORROW)
    count(city.city)
    name = city.kakari_dept.name
    assert name in holding(city.cycle, TODAY)
    assert name not in holding(city.cycle, TOMORROW)
    for day in (TODAY, TOMORROW):
        assert_same(city.city, city.cycle, day)
    count(city.city, TOMORROW)
    # A day before the one on which it was counted is no more its day.
    assert holding(city.cycle, TODAY) != holding(city.cycle, TOMORROW)
    for day in (TODAY, TOMORROW):
        assert_same(city.city, city.cycle, day)


def test_a_reorganisation_moves_them_along(city):
    Department.objects.filter(pk=city.kakari_dept.pk).update(parent=city.jinjika)
    rebuild_paths(city.city.pk)
    assert len(holding(city.cycle, TODAY)) == Tally.objects.count()
    assert_same(city.city, city.cycle, TODAY)


def _answers_of(sheet):
    return {"sheet": sheet, "version": sheet.version, "key": uuid.uuid4(), "now": timezone.now()}


def test_confirming_and_correcting_count_in_their_transaction(city):
    sheet = waiting(city.honnin, city.cycle, {POLICY: 4, ANALYSIS: 3})
    Sheet.objects.filter(pk=sheet.pk).update(state="first_confirmed")
    sheet.refresh_from_db()
    confirmations(sheet, city.kacho)
    confirm_final(by=b.actor_of(city.kacho), **_answers_of(sheet))
    assert waits(city) == 0
    assert_same(city.city, city.cycle, TODAY)
    sheet.refresh_from_db()
    cell = Confirmation.objects.filter(
        revision=sheet.current_revision, level="final", cell__code=POLICY
    ).get()
    change = [Correction(cell_id=cell.cell_id, own_step=1, step=1)]
    correct(reason="入力の誤り", corrections=change, by=b.actor_of(city.jinji), **_answers_of(sheet))
    assert waits(city) == 0
    assert len(holding(city.cycle, TODAY)) == Tally.objects.count()
    assert_same(city.city, city.cycle, TODAY)


def test_people_moved_by_hand_count_in_their_transaction(city):
    staff = Staff.objects.get(pk=city.kakari.pk)
    line = Line(line=1, number=staff.staff_number, department=city.jinjika.code, kind="main", start=TODAY)
    add_line(by=b.actor_of(city.jinji), staff=staff, line=line, version=staff.version, now=timezone.now())
    assert waits(city) == 0
    assert_same(city.city, city.cycle, TODAY)
    staff = Staff.objects.get(pk=city.kacho.pk)
    values = {"staff_number": staff.staff_number, "employment": "fiscal_year"}
    values |= {"name": staff.name, "kana": staff.kana, "former_name": "", "email": ""}
    edit_staff(
        by=b.actor_of(city.jinji), staff=staff, values=values, version=staff.version, now=timezone.now()
    )
    assert waits(city) == 0
    assert len(holding(city.cycle, TODAY)) == Tally.objects.count()
    assert_same(city.city, city.cycle, TODAY)


def test_a_small_municipality_keeps_none_and_pays_one_query(section):
    assert tallies.count_all(municipality=section.city, on=TODAY) == 0
    assert waits(section) == 0
    Staff.objects.filter(pk=section.honnin.pk).update(employment="reappointed")
    with CaptureQueriesContext(connection) as asked:
        assert count_changed(municipality_id=section.city.pk, on=TODAY) == 0
    assert len(asked) == 1
    assert not Tally.objects.exists()
    # It waits for the hourly count, and for nobody who has none.
    assert tallies.count_all(municipality=section.city, on=TODAY) == 0
    assert waits(section) == 0


def test_one_that_became_too_small_loses_them(city):
    assert Tally.objects.exists()
    assert tallies.count_all(municipality=city.city, on=TODAY) == 0
    assert not CellTally.objects.exists()


def test_a_new_year_has_its_own(city):
    b.make_cycle(city.city, city.version, fiscal_year=2027)
    later = count(city.city)
    assert later == Tally.objects.count()
    assert set(Tally.objects.values_list("cycle__fiscal_year", flat=True)) == {2027}


def test_counting_twice_changes_nothing(city):
    before = list(CellTally.objects.order_by("pk").values())
    assert count(city.city) == 0
    assert list(CellTally.objects.order_by("pk").values()) == before


def test_a_migration_drops_them(city):
    """Its triggers were away, and nothing noted what it changed."""
    forget_after_migrate(using="default", plan=[])
    assert Tally.objects.exists()
    forget_after_migrate(using="default", plan=[("a migration", False)])
    assert not Tally.objects.exists()


@pytest.mark.parametrize("page", ["overview", "departments", "all_measures"])
def test_pages_keep_their_number_of_queries(city, client, page, django_assert_max_num_queries):
    client.force_login(city.jinji, backend="organization.backends.StaffBackend")
    address = reverse(f"gaps:{page}")
    client.get(address)
    with django_assert_max_num_queries(15):
        answer = client.get(address)
    assert answer.status_code == 200


def test_queries_do_not_grow(city):
    with CaptureQueriesContext(connection) as asked:
        reports.snapshot(municipality_id=city.city.pk, cycle=city.cycle, on=TODAY, holders_only=True)
    assert len(asked) == 4


def test_the_command_counts_every_large_municipality(city, monkeypatch, capsys):
    monkeypatch.setattr(count_tallies, "TALLIED_FROM", 5)
    CellTally.objects.update(step3=7)
    call_command("count_tallies")
    assert "控え" in "".join(told("reports."))
    call_command("count_tallies", "--anew")
    assert told("reports.") == []
    counted = Tally.objects.filter(municipality=city.city).count()
    assert counted > 2
    assert f"集計の控えを数え直した所属 {counted}件。" in capsys.readouterr().out
    # The other municipality has one person.
    assert set(Tally.objects.values_list("municipality", flat=True)) == {city.city.pk}


def test_verify_holds_them_against_the_recount(city):
    assert told("reports.") == []
    CellTally.objects.filter(cell__code=POLICY, tally__department=city.kakari_dept).update(step3=7)
    found = told("reports.")
    assert found
    assert all("控え" in sentence for sentence in found)


def test_what_was_noted_of_a_place_that_nobody_is_left_in_goes_as_well(city):
    """By hand, so that no transaction counted it: the hourly count would else leave the note for ever."""
    Posting.objects.filter(department=city.jinjika, kind="main").update(end=TODAY)
    assert waits(city) > 0
    count(city.city)
    assert waits(city) == 0
    assert Tally.objects.get(department=city.jinjika).people == 0
    assert_same(city.city, city.cycle, TODAY)
