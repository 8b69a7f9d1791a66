"""Empty, migrated databases: migrated once, then copied, one for each drill."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from scripts.temporary_postgres import StartFailedError, cluster

ROOT = Path(__file__).parents[2]
TEMPLATE = "migrated"


class NoDatabaseError(Exception):
    """The database could not be made; the text says why."""


class Sqlite:
    """Files in a folder that the caller removes."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._template = folder / f"{TEMPLATE}.sqlite3"
        migrate(f"sqlite:///{self._template}")
        # Everything into the main file, so that copying it copies all.
        import sqlite3

        with closing(sqlite3.connect(self._template)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def make(self, name: str) -> str:
        """Return the URL of a new copy."""
        path = self._folder / f"{name}.sqlite3"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"


class Postgres:
    """Databases of one cluster, copied by PostgreSQL itself."""

    def __init__(self, url: str):
        self._url = url
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        migrate(self._named(TEMPLATE))

    def make(self, name: str) -> str:
        """Return the URL of a new copy."""
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
        )
        return self._named(name)

    def _named(self, name: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

    def _run(self, statement: sql.Composed) -> None:
        with closing(psycopg2.connect(self._url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)


@contextmanager
def makers(database: str, folder: Path) -> Iterator[Sqlite | Postgres]:
    """Yield what makes databases of this kind. NoDatabaseError where there can be none."""
    if database == "sqlite":
        yield Sqlite(folder)
        return
    try:
        started = cluster()
        url = started.__enter__()
    except StartFailedError as failure:
        raise NoDatabaseError(str(failure)) from failure
    try:
        yield Postgres(url)
    finally:
        started.__exit__(None, None, None)


def migrate(url: str) -> None:
    """Bring a database to today's state, in a process of its own. NoDatabaseError with what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoDatabaseError(f"migrating failed: {done.stderr.strip()[-2000:]}")
