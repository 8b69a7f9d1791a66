"""What departments said in a year that gets another version, told to whoever keeps it: `gaps` answers (docs/adr/0044)."""

from typing import Protocol

from assessments.models import Cycle
from assessments.version_change import Move


class Reviser(Protocol):
    """Whoever keeps what departments said cell by cell."""

    def count(self, cycle: Cycle, move: Move) -> dict[str, int]:
        """Return how much would follow the cells that change, by name (Counts)."""
        ...

    def carry(self, cycle: Cycle, move: Move, now) -> dict[str, int]:
        """Let it follow the cells, and return how much there was, by name (Counts)."""
        ...

    def take_back(self, cycle: Cycle, move: Move, now) -> None:
        """Give the cells of before back what they had, with what was changed since."""
        ...


_revisers: list[Reviser] = []


def revise_with(reviser: Reviser) -> None:
    """Let this object do it; called once, when the apps are ready."""
    _revisers[:] = [reviser]


def count(cycle: Cycle, move: Move) -> dict[str, int]:
    """Return how much of what departments said would follow cells that change; {} where nobody keeps any."""
    return _revisers[0].count(cycle, move) if _revisers else {}


def carry(cycle: Cycle, move: Move, now) -> dict[str, int]:
    """Let what departments said follow the cells, in the transaction of the change; return how much there was."""
    return _revisers[0].carry(cycle, move, now) if _revisers else {}


def take_back(cycle: Cycle, move: Move, now) -> None:
    """Give it back, in the transaction of the change."""
    if _revisers:
        _revisers[0].take_back(cycle, move, now)
