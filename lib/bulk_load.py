"""Many rows into one table: by COPY on PostgreSQL, by one prepared statement on SQLite (docs/adr/0075).

The rows pass every guard, key and wall that a single INSERT passes; a breach is Django's IntegrityError on either engine.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.transaction import atomic

from lib.batches import batched

# Some MB of text at a time.
_BATCH = 50_000
_A_STATEMENT = 1000
_STAGE = '"bulk_load"'
# What a line of COPY may not hold as it is.
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

Value = int | str | None


def load(
    model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Value]], same: Mapping[str, Any]
) -> int:
    """Insert rows, all or none, and return how many; the keys that they get stay unknown.

    `columns` name the fields that the rows hold, as numbers and texts that need no conversion. `same` are fields with one
    value for all rows. What neither names has its default, and must not need a new one for each row.
    """
    connection = connections[router.db_for_write(model)]
    named: dict[str, Any] = {field.name: field for field in model._meta.concrete_fields}
    fields = [named[name] for name in columns]
    constant = {named[name]: value for name, value in same.items()}
    for field in model._meta.concrete_fields:
        if field.primary_key or field in fields or field in constant:
            continue
        if field.has_default() and callable(field.default):
            raise ValueError(f"{field.name} is another one in each row")
        constant[field] = field.get_default()
    shared = {field: field.get_db_prep_save(value, connection) for field, value in constant.items()}
    way = _by_copy if connection.vendor == "postgresql" and _may_stage(connection) else _by_statement
    count = 0
    with atomic(using=connection.alias):
        for part in batched(rows, _BATCH):
            way(connection, model, fields, shared, part)
            count += len(part)
    return count


def _may_stage(connection: BaseDatabaseWrapper) -> bool:
    """Say whether this role may have tables of its own for a moment; everybody may, unless it was taken away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_database_privilege(current_database(), 'TEMPORARY')")
        return cursor.fetchone()[0]


def _by_copy(
    connection: BaseDatabaseWrapper,
    model: type[Model],
    fields: Sequence[Any],
    shared: Mapping[Any, Any],
    rows: Sequence[Sequence[Value]],
) -> None:
    """Insert from a table of this transaction: COPY does not enter a table with a wall of rows."""
    table, own, all_names = _names(connection, model, fields, shared)
    lines = io.StringIO("".join("\t".join([_text(value) for value in row]) + "\n" for row in rows))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        # Names of our own models, quoted; the values are COPY's and parameters.
        cursor.execute(
            f"CREATE TEMPORARY TABLE {_STAGE} ON COMMIT DROP AS SELECT {own} FROM {table} WITH NO DATA"  # our own names # noqa: S608 # nosec B608
        )
        cursor.copy_expert(f"COPY {_STAGE} FROM STDIN", lines)
        places = "".join(", %s" for _ in shared)
        cursor.execute(
            f"INSERT INTO {table} ({all_names}) SELECT {own}{places} FROM {_STAGE}",  # our own names # noqa: S608 # nosec B608
            list(shared.values()),
        )
        cursor.execute(f"DROP TABLE {_STAGE}")


def _by_statement(
    connection: BaseDatabaseWrapper,
    model: type[Model],
    fields: Sequence[Any],
    shared: Mapping[Any, Any],
    rows: Sequence[Sequence[Value]],
) -> None:
    """Insert by one statement that SQLite prepares once; PostgreSQL, who would be asked row by row, gets many at a time."""
    table, _, all_names = _names(connection, model, fields, shared)
    places = f"({', '.join(['%s'] * (len(fields) + len(shared)))})"
    values = tuple(shared.values())
    insert = f"INSERT INTO {table} ({all_names}) VALUES "  # our own names # noqa: S608 # nosec B608
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(insert + places, [(*row, *values) for row in rows])
            return
        for part in batched(rows, _A_STATEMENT):
            whole = [value for row in part for value in (*row, *values)]
            cursor.execute(insert + ", ".join([places] * len(part)), whole)


def _names(
    connection: BaseDatabaseWrapper, model: type[Model], fields: Sequence[Any], shared: Mapping[Any, Any]
) -> tuple[str, str, str]:
    """Return the table, the columns that the rows hold, and all columns, as SQL."""
    quoted = connection.ops.quote_name
    own = [quoted(field.column) for field in fields]
    return (
        quoted(model._meta.db_table),
        ", ".join(own),
        ", ".join([*own, *(quoted(field.column) for field in shared)]),
    )


def _text(value: Value) -> str:
    if value is None:
        return "\\N"
    return value.translate(_ESCAPED) if isinstance(value, str) else str(value)
