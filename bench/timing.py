"""Times are worth something only beside another time of the same minute."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

WARM_UP = 3


@dataclass(frozen=True)
class Ratio:
    """Median times of two things that took turns, in seconds, over so many rounds."""

    subject: float
    yardstick: float
    rounds: int

    @property
    def value(self) -> float:
        """Return how many times as long the subject takes as the yardstick."""
        return self.subject / self.yardstick

    def __str__(self) -> str:
        return f"{self.subject * 1000:.2f} ms / {self.yardstick * 1000:.2f} ms, medians of {self.rounds}"


def compare(
    subject: Callable[[], object], yardstick: Callable[[], object], *, rounds: int, warm_up: int = WARM_UP
) -> Ratio:
    """Run both in turn `rounds` times, after `warm_up` rounds that do not count, and return their medians.

    In turn, so that whatever else the machine does falls on both; each goes first every other time.
    """
    for _ in range(warm_up):
        subject()
        yardstick()
    times: dict[Callable[[], object], list[float]] = {subject: [], yardstick: []}
    for number in range(rounds):
        for act in (subject, yardstick) if number % 2 else (yardstick, subject):
            start = time.perf_counter()
            act()
            times[act].append(time.perf_counter() - start)
    return Ratio(statistics.median(times[subject]), statistics.median(times[yardstick]), rounds)


def median_ms(act: Callable[[], object], *, rounds: int) -> float:
    """Return the median time of one act in milliseconds, after a warm-up."""
    act()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000
