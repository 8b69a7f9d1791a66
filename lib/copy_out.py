"""Rows by COPY, which PostgreSQL writes several times as fast as a cursor's rows are made into objects (docs/adr/0075)."""

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.db.transaction import atomic


def can_copy(rows: QuerySet) -> bool:
    """Say whether the database that the queryset reads from knows COPY."""
    return connections[rows.db].vendor == "postgresql"


def copied(rows: QuerySet) -> list[bytes]:
    """Return a line of CSV, "\\n" at its end, for each row of a `values_list` queryset; a list, for the caller to bound.

    The statement is that of the queryset: what it leaves out is left out here. An empty text stands in quotes, for
    without them it is NULL. In a transaction of its own unless there is one: COPY cannot say itself whose rows are
    asked for (lib.postgres).
    """
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    connection = connections[rows.db]
    lines = _Lines()
    with atomic(using=connection.alias), connection.cursor() as cursor, connection.wrap_database_errors:
        select = cursor.mogrify(sql, params).decode()
        cursor.copy_expert(f"COPY ({select}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')", lines)
    return [line[:-1] for line in lines.written]


def copied_numbers(rows: QuerySet, width: int) -> list[list[bytes]]:
    """Return the columns, `width` many, of a `values_list` queryset that holds numbers alone, each a list of digits."""
    cells = b"".join([line + b"," for line in copied(rows)]).split(b",")
    cells.pop()
    return [cells[column::width] for column in range(width)]


class _Lines:
    """What the driver writes into: it hands over one row at a time."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.write = self.written.append

    def read(self, size: int = -1) -> bytes:
        """Give nothing: the driver asks that a file has it."""
        return b""
