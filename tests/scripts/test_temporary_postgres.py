"""A command gets a PostgreSQL of its own and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import temporary_postgres

SCRIPT = Path(temporary_postgres.__file__)
ASK = (
    "import os, psycopg2; c = psycopg2.connect(os.environ['DATABASE_URL']).cursor();"
    "c.execute('show data_directory'); print(c.fetchone()[0], flush=True);"
)

pytestmark = pytest.mark.skipif(
    temporary_postgres.find_programs() is None, reason="PostgreSQL is not installed"
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *command], capture_output=True, text=True, check=False, timeout=120
    )


def test_the_command_has_a_database_which_is_gone_afterwards():
    done = run(sys.executable, "-c", ASK + "raise SystemExit(3)")
    assert done.returncode == 3, done.stderr
    assert not Path(done.stdout.strip()).parent.exists()


def test_a_command_that_does_not_exist_is_named():
    done = run("no-such-program")
    assert done.returncode == 127
    assert "no-such-program" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_run_takes_its_server_along(number):
    with subprocess.Popen(
        [sys.executable, SCRIPT, sys.executable, "-c", ASK + "import time; time.sleep(60)"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        data = Path(running.stdout.readline().strip())
        server = int((data / "postmaster.pid").read_text().splitlines()[0])
        running.send_signal(number)
        running.wait(60)
        deadline = time.monotonic() + 30
        while is_alive(server) and time.monotonic() < deadline:
            time.sleep(0.05)
        left = is_alive(server)
        # A kill leaves the command and the folder behind: the system's own to clear, but not on a test machine.
        if number == signal.SIGKILL:
            os.killpg(running.pid, signal.SIGKILL)
            subprocess.run(["rm", "-rf", data.parent], check=True)
    assert not left
    assert not data.parent.exists()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
