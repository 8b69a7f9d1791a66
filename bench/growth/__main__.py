"""Measure how the main pages grow with the people of a municipality, on both databases; print the table.

`--write` keeps the figures in docs/operations/growth.json, draws growth.svg from them and puts the table into performance.md;
`--draw` does the last two from the figures that are there. Exits 1 where something could not be measured.

Usage: python -m bench.growth [--people N …] [--rounds N] [--write] | --draw
"""

import argparse
import datetime
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import written
from bench.__main__ import PAGE
from bench.growth import chart, curves
from bench.processes import measure_in

PEOPLE = (100, 600, 3_000, 10_000, 30_000)


def main() -> int:
    """Measure or draw; returns the exit code."""
    parser = argparse.ArgumentParser(prog=curves.COMMAND)
    parser.add_argument("--people", type=int, nargs="+", default=PEOPLE)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--write", action="store_true", help="and keep the figures, the chart and the table in docs"
    )
    parser.add_argument("--draw", action="store_true", help="draw from the figures in docs, measure nothing")
    options = parser.parse_args()
    if options.draw:
        put(curves.recorded())
        return 0
    found, missing = measured(options.people, options.rounds)
    print(*curves.table(found), sep="\n")
    for name in missing:
        print(f"{name} FALLS SHORT: not measured")
    if options.write and not missing:
        curves.RECORD.write_text(found.text(), encoding="utf-8")
        put(found)
    return 1 if missing else 0


def measured(people: Sequence[int], rounds: int) -> tuple[curves.Curves, list[str]]:
    """Measure every size on both databases; returns the run, and what is missing of it."""
    machine = written.machine()
    points: list[curves.Point] = []
    engines: dict[str, str] = {}
    missing = []
    for database in curves.DATABASES:
        told = of_database(database, people, rounds)
        missing += [f"{database} {size}" for size in people if size not in {one["people"] for one in told}]
        for size in told:
            engines[database] = size["engine"]
            points += [
                curves.Point(
                    database,
                    size["people"],
                    one["page"],
                    *(round(one[name], 2) for name in ("ms", "least", "most")),
                )
                for one in size["times"]
            ]
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    return curves.Curves(day, machine, curves.COMMAND, engines, rounds, tuple(points)), missing


def of_database(database: str, people: Sequence[int], rounds: int) -> list[dict[str, Any]]:
    """Return {people, engine, times} of every size that was measured on an engine."""
    with tempfile.TemporaryDirectory(prefix="skill-growth-") as name:
        output = Path(name) / "measured.json"
        measure_in(Path(name), database, "bench.growth.child", str(rounds), str(output), *map(str, people))
        told: list[dict[str, Any]] = json.loads(output.read_text()) if output.exists() else []
        return told


def put(found: curves.Curves) -> None:
    """Draw the chart, and write the table into the page."""
    curves.CHART.write_text(chart.drawn(found), encoding="utf-8")
    PAGE.write_text(
        curves.with_table(PAGE.read_text(encoding="utf-8"), ["", *curves.table(found)]), encoding="utf-8"
    )


if __name__ == "__main__":
    sys.exit(main())
