"""A row in every walled table for each of two municipalities and, where there are such, for everybody.

Made from the columns that the database has, with foreign keys, triggers and checks out of the way: a table that
somebody adds is there without a line here.
"""

import uuid
from typing import Any

from django.apps import apps
from django.db import connection

from lib.walls import Wall, walls

OURS, THEIRS, EVERYBODYS, NEW = 900_001, 900_002, 900_003, 900_004

_VALUES: dict[str, Any] = {
    "bigint": 1,
    "integer": 1,
    "smallint": 1,
    "boolean": False,
    "date": "2026-04-01",
    "timestamp with time zone": "2026-04-01T00:00:00Z",
    "jsonb": "{}",
    "double precision": 1,
    "numeric": 1,
    "bytea": b"",
}


def fill() -> None:
    """Fill every walled table, inside the transaction of the test, as the superuser of the test cluster."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' "
            "AND connamespace = current_schema()::regnamespace"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for wall in walls():
            for key in (OURS, THEIRS):
                insert(wall, key, key)
            if wall.common or wall.nobody:
                insert(wall, EVERYBODYS, None)
            elif wall.shares:
                insert(wall, EVERYBODYS, EVERYBODYS)


def insert(wall: Wall, key: int, belongs_to: int | None) -> None:
    """Insert the row `key` that belongs to this municipality, or to the row of that number above."""
    with connection.cursor() as cursor:
        row = {}
        for name, kind, length in columns(wall.table):
            if kind in ("character varying", "text"):
                row[name] = f"{key}"[-(length or 9) :]
            elif kind == "uuid":
                row[name] = str(uuid.uuid4())
            elif name.endswith("_id"):
                row[name] = key
            else:
                row[name] = _VALUES[kind]
        row[wall.column] = belongs_to
        # A kind of entry has the key of the entry.
        row[primary_key(wall)] = belongs_to if primary_key(wall) == wall.column else key
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(["%s"] * len(row))
        cursor.execute(f'INSERT INTO "{wall.table}" ({names}) VALUES ({marks})', list(row.values()))


def columns(table: str) -> list[tuple[str, str, int | None]]:
    """Return (name, type, greatest length) of the columns that need a value."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type, character_maximum_length FROM information_schema.columns "
            "WHERE table_name = %s AND (is_nullable = 'NO' OR column_name LIKE '%%municipality_id')",
            [table],
        )
        return cursor.fetchall()


def primary_key(wall: Wall) -> str:
    """Return the column that tells the rows of the table apart."""
    found = next(model for model in apps.get_models() if model._meta.db_table == wall.table)
    return found._meta.pk.column
