"""Changes of large tables that stop nobody for longer than a moment (docs/adr/0079). Imports no app.

PostgreSQL builds an index, and asks a key of every row, under a lock that lets nobody write meanwhile, unless it is told to take
its time. That goes outside of a transaction alone, so that every step here finds out what a run before it has left behind.
"""

from typing import Any

from django.db import migrations, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# Bytes. Smaller tables are through in less than a second, and taking one's time costs more than that.
LARGE = 32 * 2**20


def takes_time(connection: BaseDatabaseWrapper, cursor: Any, *tables: str) -> bool:
    """Say whether a change of these tables is to go on quietly: one of them is large, and no transaction is open."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return False
    cursor.execute("SELECT max(pg_relation_size(name::regclass)) FROM unnest(%s) name", [list(tables)])
    (size,) = cursor.fetchone()
    return size >= LARGE


def add_unique(connection: BaseDatabaseWrapper, cursor: Any, table: str, name: str, columns: str) -> None:
    """Add a unique constraint of this name; `columns` as SQL."""
    if takes_time(connection, cursor, table):
        build_index(cursor, name, f'CREATE UNIQUE INDEX CONCURRENTLY "{name}" ON "{table}" ({columns})')
        kind = f'UNIQUE USING INDEX "{name}"'
    else:
        kind = f"UNIQUE ({columns})"
    cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {kind}')


def add_foreign_key(
    connection: BaseDatabaseWrapper,
    cursor: Any,
    table: str,
    name: str,
    *,
    columns: str,
    parent: str,
    there: str,
) -> None:
    """Add a deferred foreign key of this name from `columns` of a table to `there` of its parent, as SQL.

    Where it exists without having been asked of the rows that are there, that alone is done.
    """
    cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s", [name])
    if cursor.fetchone() is None:
        quietly = takes_time(connection, cursor, table, parent)
        cursor.execute(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY ({columns}) REFERENCES "{parent}" ({there}) '
            f"DEFERRABLE INITIALLY DEFERRED{' NOT VALID' if quietly else ''}"
        )
        if not quietly:
            return
    # Others write meanwhile; what they write was asked from the first statement on.
    cursor.execute(f'ALTER TABLE "{table}" VALIDATE CONSTRAINT "{name}"')


def build_index(cursor: Any, name: str, statement: str) -> None:
    """Build an index CONCURRENTLY, where there is none that was finished; half of one is taken away first."""
    cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [f'"{name}"'])
    found = cursor.fetchone()
    if found and found[0]:
        return
    if found:
        cursor.execute(f'DROP INDEX CONCURRENTLY "{name}"')
    cursor.execute(statement)


class AddIndexQuietly(migrations.AddIndex):
    """An index of a table that may be large; in a migration with `atomic = False`."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Build it, unless a run before has."""
        model = to_state.apps.get_model(app_label, self.model_name)
        connection = schema_editor.connection
        if not self.allow_migrate_model(connection.alias, model):
            return
        with connection.cursor() as cursor:
            table = model._meta.db_table
            if connection.vendor == "postgresql":
                concurrently = takes_time(connection, cursor, table)
                sql = self.index.create_sql(model, schema_editor, concurrently=concurrently)
                build_index(cursor, self.index.name, str(sql))
            elif self.index.name not in connection.introspection.get_constraints(cursor, table):
                schema_editor.add_index(model, self.index)


class FillAndKeepUnique(migrations.AlterField):
    """A field that was filled row by row and now takes no NULL and no value twice; in a migration with `atomic = False`."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Ask it of every row that is there, then hold it; where a run before has done one half, the other.

        Django takes the field back by the same way, with the states exchanged.
        """
        connection = schema_editor.connection
        model = to_state.apps.get_model(app_label, self.model_name)
        table, field = model._meta.db_table, model._meta.get_field(self.name)
        column = field.column
        with connection.cursor() as cursor:
            back = not field.unique
            if back or not takes_time(connection, cursor, table):
                # SQLite writes the table anew.
                with transaction.atomic(using=connection.alias):
                    if back or not _is_unique(connection, cursor, table, column):
                        super().database_forwards(app_label, schema_editor, from_state, to_state)
                return
            if not _is_unique(connection, cursor, table, column):
                add_unique(connection, cursor, table, f"{table}_{column}_once", f'"{column}"')
            filled = f"{table}_{column}_filled"
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{filled}"')
            cursor.execute(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{filled}" CHECK ("{column}" IS NOT NULL) NOT VALID'
            )
            cursor.execute(f'ALTER TABLE "{table}" VALIDATE CONSTRAINT "{filled}"')
            # Believes the constraint, and asks no row again.
            cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET NOT NULL')
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{filled}"')


def _is_unique(connection: BaseDatabaseWrapper, cursor: Any, table: str, column: str) -> bool:
    """Say whether a constraint holds the column unique by itself; an index alone may be half of one."""
    there = connection.introspection.get_constraints(cursor, table).values()
    return any(
        one["unique"] and not one["primary_key"] and not one["index"] and one["columns"] == [column]
        for one in there
    )
