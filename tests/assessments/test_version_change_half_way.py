"""A writer who has taken the sheet meets a move half way: PostgreSQL alone, for SQLite lets one writer at a time."""

import threading
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from access.refusals import Conflict
from assessments.models import Draft, Sheet
from assessments.workflow import sheets, version_change
from assessments.workflow.sheets import stored_drafts
from tests.assessments.forms import all_steps, posted
from tests.assessments.test_at_once import at_once, saving, submitting
from tests.assessments.test_version_change import move
from tests.revised import revise, split_one
from tests.verifying import told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meet(monkeypatch):
    """Let the writer, who has taken the sheet, wait until the move has carried the drafts (or 3 seconds)."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer at a time")
    taken, carried = threading.Event(), threading.Event()

    def waiting(name):
        real = getattr(sheets, name)

        def slow(*args, **kwargs):
            found = real(*args, **kwargs)
            taken.set()
            carried.wait(3)
            return found

        monkeypatch.setattr(sheets, name, slow)

    real_carry = version_change.carry_drafts

    def carry(*args, **kwargs):
        real_carry(*args, **kwargs)
        carried.set()

    monkeypatch.setattr(version_change, "carry_drafts", carry)
    return waiting, taken


def test_what_is_saved_during_the_move_is_there_after_it(world, meet):
    waiting, taken = meet
    later = revise(world.version, split_one, by=world.henshu)
    code = world.cells[2].code
    act = saving(world.sheet, posted(world.sheet, c2=1))
    waiting("_rows")

    def moving():
        taken.wait(5)
        return move(world, later)

    kept, _ = at_once(act, moving)
    assert not isinstance(kept, Exception) or isinstance(kept, Conflict), kept
    sheet = Sheet.objects.select_related("cycle__framework_version").get(pk=world.sheet.pk)
    assert sheet.cycle.framework_version_id == later.pk
    if not isinstance(kept, Conflict):
        found = stored_drafts(sheet)
        assert code in found, list(Draft.objects.values_list("cell__version__name", "cell__code", "step"))


def test_what_is_submitted_during_the_move_keeps_its_version(world, meet):
    waiting, taken = meet
    saving(world.sheet, posted(world.sheet, **all_steps(world.sheet, 2)))()
    sheet = Sheet.objects.select_related("cycle", "staff").get(pk=world.sheet.pk)
    later = revise(world.version, split_one, by=world.henshu)
    waiting("_answers")

    def moving():
        taken.wait(5)
        return move(world, later)

    done, moved = at_once(submitting(sheet, uuid.uuid4()), moving)
    assert not isinstance(moved, Exception), moved
    assert not isinstance(done, Exception) or isinstance(done, Conflict), done
    assert told("years.", "framework.", "sheets.", "rows.") == []
    assert timezone.now()
