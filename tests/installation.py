"""An installation of its own: a database and a folder of files, worked on by `manage.py` as its operator would."""

import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from tests.processes import ROOT

# The same for all, as a restored database is of use with the keys of its day alone.
KEY = secrets.token_urlsafe(60)


@dataclass
class Installation:
    """One database and its files; everything of it lies in `folder` or in the cluster of the tests."""

    folder: Path
    url: str
    environment: dict[str, str] = field(default_factory=dict)
    # What its restore said.
    said: str = ""

    @property
    def files(self) -> Path:
        """Return its FILES_DIR."""
        return self.folder / "files"

    @property
    def is_sqlite(self) -> bool:
        """Say which engine it has."""
        return self.url.startswith("sqlite")

    @property
    def path(self) -> Path:
        """Return where its SQLite database lies."""
        return Path(self.url.removeprefix("sqlite:///"))

    def variables(self) -> dict[str, str]:
        """Return the environment in which its commands run."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": KEY,
            "DATABASE_URL": self.url,
            "FILES_DIR": str(self.files),
            "IMMEDIATE_TASKS": "true",
            **self.environment,
        }

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a Python program for it, and return how it ended."""
        return subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=ROOT, env=self.variables(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def manage(self, *arguments: str | Path) -> str:
        """Run a command, and return what it said. AssertionError where it failed."""
        done = self.run("manage.py", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str | Path) -> str:
        """Run a command that must refuse with a sentence, and return that."""
        done = self.run("manage.py", *arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "CommandError: " in done.stderr, done.stderr
        return done.stderr

    def execute(self, statement: str) -> list[tuple]:
        """Run one statement past the product, triggers and all, as its owner; return the rows."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.path)) as database:
                rows = database.execute(statement).fetchall()
                database.commit()
                return rows
        with closing(psycopg2.connect(self.url)) as database, database.cursor() as cursor:
            cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            database.commit()
            return rows

    def unguarded(self, statement: str) -> None:
        """Change what the triggers would not let anybody change: what a disk or a dump may do to a row."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.path)) as database:
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                ).fetchall():
                    database.execute(f"DROP TRIGGER {name}")
                database.execute(statement)
                database.commit()
            return
        self.execute(f"SET session_replication_role = 'replica'; {statement}")

    def drop(self) -> None:
        """Put everything away."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if not self.is_sqlite:
            _on_server(self.url, "DROP DATABASE IF EXISTS {} WITH (FORCE)")


def install(folder: Path, server: str) -> Installation:
    """Return one with nothing in it yet: no table, no file. `server` is the URL of any database of its engine."""
    name = f"skill_{uuid.uuid4().hex[:12]}"
    place = folder / name
    place.mkdir(parents=True)
    if server.startswith("sqlite"):
        return Installation(place, f"sqlite:///{place / 'db.sqlite3'}")
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    _on_server(url, "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0")
    return Installation(place, url)


def _on_server(url: str, statement: str) -> None:
    parts = urlsplit(url)
    with closing(psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(parts.path[1:])))
