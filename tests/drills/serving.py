"""The product as it runs for its users, started, killed and started again by a drill: no drill itself.

A supervisor stands in for systemd's `Restart=always`: what dies is begun again, after as long as the unit says.
"""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.processes import ROOT, free_port, stop

UNIT = ROOT / "docs" / "operations" / "examples" / "skill-server.service"
READY_SECONDS = 60


class NeverReadyError(Exception):
    """The server did not answer /readyz in time."""


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def kill(pid: int) -> None:
    """Kill one process; one that is gone is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_tree(process: subprocess.Popen) -> None:
    """Kill a process and its children at one moment: it must not start others in between."""
    if process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        found = children_of(process.pid)
        kill(process.pid)
        for pid in found:
            kill(pid)
    process.wait()


def seconds_to_restart(text: str) -> float:
    """Return RestartSec of the one unit, or drop-in, in a text; ValueError where it does not always restart."""
    found = re.search(r"^\s*RestartSec=([0-9.]+)$", text, re.MULTILINE)
    if found is None or not re.search(r"^\s*Restart=always$", text, re.MULTILINE):
        raise ValueError("nothing says that it is begun again")
    return float(found.group(1))


class Supervisor:
    """Keeps one program running: begins it again a moment after it has ended, until `close`."""

    def __init__(
        self,
        begin: Callable[[], subprocess.Popen],
        end: Callable[[subprocess.Popen], None] = stop,
        *,
        after: float,
    ):
        self._begin, self._end, self._after = begin, end, after
        self._closing, self._held = threading.Event(), threading.Event()
        self.starts = 0
        self.process = self._started()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _started(self) -> subprocess.Popen:
        self.starts += 1
        return self._begin()

    def _watch(self) -> None:
        # The thread that starts a process must outlive it: the kernel may tie the two together (PDEATHSIG).
        while not self._closing.wait(0.02):
            if self.process.poll() is not None and not self._held.is_set():
                if self._closing.wait(self._after):
                    return
                self.process = self._started()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing be begun again meanwhile."""
        self._held.set()
        try:
            yield
        finally:
            self._held.clear()

    def close(self) -> None:
        """End the program for good; a second time does nothing."""
        self._closing.set()
        self._thread.join()
        if self.process.poll() is None:
            self._end(self.process)


class Server:
    """gunicorn under a supervisor, on a database URL; static files come from the sources."""

    def __init__(
        self,
        url: str,
        *,
        workers: int = 2,
        settings: str = "tests.drills.served_settings",
        environment: Mapping[str, str] | None = None,
    ):
        self.port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py"]
        variables = {
            **os.environ,
            "LISTEN": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": str(workers),
            "LOG_LEVEL": "critical",
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": settings,
            **(environment or {}),
        }

        def begin() -> subprocess.Popen:
            return subprocess.Popen(command, cwd=ROOT, env=variables)

        # A drill ends as abruptly as it began: what is on the way then must be whole or not there.
        self.supervisor = Supervisor(begin, kill_tree, after=seconds_to_restart(UNIT.read_text()))

    def wait_ready(self, seconds: float = READY_SECONDS, path: str = "/readyz") -> None:
        """Wait until it takes requests, or with /healthz until it lives; NeverReadyError where it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.asked(path) == 200:
                return
            time.sleep(0.05)
        raise NeverReadyError(f"{path} did not answer 200 within {seconds:g} s")

    def asked(self, path: str) -> int:
        """Return the status of a GET by nobody, 0 where nothing answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def kill_everything(self) -> None:
        """Kill the master and its workers at once."""
        kill_tree(self.supervisor.process)

    def kill_workers(self) -> None:
        """Kill the workers alone; the master begins others."""
        for pid in children_of(self.supervisor.process.pid):
            kill(pid)

    def close(self) -> None:
        """Kill it for good."""
        self.supervisor.close()


@contextlib.contextmanager
def serving(url: str, **options) -> Iterator[Server]:
    """Yield a server that is ready."""
    server = Server(url, **options)
    try:
        server.wait_ready()
        yield server
    finally:
        server.close()
