"""Everything that `make check` asks, in seconds; says all that is wrong, then exits 1.

Usage: python -m scripts.check
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from scripts.check import licences, links, locks, outside, security, sizes, words
from scripts.check.files import ROOT

BIN = Path(sys.executable).parent
# The checks read no data: a database in memory will do, and a key that lives as long as they run.
ENVIRONMENT = {
    **os.environ,
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DATABASE_URL": "sqlite://:memory:",
    "DEBUG": "false",
    "DEMO": "false",
}
# As production is asked to run: behind HTTPS.
DEPLOYED = {**ENVIRONMENT, "HTTPS": "true", "ALLOWED_HOSTS": "skill.example.lg.jp"}
MANAGE = [sys.executable, "-W", "error", "manage.py"]

COMMANDS: dict[str, tuple[list[str], dict[str, str]]] = {
    "lint": ([str(BIN / "ruff"), "check", "--quiet", "--output-format=concise", "."], ENVIRONMENT),
    "format": (
        [str(BIN / "ruff"), "format", "--check", "--quiet", "--output-format=concise", "."],
        ENVIRONMENT,
    ),
    "types": ([str(BIN / "mypy"), "--no-error-summary"], ENVIRONMENT),
    "migrations": ([*MANAGE, "makemigrations", "--check", "--dry-run"], ENVIRONMENT),
    "deployment": ([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], DEPLOYED),
}
QUESTIONS: dict[str, Callable[[Path], Iterator[str]]] = {
    "links": links.problems,
    "licences": licences.problems,
    "outside": outside.problems,
    "words": words.problems,
    "sizes": sizes.problems,
    "security": security.problems,
    "locks": locks.problems,
}


def run_command(command: list[str], environment: dict[str, str]) -> list[str]:
    """Run a program; returns what it said where it found something wrong, else nothing."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return []
    return done.stdout.splitlines() or [f"{command[0]} ended with {done.returncode}"]


def ask(problems: Callable[[Path], Iterator[str]]) -> list[str]:
    """Return all that a check of this package finds in the project."""
    return list(problems(ROOT))


def main() -> int:
    """Ask everything; returns the exit code."""
    checks: dict[str, Callable[[], list[str]]] = {
        **{name: partial(run_command, *command) for name, command in COMMANDS.items()},
        **{name: partial(ask, problems) for name, problems in QUESTIONS.items()},
    }
    wrong = []
    for name, check in checks.items():
        start = time.monotonic()
        found = check()
        print(f"{name:<12} {time.monotonic() - start:5.1f} s  {'ok' if not found else 'WRONG'}", flush=True)
        for line in found:
            print(f"    {line}")
        if found:
            wrong.append(name)
    print(f"make check: {', '.join(wrong)} wrong" if wrong else "make check: all is well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
