"""The tables of figures in the documents, which no hand writes: `python -m tests.drills --write NAME…`."""

import datetime
import os
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.bounds import Bound, bound_of
from bench.results import Figure, shown
from tests.drills import totals

# Where the whole runs of a drill stand, by the word of its PAGE.
_DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    "reliability": _DOCS / "operations" / "reliability.md",
    "security": _DOCS / "security" / "figures.md",
}
BEGIN = "<!-- figures: written by python -m tests.drills --write -->"
END = "<!-- end of figures -->"
_HEAD = "| figure | measured | bound | on | command | machine |\n|---|---|---|---|---|---|"
_ROW = re.compile(
    r"^\| `(?P<name>[^`]+)` \| (?P<measured>[^|]+?) \| (?P<bound>[^|]+?) \| (?P<day>[^|]+?) "
    r"\| `(?P<command>[^`]+)` \| (?P<machine>[^|]+?) \|$",
    re.MULTILINE,
)
SHORT_OF_IT = " (falls short)"


@dataclass(frozen=True)
class Row:
    """One figure as the page has it."""

    name: str
    measured: str
    bound: str
    day: str
    command: str
    machine: str

    @property
    def value(self) -> float:
        """Return the number that was measured."""
        return float(self.measured.split()[0])

    def line(self) -> str:
        """Return the row of the table."""
        return f"| `{self.name}` | {self.measured} | {self.bound} | {self.day} | `{self.command}` | {self.machine} |"


def row_of(figure: Figure, table: Mapping[str, Bound], *, day: str, command: str, machine: str) -> Row:
    """Return the row of a figure; one that falls short says so."""
    bound = bound_of(figure.name, table)
    short = "" if bound.keeps(figure.value) else SHORT_OF_IT
    return Row(
        figure.name,
        f"{shown(figure.value)} {bound.unit}{short}",
        f"{bound.words} {shown(bound.limit)}",
        day,
        command,
        machine,
    )


def rows_of(page: str) -> list[Row]:
    """Return the rows that a page has; ValueError for a page without the place for them."""
    inside = re.search(f"{re.escape(BEGIN)}\n(.*?){re.escape(END)}", page, re.DOTALL)
    if inside is None:
        raise ValueError("the page has no place for figures")
    return [Row(**found.groupdict()) for found in _ROW.finditer(inside.group(1))]


def merged(before: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """Return the rows with those measured anew in their places, others where their drill ends or at the end."""
    found = {row.name: row for row in new}
    rows = [found.pop(row.name, row) for row in before]
    for row in found.values():
        drill = row.name.split(".")[0]
        places = [at for at, one in enumerate(rows) if one.name.split(".")[0] == drill]
        rows.insert(places[-1] + 1 if places else len(rows), row)
    return rows


def sums(rows: Iterable[Row]) -> str:
    """Return the sentence over all drills with acknowledged answers; nothing on a page that has none."""
    rows = list(rows)
    if not any(row.name.split(".")[1:2] == ["answers"] for row in rows):
        return ""
    total = totals.sums((row.name, row.value) for row in rows)
    return (
        f"Over all drills: {shown(total['answers'])} answers were acknowledged on a screen; "
        f"{shown(total['lost'])} of them were lost, "
        f"{shown(total['duplicates'])} written twice, {shown(total['half'])} sheets half done, "
        f"{shown(total['http500'])} requests answered 500."
    )


def with_rows(page: str, rows: list[Row]) -> str:
    """Return the page with these rows in its place for figures."""
    rows_of(page)
    said = [told, ""] if (told := sums(rows)) else []
    inside = "\n".join([BEGIN, *said, _HEAD, *(row.line() for row in rows), END])
    return re.sub(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", lambda _: inside, page, flags=re.DOTALL)


def machine() -> str:
    """Return what the figures were measured on, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} before"
    )


def write(
    figures: Iterable[Figure],
    table: Mapping[str, Bound],
    names: Iterable[str],
    *,
    machine: str,
    page: Path,
) -> None:
    """Write the figures of a whole run into the page."""
    text = page.read_text(encoding="utf-8")
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    command = f"python -m tests.drills {' '.join(names)}"
    new = [row_of(one, table, day=day, command=command, machine=machine) for one in figures]
    page.write_text(with_rows(text, merged(rows_of(text), new)), encoding="utf-8")
