"""Figures as lines for people and as JSON for machines, and whether they are good enough."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.bounds import bound_of, expected


@dataclass(frozen=True)
class Figure:
    """One measured value under its printed name, with what lies behind it (shown where it falls short)."""

    name: str
    value: float
    behind: str = ""

    @property
    def keeps(self) -> bool:
        """Say whether it keeps its bound."""
        return bound_of(self.name).keeps(self.value)

    def line(self) -> str:
        """Return `name value unit`; what falls short says so, with its bound and what lies behind."""
        bound = bound_of(self.name)
        text = f"{self.name} {shown(self.value)} {bound.unit}"
        if self.keeps:
            return text
        reason = f": {self.behind}" if self.behind else ""
        return f"{text} FALLS SHORT ({bound.words} {shown(bound.limit)}){reason}"

    def as_json(self) -> dict:
        """Return the figure as it stands in bench/out/."""
        bound = bound_of(self.name)
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": bound.unit,
            "bound": bound.limit,
            "at_least": bound.at_least,
            "keeps": self.keeps,
            "behind": self.behind,
        }


def shown(value: float) -> str:
    """Return a number as short as it can be read: whole numbers bare, others with two places."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def in_order(figures: Iterable[Figure]) -> list[Figure]:
    """Return the figures in the order of the table of bounds."""
    place = {name: number for number, name in enumerate(expected())}
    return sorted(figures, key=lambda figure: place[figure.name])


def missing(figures: Iterable[Figure], asked: Iterable[str]) -> list[str]:
    """Return the names among `asked` that nobody measured."""
    there = {figure.name for figure in figures}
    return [name for name in asked if name not in there]


def exit_code(figures: Iterable[Figure], failures: Mapping[str, str], *, short: bool = False) -> int:
    """Return 0 where nothing failed and every figure keeps its bound, in a short run with its margin; else 1."""
    broken = any(bound_of(figure.name).fails(figure.value, short=short) for figure in figures)
    return 1 if failures or broken else 0
