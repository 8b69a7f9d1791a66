"""Two at the same moment, in threads with a connection each: one revision, no lost text, no error."""

import threading
import time
import uuid

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from access.refusals import Conflict
from assessments.models import Draft, Leftover, Revision, Sheet, Training
from assessments.sheet_form import read
from assessments.workflow.closing import NotDecided, close_cycle, decide, decide_rest
from assessments.workflow.proxies import open_proxy
from assessments.workflow.sheets import save_drafts, stored_drafts, submit
from assessments.workflow.training import apply_for
from audit.models import Receipt
from tests import builders as b
from tests.assessments.forms import all_steps, posted

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run the acts in threads that start together; return what each returned or raised.

    SQLite in memory, as tests have it, refuses a second writer instead of letting it wait: it tries again.
    """
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index, act):
        barrier.wait()
        try:
            while True:
                try:
                    results[index] = act()
                    return
                except OperationalError as error:
                    if connection.vendor != "sqlite" or "locked" not in str(error):
                        raise
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def saving(sheet, fields):
    codes = set(sheet.cycle.framework_version.cells.values_list("code", flat=True))
    actor = b.actor_of(sheet.staff)
    answers = read(fields, codes).answers
    return lambda: save_drafts(sheet=sheet, answers=answers, by=actor, now=timezone.now())


def submitting(sheet, key):
    actor = b.actor_of(sheet.staff)
    return lambda: submit(sheet=sheet, version=sheet.version, key=key, by=actor, now=timezone.now())


def filled(world):
    saving(world.sheet, posted(world.sheet, **all_steps(world.sheet, 2)))()
    return Sheet.objects.select_related("cycle", "staff").get(pk=world.sheet.pk)


def test_the_same_click_twice(world):
    sheet, key = filled(world), uuid.uuid4()
    first, second = at_once(submitting(sheet, key), submitting(sheet, key))
    assert first.current_revision_id == second.current_revision_id
    assert Revision.objects.count() == Receipt.objects.count() == 1


def test_two_clicks_in_two_tabs(world):
    sheet = filled(world)
    results = at_once(submitting(sheet, uuid.uuid4()), submitting(sheet, uuid.uuid4()))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Sheet"]
    assert Revision.objects.count() == 1


def test_two_tabs_start_the_same_sheet(world):
    left, right = posted(world.sheet, c0=1, c1=1), posted(world.sheet, c1=2, c2=2)
    results = at_once(saving(world.sheet, left), saving(world.sheet, right))
    conflicts = [result.conflicts for result in results]
    code = world.cells[1].code
    assert sorted(map(len, conflicts)) == [0, 1]
    assert frozenset().union(*conflicts) == {code}
    steps = {cell: stored.value.step for cell, stored in stored_drafts(world.sheet).items()}
    assert steps[world.cells[0].code] == 1
    assert steps[world.cells[2].code] == 2
    assert steps[code] == (1 if conflicts[0] == frozenset() else 2)
    assert Draft.objects.count() == 3


def test_saving_while_submitting(world):
    sheet = filled(world)
    submission, kept = at_once(submitting(sheet, uuid.uuid4()), saving(sheet, posted(sheet, c0=1)))
    # Whoever was first, the other one says so: nothing is submitted unseen, nothing saved after it.
    assert isinstance(submission, Conflict) != isinstance(kept, Conflict)
    assert Revision.objects.count() == (0 if isinstance(submission, Conflict) else 1)


def somebody_waits(seconds):
    """Wait until a statement waits for a lock in this database; returns whether one did."""
    end = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            # Within a transaction the server would show what it showed first.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return True
            time.sleep(0.02)
    return False


def one_waits_for(first, second):
    """Let the second act wait for the row that the first one holds until it is done; return what each came to."""
    results, held = [None, None], threading.Event()

    def hold():
        try:
            with transaction.atomic():
                results[0] = first()
                held.set()
                assert somebody_waits(seconds=20)
        finally:
            held.set()
            connection.close()

    def wait():
        held.wait()
        try:
            results[1] = second()
        except Conflict as refusal:
            results[1] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=hold), threading.Thread(target=wait)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def of_hr(world, act, **given):
    return lambda: act(by=b.actor_of(world.jinji), now=timezone.now(), **given)


waits = pytest.mark.skipif(connection.vendor == "sqlite", reason="in memory a second writer is refused")


@waits
def test_a_first_word_that_waited_for_the_beginning_of_a_proxy_ends_it(world):
    """Else 人事 would have the form open, and read what the person writes."""
    opening = of_hr(world, open_proxy, sheet=world.sheet, ground="no_pc", key=uuid.uuid4())
    proxy, kept = one_waits_for(opening, saving(world.sheet, posted(world.sheet, c0=1)))
    assert kept.changed == 1
    proxy.refresh_from_db()
    assert proxy.closed_at is not None


@waits
def test_who_fills_in_for_somebody_and_waited_for_their_first_word_is_refused(world):
    of_hr(world, open_proxy, sheet=world.sheet, ground="no_pc", key=uuid.uuid4())()
    codes = {cell.code for cell in world.cells}
    answers = read(posted(world.sheet, c1=(2, "人事の文")), codes).answers
    behalf = of_hr(world, save_drafts, sheet=world.sheet, answers=answers)
    _, refusal = one_waits_for(saving(world.sheet, posted(world.sheet, c0=1)), behalf)
    assert isinstance(refusal, Conflict)
    assert set(stored_drafts(world.sheet)) == {world.cells[0].code}


def ending(world):
    """Return what ends the year, with everything decided."""
    of_hr(world, decide_rest, cycle=world.cycle, today=timezone.localdate())()
    return of_hr(world, close_cycle, cycle=world.cycle, version=world.cycle.version, accepted=1)


@waits
def test_a_submission_that_waited_for_the_end_of_the_year_is_refused(world):
    sheet = filled(world)
    _, refusal = one_waits_for(ending(world), submitting(sheet, uuid.uuid4()))
    assert isinstance(refusal, Conflict)
    assert not Revision.objects.exists()


@waits
def test_the_end_of_a_year_waits_for_a_submission_and_asks_about_it_anew(world):
    sheet = filled(world)
    submission, refusal = one_waits_for(submitting(sheet, uuid.uuid4()), ending(world))
    assert submission.state == Sheet.State.SUBMITTED
    assert isinstance(refusal, NotDecided)
    world.cycle.refresh_from_db()
    assert world.cycle.is_open


@waits
def test_a_decision_that_waited_for_the_end_of_the_year_is_refused(world):
    deciding = of_hr(world, decide, cycle=world.cycle, decisions={world.sheet.uuid: "absent"})
    _, refusal = one_waits_for(ending(world), deciding)
    assert isinstance(refusal, Conflict)
    assert Leftover.objects.get().decision == Leftover.Decision.NOT_SUBMITTED


def test_two_tabs_apply_for_a_course_and_one_application_stands(world):
    course = b.make_course(world.city)
    actor = b.actor_of(world.honnin)

    def applying():
        return apply_for(course=course, by=actor, now=timezone.now(), key=uuid.uuid4())

    first, second = at_once(applying, applying)
    assert first.pk == second.pk
    assert Training.objects.count() == 1
