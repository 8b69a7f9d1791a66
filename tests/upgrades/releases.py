"""The kept releases: a folder each with the text of its database on both engines, and what was in it."""

import json
import lzma
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from tests.processes import ROOT

FOLDER = Path(__file__).parent
ENGINES = ("sqlite", "postgres")
# What the databases here were signed and sealed with. It protects nothing but fictional people of a fixture.
KEY = "rW7x-kQ2vT9_mZ4pLc8yHd3nB6sJf0gXa5uEo1iVtYbNqKwPzR"
# Where the seals of the trail are noted outside the database (audit/anchors.py).
ANCHORS = "audit-anchors.jsonl"
APP_ROLE = "rirekisho_app"


@dataclass(frozen=True)
class Release:
    """One kept release: `migrations` are the newest of each app, `rows` the rows of each table on each engine."""

    name: str
    commit: str
    migrations: dict[str, str]
    rows: dict[str, dict[str, int]]

    def text(self, engine: str) -> str:
        """Return the SQL that makes the database."""
        return lzma.decompress(path_of(self.name, engine).read_bytes()).decode()

    def load(self, url: str) -> None:
        """Write the database of the release into an empty one."""
        engine = "sqlite" if url.startswith("sqlite:") else "postgres"
        if engine == "sqlite":
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
                connection.executescript(self.text(engine))
            return
        with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(APP_ROLE)))
            cursor.execute(self.text(engine))

    def files(self, url: str, folder: Path) -> Path:
        """Lay the files that belong to the database of an engine into a new folder, and return it."""
        place = folder / f"files-{self.name}"
        place.mkdir(exist_ok=True)
        engine = "sqlite" if url.startswith("sqlite:") else "postgres"
        anchors = FOLDER / self.name / f"{engine}-{ANCHORS}"
        # The first release sealed nothing yet.
        if anchors.exists():
            shutil.copyfile(anchors, place / ANCHORS)
        return place


def path_of(name: str, engine: str) -> Path:
    """Return where the text of a database lies."""
    return FOLDER / name / f"{engine}.sql.xz"


def releases() -> list[Release]:
    """Return every kept release, the oldest first."""
    folders = sorted(
        FOLDER.glob("v*/manifest.json"),
        key=lambda path: [int(part) for part in path.parent.name[1:].split(".")],
    )
    return [Release(file.parent.name, **json.loads(file.read_text())) for file in folders]


def newest_migrations(url: str) -> dict[str, str]:
    """Return app → the newest migration that a database has."""
    newest: dict[str, str] = {}
    for row in Database(url).rows()["django_migrations"].values():
        newest[row["app"]] = max(newest.get(row["app"], ""), row["name"])
    return newest


def manage(
    url: str, *arguments: str, check: bool = True, tree: Path = ROOT, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run a management command of today, or of another `tree`, on a database; RuntimeError with what it said where it failed."""
    done = subprocess.run(
        command(*arguments),
        cwd=tree,
        env=environment(url, **extra),
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {(done.stdout + done.stderr).strip()[-2000:]}")
    return done


def command(*arguments: str) -> list[str]:
    """Return the command line of a management command."""
    return [sys.executable, "manage.py", *arguments]


def environment(url: str, **extra: str) -> dict[str, str]:
    """Return the environment in which a kept database is opened."""
    return {
        **os.environ, "DATABASE_URL": url, "SECRET_KEY": KEY, "AUDIT_KEYS": KEY, "DEMO": "true", "DEBUG": "false",
        "PLAIN_HTTP": "true", "ALLOWED_HOSTS": "testserver,127.0.0.1", **extra,
    }  # fmt: skip


class Database:
    """A database read as it is, past the models: tables, rows, and the schema as text."""

    def __init__(self, url: str) -> None:
        self.url, self.is_sqlite = url, url.startswith("sqlite:")

    def tables(self) -> list[str]:
        """Return the names of its tables, without those of the engine itself."""
        if self.is_sqlite:
            found = self._ask(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        else:
            found = self._ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return sorted(name for (name,) in found)

    def rows(self) -> dict[str, dict[Any, dict[str, Any]]]:
        """Return table → key of the row → column → value."""
        return {table: self._rows_of(table) for table in self.tables()}

    def schema(self) -> list[str]:
        """Return every definition as a line of text, in an order that does not depend on how it came to be."""
        if self.is_sqlite:
            found = self._ask(
                "SELECT type || ' ' || tbl_name || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master"
            )
            return sorted(line for (line,) in found)
        return sorted(_plain(line) for (line,) in self._ask(_SCHEMA))

    def _rows_of(self, table: str) -> dict[Any, dict[str, Any]]:
        found: dict[Any, dict[str, Any]] = {}
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            # A name out of the catalogue of the database itself.
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            key = _key_of(columns)
            for row in cursor:
                values = {name: bytes(value) if isinstance(value, memoryview) else value
                          for name, value in zip(columns, row, strict=True)}  # fmt: skip
                found[tuple(values[name] for name in key)] = values
        return found

    def _ask(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def _connect(self) -> Any:
        return (
            sqlite3.connect(self.url.removeprefix("sqlite:///"))
            if self.is_sqlite
            else psycopg2.connect(self.url)
        )


def _plain(definition: str) -> str:
    """Return a definition of PostgreSQL without brackets and casts, which come out otherwise after a dump and a load."""
    return re.sub(r"::(character varying|[a-z]+)(\[\])?|[()]", "", definition)


def _key_of(columns: list[str]) -> list[str]:
    if "id" in columns:
        return ["id"]
    if "session_key" in columns:
        return ["session_key"]
    return [columns[0]]


_SCHEMA = """
SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
       || coalesce(column_default, '') || ' ' || coalesce(character_maximum_length, 0)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint ' || conrelid::regclass::text || ' ' || conname || ' ' || convalidated || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger ' || tgrelid::regclass::text || ' ' || tgenabled::text || ' ' || pg_get_triggerdef(oid)
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function ' || proname || ' ' || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'policy ' || tablename || ' ' || policyname || ' ' || coalesce(qual, '') || ' ' || coalesce(with_check, '')
  FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT 'wall ' || relname || ' ' || relrowsecurity || ' ' || relforcerowsecurity || ' ' || coalesce(relacl::text, '')
  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
