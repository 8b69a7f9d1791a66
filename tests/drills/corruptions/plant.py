"""How a corruption is planted: SQL past triggers and constraints, inside a transaction that is taken back."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from lib.guards import remove

# What a plant is told: keys of rows of the world, by name.
World = Mapping[str, Any]
Step = str | Callable[[World], None]


@dataclass(frozen=True)
class Plant:
    """One kind. `check` is the one that has to tell it; `steps` are SQL with {names} of the world, or functions.

    `engines` are those on which it can happen at all; the others guard it by their nature or have no such thing.
    """

    kind: str
    check: str
    steps: tuple[Step, ...]
    engines: tuple[str, ...] = field(default=("sqlite", "postgresql"))

    def plant(self, world: World) -> None:
        """Do it, on the database of this process."""
        for step in self.steps:
            if callable(step):
                step(world)
            else:
                run(step, world)


def plant(kind: str, check: str, *steps: Step) -> Plant:
    """Return a kind of both engines."""
    return Plant(kind, check, steps)


def on_sqlite(kind: str, check: str, *steps: Step) -> Plant:
    """Return a kind of SQLite alone."""
    return Plant(kind, check, steps, ("sqlite",))


def on_postgres(kind: str, check: str, *steps: Step) -> Plant:
    """Return a kind of PostgreSQL alone."""
    return Plant(kind, check, steps, ("postgresql",))


def run(statement: str, world: World) -> int:
    """Execute one statement with the keys of the world in it; return how many rows it touched."""
    text = re.sub(r"\{(\w+)\}", lambda name: str(world[name.group(1)]), statement)
    with connection.cursor() as cursor:
        cursor.execute(text)
        touched = cursor.rowcount
    if touched == 0 and text.lstrip().upper().startswith(("UPDATE", "DELETE", "INSERT")):
        raise AssertionError(f"planted nothing: {text}")
    return touched


def without(table: str, *constraints: str) -> Callable[[World], None]:
    """Return a step that takes conditions of a table away; SQLite is told not to ask any (`past_everything`)."""

    def drop(world: World) -> None:
        if connection.vendor == "postgresql":
            for name in constraints:
                run(f"ALTER TABLE {table} DROP CONSTRAINT {name}", world)

    return drop


def rewritten(table: str, before: str, after: str) -> Callable[[World], None]:
    """Return a step that changes the words SQLite keeps of a table."""

    def rewrite(world: World) -> None:
        run("PRAGMA writable_schema = ON", world)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE sqlite_master SET sql = replace(sql, %s, %s) WHERE name = %s AND instr(sql, %s) > 0",
                [before, after, table, before],
            )
            if not cursor.rowcount:
                raise AssertionError(f"{table} has no {before}")
        run("PRAGMA writable_schema = OFF", world)

    return rewrite


@contextmanager
def past_everything(*, keep_guards: bool) -> Iterator[None]:
    """Let the block write what nothing lets through, and take all of it back."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = 'replica'")
        else:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints = ON")
            if not keep_guards:
                remove(connection, [guard for name in settings.GUARDS for guard in import_string(name)])
        try:
            yield
        finally:
            if connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA ignore_check_constraints = OFF")
            transaction.set_rollback(True)
