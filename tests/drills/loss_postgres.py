"""Losing a PostgreSQL with base backups and an archive of its WAL, and restoring it as docs/operations/backup.md says.

The scripts of docs/operations/examples are what is run. Somebody writes a row every few milliseconds and notes when it was
acknowledged; the cluster is killed, its directory removed, and what is played back is counted. `archive_timeout` is what
decides the loss and the documented minute would make the drill wait for minutes: it runs with seconds, and the
loss is scaled by as much.
"""

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
from psycopg2.extensions import parse_dsn

from bench.bounds import Bound
from bench.results import Figure
from scripts.temporary_postgres import _as_user, find_programs, unprivileged_user
from tests.drills.crowd import wait_until
from tests.drills.postgres import Cluster
from tests.drills.serving import kill_tree
from tests.processes import ROOT

EXAMPLES = ROOT / "docs" / "operations" / "examples"
FIGURES = {
    "restore.loss_window.postgres": Bound(5, "min", per_database=False),
    "restore.archived.lost": Bound(0, "rows", per_database=False),
}
DATABASES = ()
# Longer than the bound, in the time of the drill: an archive that keeps nothing falls short.
WHOLE, SHORT = 90, 16
# Seconds: what the documentation sets, and what the drill waits for instead.
DOCUMENTED, TIMEOUT = 60.0, 2.0
EVERY = 0.01
PATIENCE = 120


@dataclass
class Written:
    """One row that was acknowledged: its number, when, and in which piece of the WAL it lies at the latest."""

    number: int
    at: float
    piece: str


@dataclass
class Outcome:
    """What came back."""

    acknowledged: int
    lost: int
    # Lost although the piece of WAL that holds them had been archived.
    lost_archived: int
    # Seconds between the newest row that came back and the loss of the machine.
    window: float
    said: list[str] = field(default_factory=list)

    @property
    def minutes(self) -> float:
        """Return the loss with the documented setting, in minutes."""
        return self.window * DOCUMENTED / TIMEOUT / 60


class Archived:
    """A cluster with the documented configuration, in a folder of its own; its archive lies beside it."""

    def __init__(self, folder: Path, *, archive: Path | None = None, command: str = "") -> None:
        self._owner = unprivileged_user()
        self.folder, self.archive = folder, archive or folder / "archive"
        for path in (self.archive, self.archive / "wal"):
            path.mkdir()
            self._give(path)
        # The owner of the cluster need not be able to read where the sources lie.
        self._scripts = Path(shutil.copytree(EXAMPLES, folder / "bin"))
        command = command or f'{self._scripts / "archive-wal"} "%p" "{self.archive}/wal/%f"'
        place = folder / "cluster"
        place.mkdir()
        folder.chmod(0o755)
        self.cluster = Cluster(
            place,
            settings={
                "wal_level": "replica", "archive_mode": "on", "archive_command": command,
                "archive_timeout": f"{TIMEOUT:g}s", "wal_compression": "on", "max_wal_senders": "4",
            },
        )  # fmt: skip
        self.data = place / "data"

    def _give(self, path: Path) -> None:
        if self._owner is not None:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def run(self, script: str, *arguments: str | Path) -> str:
        """Run one of the documented scripts as the owner of the cluster. RuntimeError with what it said."""
        parts = parse_dsn(self.cluster.url)
        programs = find_programs()
        done = subprocess.run(
            [str(self._scripts / script), *map(str, arguments)],
            env={
                "PATH": f"/usr/bin:/bin:{programs}", "PGHOST": parts["host"], "PGPORT": parts["port"],
                "PGUSER": parts["user"], "PGPASSWORD": parts["password"],
            },
            cwd=self.folder, capture_output=True, text=True, check=False, **_as_user(self._owner),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{script}: {done.stderr.strip()[-500:]}")
        return done.stdout.strip()

    def destroy(self) -> None:
        """Lose the machine: every process and the whole directory."""
        kill_tree(self.cluster.supervisor.process)
        # Its children notice within a moment; the directory is gone under them.
        for _ in range(100):
            with contextlib.suppress(OSError):
                subprocess.run(["rm", "-rf", str(self.data)], check=True)
                break
            time.sleep(0.05)
        if self.data.exists():
            raise RuntimeError("the directory is still there")


class Writer:
    """Writes rows until it is told to stop or the database is gone, and notes each that was acknowledged."""

    def __init__(self, url: str) -> None:
        self._url, self._stop = url, threading.Event()
        self.rows: list[Written] = []
        self._thread = threading.Thread(target=self._write, daemon=True)

    def _write(self) -> None:
        with contextlib.suppress(psycopg2.Error), contextlib.closing(psycopg2.connect(self._url)) as database:
            database.autocommit = True
            with database.cursor() as cursor:
                number = 0
                while not self._stop.wait(EVERY):
                    number += 1
                    cursor.execute("INSERT INTO answer (id) VALUES (%s)", [number])
                    at = time.monotonic()
                    cursor.execute("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
                    self.rows.append(Written(number, at, cursor.fetchone()[0]))

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *given: object) -> None:
        self._stop.set()
        self._thread.join()


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield what is lost, in minutes of the documented setting, and what was lost although it had been archived."""
    outcome = play(seconds=SHORT if short else WHOLE)
    behind = f"{outcome.acknowledged} rows acknowledged, {outcome.lost} lost, the newest {outcome.window:.1f} s old"
    yield Figure("restore.loss_window.postgres", outcome.minutes, behind)
    yield Figure("restore.archived.lost", outcome.lost_archived, behind)


def play(*, seconds: float, command: str = "") -> Outcome:
    """Write for so long, lose the machine, restore, and count. `command` is what a test puts in place of the archiving."""
    with TemporaryDirectory(prefix="skill-wal-") as name, archived(Path(name), command=command) as server:
        _execute(server.cluster.url, "CREATE TABLE answer (id bigint PRIMARY KEY)")
        said = [server.run("base-backup", server.archive, "2")]
        with Writer(server.cluster.url) as writer:
            time.sleep(seconds / 2)
            said.append(server.run("base-backup", server.archive, "2") if not command else "")
            time.sleep(seconds / 2)
            with server.cluster.supervisor.held():
                # The worst moment: just before the next piece would be closed.
                before = _archived(server.cluster.url)
                wait_until(lambda: _archived(server.cluster.url) != before, 3 * TIMEOUT)
                time.sleep(0.8 * TIMEOUT)
                last = _archived(server.cluster.url)
                lost_at = time.monotonic()
                server.destroy()
                rows = list(writer.rows)
                said.append(server.run("restore-base", server.archive, server.data))
        server.cluster.wait_ready()
        # It answers while it still plays the archive back.
        if not wait_until(
            lambda: _execute(server.cluster.url, "SELECT NOT pg_is_in_recovery()")[0][0], PATIENCE
        ):
            raise RuntimeError(f"the recovery did not end: {server.cluster.log()[-500:]}")
        there = {row[0] for row in _execute(server.cluster.url, "SELECT id FROM answer")}
        missing = [row for row in rows if row.number not in there]
        newest = max((row.at for row in rows if row.number in there), default=rows[0].at)
        return Outcome(
            acknowledged=len(rows),
            lost=len(missing),
            lost_archived=sum(row.piece <= last for row in missing),
            window=lost_at - newest,
            said=said,
        )


@contextlib.contextmanager
def archived(folder: Path, *, command: str = "") -> Iterator[Archived]:
    """Yield a cluster that archives, stopped afterwards."""
    made = Archived(folder, command=command)
    try:
        yield made
    finally:
        made.cluster.close()


def _archived(url: str) -> str:
    """Return the newest piece of WAL that is in the archive."""
    ((piece,),) = _execute(url, "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver")
    # A base backup leaves a note there too: the name of its piece, then where in it.
    return piece.split(".")[0]


def _execute(url: str, statement: str) -> list[tuple]:
    with contextlib.closing(psycopg2.connect(url)) as database, database.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
        database.commit()
        return rows
