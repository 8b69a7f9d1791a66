"""A PostgreSQL that keeps what it has acknowledged, under a supervisor, to be killed by a drill. No drill itself.

The cluster of the other drills throws its last transactions away in a crash (scripts/temporary_postgres.py): it is quick,
and no witness of what is lost.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import environ
import psycopg2
from django.db import connection

from scripts import temporary_postgres as temporary
from tests.drills.databases import NoDatabaseError, migrate
from tests.drills.serving import Supervisor, children_of, kill, seconds_to_restart
from tests.drills.written import PAGES
from tests.processes import free_port

# What a crash may cost is decided by these; they are PostgreSQL's own defaults.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
    # A machine that writes for others as well: the sync at the start of a recovery is the kernel's, not ours.
    "recovery_init_sync_method": "fsync",
}
START_SECONDS = 60


class Cluster:
    """One cluster in a folder that the caller removes; `url` leads to its database. `wal` is a place for the WAL alone."""

    def __init__(
        self,
        folder: Path,
        *initdb: str,
        settings: Mapping[str, str] | None = None,
        wal: Path | None = None,
    ):
        programs = temporary.find_programs()
        if programs is None:
            raise NoDatabaseError("PostgreSQL is not installed (scripts/system postgres)")
        self._owner, self._folder = temporary.unprivileged_user(), folder
        if wal is not None:
            wal.mkdir()
        for one in filter(None, (folder, wal)):
            if self._owner is not None:
                os.chown(one, self._owner.pw_uid, self._owner.pw_gid)
        password, port = secrets.token_urlsafe(16), free_port()
        apart = () if wal is None else ("--waldir", str(wal))
        temporary.create_cluster(programs, folder, password, self._owner, *apart, *initdb)
        self.url = f"postgres://postgres:{password}@127.0.0.1:{port}/postgres"

        def begin() -> subprocess.Popen:
            return temporary.launch_server(
                programs, folder, port, self._owner, {**DURABLE, **(settings or {})}
            )

        self.supervisor = Supervisor(
            begin,
            temporary.stop_server,
            after=seconds_to_restart(PAGES["reliability"].read_text(encoding="utf-8")),
        )
        try:
            self.wait_ready()
        except NoDatabaseError:
            self.close()
            raise

    def answers(self) -> bool:
        """Say whether it takes a connection and answers."""
        try:
            with contextlib.closing(psycopg2.connect(self.url, connect_timeout=2)) as connected:
                connected.cursor().execute("SELECT 1")
            return True
        except psycopg2.Error:
            return False

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until it answers; NoDatabaseError with what it said where it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.answers():
                return
            time.sleep(0.05)
        raise NoDatabaseError(f"PostgreSQL does not answer: {self.log()[-2000:]}")

    def log(self) -> str:
        """Return what the server has said."""
        return (self._folder / "log").read_text(errors="replace")

    def stop_fast(self) -> None:
        """Do what `pg_ctl stop -m fast` does: end every session, write a checkpoint, end."""
        self.supervisor.process.send_signal(signal.SIGINT)

    def stop_immediately(self) -> None:
        """Do what `pg_ctl stop -m immediate` does: leave without a checkpoint."""
        self.supervisor.process.send_signal(signal.SIGQUIT)

    def kill_postmaster(self) -> None:
        """Kill the first process; those it has started notice and end."""
        kill(self.supervisor.process.pid)

    def kill_one(self) -> None:
        """Kill one process that serves a session: PostgreSQL then ends all of them and recovers by itself."""
        for pid in children_of(self.supervisor.process.pid):
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"127.0.0.1" in words:
                kill(pid)
                return
        raise RuntimeError("nobody is connected")

    def close(self) -> None:
        """Stop it for good."""
        self.supervisor.close()


@contextlib.contextmanager
def durable_cluster() -> Iterator[Cluster]:
    """Yield a migrated cluster of its own, to which the ORM of this process leads from now on."""
    folder = Path(tempfile.mkdtemp(prefix="skill-durable-"))
    cluster: Cluster | None = None
    try:
        cluster = Cluster(folder)
        migrate(cluster.url)
        lead_to(cluster.url)
        yield cluster
    finally:
        connection.close()
        if cluster is not None:
            cluster.close()
        shutil.rmtree(folder, ignore_errors=True)


def lead_to(url: str) -> None:
    """Let the ORM of this process, and what it starts, work on another database of the same kind."""
    connection.close()
    found = environ.Env.db_url_config(url)
    connection.settings_dict.update({key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
    os.environ["DATABASE_URL"] = url
