"""Print the figures of one size, `name value unit` a line; exit 1 where one falls short or could not be measured.

S runs in a minute, M in some minutes, L takes hours and the room for it: hence on demand, and on PostgreSQL alone.

Usage: python -m bench.sizes SIZE [--database sqlite|postgres] [--write]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench import written
from bench.__main__ import OUT, PAGE
from bench.bounds import DATABASES
from bench.processes import measure_in
from bench.results import Figure, exit_code, keep
from bench.sizes.bounds import SIZES, Size, table

GROWTH = ("report.growth", "page.department.growth")
Measured = dict[str, tuple[float, str]]


def main() -> int:
    """Measure a size on its databases, print, keep and (--write) put the figures into the document."""
    parser = argparse.ArgumentParser(prog="python -m bench.sizes")
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--database", choices=DATABASES, help="one of the two alone")
    parser.add_argument("--write", action="store_true", help=f"and put the figures into {PAGE.name}")
    options = parser.parse_args()
    machine = written.machine()
    size = SIZES[options.size]
    databases = (options.database,) if options.database else size.databases
    figures: list[Figure] = []
    failures: dict[str, str] = {}
    for database in databases:
        small = run(SIZES["S"], database) if size.name != "S" else {}
        found = run(size, database)
        figures += figures_of(size, database, found, small)
    bounds = table(size)
    there = {one.name for one in figures}
    failures |= {
        f"{name}.{database}": "not measured"
        for name in bounds
        for database in databases
        if f"{name}.{database}" not in there
    }
    print(*(one.line(bounds) for one in figures), sep="\n")
    for name, reason in failures.items():
        print(f"{name} FALLS SHORT: {reason}")
    keep(OUT, figures, failures, short=False, table=bounds)
    if options.write:
        written.write(figures, bounds, f"bench.sizes {size.name}", machine=machine, page=PAGE)
    return exit_code(figures, failures, table=bounds)


def figures_of(
    size: Size, database: str, found: Mapping[str, tuple[float, str]], small: Mapping[str, tuple[float, str]]
) -> list[Figure]:
    """Return what was measured under its printed names, as far as it says something at this size.

    `small` is what size S came to in the same run: what grows is told against it.
    """
    figures = []
    for name, (value, behind) in found.items():
        if f"{size.name}.{name}" not in table(size):
            continue
        if name in GROWTH:
            if name not in small:
                continue
            base, before = small[name]
            value, behind = value / base, f"{behind}; at S {before}"
        figures.append(Figure(f"{size.name}.{name}.{database}", value, behind))
    return figures


def run(size: Size, database: str) -> Measured:
    """Measure one size on one database in a process of its own; what it measured before it failed is kept."""
    with tempfile.TemporaryDirectory(prefix="skill-sizes-") as name:
        folder = Path(name)
        output = folder / "measured.json"
        if ended := measure_in(folder, database, "bench.sizes.child", size.name, str(output)):
            print(f"{size.name} on {database} ended with {ended}", file=sys.stderr)
        rows = json.loads(output.read_text()) if output.exists() else []
    return {name: (value, behind) for name, value, behind in rows}


if __name__ == "__main__":
    sys.exit(main())
