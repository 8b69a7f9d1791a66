"""A file of SQLite on a disk that is read-only: read on where nothing is left out, refused where something would be."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError

from config.databases import SQLITE_OPTIONS
from lib.sqlite.base import DatabaseWrapper
from tests.drills.mounts import NoMountError, small_disk
from tests.processes import missing

# pytest guards every connection; this one leads to a file of the test's own.
pytestmark = pytest.mark.django_db
KILLED = """
import os, signal, sqlite3, sys
one = sqlite3.connect(sys.argv[1])
one.execute("PRAGMA journal_mode=WAL")
one.execute("INSERT INTO told VALUES ('in the WAL')")
one.commit()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def disk():
    try:
        with small_disk(8) as made:
            yield made
    except NoMountError as reason:
        missing(str(reason))


@pytest.fixture
def path(disk):
    with closing(sqlite3.connect(disk.path / "some name.sqlite3")) as one:
        one.execute("PRAGMA journal_mode=WAL")
        one.execute("CREATE TABLE told (what text)")
        one.execute("INSERT INTO told VALUES ('in the file')")
        one.commit()
    return disk.path / "some name.sqlite3"


def opened(path) -> DatabaseWrapper:
    return DatabaseWrapper(
        {
            "NAME": str(path), "OPTIONS": SQLITE_OPTIONS, "TIME_ZONE": None, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False,
            "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "TEST": {"NAME": None},
        }
    )  # fmt: skip


def told(path) -> list[str]:
    one = opened(path)
    try:
        with one.cursor() as cursor:
            return [what for (what,) in cursor.execute("SELECT what FROM told ORDER BY what").fetchall()]
    finally:
        one.close()


def write(path) -> None:
    one = opened(path)
    try:
        with one.cursor() as cursor:
            cursor.execute("INSERT INTO told VALUES ('written')")
    finally:
        one.close()


def test_a_read_only_disk_is_read_and_not_written_and_then_written_again(disk, path):
    disk.set_writable(writable=False)
    assert told(path) == ["in the file"]
    with pytest.raises(DatabaseError):
        write(path)
    disk.set_writable(writable=True)
    write(path)
    assert told(path) == ["in the file", "written"]


def test_what_a_killed_process_left_in_the_wal_is_read_too(disk, path):
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    disk.set_writable(writable=False)
    assert told(path) == ["in the WAL", "in the file"]


def test_nothing_is_read_where_something_would_be_left_out(disk, path):
    """The WAL without its index, which nobody can make there: better no answer than an old one."""
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    Path(f"{path}-shm").unlink()
    disk.set_writable(writable=False)
    with pytest.raises(OperationalError):
        told(path)


def test_a_disk_that_can_be_written_has_no_such_way(path):
    path.unlink()
    path.mkdir()
    with pytest.raises(OperationalError):
        told(path)
