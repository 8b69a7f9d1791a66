"""A year is moved while people save: what was acknowledged stands in the new cells, all else is refused."""

import uuid

import pytest
from django.utils import timezone

from access.refusals import Conflict
from assessments.merge import Stored
from assessments.models import Draft, Sheet
from assessments.sheet_form import read
from assessments.workflow.confirmation import send_back
from assessments.workflow.sheets import save_drafts
from assessments.workflow.version_change import change_version, undo_version_change
from tests import builders as b
from tests.assessments.sheets import in_state
from tests.assessments.test_at_once import at_once
from tests.revised import revise, split_one

pytestmark = pytest.mark.django_db(transaction=True)


def moving(world, later):
    """Return the act of moving the year."""
    return lambda: change_version(
        cycle=world.cycle, later=later, version=world.cycle.version, key=uuid.uuid4(),
        by=b.actor_of(world.jinji), now=timezone.now(),
    )  # fmt: skip


def saving(sheet, code, step):
    """Return the act of saving one cell that was open."""
    answers = read({f"base-{code}": Stored().token, f"step-{code}": str(step)}, {code}).answers
    actor = b.actor_of(sheet.staff)
    return lambda: save_drafts(sheet=sheet, answers=answers, by=actor, now=timezone.now())


@pytest.mark.parametrize("code", ["internal-it.1", "internal-it.2"])
@pytest.mark.parametrize("turn", range(3))
def test_saved_while_the_year_moves(world, code, turn):
    later = revise(world.version, split_one, by=world.henshu, name=f"改{turn}")
    world.cycle.refresh_from_db()
    moved, saved = at_once(moving(world, later), saving(world.sheet, code, 3))
    assert not isinstance(moved, Exception), moved
    kept = Draft.objects.filter(sheet=world.sheet, cell__version=later, step=3)
    if isinstance(saved, Exception):
        assert isinstance(saved, Conflict), saved
        assert not kept.exists()
    else:
        assert kept.count() == (2 if code == "internal-it.1" else 1)


def test_sent_back_while_the_year_moves(world):
    sheet = in_state(world.sheet, "submitted")
    for cell in world.cells[:3]:
        Draft.objects.create(
            municipality=world.city, sheet=sheet, cell=cell, step=2, updated_at=timezone.now()
        )
    later = revise(world.version, split_one, by=world.henshu)
    world.cycle.refresh_from_db()

    def back():
        return send_back(
            sheet=sheet, reason="もう一度", version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.kakari),
            now=timezone.now(),
        )  # fmt: skip

    moved, sent = at_once(moving(world, later), back)
    assert not isinstance(moved, Exception), moved
    if isinstance(sent, Exception):
        # The year was first: whoever confirms looks again, and what was submitted reads as before.
        assert isinstance(sent, Conflict), sent
        sheet.refresh_from_db()
        assert sheet.version_in_use_id == world.version.pk
        back()
    sheet = Sheet.objects.select_related("cycle").get(pk=sheet.pk)
    assert sheet.version_in_use_id == later.pk
    codes = set(Draft.objects.filter(sheet=sheet, cell__version=later).values_list("cell__code", flat=True))
    assert codes == {"security-policy.1", "internal-it.flow", "internal-it.data", "internal-it.2"}


def test_two_at_once_move_it_once_and_take_it_back_once(world):
    later = revise(world.version, split_one, by=world.henshu)
    world.cycle.refresh_from_db()
    results = at_once(moving(world, later), moving(world, later))
    assert sorted(isinstance(one, Conflict) for one in results) == [False, True]
    change = next(one for one in results if not isinstance(one, Exception))
    world.cycle.refresh_from_db()
    back = lambda: undo_version_change(  # noqa: E731
        change=change, version=world.cycle.version, by=b.actor_of(world.jinji), now=timezone.now()
    )
    results = at_once(back, back)
    assert sorted(isinstance(one, Conflict) for one in results) == [False, True]
