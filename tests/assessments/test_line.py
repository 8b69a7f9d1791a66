"""The line from dated postings, and what waits for whom."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.actor import Role
from assessments.line import act_for, line_of, nobody_confirms, waiting_for
from assessments.line_rule import Line
from assessments.models import Cycle, Revision, Sheet
from organization.models import Posting
from organization.models.position import LineRole
from tests import builders as b

TODAY = datetime.date(2026, 11, 2)


def submitted(sheet, state=Sheet.State.SUBMITTED):
    """Bring a sheet to a waiting state with an empty revision: the line asks for nothing else."""
    revision = Revision.objects.create(
        municipality=sheet.municipality,
        sheet=sheet,
        number=1,
        submitted_at=timezone.now(),
        submitted_by=sheet.staff,
    )
    Sheet.objects.filter(pk=sheet.pk).update(
        state=state, current_revision=revision, submitted_at=timezone.now()
    )
    sheet.refresh_from_db()
    return sheet


def waiting_names(staff, day=TODAY):
    waiting = waiting_for(b.actor_of(staff, day))
    return {(sheet.staff.username, waiting.acts[sheet.pk]) for sheet in waiting.sheets()}


def test_the_line_of_a_member(world):
    assert line_of(world.honnin.pk, TODAY) == Line((world.kakari.pk,), (world.kacho.pk,), False)


def test_an_acting_head_confirms_until_the_last_day(world):
    b.make_leave(world.kacho, start=datetime.date(2026, 11, 1))
    b.make_posting(
        world.bucho,
        world.ka,
        kind=Posting.Kind.ACTING,
        line_role=LineRole.HEAD,
        start=datetime.date(2026, 11, 1),
        end=datetime.date(2026, 12, 1),
    )
    assert line_of(world.honnin.pk, datetime.date(2026, 11, 30)).final == (world.bucho.pk,)
    assert line_of(world.honnin.pk, datetime.date(2026, 10, 31)).final == (world.kacho.pk,)
    # The acting post is over and the head still away: the next one up.
    assert line_of(world.honnin.pk, datetime.date(2026, 12, 1)).final == (world.bucho.pk,)


@pytest.mark.parametrize("gone", ["left", "disabled", "leave"])
def test_who_is_not_there_confirms_nothing(world, gone):
    if gone == "leave":
        b.make_leave(world.kakari)
    else:
        world.kakari.left_on = TODAY if gone == "left" else None
        world.kakari.is_active = gone != "disabled"
        world.kakari.save(update_fields=["left_on", "is_active"])
    assert line_of(world.honnin.pk, TODAY).first == ()


def test_a_submission_waits_for_the_section_chief_then_for_the_head(world):
    submitted(world.sheet)
    assert waiting_names(world.kakari) == {("honnin", "first")}
    assert waiting_names(world.kacho) == set()
    Sheet.objects.filter(pk=world.sheet.pk).update(state=Sheet.State.FIRST_CONFIRMED)
    assert waiting_names(world.kakari) == set()
    assert waiting_names(world.kacho) == {("honnin", "final")}
    assert waiting_names(world.bucho) == set()
    assert waiting_names(world.jinji) == set()


def test_without_a_section_chief_it_waits_for_the_head_at_once(world):
    submitted(world.sheet)
    Posting.objects.filter(staff=world.kakari).update(end=TODAY)
    assert waiting_names(world.kacho) == {("honnin", "final")}


def test_what_has_no_head_waits_for_hr_but_never_their_own(world):
    for staff, department in [
        (world.bucho, world.bu),
        (world.betsuka, world.jinjika),
        (world.jinji, world.jinjika),
    ]:
        submitted(b.make_sheet(staff, world.cycle, department))
    submitted(world.sheet)
    assert waiting_names(world.jinji) == {("bucho", "final"), ("betsuka", "final")}


def test_hr_finds_the_same_in_a_municipality_too_large_to_narrow(world, monkeypatch):
    submitted(b.make_sheet(world.bucho, world.cycle, world.bu))
    monkeypatch.setattr("assessments.line_reads.MANY", 0)
    assert waiting_names(world.jinji) == {("bucho", "final")}


def test_somebody_without_a_posting_waits_for_hr(world):
    submitted(world.sheet)
    Posting.objects.filter(staff=world.honnin).update(end=TODAY)
    assert line_of(world.honnin.pk, TODAY) == Line((), (), True)
    assert waiting_names(world.kakari) == set()
    assert waiting_names(world.jinji) == {("honnin", "final")}


def test_a_transfer_moves_what_waits_at_midnight(world):
    submitted(world.sheet)
    Posting.objects.filter(staff=world.honnin).update(end=TODAY)
    b.make_posting(world.honnin, world.jinjika, start=TODAY)
    head = b.make_staff(world.city, "新課長")
    b.make_posting(head, world.jinjika, line_role=LineRole.HEAD)
    before = TODAY - datetime.timedelta(days=1)
    assert waiting_names(world.kakari, before) == {("honnin", "first")}
    assert waiting_names(head, before) == set()
    assert waiting_names(world.kakari) == set()
    assert waiting_names(head) == {("honnin", "final")}


@pytest.mark.parametrize("state", [s for s in Sheet.State if s not in Sheet.WAITING])
def test_other_states_ask_nobody(world, state):
    actor = b.actor_of(world.kacho, TODAY)
    assert act_for(actor, world.honnin.pk, state, Line((), (world.kacho.pk,), False)) is None


def test_a_closed_year_asks_nobody(world):
    submitted(world.sheet)
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=timezone.now())
    assert waiting_names(world.kakari) == set()


def test_another_municipality_is_never_asked(world):
    submitted(world.foreign_sheet)
    assert waiting_names(world.jinji) == set()


@pytest.mark.parametrize("who", ["kakari", "kacho", "jinji"])
@pytest.mark.parametrize("people", [1, 12])
def test_what_waits_costs_two_queries_at_any_size(world, django_assert_num_queries, who, people):
    for number in range(people):
        staff = b.make_staff(world.city, f"職員 {number}")
        b.make_posting(staff, world.kakari_dept)
        submitted(b.make_sheet(staff, world.cycle, world.kakari_dept))
    actor = b.actor_of(getattr(world, who), TODAY)
    with django_assert_num_queries(2):
        count = waiting_for(actor).count()
    assert count == (people if who == "kakari" else 0)


def test_a_member_costs_no_query(world, django_assert_num_queries):
    actor = b.actor_of(world.honnin, TODAY)
    with django_assert_num_queries(0):
        assert waiting_for(actor).count() == 0


def test_nobody_confirms_only_where_there_is_nobody_at_all(world):
    assert not nobody_confirms(world.honnin, TODAY)
    assert not nobody_confirms(world.bucho, TODAY)
    assert nobody_confirms(world.jinji, TODAY)
    second = b.make_staff(world.city, "人事 二郎")
    b.make_grant(second, Role.HR)
    assert not nobody_confirms(world.jinji, TODAY)
    second.left_on = TODAY
    second.save(update_fields=["left_on"])
    assert nobody_confirms(world.jinji, TODAY)


def test_the_question_of_the_menu_does_not_grow_with_the_departments(world):
    """It named the 本務 once for each end of the range of each 部: a minute a page in a city of two hundred of them."""
    jinji = b.actor_of(world.jinji)

    def asked():
        with CaptureQueriesContext(connection) as sent:
            waiting_for(jinji)
        return sent.captured_queries[-1]["sql"].count("organization_posting")

    before = asked()
    for number in range(20):
        place = b.make_department(world.city, f"部{number}")
        b.make_posting(b.make_staff(world.city, f"部長 {number}"), place, line_role="head")
    assert asked() == before
