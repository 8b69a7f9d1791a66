"""How long an upgrade keeps anybody from a table: `migrate` from the newest release, watched from beside it (docs/adr/0079).

A lock counts from the moment it is seen until it is gone; those that readers and writers pass by do not. LOCKS_PEOPLE=100000
asks the same of an installation of that size, which is written by `generate`; what a table holds must make no difference.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

import psycopg2
from django.core.management import call_command
from django.db import connection

from bench.bounds import Bound
from bench.data import load_lasdec
from bench.results import Figure
from tests.drills.upgrade import back_to
from tests.upgrades.releases import manage, releases

FIGURES = {
    "upgrade.locked": Bound(5, "s", per_database=False, timed=True),
    "upgrade.locked.people": Bound(1000, "people", per_database=False, at_least=True, short_limit=100),
    "upgrade.locked.seen": Bound(20, "tables", per_database=False, at_least=True),
}
# SQLite has one lock for everything, and one small office.
DATABASES = ("postgres",)
# What a short run could show is shown by the tests of lib/quiet.py and of the migrations.
LONG = True
PEOPLE = {False: 5000, True: 100}
EVERY = 0.02
# In the way of whoever writes; AccessExclusive in that of whoever reads as well.
MODES = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")


class Watch:
    """Looks from a connection of its own at the locks on the tables that are there when it begins, until `stop`."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._ended = threading.Event()
        self._held: dict[tuple, float] = {}
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._began = threading.Event()
        self.longest: dict[str, float] = {}

    def start(self) -> None:
        """Begin to look; returns once it does."""
        self._thread.start()
        self._began.wait(10)

    def stop(self) -> None:
        """Stop looking."""
        self._ended.set()
        self._thread.join()

    @property
    def worst(self) -> tuple[float, str]:
        """Return the longest time in seconds and its table, (0, "") where none was ever locked."""
        return max(((seconds, table) for table, seconds in self.longest.items()), default=(0.0, ""))

    def _look(self) -> None:
        with closing(self._connect()) as beside:
            beside.autocommit = True
            with beside.cursor() as cursor:
                cursor.execute(
                    "SELECT array_agg(oid::int) FROM pg_class WHERE relkind = 'r' "
                    "AND relnamespace = current_schema()::regnamespace"
                )
                (tables,) = cursor.fetchone()
                self._began.set()
                while not self._ended.wait(EVERY):
                    self._note(cursor, tables)

    def _note(self, cursor, tables: list[int]) -> None:
        began = time.monotonic()
        cursor.execute(
            "SELECT l.virtualtransaction, l.relation::regclass::text FROM pg_locks l "
            "WHERE l.granted AND l.mode = ANY(%s) AND l.relation::int = ANY(%s)",
            [list(MODES), tables],
        )
        seen = set(cursor.fetchall())
        self._held = {key: self._held.get(key, began) for key in seen}
        for key, since in self._held.items():
            lasted = time.monotonic() - since + EVERY
            self.longest[key[1]] = max(self.longest.get(key[1], 0.0), lasted)


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the longest lock of a table, how many people's records lay there, and how many tables were seen locked."""
    url = os.environ["DATABASE_URL"]
    people = int(os.environ.get("LOCKS_PEOPLE", PEOPLE[short]))
    load_lasdec()
    call_command("generate", municipalities=max(1, people // 2000), staff=people, verbosity=0)
    connection.close()
    release = releases()[-1]
    back_to(release, url)
    watch = Watch(lambda: psycopg2.connect(url))
    watch.start()
    try:
        began = time.monotonic()
        manage(url, "migrate", "--verbosity=0")
        took = time.monotonic() - began
    finally:
        watch.stop()
    seconds, table = watch.worst
    yield Figure(
        "upgrade.locked", seconds, f"{table}; {people} people from {release.name}, {took:.1f} s in all"
    )
    yield Figure("upgrade.locked.people", people)
    yield Figure("upgrade.locked.seen", len(watch.longest))
