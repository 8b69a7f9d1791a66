"""How many rows each table has, and one hash of them that is the same for equal rows on either engine.

A row is written as JSON with its columns in the order of their names, every value in one form whatever the engine keeps it
as; the SHA-256 of all rows are added up, so that neither the order of rows nor a collation counts. Which form, the
catalogue of the database says and no model: a database of an earlier version is counted by the same words.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from config.backups.manifest import Counted

BATCH = 5000
_WHOLE = 1 << 256
_write = json.JSONEncoder(separators=(",", ":"), default=lambda value: {"hex": bytes(value).hex()}).encode
_write_sorted = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode

# Runs a query and yields its rows.
Ask = Callable[[str], Iterable[tuple[Any, ...]]]

_POSTGRES_FORMS = {
    "boolean": "{0}::int",
    "uuid": "replace({0}::text, '-', '')",
    "timestamp with time zone": "to_char(timezone('UTC', {0}), 'YYYY-MM-DD HH24:MI:SS.US')",
    "timestamp without time zone": "to_char({0}, 'YYYY-MM-DD HH24:MI:SS.US')",
    "date": "to_char({0}, 'YYYY-MM-DD')",
    "bytea": "encode({0}, 'hex')",
    "inet": "host({0})",
    "jsonb": "{0}::text",
    "json": "{0}::text",
    "numeric": "trim_scale({0})::text",
}
_SQLITE_FORMS = {
    "datetime": "CASE length({0}) WHEN 19 THEN {0} || '.000000' ELSE {0} END",
    "blob": "CASE WHEN {0} IS NOT NULL THEN lower(hex({0})) END",
    # As it is shown without needless zeros; SQLite keeps a whole number as one.
    "decimal": "CASE WHEN {0} = CAST({0} AS INTEGER) THEN CAST(CAST({0} AS INTEGER) AS TEXT) ELSE CAST({0} AS TEXT) END",
}
_COLUMNS = (
    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
)
_JSON_COLUMN = re.compile(r'JSON_VALID\("(\w+)"\)', re.IGNORECASE)


def of_sqlite(ask: Ask) -> dict[str, Counted]:
    """Count every table of a SQLite database."""
    found = {}
    tables = list(ask("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    for name, text in tables:
        if name.startswith("sqlite_"):
            continue
        json_columns = set(_JSON_COLUMN.findall(text))
        columns = sorted(
            (row[1], row[2].lower().split("(")[0]) for row in ask(f"PRAGMA table_info({_quoted(name)})")
        )
        forms = [_SQLITE_FORMS.get(kind, "{0}").format(_quoted(column)) for column, kind in columns]
        parsed = [place for place, (column, _) in enumerate(columns) if column in json_columns]
        query = f"SELECT {', '.join(forms)} FROM {_quoted(name)}"  # our own names # noqa: S608 # nosec B608
        found[name] = counted(ask(query), parsed)
    return found


def of_postgres(ask: Ask) -> dict[str, Counted]:
    """Count every table of a PostgreSQL database; those outside the schema of the product carry its name."""
    found = {}
    tables = list(
        ask(
            "SELECT c.oid, n.nspname, c.relname, n.nspname = current_schema() FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' "
            "AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 2, 3"
        )
    )
    for oid, schema, name, ours in tables:
        columns = sorted(ask(f"{_COLUMNS} AND attrelid = {oid:d}"))
        forms = [_POSTGRES_FORMS.get(kind, "{0}").format(_quoted(column)) for column, kind in columns]
        parsed = [place for place, (_, kind) in enumerate(columns) if kind in ("json", "jsonb")]
        query = f"SELECT {', '.join(forms)} FROM {_quoted(schema)}.{_quoted(name)}"  # names of our own tables # noqa: S608 # nosec B608
        found[name if ours else f"{schema}.{name}"] = counted(ask(query), parsed)
    return found


def counted(rows: Iterable[tuple[Any, ...]], parsed: Iterable[int] = ()) -> Counted:
    """Return the number of rows and the sum of their hashes; values at the places `parsed` are JSON texts."""
    places = tuple(parsed)
    number = total = 0
    for row in _with_json(rows, places) if places else rows:
        number += 1
        total += int.from_bytes(hashlib.sha256(_write(row).encode()).digest())
    return Counted(number, f"{total % _WHOLE:064x}")


def _with_json(rows: Iterable[tuple[Any, ...]], places: tuple[int, ...]) -> Iterator[list[Any]]:
    """Write JSON in one form: PostgreSQL keeps the keys in an order of its own."""
    for row in rows:
        values = list(row)
        for place in places:
            if values[place] is not None:
                values[place] = _write_sorted(json.loads(values[place]))
        yield values


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
