"""Figures as lines for people and as JSON for machines, and whether they are good enough."""

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.bounds import BOUNDS, Bound, bound_of, expected

Table = Mapping[str, Bound]


@dataclass(frozen=True)
class Figure:
    """One measured value under its printed name, with what lies behind it (shown where it falls short)."""

    name: str
    value: float
    behind: str = ""

    def line(self, table: Table = BOUNDS, *, short: bool = False) -> str:
        """Return `name value unit`; what falls short says so, with its bound and what lies behind."""
        bound = bound_of(self.name, table)
        text = f"{self.name} {shown(self.value)} {bound.unit}"
        if bound.keeps(self.value, short=short):
            return text
        reason = f": {self.behind}" if self.behind else ""
        return f"{text} FALLS SHORT ({bound.words} {shown(bound.limit_of(short=short))}){reason}"

    def as_json(self, table: Table = BOUNDS, *, short: bool = False) -> dict:
        """Return the figure as it is kept."""
        bound = bound_of(self.name, table)
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": bound.unit,
            "bound": bound.limit_of(short=short),
            "at_least": bound.at_least,
            "keeps": bound.keeps(self.value, short=short),
            "behind": self.behind,
        }


def shown(value: float) -> str:
    """Return a number as short as it can be read: whole numbers bare, others with two places."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def in_order(figures: Iterable[Figure], table: Table = BOUNDS) -> list[Figure]:
    """Return the figures in the order of the table of bounds."""
    place = {name: number for number, name in enumerate(expected(table))}
    return sorted(figures, key=lambda figure: place[figure.name])


def missing(figures: Iterable[Figure], asked: Iterable[str]) -> list[str]:
    """Return the names among `asked` that nobody measured."""
    there = {figure.name for figure in figures}
    return [name for name in asked if name not in there]


def exit_code(
    figures: Iterable[Figure],
    failures: Mapping[str, str],
    *,
    short: bool = False,
    table: Table = BOUNDS,
) -> int:
    """Return 0 where nothing failed and every figure keeps its bound, in a short run with its margin; else 1."""
    broken = any(bound_of(figure.name, table).fails(figure.value, short=short) for figure in figures)
    return 1 if failures or broken else 0


def keep(
    folder: Path,
    figures: Iterable[Figure],
    failures: Mapping[str, str],
    *,
    short: bool,
    table: Table = BOUNDS,
) -> None:
    """Write the run as JSON into the folder, under its time and as the latest."""
    folder.mkdir(exist_ok=True)
    now = datetime.datetime.now(datetime.UTC)
    text = json.dumps(
        {
            "at": now.isoformat(timespec="seconds"),
            "short": short,
            "figures": [figure.as_json(table, short=short) for figure in figures],
            "failures": dict(failures),
        },
        ensure_ascii=False,
        indent=2,
    )
    for name in (f"{now:%Y%m%dT%H%M%SZ}", "latest"):
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
