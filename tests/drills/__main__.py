"""Print every figure of trust, `name value unit` a line; exit 1 where one falls short or could not be measured.

A short run (CI) asks less of each and leaves out the drills that are long.

Usage: python -m tests.drills [--short] [--database sqlite|postgres] [--write] [NAME…]
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import django

from bench.bounds import DATABASES, Bound
from bench.results import Figure, exit_code, keep, missing
from bench.written import machine as this_machine
from tests.drills import declared, running, written
from tests.drills.databases import NoDatabaseError, Postgres, Sqlite, makers
from tests.drills.totals import TOTALS, totals

OUT = Path(__file__).parent / "out"
# As many as the smallest machine has cores.
AT_ONCE = 2
_said = threading.Lock()


class Results:
    """What was measured and what failed, with the table of bounds that grows drill by drill."""

    def __init__(self) -> None:
        self.table: dict[str, Bound] = {}
        self.figures: list[Figure] = []
        self.failures: dict[str, str] = {}

    def declare(self, drill: declared.Drill) -> None:
        """Add a drill's bounds; two drills with a figure of one name are a failure."""
        for name in sorted(set(self.table) & set(drill.figures)):
            self.failures[drill.name] = f"{name} is another drill's figure already"
        self.table |= drill.figures

    def add(self, drill: declared.Drill, database: str, figures: list[Figure], failure: str) -> None:
        """Keep the figures of a run; each that it owes and did not give is a failure."""
        self.figures += figures
        if failure:
            self.failures[" on ".join(filter(None, (drill.name, database)))] = failure
        for name in missing(figures, drill.lines(database)):
            self.failures[name] = "not measured"


def main() -> int:
    """Run every drill on each of its databases, print and keep what they measured; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills")
    parser.add_argument("--short", action="store_true", help="less of each, and no long drill")
    parser.add_argument("--database", choices=DATABASES, help="one of the two alone")
    parser.add_argument(
        "--write",
        action="store_true",
        help="and put the figures into the document of their drill (written.py)",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="these drills alone, long ones too")
    options = parser.parse_args()
    known = declared.names()
    for name in set(options.names) - set(known):
        parser.error(f"no drill {name}; there are {', '.join(known)}")
    if options.write and (options.short or not options.names):
        parser.error("--write takes the names of drills, and whole runs alone")
    machine = this_machine()
    os.environ.update(running.environment())
    django.setup()
    results = Results()
    drills = []
    for name in options.names or known:
        try:
            drill, _ = declared.load(name)
        except Exception as fault:
            results.failures[name] = f"{type(fault).__name__}: {fault}"
            continue
        if options.names or not (options.short and drill.long):
            results.declare(drill)
            drills.append(drill)
        else:
            print(f"{name}, left out of a short run", file=sys.stderr)
    run_all(drills, results, (options.database,) if options.database else DATABASES, short=options.short)
    if not options.names and not options.database:
        results.table |= TOTALS
        results.figures += (over_all := totals(results.figures))
        print(*(one.line(results.table, short=options.short) for one in over_all), sep="\n")
    for name, reason in results.failures.items():
        print(f"{name} FALLS SHORT: {reason}")
    if options.write:
        for word, page in written.PAGES.items():
            there = [drill for drill in drills if drill.page == word]
            figures = [one for one in results.figures if any(drill.owns(one) for drill in there)]
            names = [drill.name for drill in there]
            if figures:
                written.write(figures, results.table, names, machine=machine, page=page)
    keep(OUT, results.figures, results.failures, short=options.short, table=results.table)
    return exit_code(results.figures, results.failures, short=options.short, table=results.table)


def run_all(
    drills: list[declared.Drill], results: Results, databases: tuple[str, ...], *, short: bool
) -> None:
    """Run the drills, a database of its own for each; in a short run two beside each other where no time is judged."""
    OUT.mkdir(exist_ok=True)
    runs = [(drill, database) for drill in drills for database in drill.places(databases, short=short)]
    for drill in drills:
        for database in sorted(
            set(drill.places(databases, short=False)) - set(drill.places(databases, short=short))
        ):
            print(f"{drill.name} {database}, left out of a short run", file=sys.stderr)
    beside = [one for one in runs if short and not one[0].alone]
    with tempfile.TemporaryDirectory(prefix="skill-drills-") as name, ExitStack() as stack:
        made = Databases(sorted({database for _, database in runs if database}), Path(name), stack)

        def run(one: tuple[declared.Drill, str]) -> None:
            _run(*one, made, results, short=short)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            # What a run raises is raised here.
            list(pool.map(run, beside))
        for one in runs:
            if one not in beside:
                run(one)


class Databases:
    """The makers of databases. All are begun here, by the thread that goes on longest: the server of PostgreSQL ends with the
    thread that started it.
    """

    def __init__(self, engines: Iterable[str], folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._made: dict[str, Sqlite | Postgres | NoDatabaseError] = {}
        for engine in engines:
            try:
                self._made[engine] = stack.enter_context(makers(engine, folder))
            except NoDatabaseError as fault:
                self._made[engine] = fault

    def make(self, engine: str, name: str) -> str:
        """Return the URL of a new database. NoDatabaseError where it cannot be made."""
        maker = self._made[engine]
        if isinstance(maker, NoDatabaseError):
            raise maker
        with self._lock:
            return maker.make(name)


def _run(drill: declared.Drill, database: str, made: Databases, results: Results, *, short: bool) -> None:
    start = time.monotonic()
    log = OUT / f"{drill.name}{database and '-'}{database}.log"
    try:
        url = made.make(database, drill.name) if database else running.NO_DATABASE
        figures, failure = running.run(drill, database, url, made.folder, log, short=short)
    except NoDatabaseError as fault:
        figures, failure = [], str(fault)
    took = time.monotonic() - start
    with _said:
        results.add(drill, database, figures, failure)
        if failure and log.exists():
            print(*running.tail(log), sep="\n", file=sys.stderr)
        print(f"{drill.name} {database}, {took:.1f} s", file=sys.stderr, flush=True)
        for figure in figures:
            print(figure.line(results.table, short=short), flush=True)


if __name__ == "__main__":
    sys.exit(main())
