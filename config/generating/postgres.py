"""PostgreSQL made ready for much at once, and put back as it was, inside one transaction.

As a restore does it: `pg_restore` loads rows first, then makes indexes, then foreign keys. Everything is taken down and put
back in the one transaction that also writes the rows, under locks that let nobody else see the tables in between: where anything
fails, or the machine does, the database is as before.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# Indexes are built in memory where they fit. The defaults (64 MB, 4 MB) are for a server that does other work beside.
_SETTINGS = {
    "maintenance_work_mem": "512MB",
    "work_mem": "128MB",
    # Limits that are right for pages would end it in the middle.
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
_KEYS = (
    "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY conrelid, conname"
)
# Of what may be there once: not what a foreign key of any table asks, the keys of rows among it.
_SINGLE = (
    "SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid) FROM pg_constraint c "
    "WHERE c.contype = 'u' AND c.conrelid = ANY(%s::regclass[]) "
    "AND NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid) "
    "ORDER BY c.conrelid, c.conname"
)
_INDEXES = (
    "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
    "WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary "
    "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY i.indrelid, i.indexrelid"
)
_FORCED = "SELECT oid::regclass::text FROM pg_class WHERE oid = ANY(%s::regclass[]) AND relforcerowsecurity ORDER BY oid"


@dataclass(frozen=True)
class _Taken:
    """What was taken down, as the statements that put it back."""

    keys: list[tuple[str, str, str]]
    single: list[tuple[str, str, str]]
    indexes: list[tuple[str, str]]
    forced: list[str]


@contextlib.contextmanager
def stripped(connection: BaseDatabaseWrapper, tables: list[str]) -> Iterator[None]:
    """Take foreign keys and indexes off some tables, let their owner past the second wall, and put all of it back at the end.

    To be entered inside a transaction. Where the block fails nothing is put back here: the transaction takes it all back.
    COPY into a table whose owner is under FORCE ROW LEVEL SECURITY is refused by PostgreSQL; the operator may write every row of
    it anyway (docs/adr/0052).
    """
    with connection.cursor() as cursor:
        for name, value in _SETTINGS.items():
            cursor.execute(f"SET LOCAL {name} = '{value}'")
        # What a test has written in this transaction is asked now: a table with questions that wait cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"LOCK TABLE {', '.join(_quoted(table) for table in tables)} IN ACCESS EXCLUSIVE MODE")
        taken = _take_down(cursor, tables)
        yield
        _put_back(cursor, taken)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            cursor.execute(f"ANALYZE {_quoted(table)}")


def _take_down(cursor: Any, tables: list[str]) -> _Taken:
    def ask(query: str) -> list[Any]:
        cursor.execute(query, [tables])
        return list(cursor.fetchall())

    keys = ask(_KEYS)
    for table, name, _ in keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    # Asked now: with its own keys gone, a table may no longer be asked by any.
    single = ask(_SINGLE)
    for table, name, _ in single:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = ask(_INDEXES)
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    forced = [table for (table,) in ask(_FORCED)]
    for table in forced:
        cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    return _Taken(keys, single, indexes, forced)


def _put_back(cursor: Any, taken: _Taken) -> None:
    for _, statement in taken.indexes:
        cursor.execute(statement)
    for table, name, definition in (*taken.single, *taken.keys):
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for table in taken.forced:
        cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _quoted(name: str) -> str:
    return f'"{name}"'
