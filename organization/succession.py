"""Departments through reorganisations: where the history of one that has ended goes on. Pure.

A renamed or moved department is the same row and needs nothing. One that was joined with others, or divided, has
ended and names its successor; what stood below it goes along, unless it names a successor of its own.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from lib.paths import is_within, keys


class Dated(Protocol):
    """What is asked of a department; rows of the model and narrow values alike have it."""

    @property
    def id(self) -> int:
        """Return the primary key."""

    @property
    def path(self) -> str:
        """Return the materialised path (lib.paths)."""

    @property
    def successor_id(self) -> int | None:
        """Return the key of the department that took over."""


def home_of(department: Dated, known: Mapping[int, Dated]) -> str | None:
    """Return the path of the department in which this one's history goes on today, its own where nothing ended.

    `known` holds every department that may have a successor, by id. None where the trail leads to a department
    that is not known, or in a circle.
    """
    seen: set[int] = set()
    here = department
    while True:
        if here.id in seen:
            return None
        seen.add(here.id)
        above = (known.get(key) for key in reversed(keys(here.path)))
        taken_over = next((one for one in above if one is not None and one.successor_id), None)
        if taken_over is None:
            return here.path
        found = known.get(taken_over.successor_id or 0)
        if found is None:
            return None
        here = found


def followed(departments: Iterable[Dated], path: str) -> set[int] | None:
    """Return the ids of departments whose history belongs to the one at `path`, None where that is its part of the tree.

    `departments` are those at or below `path`, and all of the municipality that have ended.
    """
    known = {one.id: one for one in departments}
    here, mine = set(), set()
    for one in known.values():
        if is_within(one.path, path):
            here.add(one.id)
        home = home_of(one, known)
        if home is not None and is_within(home, path):
            mine.add(one.id)
    return None if mine == here else mine
