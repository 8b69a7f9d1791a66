"""A drill run in a child process, which is stopped where it takes too long."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

from bench.results import Figure
from tests.drills.declared import Drill

ROOT = Path(__file__).parents[2]
# Lines of what a failed drill said that are shown at once; the rest stays in its file.
TAIL = 30

# As it runs for its users, whatever a developer's shell has set; long work is done at once, where it is asked for.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "PLAIN_HTTP": "true",
    "DEBUG": "false",
    "DEMO": "false",
    "HTTPS": "false",
    "IMMEDIATE_TASKS": "true",
    "PYTHONHASHSEED": "0",
    # Nobody's: what a developer has switched on is no business of a drill.
    "MAINTENANCE_FILE": str(ROOT / "tests" / "drills" / "out" / "no-maintenance"),
}
NO_DATABASE = "sqlite://:memory:"


def environment(url: str = NO_DATABASE) -> dict[str, str]:
    """Return the environment of a child on this database."""
    return {**os.environ, **ENVIRONMENT, "SECRET_KEY": secrets.token_urlsafe(50), "DATABASE_URL": url}


def run(
    drill: Drill, database: str, url: str, folder: Path, log: Path, *, short: bool
) -> tuple[list[Figure], str]:
    """Run the drill; returns (figures, why it failed or nothing). What it says goes to `log`."""
    output = folder / f"{drill.name}-{database or 'none'}.json"
    command = [sys.executable, "-m", "tests.drills.child", drill.name, database or "-", str(output)]
    seconds = drill.seconds[short]
    with log.open("w") as said:
        # A session of its own, so that what the drill has started is stopped with it.
        child = subprocess.Popen(
            [*command, *(["--short"] if short else [])],
            cwd=ROOT,
            env=environment(url),
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            return [], f"stopped after {seconds:g} s"
        finally:
            stop(child)
    if not output.exists():
        return [], f"the process ended with {code}"
    result = json.loads(output.read_text())
    return [Figure(**figure) for figure in result["figures"]], result["failure"]


def stop(child: subprocess.Popen[bytes]) -> None:
    """Stop a child and all that is left of its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def tail(log: Path) -> list[str]:
    """Return the last lines of what a drill said."""
    return log.read_text(errors="replace").splitlines()[-TAIL:]
