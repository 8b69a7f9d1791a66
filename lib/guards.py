"""Triggers that refuse a change, on SQLite and PostgreSQL alike.

They are installed after every `migrate` rather than by a migration: SQLite rebuilds a table to alter it and
silently drops its triggers with the old one (docs/adr/0004).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate


@dataclass(frozen=True)
class Guard:
    """Refuses `event` (INSERT, UPDATE or DELETE) on a row of `table` where `when` holds.

    `when` is SQL that both engines read, over NEW and OLD; `message` reaches the log, never a screen. A
    refusal surfaces as IntegrityError on either engine.
    """

    name: str
    table: str
    event: str
    when: str
    message: str


def install(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """Create or replace the triggers. The tables must exist."""
    with connection.cursor() as cursor:
        for guard in guards:
            for statement in (
                *_create(connection.vendor, guard),
                *_create_truncate(connection.vendor, guard),
            ):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """Drop the triggers that are there; for tests and for a data migration that must rewrite frozen rows."""
    with connection.cursor() as cursor:
        for guard in guards:
            cursor.execute(_drop(connection.vendor, guard))
            if _forbids_truncate(connection.vendor, guard):
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}_truncate ON {guard.table}")


def missing(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> list[str]:
    """Return the names of guards that are not in the database, in the order given."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return [guard.name for guard in guards if guard.name not in there]


def install_after_migrate(app_config: AppConfig, guards: tuple[Guard, ...]) -> None:
    """Install an app's guards whenever its migrations have run; call from AppConfig.ready()."""

    def handler(sender: AppConfig, using: str, **kwargs: Any) -> None:
        from django.db import connections

        connection = connections[using]
        tables = set(connection.introspection.table_names())
        install(connection, (guard for guard in guards if guard.table in tables))

    post_migrate.connect(handler, sender=app_config, weak=False, dispatch_uid=f"guards.{app_config.label}")


def _create(vendor: str, guard: Guard) -> list[str]:
    if vendor == "sqlite":
        return [
            _drop(vendor, guard),
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW "
            f"WHEN {guard.when} BEGIN SELECT RAISE(ABORT, '{guard.message}'); END",
        ]
    result = "OLD" if guard.event == "DELETE" else "NEW"
    return [
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN "
        f"IF {guard.when} THEN RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'check_violation'; END IF; "
        f"RETURN {result}; END $guard$",
        f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {guard.name}()",
    ]


def _forbids_truncate(vendor: str, guard: Guard) -> bool:
    """Say whether TRUNCATE, which no row trigger sees, has to be refused beside the guard's own event."""
    return vendor == "postgresql" and guard.event == "DELETE"


def _create_truncate(vendor: str, guard: Guard) -> list[str]:
    if not _forbids_truncate(vendor, guard):
        return []
    name = f"{guard.name}_truncate"
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN "
        f"RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'check_violation'; END $guard$",
        f"DROP TRIGGER IF EXISTS {name} ON {guard.table}",
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {guard.table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]


def _drop(vendor: str, guard: Guard) -> str:
    if vendor == "sqlite":
        return f"DROP TRIGGER IF EXISTS {guard.name}"
    return f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}"
