"""Triggers that refuse a change or note it down, on SQLite and PostgreSQL alike.

They are installed after every `migrate` rather than by a migration: SQLite rebuilds a table to alter it and
silently drops its triggers with the old one (docs/adr/0004). Before a `migrate` that has something to do they are taken
away: SQLite alters no table that a trigger of another one names, and a migration of frozen rows would be refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate, pre_migrate

# Named here as text, for this module imports no app; nobody else's transaction ever sees a row of it.
PERMIT_TABLE = "privacy_permit"
# What every guard's name begins with.
PREFIX = "guard_"


@dataclass(frozen=True)
class Guard:
    """Refuses `event` (INSERT, UPDATE or DELETE) on a row of `table` where `when` holds.

    `when` is SQL that both engines read, over NEW and OLD; `message` reaches the log, never a screen. A
    refusal surfaces as IntegrityError on either engine. An `erasable` one steps back while a permit stands, which
    the erasure of data past its period writes and takes away inside its own transaction (docs/adr/0054).
    """

    name: str
    table: str
    event: str
    when: str
    message: str
    erasable: bool = False


@dataclass(frozen=True)
class Notice(Guard):
    """Lets `event` on a row of `table` pass where `when` holds, and then runs `statement`, which notes it in `into`.

    For what is worked out beforehand and has to know that it no longer holds, whoever wrote, in whatever way.
    """

    message: str = ""
    statement: str = ""
    into: str = ""


_of_apps: dict[str, tuple[Guard, ...]] = {}


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
    """Drop the triggers that are there; for tests, a data migration that must rewrite frozen rows, and a bulk load.

    Inside a transaction that also puts them back nobody ever writes without them.
    """
    with connection.cursor() as cursor:
        for guard in guards:
            cursor.execute(_drop(connection.vendor, guard))
            if _forbids_truncate(connection.vendor, guard):
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}_truncate ON {guard.table}")


def condition_of(guard: Guard) -> str:
    """Return the SQL under which a guard refuses."""
    if not guard.erasable:
        return guard.when
    return f"({guard.when}) AND NOT EXISTS (SELECT 1 FROM {PERMIT_TABLE})"  # both are ours # noqa: S608 # nosec B608


def missing(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> list[str]:
    """Return the names of triggers that are not in the database, or switched off there, in the order of the guards."""
    there = _standing(connection)
    return [name for guard in guards for name in names_of(connection.vendor, guard) if name not in there]


def altered(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> list[str]:
    """Return the names of triggers that stand in the database with other words than ours, or on something else."""
    there = _standing(connection)
    return [
        name
        for guard in guards
        for name, wanted in _wanted(connection.vendor, guard).items()
        if there.get(name, "") != wanted
    ]


def unknown(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> list[str]:
    """Return the names of triggers that are none of these guards'; they may change what is written, unseen."""
    ours = {name for guard in guards for name in names_of(connection.vendor, guard)}
    return sorted(_standing(connection, running=False).keys() - ours)


def names_of(vendor: str, guard: Guard) -> list[str]:
    """Return the names of a guard's triggers: its own, and the one against TRUNCATE where it has one."""
    return list(_wanted(vendor, guard))


def _standing(connection: BaseDatabaseWrapper, *, running: bool = True) -> dict[str, str]:
    """Return what each trigger says by its name: the whole statement on SQLite; on PostgreSQL what it stands on, too."""
    query = {
        "sqlite": "SELECT name, trim(sql) FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT t.tgname, concat_ws(' ', c.relname, t.tgtype, btrim(p.prosrc, E' \\n')) "  # fixed words alone # nosec B608
        "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        # Of some columns alone, under a condition, or in copies alone: not the one we made.
        + (
            " AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''::int2vector"
            if running
            else ""
        ),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())


# How PostgreSQL writes down when a trigger runs: before (2), each row (1), and what.
_TYPES = {"INSERT": 7, "UPDATE": 19, "DELETE": 11, "TRUNCATE": 34}
_BEFORE = 2


def _wanted(vendor: str, guard: Guard) -> dict[str, str]:
    """Return what `_standing` has to say of a guard's triggers."""
    if vendor == "sqlite":
        return {guard.name: _create(vendor, guard)[1]}
    when = _TYPES[guard.event] - (_BEFORE if isinstance(guard, Notice) else 0)
    found = {guard.name: f"{guard.table} {when} {_body(_create(vendor, guard))}"}
    if _forbids_truncate(vendor, guard):
        body = _body(_create_truncate(vendor, guard))
        found[f"{guard.name}_truncate"] = f"{guard.table} {_TYPES['TRUNCATE']} {body}"
    return found


def _body(statements: list[str]) -> str:
    return statements[0].split("$guard$")[1].strip()


def lift(connection: BaseDatabaseWrapper) -> list[str]:
    """Take away every guard that stands, also those of an earlier version; returns their names. Nobody may be writing."""
    query = {
        "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = sorted((name, table) for name, table in cursor.fetchall() if name.startswith(PREFIX))
        for name, table in found:
            cursor.execute(f"DROP TRIGGER {name}{'' if connection.vendor == 'sqlite' else f' ON {table}'}")
    return [name for name, _ in found]


def installed_here() -> list[Guard]:
    """Return the guards of every app that has any."""
    return [guard for guards in _of_apps.values() for guard in guards]


def install_after_migrate(app_config: AppConfig, guards: tuple[Guard, ...]) -> None:
    """Install an app's guards whenever its migrations have run; call from AppConfig.ready().

    They are gone while migrations run, and where one was cut off until it is run again: /readyz and `verify` say so.
    """
    _of_apps[app_config.label] = guards

    def before(sender: AppConfig, using: str, plan: Any = None, **kwargs: Any) -> None:
        from django.db import connections

        if plan:
            lift(connections[using])

    def handler(sender: AppConfig, using: str, **kwargs: Any) -> None:
        from django.db import connections

        connection = connections[using]
        tables = set(connection.introspection.table_names())
        install(connection, (guard for guard in guards if _tables_of(guard) <= tables))

    uid = f"guards.{app_config.label}"
    pre_migrate.connect(before, sender=app_config, weak=False, dispatch_uid=uid)
    post_migrate.connect(handler, sender=app_config, weak=False, dispatch_uid=uid)


def _tables_of(guard: Guard) -> set[str]:
    """Return what must be there first: a trigger that asks a table which is not there refuses every change."""
    if isinstance(guard, Notice):
        return {guard.table, guard.into}
    return {guard.table, PERMIT_TABLE} if guard.erasable else {guard.table}


def _create(vendor: str, guard: Guard) -> list[str]:
    if isinstance(guard, Notice):
        return _create_notice(vendor, guard)
    if vendor == "sqlite":
        return [
            _drop(vendor, guard),
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW "
            f"WHEN {condition_of(guard)} BEGIN SELECT RAISE(ABORT, '{guard.message}'); END",
        ]
    result = "OLD" if guard.event == "DELETE" else "NEW"
    return [
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN "
        f"IF {condition_of(guard)} THEN RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'check_violation'; END IF; "
        f"RETURN {result}; END $guard$",
        f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {guard.name}()",
    ]


def _create_notice(vendor: str, notice: Notice) -> list[str]:
    if vendor == "sqlite":
        return [
            _drop(vendor, notice),
            f"CREATE TRIGGER {notice.name} AFTER {notice.event} ON {notice.table} FOR EACH ROW "
            f"WHEN {notice.when} BEGIN {notice.statement}; END",
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {notice.name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN "
        f"IF {notice.when} THEN {notice.statement}; END IF; RETURN NULL; END $guard$",
        f"DROP TRIGGER IF EXISTS {notice.name} ON {notice.table}",
        f"CREATE TRIGGER {notice.name} AFTER {notice.event} ON {notice.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {notice.name}()",
    ]


def _forbids_truncate(vendor: str, guard: Guard) -> bool:
    """Say whether TRUNCATE, which no row trigger sees, has to be refused beside the guard's own event."""
    return vendor == "postgresql" and guard.event == "DELETE" and not isinstance(guard, Notice)


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
