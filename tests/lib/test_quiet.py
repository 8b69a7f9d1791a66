"""What changes a large table takes its time, and a run that was cut off is taken up where it stopped."""

import uuid
from contextlib import closing

import psycopg2
import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from lib import guards, quiet
from lib.wall_install import faults, install

pytestmark = [
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="SQLite changes a table under its one lock"
    ),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def every_table_is_large(monkeypatch):
    monkeypatch.setattr(quiet, "LARGE", 0)


@pytest.fixture
def tables():
    """A parent of three rows and a child of two."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE quiet_parent (id int, city int); CREATE TABLE quiet_child (parent int)")
        cursor.execute("INSERT INTO quiet_parent VALUES (1, 1), (2, 1), (3, 2)")
        cursor.execute("INSERT INTO quiet_child VALUES (1), (3)")
        yield cursor
        cursor.execute("DROP TABLE quiet_child, quiet_parent")


def of_constraint(cursor, name):
    cursor.execute("SELECT contype, convalidated FROM pg_constraint WHERE conname = %s", [name])
    return cursor.fetchone()


def unique(cursor):
    quiet.add_unique(connection, cursor, "quiet_parent", "quiet_once", "id")


def tied(cursor):
    quiet.add_foreign_key(
        connection, cursor, "quiet_child", "quiet_tie", columns="parent", parent="quiet_parent", there="id"
    )


def test_a_key_and_a_tie_are_held_from_then_on(tables):
    unique(tables)
    tied(tables)
    assert of_constraint(tables, "quiet_once") == ("u", True)
    assert of_constraint(tables, "quiet_tie") == ("f", True)
    with pytest.raises(IntegrityError):
        tables.execute("INSERT INTO quiet_parent VALUES (1, 2)")
    with pytest.raises(IntegrityError):
        tables.execute("INSERT INTO quiet_child VALUES (9)")


def test_others_write_while_the_rows_are_asked(tables):
    """The plain statement would wait for a transaction that has written, and everybody else for the statement."""
    tables.execute("ALTER TABLE quiet_parent ADD CONSTRAINT quiet_once UNIQUE (id)")
    tables.execute(
        "ALTER TABLE quiet_child ADD CONSTRAINT quiet_tie FOREIGN KEY (parent) REFERENCES quiet_parent (id) NOT VALID"
    )
    with closing(psycopg2.connect(**connection.get_connection_params())) as other, other.cursor() as writer:
        writer.execute("INSERT INTO quiet_child VALUES (2)")
        tables.execute("SET lock_timeout = '2s'")
        tied(tables)
        tables.execute("RESET lock_timeout")
        other.rollback()
    assert of_constraint(tables, "quiet_tie") == ("f", True)


def test_half_an_index_is_built_anew(tables):
    tables.execute("INSERT INTO quiet_parent VALUES (1, 9)")
    with pytest.raises(IntegrityError):
        unique(tables)
    tables.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'quiet_once'::regclass")
    assert tables.fetchone() == (False,)
    tables.execute("DELETE FROM quiet_parent WHERE city = 9")
    unique(tables)
    assert of_constraint(tables, "quiet_once") == ("u", True)


def test_an_index_that_was_finished_becomes_the_key(tables):
    tables.execute("CREATE UNIQUE INDEX CONCURRENTLY quiet_once ON quiet_parent (id)")
    with CaptureQueriesContext(connection) as sent:
        unique(tables)
    assert not [one for one in sent if "CREATE" in one["sql"]]
    assert of_constraint(tables, "quiet_once") == ("u", True)


def test_in_a_transaction_it_is_the_plain_statement(tables):
    with transaction.atomic(), CaptureQueriesContext(connection) as sent:
        unique(tables)
    tied(tables)
    assert not [one for one in sent if "CONCURRENTLY" in one["sql"] or "NOT VALID" in one["sql"]]
    assert of_constraint(tables, "quiet_tie") == ("f", True)


def test_the_second_wall_is_tied_without_stopping_anybody():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE assessments_sheet DROP CONSTRAINT wall_assessments_sheet CASCADE")
        cursor.execute("ALTER TABLE assessments_sheet DROP CONSTRAINT wall_assessments_sheet_staff_id")
    assert len(faults(connection)) > 2
    with CaptureQueriesContext(connection) as sent:
        install(connection)
    assert faults(connection) == []
    ties = [one["sql"] for one in sent if "FOREIGN KEY" in one["sql"]]
    assert ties
    assert all("NOT VALID" in sql for sql in ties)
    assert [one for one in sent if 'INDEX CONCURRENTLY "wall_assessments_sheet"' in one["sql"]]


def leave(cursor, left):
    """Leave behind what a run that was cut off does: nothing, or its index, finished or half built."""
    build = "CREATE UNIQUE INDEX CONCURRENTLY audit_event_uuid_once ON audit_event (uuid)"
    if left == "whole":
        cursor.execute(build)
    elif left == "half":
        cursor.execute("UPDATE audit_event SET uuid = %s", [uuid.uuid4()])
        with pytest.raises(IntegrityError):
            cursor.execute(build)
        cursor.execute("UPDATE audit_event SET uuid = NULL")


@pytest.mark.parametrize("left", ["nothing", "whole", "half"])
def test_the_trail_of_an_earlier_release_is_named_batch_by_batch(left):
    guards.lift(connection)
    try:
        call_command("migrate", "audit", "0002", verbosity=0)
        guards.lift(connection)
        with connection.cursor() as cursor:
            for number in range(3):
                cursor.execute(
                    "INSERT INTO audit_event (at, kind, action, object_type, request_id, address, mac, payload_digest, data) "
                    "VALUES (now(), 'people', %s, '', '', '', '', '', '{}')",
                    [f"earlier.{number}"],
                )
            leave(cursor, left)
    finally:
        call_command("migrate", verbosity=0)
    assert len(set(Event.objects.filter(action__startswith="earlier").values_list("uuid", flat=True))) == 3
    with connection.cursor() as cursor:
        assert connection.introspection.get_constraints(cursor, "audit_event")["event_actor_at"]["index"]
        assert of_constraint(cursor, "audit_event_uuid_once") == ("u", True)
        assert of_constraint(cursor, "audit_event_uuid_filled") is None
        cursor.execute(
            "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'audit_event'::regclass AND attname = 'uuid'"
        )
        assert cursor.fetchone() == (True,)
