"""Losing a SQLite machine between two turns of the timer that runs `backup`, and restoring the newest archive.

Somebody writes a row every few milliseconds. `backup` runs at an interval, and the machine is lost at the worst moment: just
before the second archive has its name. What is lost is one interval and however much older than its end an archive is. The
interval of the drill is seconds; the documented one takes its place in the figure, and the rest is counted as it was. How long an
archive of a large city takes is `backup.behind` of the drill `restore`.
"""

import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.bounds import Bound
from bench.results import Figure
from tests.drills.restore import told
from tests.installation import Installation, install

FIGURES = {"restore.loss_window.sqlite": Bound(15, "min", per_database=False)}
DATABASES = ()
# Minutes between two turns of the timer (docs/operations/backup.md), and the seconds that stand for them here.
DOCUMENTED, INTERVAL = 10.0, 6.0
EVERY = 0.01


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield what is lost, in minutes with the documented interval."""
    with TemporaryDirectory(prefix="skill-loss-") as name:
        lost, behind = play(Path(name))
    yield Figure("restore.loss_window.sqlite", DOCUMENTED + (lost - INTERVAL) / 60, behind)


def play(folder: Path) -> tuple[float, str]:
    """Return how many seconds of acknowledged rows are lost, and what lies behind."""
    source, target = install(folder, "sqlite://"), install(folder, "sqlite://")
    source.manage("migrate", "--verbosity=0")
    source.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY)")
    archives = folder / "archives"
    archives.mkdir()
    with Writer(source) as writer:
        began = time.monotonic()
        source.manage("backup", archives / "1.backup")
        time.sleep(max(0.0, began + INTERVAL - time.monotonic()))
        source.manage("backup", archives / "2.backup")
        # The second has just been finished: a moment before, the first would have been the newest.
        lost_at = time.monotonic()
    said = target.manage("restore", archives / "1.backup")
    there = {row[0] for row in target.execute("SELECT id FROM answer")}
    newest = max((at for number, at in writer.rows if number in there), default=writer.rows[0][1])
    missing = sum(number not in there for number, _ in writer.rows)
    return lost_at - newest, f"{len(writer.rows)} rows acknowledged, {missing} lost; {told(said)}"


class Writer:
    """Writes rows until it is told to stop, and notes when each was acknowledged."""

    def __init__(self, place: Installation) -> None:
        self._place, self._stop = place, threading.Event()
        self.rows: list[tuple[int, float]] = []
        self._thread = threading.Thread(target=self._write, daemon=True)

    def _write(self) -> None:
        with closing(sqlite3.connect(self._place.path, timeout=20)) as database:
            number = 0
            while not self._stop.wait(EVERY):
                number += 1
                database.execute("INSERT INTO answer (id) VALUES (?)", [number])
                database.commit()
                self.rows.append((number, time.monotonic()))

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *given: object) -> None:
        self._stop.set()
        self._thread.join()
