"""The tables of figures in the documents, which no hand writes: their rows, and their place on a page."""

import datetime
import os
import platform
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.bounds import Bound, bound_of
from bench.results import Figure, shown

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


def begin(program: str) -> str:
    """Return the line in front of a table that a program writes (`python -m program --write`)."""
    return f"<!-- figures: written by python -m {program} --write -->"


def rows_of(page: str, program: str) -> list[Row]:
    """Return the rows that a page has; ValueError for a page without the place for them."""
    inside = re.search(f"{re.escape(begin(program))}\n(.*?){re.escape(END)}", page, re.DOTALL)
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


def with_rows(page: str, rows: list[Row], program: str, said: Iterable[str] = ()) -> str:
    """Return the page with these rows, and the lines `said` above them, in the place of the program's figures."""
    rows_of(page, program)
    inside = "\n".join([begin(program), *said, _HEAD, *(row.line() for row in rows), END])
    return re.sub(
        f"{re.escape(begin(program))}\n.*?{re.escape(END)}", lambda _: inside, page, flags=re.DOTALL
    )


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
    command: str,
    *,
    machine: str,
    page: Path,
    say: Callable[[list[Row]], list[str]] = lambda rows: [],
) -> None:
    """Write the figures of a whole run of `python -m command` into the page, `say` above the table."""
    text = page.read_text(encoding="utf-8")
    program = command.split()[0]
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    new = [row_of(one, table, day=day, command=f"python -m {command}", machine=machine) for one in figures]
    rows = merged(rows_of(text, program), new)
    page.write_text(with_rows(text, rows, program, say(rows)), encoding="utf-8")
