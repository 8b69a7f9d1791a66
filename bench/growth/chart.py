"""The curves as a drawing: geometry here, numbers in, text of numbers out; `chart.svg` draws it (docs/adr/0011).

How many times as long as an empty page each page takes, both axes by powers of ten. A line is told by its marker, its
dashes and the words at its end, never by colour alone.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.template import Context, Engine

from bench.growth.curves import DATABASES, PAGES, Curves, Point, number
from lib.charts import TEXT_SIZE, text_width

_LEFT, _TOP, _PLOT, _TALL = 66.0, 52.0, 440.0, 300.0
_PANEL = _TOP + _TALL + 52.0
_GAP, _LINE = 14.0, 21.0
_Scale = Callable[[float], float]
# Dashes, marker (in units around its point) and colour by page; each differs from all others in all three.
LOOKS = {
    "sheet": ("", "M-5 -5h10v10h-10z", "#0017c1"),
    "department": ("10 4", "M0 -6L6 5H-6z", "#115a36"),
    "people": ("2 3 8 3", "M0 -6.5L6.5 0L0 6.5L-6.5 0z", "#8b1bc8"),
    "overview": ("16 4", "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z", "#a83c00"),
    "progress": ("5 3", "M0 6L6 -5H-6z", "#ba000d"),
}


@dataclass(frozen=True)
class Tick:
    """A line across the plot and its word."""

    at: str
    word: str
    text_at: str


@dataclass(frozen=True)
class Line:
    """One page: its path, its markers, and its words at the end with the line that leads there."""

    look: str
    marker: str
    colour: str
    path: str
    points: tuple[tuple[str, str], ...]
    label: str
    text_x: str
    text_y: str
    lead: str


@dataclass(frozen=True)
class Panel:
    """One database."""

    name: str
    y: str
    columns: tuple[Tick, ...]
    rows: tuple[Tick, ...]
    lines: tuple[Line, ...]


def panels(curves: Curves) -> list[Panel]:
    """Return the geometry of a panel a database, all on the same scale. ValueError where nothing was measured."""
    if not curves.points:
        raise ValueError("no curve to draw")
    low, high = _decades(1.0, max(curves.ratio(one) for one in curves.points))
    people = curves.people
    left, right = math.log10(people[0]), math.log10(max(people[-1], people[0] * 10))

    def across(value: float) -> float:
        return _LEFT + _PLOT * (math.log10(value) - left) / (right - left)

    def down(value: float) -> float:
        return _TOP + _TALL * (high - math.log10(value)) / (high - low)

    columns = tuple(Tick(_n(across(one)), f"{one:,}人", _n(_TOP + _TALL + 22)) for one in people)
    rows = tuple(Tick(_n(down(value)), f"{value:,.0f}倍", _n(down(value) + 5)) for value in _steps(low, high))
    found = []
    for place, (database, name) in enumerate(
        (database, name)
        for database, name in DATABASES.items()
        if any(one.database == database for one in curves.points)
    ):
        drawn = [(page, curves.of(database, page)) for page in PAGES]
        drawn = [(page, points) for page, points in drawn if points]
        ends = spread([down(curves.ratio(points[-1])) for _, points in drawn], _LINE, _TOP + _TALL)
        lines = tuple(
            _line(curves, page, points, end, across, down)
            for (page, points), end in zip(drawn, ends, strict=True)
        )
        engine = curves.engines.get(database, name)
        found.append(Panel(engine, _n(place * _PANEL + 46), columns, rows, lines))
    return found


def spread(wanted: Sequence[float], apart: float, lowest: float) -> list[float]:
    """Return places near the wanted ones, in their order, at least `apart` from each other and none below `lowest`."""
    order = sorted(range(len(wanted)), key=lambda one: (wanted[one], one))
    places = [0.0] * len(wanted)
    floor = -math.inf
    for one in order:
        floor = places[one] = max(wanted[one], floor + apart)
    ceiling = lowest
    for one in reversed(order):
        places[one] = min(places[one], ceiling)
        ceiling = places[one] - apart
    return places


def drawn(curves: Curves) -> str:
    """Return the SVG."""
    words = max(text_width(_words(curves, one.page, one)) for one in curves.points if one.page in PAGES)
    told = panels(curves)
    machine = curves.machine.split(", load")[0].replace(" cores", "コア")
    context = {
        "panels": told,
        "width": _n(_LEFT + _PLOT + 3 * _GAP + words),
        "height": _n(len(told) * _PANEL + 96),
        "left": _n(_LEFT), "right": _n(_LEFT + _PLOT), "top": _n(_TOP), "bottom": _n(_TOP + _TALL),
        "rows_x": _n(_LEFT - 8), "size": str(TEXT_SIZE), "plot": _n(_PLOT), "tall": _n(_TALL),
        "said": f"{curves.day}測定。{machine}。{curves.rounds}回の中央値です。",
        "desc": _desc(curves),
    }  # fmt: skip
    template = Engine(dirs=[str(Path(__file__).parent)]).get_template("chart.svg")
    return template.render(Context(context))


def _line(curves: Curves, page: str, points: list[Point], end: float, across: _Scale, down: _Scale) -> Line:
    dashes, marker, colour = LOOKS[page]
    places = [(across(one.people), down(curves.ratio(one))) for one in points]
    x, y = places[-1]
    return Line(
        look=dashes,
        marker=marker,
        colour=colour,
        path="M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in places),
        points=tuple((_n(x), _n(y)) for x, y in places),
        label=_words(curves, page, points[-1]),
        text_x=_n(_LEFT + _PLOT + 2 * _GAP),
        text_y=_n(end + 5),
        lead=f"M{_n(x + 8)} {_n(y)}L{_n(_LEFT + _PLOT + 2 * _GAP - 4)} {_n(end)}",
    )


def _words(curves: Curves, page: str, one: Point) -> str:
    return f"{PAGES[page]} {number(curves.ratio(one))}倍"


def _desc(curves: Curves) -> str:
    told = []
    for database, name in DATABASES.items():
        for page, called in PAGES.items():
            if points := curves.of(database, page):
                first, *_, last = points
                told.append(
                    f"{name}、{called}：{first.people:,}人で{number(curves.ratio(first))}倍、"
                    f"{last.people:,}人で{number(curves.ratio(last))}倍。"
                )
    return "".join(told)


def _decades(least: float, most: float) -> tuple[float, float]:
    """Return the exponents of the round numbers (1, 2, 5 by powers of ten) around two times."""
    steps = _steps(math.floor(math.log10(least)) - 1, math.ceil(math.log10(most)) + 1)
    below = max(step for step in steps if step <= least)
    above = min(step for step in steps if step >= most)
    return math.log10(below), math.log10(above if above > below else below * 10)


def _steps(low: float, high: float) -> list[float]:
    first, last = math.floor(low + 1e-9), math.ceil(high - 1e-9)
    steps = [digit * 10.0**power for power in range(first, last + 1) for digit in (1, 2, 5)]
    return [step for step in steps if low - 1e-9 <= math.log10(step) <= high + 1e-9]


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
