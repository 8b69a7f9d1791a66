"""A snapshot shows one state while others write, refuses to write, and leaves the connection as it was."""

import sqlite3
from contextlib import closing

import psycopg2
import pytest
from django.db import DatabaseError, connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.transaction import atomic

from lib.snapshot import snapshot


def counted(wrapper) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
        return cursor.fetchone()[0]


def written(wrapper) -> None:
    with wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO kept VALUES (1)")


@pytest.fixture
def file(db, tmp_path):
    """A database in a file, as the product has it; that of the tests lies in memory, where readers stop writers."""
    wrapper = DatabaseWrapper(
        {**connection.settings_dict, "NAME": str(tmp_path / "db.sqlite3")}, alias="aside"
    )
    connections["aside"] = wrapper
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n integer)")
    yield wrapper
    wrapper.close()
    del connections["aside"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asked of SQLite")
def test_on_sqlite_a_writer_neither_waits_nor_is_seen(file):
    with snapshot(file):
        assert counted(file) == 0
        with closing(sqlite3.connect(file.settings_dict["NAME"], timeout=0.1)) as other:
            other.execute("INSERT INTO kept VALUES (1)")
            other.commit()
        assert counted(file) == 0
        with pytest.raises(DatabaseError), atomic(using="aside"):
            written(file)
    assert counted(file) == 1
    written(file)
    assert file.transaction_mode == "IMMEDIATE"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="asked of PostgreSQL")
def test_on_postgresql_a_writer_neither_waits_nor_is_seen():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n integer)")
    try:
        with snapshot(connection):
            assert counted(connection) == 0
            with closing(psycopg2.connect(**connection.get_connection_params())) as other:
                other.cursor().execute("INSERT INTO kept VALUES (1)")
                other.commit()
            assert counted(connection) == 0
            with pytest.raises(DatabaseError), atomic():
                written(connection)
        assert counted(connection) == 1
        written(connection)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE kept")


def test_inside_a_transaction_it_is_a_part_of_that(db):
    with snapshot(connection), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n integer)")
        written(connection)
    assert counted(connection) == 1
