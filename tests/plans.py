"""How the database would find the rows of a query, and which ways go through a large table from end to end."""

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

from django.db import connection

# What grows with the people of all municipalities together: none of these may be read from end to end by a page.
LARGE = {
    "organization_staff", "organization_posting", "organization_leave", "organization_department", "organization_grant",
    "organization_staffsession", "organization_importbatch", "organization_job", "audit_event", "audit_eventpayload",
    "audit_seal", "assessments_sheet", "assessments_draft", "assessments_revision", "assessments_rating",
    "assessments_ratingevidence", "assessments_confirmation", "assessments_remark", "assessments_target",
    "assessments_entry", "assessments_entrycell", "assessments_experience", "assessments_certification",
    "assessments_training", "assessments_career", "assessments_handover", "assessments_attachment",
    "assessments_reminder", "gaps_need", "gaps_measure", "competency_departmentduty", "competency_dutyassignment",
}  # fmt: skip
_NAME = r'"?(\w+)"?'
_ALIAS = re.compile(rf"(?:FROM|JOIN)\s+\(?{_NAME}\s+(?:AS\s+)?(?:\"?([A-Z]+\d+)\"?)?", re.ASCII)
# To read fewer rows than this whole is right, however the table may grow.
_MANY = 4000
_DEAR = ("seqscan", "hashjoin", "mergejoin")
_SQLITE = re.compile(r"SCAN (\w+)")


def look_at_the_tables() -> None:
    """Let PostgreSQL check and count what was written, as its autovacuum would count it."""
    no_limit()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Seventy thousand rows at once, and not again at the end of every test.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("ANALYZE")


def no_limit() -> None:
    """Let a page take its time, as far as PostgreSQL is concerned: /readyz sets a limit that holds until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")


def end() -> None:
    """Close what `scans` opened: a database that somebody uses cannot be dropped."""
    if _apart.cache_info().currsize:
        _apart().close()
        _apart.cache_clear()


def scans(sql: str) -> list[str]:
    """Return a line for each large table that this query would read from end to end; a list.

    SQLite says so itself. PostgreSQL rightly reads a table whole where one municipality owns all of it, as here. It is
    asked by another connection, which knows how large the tables are and nothing of what is in them, and takes one
    municipality for one of many; and as if joining whole tables were dear. What stays is what no index leads to.
    """
    found = _of_sqlite(sql) if connection.vendor == "sqlite" else _of_postgres(sql)
    return sorted({f"{table}: {how}" for table, how in found if table in LARGE})


def _of_sqlite(sql: str) -> Iterator[tuple[str, str]]:
    tables = {alias: table for table, alias in _ALIAS.findall(sql) if alias}
    with connection.cursor() as cursor:
        # A plan has no parameters of its own; what stands in the text is no placeholder either.
        steps = cursor.connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
    for *_, step in steps:
        if found := _SQLITE.match(step):
            yield tables.get(found[1], found[1]), step


def _of_postgres(sql: str) -> Iterator[tuple[str, str]]:
    if "%s" in sql:
        # Sent by lib.prepared, without its values.
        return
    with _apart().cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        found = cursor.fetchone()[0]
        cursor.execute("SELECT relname FROM pg_class WHERE reltuples >= %s", [_MANY])
        many = {name for (name,) in cursor.fetchall()}
    plan = json.loads(found) if isinstance(found, str) else found
    yield from (step for step in _walked(plan[0]["Plan"]) if step[0] in many)


@functools.cache
def _apart() -> Any:
    """Return the other connection; `end` closes it."""
    other = connection.copy("plans")
    with other.cursor() as cursor:
        for way in _DEAR:
            cursor.execute(f"SET enable_{way} = off")
    return other


def _walked(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kind, table = node["Node Type"], node.get("Relation Name", "")
    whole = kind == "Seq Scan" or (kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node)
    if whole and table:
        yield table, f"{kind} {node.get('Index Name', '')} {node.get('Filter', '')}".strip()
    for below in node.get("Plans", ()):
        yield from _walked(below)
