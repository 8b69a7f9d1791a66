"""Planting what the second wall of PostgreSQL refuses: a row tied to another municipality."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def past_the_ties() -> Iterator[None]:
    """Let a test write past foreign keys, as the superuser of the test's own cluster; SQLite has no such ties."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'origin'")
