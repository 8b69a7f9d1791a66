"""The drill of locks sees a table that is held, which one and for how long, and nothing where nobody is in the way."""

import time

import psycopg2
import pytest
from django.db import connection, transaction

from tests.drills.locks import FIGURES, Watch

pytestmark = [
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one lock for everything"),
    pytest.mark.django_db(transaction=True),
]


def watched(statement, seconds):
    """Hold what a statement locks for so many seconds, and return what was seen."""
    watch = Watch(lambda: psycopg2.connect(**connection.get_connection_params()))
    watch.start()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            time.sleep(seconds)
    finally:
        watch.stop()
    return watch


def test_a_table_that_is_held_is_named_with_its_time():
    watch = watched("LOCK TABLE assessments_sheet IN SHARE MODE", 0.6)
    seconds, table = watch.worst
    assert table == "assessments_sheet"
    assert 0.4 < seconds < 5
    assert FIGURES["upgrade.locked"].limit == 5


def test_writers_and_readers_are_in_nobodys_way():
    watch = watched("UPDATE organization_staff SET name = name", 0.2)
    assert watch.worst == (0.0, "")
