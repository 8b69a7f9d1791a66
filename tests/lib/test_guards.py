"""Every guard is in the database after migrate, and comes back after a table was rebuilt."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from assessments.guards import GUARDS as ASSESSMENTS
from audit.guards import GUARDS as AUDIT
from competency.guards import GUARDS as COMPETENCY
from lib.guards import install, missing, remove

ALL = (*AUDIT, *COMPETENCY, *ASSESSMENTS)


def test_all_are_installed(db):
    assert missing(connection, ALL) == []


def test_names_are_unique():
    assert len({guard.name for guard in ALL}) == len(ALL)


def test_missing_names_what_was_removed(db):
    remove(connection, AUDIT[:1])
    assert missing(connection, ALL) == [AUDIT[0].name]
    install(connection, AUDIT)
    assert missing(connection, ALL) == []


def test_refusal_is_an_integrity_error_and_the_row_stays(world):
    from django.utils import timezone

    from audit.models import Event, record

    event = record(by=None, action="test.event", now=timezone.now(), municipality_id=world.city.pk)
    for change in (
        lambda: Event.objects.filter(pk=event.pk).update(action="other"),
        lambda: Event.objects.filter(pk=event.pk).delete(),
        lambda: event.delete(),
        lambda: Event.objects.bulk_update([Event(pk=event.pk, action="x")], ["action"]),
        lambda: connection.cursor().execute("UPDATE audit_event SET action = 'raw'"),
        lambda: connection.cursor().execute("DELETE FROM audit_event"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert Event.objects.get(pk=event.pk).action == "test.event"


@pytest.mark.parametrize("table", ["category", "area", "stage", "cell", "stepwording"])
@pytest.mark.parametrize("statement", ["UPDATE competency_{0} SET id = id", "DELETE FROM competency_{0}"])
def test_published_version_is_frozen_to_raw_sql(world, table, statement):
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement.format(table))


def test_nothing_is_added_to_a_published_version(world):
    from competency.models import Stage

    with pytest.raises(IntegrityError), transaction.atomic():
        Stage.objects.create(version=world.version, code="stage-9", name="超級", rank=9)


@pytest.mark.parametrize(
    "change", [{"state": "draft", "published_at": None}, {"source": "別の出典"}, {"name": "2013"}]
)
def test_published_version_row_only_retires(world, change):
    from competency.models import FrameworkVersion

    versions = FrameworkVersion.objects.filter(pk=world.version.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        versions.update(**change)
    assert versions.update(state="retired") == 1
