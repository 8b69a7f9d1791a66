"""Tendency of a department's own steps against the confirmed ones, by 分類. Pure, tested by property.

It speaks about how a department rates itself, never about one person: counts of answers, no averages.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answers:
    """How often one combination was given: 分類, own step, confirmed step."""

    category: str
    own: int
    final: int
    times: int = 1


@dataclass(frozen=True)
class Tendency:
    """Answers of one 分類: the person's step was higher than the confirmed one, the same, or lower."""

    category: str
    higher: int = 0
    same: int = 0
    lower: int = 0

    @property
    def total(self) -> int:
        """Return how many answers there are."""
        return self.higher + self.same + self.lower


def tendencies(answers: Iterable[Answers]) -> list[Tendency]:
    """Return the tendency of each 分類, in the order in which they first appear."""
    counted: dict[str, list[int]] = {}
    for each in answers:
        three = counted.setdefault(each.category, [0, 0, 0])
        three[0 if each.own > each.final else 1 if each.own == each.final else 2] += each.times
    return [Tendency(category, *three) for category, three in counted.items()]
