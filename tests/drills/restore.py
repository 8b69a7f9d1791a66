"""Backing up while people write, losing everything, restoring: what comes back, and how long it takes.

A city is filled, several people write entries with files to their records, and `backup` runs as its timer runs it. The
archive goes into an empty installation: whatever was acknowledged before `backup` began must be there, and `verify` must find
nothing. Then once more with nobody writing: every row of the source is looked for in what was restored, by a comparison that
knows nothing of the product's own hashes.
"""

import os
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from psycopg2 import sql

from assessments.entry_values import ExperienceValues
from assessments.files import path_of
from assessments.workflow.entries import add_entry
from assessments.workflow.files import add_file
from bench.bounds import Bound
from bench.data import City, build_city, load_lasdec
from bench.results import Figure
from organization.models import Staff
from tests import builders as b
from tests.assessments.uploads import PDF
from tests.drills.crowd import wait_until
from tests.installation import Installation, install

FIGURES = {
    "backup.under_writers.lost": Bound(0, "rows"),
    "backup.behind": Bound(5, "min", timed=True),
    "restore.equal": Bound(100, "%", at_least=True),
    "restore.minutes": Bound(15, "min", timed=True),
}
# The times are minutes from their bounds; another drill beside it does no harm.
ALONE = False
DATABASES = ("sqlite", "postgres")
# On SQLite the tests ask as much (tests/config/backups).
SHORT_DATABASES = ("postgres",)
SECONDS = 5400
PEOPLE, SHORT_PEOPLE = 5000, 60
YEARS, SHORT_YEARS = 5, 2
WRITERS, ACKNOWLEDGED, SHORT_ACKNOWLEDGED = 3, 300, 30
PATIENCE = 120
# Rows that a restore itself ends, and the trail, to which it adds what it did.
ENDED = {"django_session", "organization_staffsession", "organization_job"}


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of both restores."""
    city = fill(SHORT_PEOPLE if short else PEOPLE, SHORT_YEARS if short else YEARS)
    source = here()
    with TemporaryDirectory(prefix="skill-restore-") as name:
        folder = Path(name)
        wanted = SHORT_ACKNOWLEDGED if short else ACKNOWLEDGED
        outcome = under_writers(city, source, folder, acknowledged=wanted)
        yield Figure("backup.under_writers.lost", len(outcome.lost), outcome.behind)
        yield Figure("backup.behind", outcome.age / 60, outcome.behind)
        source.manage("seal_audit")
        source.manage("backup", folder / "quiet.backup")
        target = install(folder, source.url)
        try:
            target.environment = source.environment
            began = time.monotonic()
            said = target.manage("restore", folder / "quiet.backup")
            minutes = (time.monotonic() - began) / 60
            found, rows = equal(source, target)
        finally:
            target.drop()
        size = (folder / "quiet.backup").stat().st_size / 1e6
        behind = f"{rows} rows, an archive of {size:.0f} MB; {told(said)}"
        yield Figure("restore.equal", 100 * found / rows, behind)
        yield Figure("restore.minutes", minutes, behind)


def told(said: str) -> str:
    """Return the line in which `restore` says what it has restored."""
    return next(line for line in said.splitlines() if "控えを復元しました" in line)


def here() -> Installation:
    """Return the installation that this process works on."""
    return Installation(
        Path(settings.FILES_DIR).parent, os.environ["DATABASE_URL"], {"SECRET_KEY": settings.SECRET_KEY}
    )


def fill(people: int, years: int) -> City:
    """Fill the database with a city and its years, this one open, all others confirmed."""
    city = build_city(load_lasdec(), number=1, people=people, years=years)
    call_command("seal_audit")
    return city


@dataclass(frozen=True)
class Outcome:
    """What a backup under writers kept."""

    lost: list[str]
    # Seconds between the newest row in the archive and the moment at which the archive was there.
    age: float
    behind: str


def under_writers(city: City, source: Installation, folder: Path, *, acknowledged: int) -> Outcome:
    """Back up while people write, restore, and look for what was acknowledged before.

    AssertionError where a command fails, or `verify` finds something.
    """
    with Crowd(city.people[-WRITERS:]) as crowd:
        if not wait_until(lambda: len(crowd.done) >= acknowledged, PATIENCE):
            raise RuntimeError(
                f"{len(crowd.done)} rows were acknowledged in {PATIENCE} s: {crowd.faults[:3]}"
            )
        before = dict(crowd.done)
        source.manage("backup", folder / "busy.backup")
        ended = time.monotonic()
        if not wait_until(lambda: len(crowd.done) > len(before), PATIENCE):
            raise RuntimeError("nobody wrote while the backup ran")
    if crowd.faults:
        raise RuntimeError(f"a writer was turned away: {crowd.faults[0]}")
    target = install(folder, source.url)
    try:
        target.environment = source.environment
        target.manage("restore", folder / "busy.backup")
        there = {row[0] for row in target.execute("SELECT title FROM assessments_entry")}
        lost = [title for title in before if title not in there]
        lost += [f"file {name}" for name in lost_files(target)]
        target.manage("verify")
    finally:
        target.drop()
    newest = max((at for title, at in crowd.done.items() if title in there), default=0.0)
    kept = sum(title in there for title in crowd.done)
    behind = f"{len(before)} rows before, {len(crowd.done)} in all, {kept} in the archive, newest {ended - newest:.1f} s old"
    return Outcome(lost, ended - newest, behind)


def lost_files(target: Installation) -> Iterator[str]:
    """Yield the attachments of a restored database whose bytes are not there."""
    for name, size in target.execute("SELECT uuid, size FROM assessments_attachment"):
        path = target.files / path_of(name).relative_to(settings.FILES_DIR)
        if not path.is_file() or path.stat().st_size != size:
            yield str(name)


class Crowd:
    """People who write to their records until told to stop; `done` has the title of each entry and when it was acknowledged."""

    def __init__(self, people: list[Staff]) -> None:
        self.done: dict[str, float] = {}
        self.faults: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(one,), daemon=True) for one in people]

    def _work(self, person: Staff) -> None:
        actor = b.actor_of(person)
        try:
            while not self._stop.wait(0.02):
                title = f"業務の記録 {uuid.uuid4().hex}"
                entry = add_entry(
                    staff=person,
                    values=ExperienceValues(title=title),
                    by=actor,
                    now=timezone.now(),
                    key=uuid.uuid4(),
                )
                if len(self.done) % 4 == 0:
                    content = PDF + b"\n" * (len(self.done) % 50)
                    add_file(entry=entry, label="資料", content=content, by=actor, now=timezone.now())
                self.done[title] = time.monotonic()
        except Exception as fault:
            self.faults.append(f"{type(fault).__name__}: {fault}")
        finally:
            connection.close()

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *given: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def equal(source: Installation, target: Installation) -> tuple[int, int]:
    """Return (rows of the source that are in the other as they were, rows of the source), tables that a restore ends left out."""
    found = total = 0
    for table in tables(source):
        if table in ENDED:
            continue
        ours, theirs = Counter(all_rows(source, table)), Counter(all_rows(target, table))
        found += (ours & theirs).total()
        total += ours.total()
    return found, total


def tables(place: Installation) -> list[str]:
    """Return the names of all tables."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        if place.is_sqlite
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    return sorted(row[0] for row in place.execute(query))


def all_rows(place: Installation, table: str) -> Iterator[int]:
    """Yield a hash of each row of a table, of every value as the driver gives it."""
    if place.is_sqlite:
        with closing(sqlite3.connect(place.path)) as database:
            yield from (hash(row) for row in database.execute(f'SELECT * FROM "{table}"'))
        return
    with closing(psycopg2.connect(place.url)) as database, database.cursor("rows") as cursor:
        cursor.itersize = 5000
        # The whole row in PostgreSQL's own words.
        cursor.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
        yield from (hash(row[0]) for row in cursor)
