"""Half-open periods of days, [start, end): the end is the first day no longer inside, None is open."""

import datetime
from collections.abc import Sequence

Interval = tuple[datetime.date, datetime.date | None]


def active(start: datetime.date, end: datetime.date | None, day: datetime.date) -> bool:
    """Tell whether `day` is inside [start, end). A period that ends where it starts holds no day."""
    return start <= day and (end is None or day < end)


def is_empty(interval: Interval) -> bool:
    """Tell whether the period holds no day: its end is its start or before it."""
    start, end = interval
    return end is not None and end <= start


def last_day(end: datetime.date | None) -> datetime.date | None:
    """Return the last day inside a period with this `end`, as people write it, or None when it is open."""
    return None if end is None else end - datetime.timedelta(days=1)


def end_after(last: datetime.date | None) -> datetime.date | None:
    """Return the half-open end of a period whose last day, as people write it, is `last`; None stays open.

    9999-12-31, which HR systems write for "no end", gives None too.
    """
    return None if last is None or last == datetime.date.max else last + datetime.timedelta(days=1)


def overlaps(a: Interval, b: Interval) -> bool:
    """Tell whether at least one day is in both periods. Periods that only touch do not overlap."""
    if is_empty(a) or is_empty(b):
        return False
    return (b[1] is None or a[0] < b[1]) and (a[1] is None or b[0] < a[1])


def overlapping_pairs(intervals: Sequence[Interval]) -> list[tuple[int, int]]:
    """Return every pair of positions (i, j), i < j, whose periods share a day, sorted; a list.

    Sorts once and keeps the periods still running, so that a long list without overlaps costs no more than
    its sorting.
    """
    filled = [at for at, interval in enumerate(intervals) if not is_empty(interval)]
    running: list[int] = []
    pairs = []
    for at in sorted(filled, key=lambda at: intervals[at][0]):
        start = intervals[at][0]
        running = [other for other in running if active(*intervals[other], start)]
        pairs += [(min(at, other), max(at, other)) for other in running]
        running.append(at)
    return sorted(pairs)
