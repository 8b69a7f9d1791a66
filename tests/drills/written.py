"""The pages on which whole runs of drills stand, and the sentence over all of them: `python -m tests.drills --write NAME…`."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from bench import written
from bench.bounds import Bound
from bench.results import Figure, shown
from bench.written import Row
from tests.drills import totals

PROGRAM = "tests.drills"
# Where the whole runs of a drill stand, by the word of its PAGE.
_DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    "reliability": _DOCS / "operations" / "reliability.md",
    "security": _DOCS / "security" / "figures.md",
}
BEGIN, END = written.begin(PROGRAM), written.END


def rows_of(page: str) -> list[Row]:
    """Return the rows that a page has; ValueError for a page without the place for them."""
    return written.rows_of(page, PROGRAM)


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


def said(rows: list[Row]) -> list[str]:
    """Return the lines above the table of a page."""
    return [told, ""] if (told := sums(rows)) else []


def write(
    figures: Iterable[Figure],
    table: Mapping[str, Bound],
    names: Iterable[str],
    *,
    machine: str,
    page: Path,
) -> None:
    """Write the figures of a whole run into the page."""
    command = f"{PROGRAM} {' '.join(names)}"
    written.write(figures, table, command, machine=machine, page=page, say=said)
