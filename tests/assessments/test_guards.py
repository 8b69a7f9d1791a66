"""What is submitted or confirmed cannot be changed by any code path, on either engine."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assessments.models import Confirmation, Rating, Revision, Sheet, Target
from tests import builders as b
from tests.assessments.sheets import in_state

State = Sheet.State
NOW = timezone.now()

RAW = [
    "UPDATE assessments_revision SET reason = 'x'",
    "DELETE FROM assessments_revision",
    "UPDATE assessments_rating SET step = 0",
    "DELETE FROM assessments_rating",
    "UPDATE assessments_confirmation SET step = 0",
    "UPDATE assessments_confirmation SET comment = 'x'",
    "DELETE FROM assessments_confirmation",
    "UPDATE assessments_target SET step = 1",
    "UPDATE assessments_target SET reason = 'x'",
    "DELETE FROM assessments_target",
    "INSERT INTO assessments_target (municipality_id, sheet_id, cell_id, step, reason)"
    " SELECT municipality_id, sheet_id, cell_id + 1, step, reason FROM assessments_target",
    "UPDATE assessments_sheet SET state = 'submitted', confirmed_at = NULL WHERE state = 'confirmed'",
    "UPDATE assessments_sheet SET position = 'x' WHERE state = 'confirmed'",
    "UPDATE assessments_sheet SET current_revision_id = NULL WHERE state = 'confirmed'",
    "DELETE FROM assessments_sheet WHERE state = 'confirmed'",
]


def aim(world):
    """Write one target of the sheet, as the 確定 does before the state moves."""
    return Target.objects.create(
        municipality=world.city, sheet=world.sheet, cell=world.cells[0], step=3, reason="職位：主任"
    )


@pytest.mark.parametrize("statement", RAW)
def test_raw_sql_cannot_change_what_is_confirmed(world, statement):
    aim(world)
    in_state(world.sheet, State.CONFIRMED, confirmer=world.kacho)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_nor_can_the_orm(world):
    sheet = in_state(world.sheet, State.CONFIRMED, confirmer=world.kacho)
    rating, confirmation = Rating.objects.first(), Confirmation.objects.first()
    rating.step = confirmation.step = 4
    for change in [
        lambda: Rating.objects.update(step=4),
        lambda: Rating.objects.bulk_update([rating], ["step"]),
        lambda: rating.save(update_fields=["step"]),
        lambda: Rating.objects.create(
            municipality=world.city,
            revision=sheet.current_revision,
            cell=b.make_version(name="別").cells.first(),
            step=1,
        ),
        lambda: Confirmation.objects.bulk_update([confirmation], ["step"]),
        lambda: confirmation.delete(),
        lambda: Revision.objects.update(number=9),
        lambda: Sheet.objects.filter(pk=sheet.pk).update(confirmed_at=NOW),
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_confirmation_can_be_written_until_then(world):
    sheet = in_state(world.sheet, State.FIRST_CONFIRMED, confirmer=world.kacho)
    assert Confirmation.objects.filter(revision=sheet.current_revision).update(step=1) == 6


def test_a_sheet_takes_no_revision_of_another(world):
    mine = in_state(world.sheet, State.CONFIRMED, confirmer=world.kacho)
    theirs = in_state(
        b.make_sheet(world.dourei, world.cycle, world.kakari_dept), State.CONFIRMED, confirmer=world.kacho
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.filter(pk=mine.pk).update(current_revision=theirs.current_revision)


def test_targets_can_be_written_and_changed_until_then(world):
    in_state(world.sheet, State.FIRST_CONFIRMED, confirmer=world.kacho)
    target = aim(world)
    assert Target.objects.update(step=2) == 1
    target.delete()
    assert not Target.objects.exists()
