"""One state of the database for many questions, read while others write."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import atomic


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let every question of the block see the same moment, and refuse to write; keeps no writer waiting.

    PostgreSQL takes a REPEATABLE READ transaction. SQLite takes a plain one, where others begin by taking the
    writer's place. Inside a transaction of the caller's the block is a part of that.
    """
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    with _postgres(connection) if connection.vendor == "postgresql" else _sqlite(connection):
        yield


@contextmanager
def _postgres(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Many questions that each read a table once: memory for joins pays, compiling each of them does not.
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        yield


@contextmanager
def _sqlite(connection: BaseDatabaseWrapper) -> Iterator[None]:
    mode = connection.transaction_mode  # type: ignore[attr-defined]  # of Django's backend for SQLite
    connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
    try:
        with atomic(using=connection.alias), connection.cursor() as cursor:
            # The state is that of the first question.
            cursor.execute("SELECT count(*) FROM sqlite_master")
            cursor.execute("PRAGMA query_only = ON")
            try:
                yield
            finally:
                cursor.execute("PRAGMA query_only = OFF")
    finally:
        connection.transaction_mode = mode  # type: ignore[attr-defined]
