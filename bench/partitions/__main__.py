"""Print what partitions by 年度 would bring: tables of Markdown for docs/adr/0076, measured on a PostgreSQL of its own.

A hundred thousand people and ten years are 16 million ratings and 15 million 確定, twice: some 17 GB while it runs, and half an
hour to three quarters on two cores. Exits 1 where the two ways do not answer alike or something could not be measured.

Usage: python -m bench.partitions [--people N] [--municipalities N] [--years N] [--rounds N]
"""

import argparse
import datetime
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import written
from bench.__main__ import OUT
from bench.processes import measure_in

# In the order of the table.
ACTS = (
    "sheet", "department", "municipality", "recount", "trend", "submit", "year.dropped", "year.by_keys", "vacuum",
)  # fmt: skip
_SIDES = ("plain", "parted", "pruned")


def main() -> int:
    """Measure, print, keep; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.partitions")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--municipalities", type=int, default=40)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    machine = written.machine()
    with tempfile.TemporaryDirectory(prefix="skill-partitions-") as folder:
        output = Path(folder) / "measured.json"
        numbers = (options.people, options.municipalities, options.years, options.rounds)
        ended = measure_in(
            Path(folder), "postgres", "bench.partitions.child", str(output), *map(str, numbers)
        )
        found = json.loads(output.read_text()) if output.exists() else {"times": [], "sizes": []}
    missing = [act for act in ACTS if not any(one["what"] == act for one in found["times"])]
    print(
        f"{options.people:,} people, {options.municipalities} municipalities, {options.years} years; "
        f"{datetime.datetime.now(datetime.UTC).date()}, {machine}"
    )
    print(*lines(found), sep="\n")
    for act in missing:
        print(f"{act} FALLS SHORT: not measured")
    OUT.mkdir(exist_ok=True)
    (OUT / "partitions.json").write_text(json.dumps({"machine": machine, **found}, indent=1) + "\n")
    return 1 if ended or missing else 0


def lines(found: dict[str, Any]) -> list[str]:
    """Return the tables: times with pages and planning, room, and which index takes how much of it."""
    told = [
        "| question | plain, ms | partitions, as the product asks, ms | partitions, the year said, ms | pages | planning, ms |",
        "|---|---|---|---|---|---|",
    ]
    for act in ACTS:
        sides = {one["side"]: one for one in found["times"] if one["what"] == act}
        if sides:
            cells = [_time(sides.get(side)) for side in _SIDES]
            pages = _three(sides, "pages", "{:,}")
            told.append(
                f"| `{act}` | {' | '.join(cells)} | {pages} | {_three(sides, 'planning_ms', '{:.2f}')} |"
            )
    told += [
        "",
        "| table | way | rows | table, MB a million | indexes, MB a million |",
        "|---|---|---|---|---|",
    ]
    told += [
        f"| `{one['table']}` | {one['side']} | {one['rows']:,} | {one['heap']:.0f} | {one['indexes']:.0f} |"
        for one in found["sizes"]
    ]
    told += ["", "| table | index, plain | MB a million |", "|---|---|---|"]
    told += [
        f"| `{one['table']}` | {name} | {size:.0f} |"
        for one in found["sizes"]
        if one["side"] == "plain"
        for name, size in one["each"].items()
    ]
    return told


def _time(one: dict[str, Any] | None) -> str:
    return "–" if one is None else f"{one['ms']:.2f} ({one['least']:.2f} to {one['most']:.2f})"


def _three(sides: dict[str, dict[str, Any]], name: str, form: str) -> str:
    values = [sides[side][name] for side in _SIDES if side in sides]
    return "–" if None in values else " / ".join(form.format(value) for value in values)


if __name__ == "__main__":
    sys.exit(main())
