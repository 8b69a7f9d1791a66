"""All sizes on one database engine: migrated once, and each size in a process of its own on a copy of that.

Usage: python -m bench.growth.child ROUNDS OUTPUT PEOPLE...     (started by `python -m bench.growth`)
"""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg2

_ONE = "one"
_NAME = "growth"


def main() -> int:
    """Measure every size and write [{people, engine, times}] to OUTPUT as it comes; returns 1 where a size failed."""
    rounds, output, sizes = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    found = []
    with tempfile.TemporaryDirectory(prefix="skill-bench-static-") as static:
        prepared(static)
        for people in sizes:
            one = Path(static) / "one.json"
            url = copied(os.environ["DATABASE_URL"])
            ended = subprocess.run(
                [sys.executable, "-m", "bench.growth.child", _ONE, people, rounds, str(one), static],
                env={**os.environ, "DATABASE_URL": url},
                check=False,
            ).returncode
            if ended:
                return 1
            found.append({"people": int(people), **json.loads(one.read_text())})
            print(f"{found[-1]['engine']}: {people} people", file=sys.stderr, flush=True)
            output.write_text(json.dumps(found))
    return 0


def prepared(static: str) -> None:
    """Migrate the database of the settings, and collect the static files; leaves no connection open."""
    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.test import override_settings

    with override_settings(STATIC_ROOT=static):
        call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    connections.close_all()


def copied(url: str) -> str:
    """Copy the migrated database anew, and return the address of the copy."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        copy = path.with_name(f"{_NAME}.sqlite3")
        for old in path.parent.glob(f"{_NAME}.sqlite3*"):
            old.unlink()
        shutil.copy(path, copy)
        return f"sqlite:///{copy}"
    parts = urlsplit(url)
    # Nobody may be in a database while it is copied.
    asked = psycopg2.connect(urlunsplit(parts._replace(scheme="postgresql", path="/template1")))
    try:
        asked.autocommit = True
        with asked.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {_NAME}")
            cursor.execute(f"CREATE DATABASE {_NAME} TEMPLATE {parts.path.removeprefix('/')}")
    finally:
        asked.close()
    return urlunsplit(parts._replace(path=f"/{_NAME}"))


def measured() -> int:
    """Fill one size, open every page, and write {engine, times}; returns 0."""
    people, rounds, output, static = int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]), sys.argv[5]
    django.setup()
    logging.disable(logging.ERROR)
    from django.test import override_settings

    from bench.growth.pages import engine, filled, timed

    with override_settings(STATIC_ROOT=static, ROOT_URLCONF="bench.urls"):
        times = timed(filled(people), rounds)
        output.write_text(json.dumps({"engine": engine(), "times": [one.__dict__ for one in times]}))
    return 0


if __name__ == "__main__":
    sys.exit(measured() if sys.argv[1] == _ONE else main())
