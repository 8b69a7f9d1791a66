"""Two at the same moment, in threads with a connection each: one revision, no lost text, no error."""

import threading
import uuid

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from access.refusals import Conflict
from assessments.models import Draft, Revision, Sheet, Training
from assessments.sheet_form import read
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


def test_two_tabs_apply_for_a_course_and_one_application_stands(world):
    course = b.make_course(world.city)
    actor = b.actor_of(world.honnin)

    def applying():
        return apply_for(course=course, by=actor, now=timezone.now(), key=uuid.uuid4())

    first, second = at_once(applying, applying)
    assert first.pk == second.pk
    assert Training.objects.count() == 1
