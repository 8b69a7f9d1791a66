"""What departments said for one year and take into the next, asked of whoever keeps it: `gaps` answers (docs/adr/0034).

A year is copied here, but 必要人数, 委託常駐 and the ways of counting lie in `gaps`, which this app may not import.
"""

import datetime
from dataclasses import dataclass
from typing import Protocol

from assessments.models import Cycle
from competency.models import FrameworkVersion


@dataclass(frozen=True)
class Carried:
    """How much comes along: cells with 必要人数, departments that have any, cells with 委託常駐, ways of counting.

    `ended` departments have no successor, and `unknown` cells are not in the version of the new year: these stay behind.
    `joined` departments are counted together with others in the one that followed them.
    """

    needs: int = 0
    departments: int = 0
    covers: int = 0
    rules: int = 0
    ended: int = 0
    unknown: int = 0
    joined: int = 0


class Keeper(Protocol):
    """Whoever keeps what departments said."""

    def count(self, source: Cycle, version: FrameworkVersion, day: datetime.date) -> Carried:
        """Return what would come along into a year with this version and 基準日."""
        ...

    def over(self, source: Cycle, target: Cycle, now: datetime.datetime) -> Carried:
        """Take it along, and return what it was."""
        ...


_keepers: list[Keeper] = []


def keep_with(keeper: Keeper) -> None:
    """Let this object say and do it; called once, when the apps are ready."""
    _keepers[:] = [keeper]


def count(source: Cycle, version: FrameworkVersion, day: datetime.date) -> Carried:
    """Return what would come along into a year with this version and 基準日; nothing where nobody keeps any."""
    return _keepers[0].count(source, version, day) if _keepers else Carried()


def over(source: Cycle, target: Cycle, now: datetime.datetime) -> Carried:
    """Take along what departments said, in the transaction of the new year; return what it was."""
    return _keepers[0].over(source, target, now) if _keepers else Carried()
