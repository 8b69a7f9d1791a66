"""Data past its period goes only after thirty days and two people, whole, and leaves no word behind."""

import datetime
import hashlib
import io

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from access.refusals import Conflict
from assessments.guards import GUARDS
from assessments.models import Rating, Remark, Sheet
from audit import verification
from audit.models import Event, record
from lib.guards import missing
from organization.models import Staff
from privacy import inventory, periods
from privacy.models import Permit, RetentionItem, RetentionRun
from privacy.workflow import erasure
from tests import builders as b
from tests.privacy.person import plant, wanted

NOW = timezone.now()
BEFORE = NOW - datetime.timedelta(days=31)


def agreed(world, second, *, proposed=BEFORE) -> RetentionRun:
    run = erasure.propose(municipality=world.city, by=b.actor_of(world.jinji), now=proposed)
    erasure.agree(run=run, by=b.actor_of(second), now=proposed)
    return run


def dump() -> str:
    """Return everything that the database holds, every table and column."""
    parts = []
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            for row in cursor.fetchall():
                parts += [
                    bytes(v).decode("latin-1") if isinstance(v, memoryview | bytes) else str(v) for v in row
                ]
    return "\n".join(parts)


def rows_of_others(world, staff) -> str:
    """Return a hash over every row that is about somebody else."""
    others = Staff.objects.filter(municipality__in=[world.city, world.other_city]).exclude(pk=staff.pk)
    digest = hashlib.sha256()
    for line in inventory.about_people():
        if line.keep != "audit":
            for row in inventory.rows_of(line, others).values_list():
                # PostgreSQL hands bytes out as views, whose repr is where they lie.
                plain = tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
                digest.update(repr(plain).encode())
    return digest.hexdigest()


def test_the_person_of_the_test_has_a_word_in_every_field(world):
    _, words = plant(world, "canary")
    assert wanted() - set(words.by_field) == set()
    found = dump()
    assert [
        field for field, word in words.by_field.items() if word not in found and "file of" not in field
    ] == []


def test_no_word_is_left(world, second, django_capture_on_commit_callbacks, settings, tmp_path):
    # Anchors of its own: those of other tests lie in the common folder.
    settings.FILES_DIR = tmp_path
    _other, kept_words = plant(world, "kept", left=None, fiscal_year=2025, at=NOW)
    staff, words = plant(world, "canary")
    record(
        by=b.actor_of(world.jinji), action="staff.edit", now=BEFORE, subject_uuid=staff.uuid, target=staff,
        before={"name": words("audit.EventPayload.before")}, after={"name": words("audit.EventPayload.after")},
    )  # fmt: skip
    before = rows_of_others(world, staff)
    run = agreed(world, second)
    assert RetentionItem.objects.filter(run=run, staff=staff, keep="staff").exists()
    call_command("seal_audit", stdout=io.StringIO())
    with django_capture_on_commit_callbacks(execute=True):
        erasure.purge(run=run, now=NOW)
    # What was sealed before is whole without its values, and what the purge wrote is sealed after it.
    call_command("seal_audit", stdout=io.StringIO())
    assert [fault for chain in verification.chains() for fault in verification.breaches(chain)] == []
    found = dump()
    assert [field for field, word in words.by_field.items() if word in found] == []
    assert not any(file.exists() for file in words.files)
    assert all(file.exists() for file in kept_words.files[1:])
    assert rows_of_others(world, staff) == before
    staff.refresh_from_db()
    assert (staff.name, staff.is_active, staff.has_usable_password()) == ("（消去済み）", False, False)
    assert {field for field, word in kept_words.by_field.items() if word not in found} <= {
        "file of a job", "file of an entry"
    }  # fmt: skip


def test_nothing_before_thirty_days_nor_without_a_second_person(world, second):
    plant(world, "canary")
    run = erasure.propose(municipality=world.city, by=b.actor_of(world.jinji), now=BEFORE)
    with pytest.raises(Conflict, match="同意"):
        erasure.purge(run=run, now=NOW)
    with pytest.raises(Conflict, match="自分"):
        erasure.agree(run=run, by=b.actor_of(world.jinji), now=BEFORE)
    erasure.agree(run=run, by=b.actor_of(second), now=BEFORE)
    with pytest.raises(Conflict, match="30日"):
        erasure.purge(run=run, now=BEFORE + datetime.timedelta(days=29, hours=23))
    assert Sheet.objects.filter(fiscal_year=2015).exists()


def test_whoever_is_held_or_came_back_stays(world, second):
    held, words = plant(world, "canary")
    back, back_words = plant(world, "return")
    run = agreed(world, second)
    erasure.hold(staff=held, reason="訴訟のため", by=b.actor_of(world.jinji), now=NOW)
    Staff.objects.filter(pk=back.pk).update(left_on=None)
    erasure.purge(run=run, now=NOW)
    found = dump()
    assert words.by_field["assessments.Rating.evidence"] in found
    assert back_words.by_field["organization.Staff.name"] in found
    assert (held.pk, "staff") not in periods.due(world.city, NOW.date())


def test_the_walls_stand_outside_a_purge(world, second):
    staff, _ = plant(world, "canary")
    ratings, remarks = Rating.objects.filter(revision__sheet__staff=staff), Remark.objects.all()
    for rows in (ratings, remarks, Sheet.objects.filter(staff=staff)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete(rows.db)
    run = agreed(world, second)
    erasure.purge(run=run, now=NOW)
    assert missing(connection, GUARDS) == []
    later, _ = plant(world, "later")
    for rows in (Rating.objects.filter(revision__sheet__staff=later), Sheet.objects.filter(staff=later)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete(rows.db)
    assert not Permit.objects.exists()


def test_no_permit_without_a_run_that_is_due(world, second):
    plant(world, "canary")
    run = agreed(world, second, proposed=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Permit.objects.create(run=run, never_id=0)


@pytest.mark.django_db(transaction=True)
def test_a_permit_cannot_be_committed(world, second):
    plant(world, "canary")
    run = agreed(world, second)
    ratings = Rating.objects.count()

    @transaction.atomic
    def forgets_to_take_it_away():
        Permit.objects.create(run=run, never_id=0)
        rows = Rating.objects.all()
        rows._raw_delete(rows.db)
        assert not Rating.objects.exists()

    with pytest.raises(IntegrityError):
        forgets_to_take_it_away()
    assert (Permit.objects.count(), Rating.objects.count()) == (0, ratings)


def test_the_trail_says_what_was_planned_before_anything_went(world, second):
    plant(world, "canary")
    run = agreed(world, second)
    erasure.purge(run=run, now=NOW)
    start, end = Event.objects.filter(action__in=("retention.purge", "retention.done")).order_by("pk")
    assert start.data["planned"]["staff"] > 30
    assert end.data["deleted"]["assessments.Rating"] == 1


def test_only_one_year_of_somebody_in_service_goes(world, second):
    staff, words = plant(world, "canary", left=None)
    b.make_sheet(staff, world.cycle, world.kakari_dept)
    erasure.purge(run=agreed(world, second), now=NOW)
    found = dump()
    assert words.by_field["assessments.Rating.evidence"] not in found
    assert words.by_field["assessments.Statement.strengths"] in found
    assert list(Sheet.objects.filter(staff=staff).values_list("fiscal_year", flat=True)) == [2026]


@pytest.mark.django_db(transaction=True)
def test_no_byte_is_left_in_the_files_of_the_database(world, second, tmp_path, settings):
    settings.FILES_DIR = tmp_path / "files"
    _, words = plant(world, "canary")
    assert all(file.exists() for file in words.files)
    erasure.purge(run=agreed(world, second), now=NOW)
    erasure.wipe_traces()
    marks = [word.encode() for word in words.values()]
    if connection.vendor == "sqlite":
        copy = tmp_path / "whole.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        content = copy.read_bytes()
        assert b"kacho" in content
    else:
        content = dump().encode()
    assert [mark for mark in marks if mark in content] == []
    assert [file for file in settings.FILES_DIR.rglob("*") if file.is_file()] == []
