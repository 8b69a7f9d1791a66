"""The disk is full, and then read-only: pages are read on where they can be, writes answer 503, and it works again by itself.

SQLite: the file on a small disk. PostgreSQL: the data on one, the WAL on another, as docs/operations advises; then the WAL
is full as well, where PostgreSQL itself can only stop and wait for room.
"""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.urls import reverse

from bench.bounds import Bound
from bench.results import Figure
from organization import sessions
from tests.drills.browser import Browser
from tests.drills.crowd import (
    Account,
    Crowd,
    at_work,
    figures_of,
    let_work,
    make_accounts,
    owed,
    recovered,
    wait_until,
)
from tests.drills.databases import migrate
from tests.drills.mounts import SmallDisk, small_disk
from tests.drills.postgres import Cluster, lead_to
from tests.drills.serving import Server, serving

FIGURES = {
    **owed("disk", answers=1000, short=150),
    # Refused in every phase: a disk that was never full has shown nothing.
    "disk.http503": Bound(10, "answers", at_least=True),
    "disk.read": Bound(30, "pages", at_least=True),
    "disk.unread": Bound(0, "pages"),
    "disk.recovery": Bound(10, "s", timed=True),
}
PEOPLE, SHORT_PEOPLE = 20, 8
BETWEEN, SHORT_BETWEEN = 300, 40
SQLITE_MEGABYTES, DATA_MEGABYTES, WAL_MEGABYTES = 48, 160, 64
# Pages read in each phase, writes refused in each, and how long to wait for that.
READS, REFUSED, WAITED = 30, 10, 60
# The disk is smaller than what /readyz asks to be free.
SMALL = {"MIN_FREE_MB": "0"}
# A small WAL, so that it can be filled.
WAL = {"max_wal_size": "16MB", "min_wal_size": "2MB"}


@dataclass
class Told:
    """What the phases have shown: pages read and not read, the fewest writes refused, the seconds until it worked again."""

    read: int = 0
    unread: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of every phase on the database of this process."""
    told = Told()
    people, between = (SHORT_PEOPLE, SHORT_BETWEEN) if short else (PEOPLE, BETWEEN)
    played = _sqlite if connection.vendor == "sqlite" else _postgres
    with played(people + 1, between, told) as crowd:
        for name, value, behind in figures_of("disk", crowd):
            yield Figure(name, value, behind)
    yield Figure("disk.http503", min(told.refused), f"by phase {told.refused}")
    yield Figure("disk.read", told.read)
    yield Figure("disk.unread", len(told.unread), str(told.unread[:5]))
    yield Figure("disk.recovery", max(told.times.values()), f"{told.times}")


@contextmanager
def _sqlite(people: int, between: int, told: Told) -> Iterator[Crowd]:
    with small_disk(SQLITE_MEGABYTES) as disk:
        path = disk.path / "skill.sqlite3"
        shutil.copyfile(connection.settings_dict["NAME"], path)
        lead_to(f"sqlite:///{path}")
        *accounts, reader = make_accounts(people)
        let_be_noted(reader)
        connection.close()
        with (
            serving(os.environ["DATABASE_URL"], environment=SMALL) as server,
            at_work(accounts, server.port) as crowd,
        ):
            let_work(crowd, between)
            full(disk, crowd, server, reader, told, "full")
            let_work(crowd, between)
            # As after a fault of the disk: the machine comes back with the file system mounted for reading alone.
            with server.supervisor.held():
                server.kill_everything()
                disk.set_writable(writable=False)
            # Not ready, as /readyz says, and yet it lives and shows pages.
            server.wait_ready(path="/healthz")
            refuses(crowd, server, reader, told)
            with server.supervisor.held():
                server.kill_everything()
                disk.set_writable(writable=True)
            moment = time.monotonic()
            told.times["read-only"] = recovered(crowd, moment, within=WAITED)
            let_work(crowd, between)
        yield crowd
        connection.close()


@contextmanager
def _postgres(people: int, between: int, told: Told) -> Iterator[Crowd]:
    with ExitStack() as stack:
        data = stack.enter_context(small_disk(DATA_MEGABYTES))
        wal = stack.enter_context(small_disk(WAL_MEGABYTES))
        cluster = _cluster(stack, data.path / "cluster", wal.path / "wal")
        lead_to(cluster.url)
        *accounts, reader = make_accounts(people)
        let_be_noted(reader)
        connection.close()
        with serving(cluster.url) as server, at_work(accounts, server.port) as crowd:
            let_work(crowd, between)
            full(data, crowd, server, reader, told, "data full")
            let_work(crowd, between)
            full(wal, crowd, server, None, told, "WAL full")
            let_work(crowd, between)
            with cluster.supervisor.held():
                cluster.stop_immediately()
                cluster.supervisor.process.wait()
                data.set_writable(writable=False)
            refuses(crowd, server, None, told)
            data.set_writable(writable=True)
            moment = time.monotonic()
            told.times["read-only"] = recovered(crowd, moment, within=WAITED)
            let_work(crowd, between)
        cluster.wait_ready()
        yield crowd
        connection.close()


def _cluster(stack: ExitStack, folder: Path, wal: Path) -> Cluster:
    folder.mkdir()
    cluster = Cluster(folder, "--wal-segsize=1", settings=WAL, wal=wal)
    stack.callback(cluster.close)
    migrate(cluster.url)
    return cluster


def full(
    disk: SmallDisk, crowd: Crowd, server: Server, reader: Account | None, told: Told, name: str
) -> None:
    """Fill the disk, look at what is answered, make room, and wait until it works again by itself."""
    disk.fill()
    try:
        refuses(crowd, server, reader, told)
    finally:
        disk.make_room()
    moment = time.monotonic()
    told.times[name] = recovered(crowd, moment, within=WAITED)


def refuses(crowd: Crowd, server: Server, reader: Account | None, told: Told) -> None:
    """Wait until writes are refused with 503; meanwhile `reader` opens pages, as somebody whose session is to be noted."""
    before = crowd.seen.statuses[503]
    wait_until(lambda: crowd.seen.statuses[503] - before >= REFUSED, WAITED)
    told.refused.append(crowd.seen.statuses[503] - before)
    if reader is not None:
        browser = Browser(server.port, reader.cookies, crowd.seen)
        places = [
            reverse("assessments:home"),
            reverse("assessments:sheet_edit", args=[reader.sheet_uuid]),
            reverse("assessments:my_resume"),
        ]
        for number in range(READS):
            answer = browser("GET", places[number % len(places)])
            # A redirect to the résumé's own address is a page read, too.
            if answer is not None and answer.status in (200, 302):
                told.read += 1
            else:
                told.unread.append(f"{answer and answer.status} {places[number % len(places)]}")


def let_be_noted(account: Account) -> None:
    """Make the last use of a session old enough to be written down by the next page."""
    key = next(value for name, value in account.cookies.items() if name.endswith("sessionid"))
    session: SessionBase = sessions.SessionStore(key)
    session[sessions.SEEN] -= 2 * int(sessions.SEEN_EVERY.total_seconds())
    session.save()
