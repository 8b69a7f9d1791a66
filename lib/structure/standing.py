"""What the tables are in the database, of each engine."""

import re
from collections import defaultdict
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from lib.structure.tables import Reference, Shape, Unique
from lib.structure.words import conditions_in, words_of

_WHERE = re.compile(r"\bWHERE\b", re.IGNORECASE)


def standing(connection: BaseDatabaseWrapper) -> dict[str, Shape]:
    """Return the shape of every table. A constraint that is not in force is left out, as if it were not there."""
    with connection.cursor() as cursor:
        return _postgres(cursor) if connection.vendor == "postgresql" else _sqlite(cursor)


def _sqlite(cursor: Any) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%%'")
    statements = dict(cursor.fetchall())
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
    indexes = dict(cursor.fetchall())
    for table, statement in statements.items():
        shape = shapes[table] = Shape(checks=set(conditions_in(statement or "")))
        cursor.execute('SELECT name, "notnull", pk FROM pragma_table_info(%s)', [table])
        for name, notnull, key in cursor.fetchall():
            shape.columns[name] = not notnull and not key
            if key:
                shape.uniques.add(Unique((name,)))
        cursor.execute('SELECT "from", "table", "to" FROM pragma_foreign_key_list(%s)', [table])
        shape.references = {Reference(*row) for row in cursor.fetchall()}
        cursor.execute('SELECT name, "unique" FROM pragma_index_list(%s)', [table])
        for name, unique in cursor.fetchall():
            shape.indexes.add(name)
            if unique:
                cursor.execute("SELECT name FROM pragma_index_info(%s) ORDER BY seqno", [name])
                columns = tuple(str(row[0]) for row in cursor.fetchall())
                where = _WHERE.split(indexes.get(name) or "", maxsplit=1)
                shape.uniques.add(Unique(columns, words_of(where[1]) if len(where) == 2 else ""))
    return shapes


def _postgres(cursor: Any) -> dict[str, Shape]:
    shapes: dict[str, Shape] = defaultdict(Shape)
    cursor.execute(
        "SELECT c.relname, a.attname, NOT a.attnotnull FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"
    )
    for table, column, null in cursor.fetchall():
        shapes[table].columns[column] = null
    cursor.execute(
        "SELECT c.relname, pg_get_expr(k.conbin, k.conrelid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
        "WHERE k.contype = 'c' AND k.convalidated AND c.relnamespace = current_schema()::regnamespace"
    )
    for table, condition in cursor.fetchall():
        shapes[table].checks.add(words_of(condition))
    cursor.execute(
        "SELECT c.relname, a.attname, t.relname, b.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
        "JOIN pg_class t ON t.oid = k.confrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] "
        "JOIN pg_attribute b ON b.attrelid = t.oid AND b.attnum = k.confkey[1] WHERE k.contype = 'f' AND k.convalidated "
        "AND cardinality(k.conkey) = 1 AND c.relnamespace = current_schema()::regnamespace AND NOT EXISTS "
        # Its own triggers are what asks; one that is switched off, or for copies alone, asks nothing.
        "(SELECT 1 FROM pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled NOT IN ('O', 'A'))"
    )
    for table, *reference in cursor.fetchall():
        shapes[table].references.add(Reference(*reference))
    cursor.execute(
        "SELECT c.relname, i.relname, x.indisunique, pg_get_expr(x.indpred, x.indrelid), "
        "array(SELECT a.attname::text FROM unnest(x.indkey::smallint[]) WITH ORDINALITY k(n, o) "
        "JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n WHERE k.o <= x.indnkeyatts ORDER BY k.o) "
        "FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid "
        "WHERE x.indisvalid AND x.indisready AND c.relnamespace = current_schema()::regnamespace"
    )
    for table, name, unique, condition, columns in cursor.fetchall():
        shapes[table].indexes.add(name)
        if unique:
            shapes[table].uniques.add(Unique(tuple(columns), words_of(condition or "")))
    return dict(shapes)
