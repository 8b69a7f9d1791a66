"""Geometry of the charts: numbers in, numbers out. templates/charts/ draws them as SVG.

Lengths are SVG user units; at the smallest width at which a chart is shown one unit is one CSS pixel, so that
text of 14 units is never smaller than 14 px. Nothing here knows a colour: a `Series` carries a CSS class.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

TEXT_SIZE = 14
_WIDTH = 480.0  # .chart svg has min-width 30rem: 480 units are never squeezed
_COLUMN_WIDTH = 340.0  # .chart.fit svg has min-width 21.25rem
_ROW, _BAR, _LEGEND_LINE, _SWATCH = 38.0, 28.0, 26.0, 14.0
_LABEL_MAX, _TOTAL_WIDTH, _AIR = 168.0, 60.0, 6.0


@dataclass(frozen=True)
class Series:
    """One part of a stacked bar: CSS class, word for legend and table, and whether its fill needs white text."""

    css: str
    label: str
    dark: bool = False


@dataclass(frozen=True)
class Segment:
    """One drawn part; `shows_value` is False where the number would not fit inside."""

    css: str
    label: str
    value: int
    x: float
    width: float
    text_x: float
    dark: bool
    shows_value: bool


@dataclass(frozen=True)
class BarRow:
    """One bar with its label on the left and its total behind it; `name` is the label uncut."""

    name: str
    label: str
    y: float
    text_y: float
    strong: bool
    values: tuple[int, ...]
    segments: tuple[Segment, ...]
    total: int
    total_x: float


@dataclass(frozen=True)
class LegendItem:
    """Swatch and word of one series."""

    css: str
    label: str
    x: float
    y: float
    text_x: float
    text_y: float


@dataclass(frozen=True)
class StackedBars:
    """A whole chart of horizontal stacked bars. `joints` are the heights of lines between bars of two kinds of year."""

    width: float
    height: float
    bar_height: float
    legend: tuple[LegendItem, ...]
    rows: tuple[BarRow, ...]
    series: tuple[Series, ...]
    joints: tuple[float, ...] = ()


@dataclass(frozen=True)
class Column:
    """One year: `value` None is drawn as no bar at all, never as 0."""

    label: str
    value: int | None
    x: float
    y: float
    width: float
    height: float
    text_x: float
    text_y: float
    last: bool


@dataclass(frozen=True)
class Columns:
    """A whole chart of vertical bars under a line at `top`."""

    width: float
    height: float
    base_y: float
    top_y: float
    label_y: float
    top: int
    columns: tuple[Column, ...]


def text_width(text: str, size: float = TEXT_SIZE) -> float:
    """Return the width of `text`, estimated on the wide side: full-width 1 em, anything else 0.62 em."""
    wide = sum(unicodedata.east_asian_width(char) in "WFA" for char in text)
    return size * (wide + 0.62 * (len(text) - wide))


def pips(have: int, need: int, most: int = 12) -> list[bool]:
    """Return the dots of a tile: True for each of `have` people, False for each still missing, `most` at most."""
    return ([True] * have + [False] * max(need - have, 0))[:most]


def stacked_bars(
    rows: Sequence[tuple[str, Sequence[int]]],
    series: Sequence[Series],
    *,
    share: bool = False,
    strong: int | None = None,
    joints: Sequence[int] = (),
) -> StackedBars:
    """Return the geometry of horizontal stacked bars, one per row of (label, one count per series).

    All bars share one scale, so that a longer bar is a larger total; with `share` every bar with a total takes
    the full width instead. `strong` is the index of the row to set in bold, -1 for the last. The drawn parts
    of a row and the gaps between them add up to the row's length. `joints` are indexes of rows above which a line is
    drawn, for what is above it was counted otherwise. Raises ValueError for a negative count or
    for a row with more or fewer counts than there are series.
    """
    for label, values in rows:
        _check(values, series, label)
    labels = [_cut(label, _LABEL_MAX) for label, _ in rows]
    left = max((text_width(label, 16) for label in labels), default=0.0) + 2 * _AIR
    room = _WIDTH - left - _TOTAL_WIDTH
    largest = max((sum(values) for _, values in rows), default=0)
    legend, top = _legend(series, min(left, 96.0))
    bold = None if strong is None else strong % len(rows)
    drawn = []
    for index, ((name, values), label) in enumerate(zip(rows, labels, strict=True)):
        total = sum(values)
        length = 0.0 if total == 0 else room if share else room * total / largest
        y = top + index * _ROW
        drawn.append(
            BarRow(
                name=name,
                label=label,
                y=_r(y),
                text_y=_r(y + _BAR / 2 + 5),
                strong=index == bold,
                values=tuple(values),
                segments=_segments(values, series, left, length),
                total=total,
                total_x=_r(left + length + _AIR),
            )
        )
    height = top + max(len(rows) * _ROW - (_ROW - _BAR), 0) + _AIR
    lines = tuple(_r(top + index * _ROW - (_ROW - _BAR) / 2) for index in joints)
    return StackedBars(_WIDTH, _r(height), _BAR, legend, tuple(drawn), tuple(series), lines)


def mini_bar(values: Sequence[int], series: Sequence[Series], *, width: float = 240) -> tuple[Segment, ...]:
    """Return the parts of one small bar without axis, which fill `width` together with the gaps between them."""
    _check(values, series, "")
    return _segments(values, series, 0.0, width if sum(values) else 0.0)


def column_bars(points: Sequence[tuple[str, int | None]], *, top: int) -> Columns:
    """Return the geometry of vertical bars for up to seven (label, value), scaled so that `top` meets the line.

    `top` is the most that a value can be, for example the number of cells; a value above it is refused with
    ValueError, like a negative one, because the bar would leave the chart.
    """
    if top <= 0 or len(points) > 7:
        raise ValueError("column_bars takes a positive top and at most seven points")
    if any(value is not None and not 0 <= value <= top for _, value in points):
        raise ValueError("every value must lie between 0 and top")
    base_y, top_y = 186.5, 46.5
    slot = _COLUMN_WIDTH / max(len(points), 1)
    width = min(44.0, slot - 4)
    columns = []
    for index, (label, value) in enumerate(points):
        height = (base_y - top_y) * (value or 0) / top
        x = index * slot + (slot - width) / 2
        y = base_y - height
        columns.append(
            Column(
                label=label,
                value=value,
                x=_r(x),
                y=_r(y),
                width=_r(width),
                height=_r(height),
                text_x=_r(x + width / 2),
                text_y=_r(y - 8),
                last=index == len(points) - 1,
            )
        )
    return Columns(_COLUMN_WIDTH, 214.0, base_y, top_y, 206.0, top, tuple(columns))


def _segments(
    values: Sequence[int], series: Sequence[Series], left: float, length: float
) -> tuple[Segment, ...]:
    total = sum(values)
    parts = []
    x = left
    for one, value in zip(series, values, strict=True):
        if value == 0:
            continue
        step = length * value / total
        # A hairline gap keeps neighbours apart in grey, but a thin part must not lose itself in it.
        gap = min(2.0, step / 2)
        width = step - gap
        fits = text_width(str(value)) + 4 <= width
        parts.append(
            Segment(one.css, one.label, value, _r(x + gap / 2), _r(width), _r(x + step / 2), one.dark, fits)
        )
        x += step
    return tuple(parts)


def _legend(series: Sequence[Series], left: float) -> tuple[tuple[LegendItem, ...], float]:
    x, y = left, 3.0
    items = []
    for one in series:
        width = _SWATCH + _AIR + text_width(one.label)
        if x > left and x + width > _WIDTH:
            x, y = left, y + _LEGEND_LINE
        items.append(LegendItem(one.css, one.label, _r(x), y, _r(x + _SWATCH + _AIR), y + 12))
        x += width + 2 * TEXT_SIZE
    return tuple(items), y + _LEGEND_LINE + 5


def _cut(label: str, most: float) -> str:
    if text_width(label) <= most:
        return label
    kept = label
    while kept and text_width(kept + "…") > most:
        kept = kept[:-1]
    return kept + "…"


def _check(values: Sequence[int], series: Sequence[Series], label: str) -> None:
    if len(values) != len(series):
        raise ValueError(f"{label!r} has {len(values)} counts for {len(series)} series")
    if any(value < 0 for value in values):
        raise ValueError(f"{label!r} has a negative count")


def _r(number: float) -> float:
    return round(number, 2)
