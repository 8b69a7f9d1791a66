"""A replica of the PostgreSQL that the tests run on: copied by pg_basebackup, streaming, to be slowed, frozen and stopped."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg2

from scripts import temporary_postgres as temporary
from tests.processes import free_port


class Standby:
    """One replica in a folder of its own; `settings` is how Django connects to it."""

    def __init__(self, primary: Mapping[str, Any], folder: Path):
        programs, self._owner = temporary.find_programs(), temporary.unprivileged_user()
        assert programs is not None
        self._programs, self._folder, self._primary = programs, folder, primary
        if self._owner is not None:
            os.chown(folder, self._owner.pw_uid, self._owner.pw_gid)
        self.port = free_port()
        self.settings = {**primary, "PORT": str(self.port), "CONN_HEALTH_CHECKS": False}
        copied = subprocess.run(
            [
                *(programs / "pg_basebackup", "-h", primary["HOST"], "-p", str(primary["PORT"])),
                *("-U", primary["USER"], "-D", folder / "data", "-R", "-X", "stream", "-c", "fast"),
                "--no-sync",
            ],
            env={**os.environ, "PGPASSWORD": primary["PASSWORD"]},
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
            **temporary._as_user(self._owner),
        )
        if copied.returncode:
            raise temporary.StartFailedError(copied.stderr)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers and streams."""
        self.server = temporary.start_server(self._programs, self._folder, self.port, self._owner)
        self.caught_up()

    def stop(self) -> None:
        """Stop it."""
        temporary.stop_server(self.server)

    def delay(self, words: str) -> None:
        """Let it apply every commit so much later."""
        self.say(f"ALTER SYSTEM SET recovery_min_apply_delay = '{words}'")
        self.say("SELECT pg_reload_conf()")

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop every process of it as a machine that hangs does: connections stay, nothing answers."""
        for one in self._processes():
            os.kill(one, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in self._processes():
                os.kill(one, signal.SIGCONT)

    def end_sessions(self) -> None:
        """End whatever is connected to it."""
        self.say(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    def caught_up(self, seconds: float = 30) -> None:
        """Wait until it has replayed what the primary has written by now."""
        ((lsn,),) = ask(self._primary, "SELECT pg_current_wal_lsn()::text")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.say(f"SELECT coalesce(pg_last_wal_replay_lsn() >= '{lsn}', false)") == [(True,)]:
                return
            time.sleep(0.05)
        raise RuntimeError("the replica does not catch up")

    def say(self, statement: str) -> list[tuple]:
        """Say one statement to it, as its superuser."""
        return ask(self.settings, statement)

    def _processes(self) -> list[int]:
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        return [self.server.pid, *map(int, children)]


def ask(settings: Mapping[str, Any], statement: str) -> list[tuple]:
    """Return the rows of one statement over a connection of its own."""
    parts = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    with contextlib.closing(
        psycopg2.connect(**{name: settings[key] for name, key in parts.items()})
    ) as asked:
        asked.autocommit = True
        cursor = asked.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def standby_of(primary: Mapping[str, Any]) -> Iterator[Standby]:
    """Yield a replica that has everything; it is stopped and gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="skill-standby-"))
    made: Standby | None = None
    try:
        made = Standby(primary, folder)
        yield made
    finally:
        if made is not None:
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)
