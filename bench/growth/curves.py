"""What was measured, as it is kept in docs, and as a table."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.processes import ROOT

# Kept beside the page that shows them; the chart is drawn from the figures alone.
RECORD = ROOT / "docs" / "operations" / "growth.json"
CHART = RECORD.with_suffix(".svg")
COMMAND = "python -m bench.growth"
BEGIN, END = f"<!-- growth: written by {COMMAND} --write -->", "<!-- end of growth -->"
# The page that all others are held against: a machine that does other work as well slows both alike.
EMPTY = "empty"
EMPTY_NAME = "何もないページ"
# What each page is called, in the order of the table.
PAGES = {
    "sheet": "年度票の記入（本人）",
    "department": "課のスキルギャップ（所属長、約10人）",
    "people": "職員をさがす（人事）",
    "overview": "全庁のようす（人事）",
    "progress": "提出の進み（人事）",
}
DATABASES = {"postgres": "PostgreSQL", "sqlite": "SQLite"}


@dataclass(frozen=True)
class Point:
    """One page of a municipality of so many people on a database: median, least and most in milliseconds."""

    database: str
    people: int
    page: str
    ms: float
    least: float
    most: float


@dataclass(frozen=True)
class Curves:
    """A whole run: when, on what, by which command, and its points."""

    day: str
    machine: str
    command: str
    engines: dict[str, str]
    rounds: int
    points: tuple[Point, ...]

    def of(self, database: str, page: str) -> list[Point]:
        """Return the curve of a page, few people first."""
        found = [one for one in self.points if (one.database, one.page) == (database, page)]
        return sorted(found, key=lambda one: one.people)

    def ratio(self, one: Point) -> float:
        """Return how many times as long as the empty page of the same process a page took; KeyError without that page."""
        base = {each.people: each.ms for each in self.of(one.database, EMPTY)}
        return one.ms / base[one.people]

    @property
    def people(self) -> list[int]:
        """Return the sizes that were measured."""
        return sorted({one.people for one in self.points})

    def text(self) -> str:
        """Return the run as it is kept."""
        head = {name: getattr(self, name) for name in ("day", "machine", "command", "engines", "rounds")}
        points = [list(one.__dict__.values()) for one in self.points]
        return (
            json.dumps({**head, "points": points}, ensure_ascii=False, indent=1).replace(",\n   ", ", ")
            + "\n"
        )


def read(text: str) -> Curves:
    """Return a run from its text; KeyError or TypeError for anything else."""
    kept: dict[str, Any] = json.loads(text)
    points = tuple(Point(*values) for values in kept.pop("points"))
    return Curves(**kept, points=points)


def recorded(path: Path = RECORD) -> Curves:
    """Return the run that docs have."""
    return read(path.read_text(encoding="utf-8"))


def table(curves: Curves) -> list[str]:
    """Return the lines of the table: a page and database a row, a size a column, times the empty page, and milliseconds."""
    sizes = curves.people
    lines = [
        f"{curves.day}, `{curves.command}`: one municipality, three years; {curves.machine}; "
        f"{', '.join(curves.engines.values())}. Times the empty page of the same process; in brackets the median of "
        f"{curves.rounds} in ms, least to most.",
        "",
        f"| page | on | {' | '.join(f'{one:,} people' for one in sizes)} |",
        f"|---|---|{'---|' * len(sizes)}",
    ]
    for page, name in {**PAGES, EMPTY: EMPTY_NAME}.items():
        for database, called in DATABASES.items():
            told = {one.people: one for one in curves.of(database, page)}
            if told:
                cells = (_cell(curves, told.get(size)) for size in sizes)
                lines.append(f"| {name} | {called} | {' | '.join(cells)} |")
    return lines


def with_table(page: str, lines: Iterable[str]) -> str:
    """Return a page with the lines between its marks; ValueError for a page without them."""
    before, begin, rest = page.partition(BEGIN + "\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for curves")
    return "".join([before, begin, *(f"{line}\n" for line in lines), end, after])


def number(value: float) -> str:
    """Return a number as it is read: one place below ten, none above."""
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def _cell(curves: Curves, one: Point | None) -> str:
    if one is None:
        return "–"
    return f"{number(curves.ratio(one))} ({number(one.ms)}, {number(one.least)} to {number(one.most)})"
