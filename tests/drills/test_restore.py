"""The drills of restoring go red: a changed row, a main file copied alone, a file left out, an archive that keeps nothing."""

import shutil
import sqlite3
import threading
import uuid
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.backups import sqlite
from scripts.temporary_postgres import find_programs
from tests.drills import loss_postgres, loss_sqlite, restore
from tests.installation import Installation, install
from tests.processes import missing


class Plain(Installation):
    """An installation whose backup is the copy of a database; `copy` is how."""

    copy = staticmethod(sqlite.copy)

    def manage(self, *arguments):
        """Copy there, copy back."""
        if arguments[0] == "backup":
            self.copy(self.path, Path(arguments[1]))
        elif arguments[0] == "restore":
            shutil.copyfile(arguments[1], self.path)
        return ""


class Careless(Plain):
    """The planted fault: the main file alone."""

    copy = staticmethod(shutil.copyfile)


class Writers:
    """Stands for the people of the drill: entries go straight into the table."""

    place: Installation

    def __init__(self, people):
        self.done, self.faults, self._stop = {}, [], threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self):
        with closing(sqlite3.connect(self.place.path, timeout=20)) as database:
            while not self._stop.wait(0.002):
                title = uuid.uuid4().hex
                database.execute("INSERT INTO assessments_entry VALUES (?)", [title])
                database.commit()
                self.done[title] = restore.time.monotonic()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *given):
        self._stop.set()
        self._thread.join()


@pytest.fixture
def backed_up(tmp_path, monkeypatch, settings):
    """Runs the drill's backup under writers on an installation of a kind, and returns the outcome."""

    def run(kind):
        made = install(tmp_path, "sqlite://")
        place = kind(made.folder, made.url)
        with closing(sqlite3.connect(place.path)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE assessments_entry (title text)")
            database.execute("CREATE TABLE assessments_attachment (uuid text, size int)")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            monkeypatch.setattr(Writers, "place", place, raising=False)
            monkeypatch.setattr(restore, "Crowd", Writers)
            monkeypatch.setattr(restore, "install", lambda folder, url: kind(*_parts(install(folder, url))))
            return restore.under_writers(SimpleNamespace(people=[]), place, tmp_path, acknowledged=40)

    def _parts(made):
        return made.folder, made.url

    return run


def test_what_was_acknowledged_before_a_backup_is_in_it(backed_up):
    assert backed_up(Plain).lost == []


def test_the_main_file_copied_alone_is_found(backed_up):
    assert restore.FIGURES["backup.under_writers.lost"].fails(len(backed_up(Careless).lost), short=True)


def test_a_file_that_was_left_out_is_found(tmp_path, settings):
    place = install(tmp_path, "sqlite://")
    place.execute("CREATE TABLE assessments_attachment (uuid text, size int)")
    key = uuid.uuid4()
    place.execute(f"INSERT INTO assessments_attachment VALUES ('{key.hex}', 3)")
    assert list(restore.lost_files(place)) == [key.hex]
    path = place.files / "attachments" / key.hex[:2] / key.hex
    path.parent.mkdir(parents=True)
    path.write_bytes(b"ab")
    assert list(restore.lost_files(place)) == [key.hex]
    path.write_bytes(b"abc")
    assert list(restore.lost_files(place)) == []


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("SELECT 1", 3),
        ("UPDATE rating SET step = 4 WHERE id = 2", 2),
        ("DELETE FROM rating WHERE id = 2", 2),
        ("INSERT INTO rating VALUES (4, 1, NULL)", 3),
    ],
)
def test_a_row_that_was_changed_is_found(tmp_path, fault, found):
    source, target = install(tmp_path, "sqlite://"), install(tmp_path, "sqlite://")
    for place in (source, target):
        place.execute("CREATE TABLE rating (id INTEGER PRIMARY KEY, step INT, words TEXT)")
        place.execute("INSERT INTO rating VALUES (1, 1, 'あ'), (2, 2, NULL), (3, 3, '')")
    target.execute(fault)
    assert restore.equal(source, target) == (found, 3)
    assert restore.FIGURES["restore.equal"].fails(100 * found / 3, short=True) == (found < 3)


def test_a_restore_that_refuses_is_a_failure_of_the_drill(tmp_path, monkeypatch):
    """A truncated archive, or a dump of another moment: tests/config/backups/test_restore.py."""
    place = install(tmp_path, "sqlite://")
    (tmp_path / "cut.backup").write_bytes(b"ustar")
    with pytest.raises(AssertionError, match="CommandError"):
        place.manage("restore", tmp_path / "cut.backup")


def test_a_timer_that_does_not_run_is_found(tmp_path, monkeypatch):
    """The planted fault: nothing is backed up for as long as six intervals."""
    monkeypatch.setattr(loss_sqlite, "play", lambda folder: (loss_sqlite.INTERVAL + 6 * 60, ""))
    (figure,) = loss_sqlite.measure(short=True)
    assert loss_sqlite.FIGURES["restore.loss_window.sqlite"].fails(figure.value, short=True)


def test_an_archive_that_keeps_nothing_is_found():
    if find_programs() is None:
        missing("PostgreSQL")
    # The planted fault: it says that it has kept the piece.
    outcome = loss_postgres.play(seconds=12, command="/bin/true")
    bounds = loss_postgres.FIGURES
    assert outcome.acknowledged > 100
    assert bounds["restore.loss_window.postgres"].fails(outcome.minutes, short=True)
    assert bounds["restore.archived.lost"].fails(outcome.lost_archived, short=True)
