"""From every kept release to today, on both engines: nothing lost, also where the upgrade is killed in the middle.

`upgrade.changed` counts rows of a release that are gone or say something else afterwards (but for what CHANGED names),
`upgrade.wrong` what `verify` and the pages of the sample accounts complain about, and every definition in which an upgraded
database differs from one that was made today. `upgrade.interrupted` counts the same after a `migrate` that was killed again and
again (kill -9), from each release and from nothing. `upgrade.downtime` is how long `migrate` takes, from the newest release,
where many people's records lie: nobody can work meanwhile.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.db import connection
from psycopg2 import sql

from bench.bounds import Bound
from bench.results import Figure
from tests.processes import ROOT
from tests.upgrades.releases import (
    Database,
    Release,
    command,
    environment,
    manage,
    newest_migrations,
    releases,
)

FIGURES = {
    "upgrade.releases": Bound(1, "releases", at_least=True),
    "upgrade.changed": Bound(0, "rows"),
    "upgrade.wrong": Bound(0, "complaints"),
    "upgrade.kills": Bound(8, "kills", at_least=True, short_limit=1),
    "upgrade.interrupted": Bound(0, "differences"),
    "upgrade.people": Bound(5000, "people", at_least=True, short_limit=100),
    "upgrade.downtime": Bound(60, "s", timed=True),
}
# The times are minutes from their bounds; another drill beside it does no harm.
ALONE = False
DATABASES = ("sqlite", "postgres")
# On SQLite the tests ask as much (test_upgrade.py).
SHORT_DATABASES = ("postgres",)
# About how long `migrate` takes from a release; from nothing it takes four times as long.
SECONDS_OF_MIGRATE = 4
KILLS, PEOPLE = {False: 4, True: 1}, {False: 5000, True: 100}
# What a later version changes in the rows of an earlier one, on purpose: (table, column) and why. None yet.
CHANGED: dict[tuple[str, str], str] = {}
Rows = dict[str, dict[Any, dict[str, Any]]]


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures; DATABASE_URL leads to a database that was made today, and is filled for the last one."""
    schema = Database(_own_url()).schema()
    changed, wrong, different, kills = [], [], [], 0
    with tempfile.TemporaryDirectory(prefix="skill-upgrade-") as folder:
        make = maker(Path(folder))
        kept = releases()
        for release in kept:
            url = make(f"killed_{release.name}")
            release.load(url)
            before = Database(url).rows()
            kills += killed(url, SECONDS_OF_MIGRATE, KILLS[short])
            after = Database(url)
            different += [*changes(before, after.rows()), *unlike(schema, after.schema())]
            if not short:
                url = make(f"straight_{release.name}")
                changed += upgraded(release, url)
            wrong += [f"{release.name}: {each}" for each in complaints(release, url, schema, Path(folder))]
        if not short:
            url = make("nothing")
            kills += killed(url, 4 * SECONDS_OF_MIGRATE, KILLS[short])
            different += unlike(schema, Database(url).schema())
    yield Figure("upgrade.releases", len(kept), " ".join(release.name for release in kept))
    yield Figure("upgrade.changed", len(changed or different), "; ".join((changed or different)[:5]))
    yield Figure("upgrade.wrong", len(wrong), "; ".join(wrong[:5]))
    yield Figure("upgrade.kills", kills)
    yield Figure("upgrade.interrupted", len(different), "; ".join(different[:5]))
    yield from downtime(kept[-1], PEOPLE[short])


def upgraded(release: Release, url: str) -> list[str]:
    """Load a release and bring it to today; returns the rows that are not as they were."""
    release.load(url)
    before = Database(url).rows()
    manage(url, "migrate", "--verbosity=0")
    return changes(before, Database(url).rows())


def changes(before: Rows, after: Rows) -> list[str]:
    """Return what is gone or says something else, one line a row; columns that are gone are compared by nobody."""
    found = []
    for table, rows in before.items():
        for key, row in rows.items():
            now = after.get(table, {}).get(key)
            if now is None:
                found.append(f"{table} {key} is gone")
            elif unlike_in := sorted(
                name
                for name in row.keys() & now.keys()
                if row[name] != now[name] and (table, name) not in CHANGED
            ):
                found.append(f"{table} {key} has another {', '.join(unlike_in)}")
    return found


def unlike(wanted: list[str], found: list[str]) -> list[str]:
    """Return the definitions that one schema has and the other has not."""
    missing = [f"missing: {line[:120]}" for line in wanted if line not in set(found)]
    return missing + [f"too much: {line[:120]}" for line in found if line not in set(wanted)]


def complaints(release: Release, url: str, schema: list[str], folder: Path) -> list[str]:
    """Return what is wrong with an upgraded database: its definitions, what `verify` says, pages with errors."""
    found = unlike(schema, Database(url).schema())
    checked = manage(url, "verify", check=False, FILES_DIR=str(release.files(url, folder)))
    if checked.returncode:
        found += checked.stdout.strip().splitlines() or [checked.stderr.strip()[-300:]]
    looked = subprocess.run(
        [sys.executable, "-m", "tests.upgrades.look"], cwd=ROOT, env=environment(url), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if looked.returncode:
        return [*found, f"no page could be opened: {looked.stderr.strip()[-300:]}"]
    return [*found, *json.loads(looked.stdout)["wrong"]]


def killed(url: str, seconds: float, times: int) -> int:
    """Run `migrate` to its end after it was killed so many times within so many seconds, later each time; returns the kills."""
    kills = 0
    for number in range(1, times + 1):
        wait, dead = seconds * number / (times + 1), False
        # A quick machine is through before its turn: then sooner.
        while not dead and wait > 0.1:
            dead = _dies(url, wait)
            wait /= 2
        kills += dead
    manage(url, "migrate", "--verbosity=0")
    return kills


def _dies(url: str, wait: float) -> bool:
    """Begin `migrate`, kill it after so many seconds; False where it had ended before."""
    with subprocess.Popen(
        command("migrate", "--verbosity=0"), cwd=ROOT, env=environment(url), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            return True
    return False


def downtime(release: Release, people: int) -> Iterable[Figure]:
    """Yield how many people's records lie in the own database, and how long it takes from a release to today."""
    from bench.data import build_city, load_lasdec

    url = _own_url()
    build_city(load_lasdec(), number=1, people=people)
    connection.close()
    back_to(release, url)
    began = time.monotonic()
    manage(url, "migrate", "--verbosity=0")
    seconds = time.monotonic() - began
    yield Figure("upgrade.people", people)
    yield Figure("upgrade.downtime", seconds, f"from {release.name}")


def back_to(release: Release, url: str) -> None:
    """Take a database of today back to the tables of a release, without a second wall, which none of them had."""
    newest = newest_migrations(url)
    for app, name in release.migrations.items():
        if newest[app] != name:
            manage(url, "migrate", "--verbosity=0", app, name)
    if url.startswith("sqlite:"):
        return
    with closing(psycopg2.connect(url)) as admin, admin, admin.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE conname LIKE 'wall\\_%' "
            "ORDER BY contype"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute("SELECT polrelid::regclass::text, polname FROM pg_policy")
        for table, name in cursor.fetchall():
            cursor.execute(f'DROP POLICY "{name}" ON {table}')
            cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")


def maker(folder: Path) -> Callable[[str], str]:
    """Return a function that makes an empty database of the engine of the own one and returns its URL."""
    own = _own_url()
    if own.startswith("sqlite:"):
        return lambda name: f"sqlite:///{folder / name}.sqlite3"

    def make(name: str) -> str:
        plain = "upgrade_" + "".join(sign if sign.isalnum() else "_" for sign in name)
        with closing(psycopg2.connect(own)) as admin:
            admin.autocommit = True
            with admin.cursor() as cursor:
                cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(plain)))
        return urlunsplit(urlsplit(own)._replace(path=f"/{plain}"))

    return make


def _own_url() -> str:
    return os.environ["DATABASE_URL"]
