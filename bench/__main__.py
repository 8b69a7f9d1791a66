"""Print every figure of speed, `name value unit` a line; exit 1 where one falls short or could not be measured.

A short run (CI) has fewer rounds: times fail it only well beyond their bound, counts at once.

Usage: python -m bench [--short] [--database sqlite|postgres] [--write]
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench import written
from bench.bounds import BOUNDS, DATABASES, expected
from bench.processes import ROOT, measure_in
from bench.results import Figure, exit_code, in_order, keep, missing

OUT = ROOT / "bench" / "out"
PAGE = ROOT / "docs" / "operations" / "performance.md"


def main() -> int:
    """Run a child per database, print and keep what they measured; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument(
        "--short", action="store_true", help="fewer rounds, and a smaller city for the queries"
    )
    parser.add_argument("--database", choices=DATABASES, help="one of the two alone")
    parser.add_argument(
        "--write", action="store_true", help=f"and put the figures of a whole run into {PAGE.name}"
    )
    options = parser.parse_args()
    if options.write and options.short:
        parser.error("--write takes whole runs alone")
    machine = written.machine()
    databases = (options.database,) if options.database else DATABASES
    figures: list[Figure] = []
    failures: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="skill-bench-") as name:
        for database in databases:
            found, failed = run(database, Path(name), short=options.short)
            figures += found
            failures |= failed
    figures = in_order(figures)
    asked = [name for name in expected() if name.endswith(databases) or not name.endswith(DATABASES)]
    if "sqlite" not in databases:
        asked = [name for name in asked if name.endswith(databases)]
    for name in missing(figures, asked):
        failures.setdefault(name, "not measured")
    for figure in figures:
        print(figure.line(short=options.short))
    for name, reason in failures.items():
        print(f"{name} FALLS SHORT: {reason}")
    keep(OUT, figures, failures, short=options.short)
    if options.write:
        written.write(figures, BOUNDS, "bench", machine=machine, page=PAGE)
    return exit_code(figures, failures, short=options.short)


def run(database: str, folder: Path, *, short: bool) -> tuple[list[Figure], dict[str, str]]:
    """Measure one database in a process of its own; returns (figures, failures by name)."""
    output = folder / f"{database}.json"
    ended = measure_in(
        folder, database, "bench.child", database, str(output), *(["--short"] if short else [])
    )
    if not output.exists():
        return [], {database: f"the measuring process ended with {ended}"}
    result = json.loads(output.read_text())
    return [Figure(**figure) for figure in result["figures"]], result["failures"]


if __name__ == "__main__":
    sys.exit(main())
