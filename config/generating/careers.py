"""Who sits where in which year. Pure, and worked out from a seat's place alone, so that nobody has to be kept in memory.

Everybody has a seat of their rank in the first year. Each April some of a rank change seats with each other in a circle: the
sizes of departments stay, and who sat where is found forwards (of a person) and backwards (of a seat).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Moves:
    """How the people of one rank change seats: there are `seats`, and every `every`-th moves each April."""

    seats: int
    every: int

    def seat_of(self, person: int, year: int) -> int:
        """Return the seat of the person who began on the seat `person`, `year` Aprils later."""
        seat = person
        for april in range(1, year + 1):
            seat = self._moved(seat, april, 1)
        return seat

    def person_on(self, seat: int, year: int) -> int:
        """Return who sits on a seat: the place where the person began."""
        for april in range(year, 0, -1):
            seat = self._moved(seat, april, -1)
        return seat

    def _moved(self, seat: int, april: int, way: int) -> int:
        first = april % self.every
        if seat % self.every != first or seat >= self.seats:
            return seat
        movers = (self.seats - first + self.every - 1) // self.every
        # Far enough to leave the department, and not the same neighbours every time.
        step = max(1, movers // 3 + april)
        return (seat // self.every + way * step) % movers * self.every + first


@dataclass(frozen=True)
class Stay:
    """One seat from one year to another, by the number of the year (0 is the first); `end` None goes on."""

    seat: int
    start: int
    end: int | None


def stays(moves: Moves, person: int, joined: int, left: int | None, years: int) -> list[Stay]:
    """Return the seats of a person one after the other, without a gap.

    `joined` and `left` are numbers of years, on whose 1 April the person comes and goes (`left` 0: before the first year began);
    `years` is how many years there are.
    """
    last = years if left is None else left
    found: list[Stay] = []
    for year in range(joined, max(joined + 1, last)):
        seat = moves.seat_of(person, year)
        if found and found[-1].seat == seat:
            continue
        if found:
            found[-1] = Stay(found[-1].seat, found[-1].start, year)
        found.append(Stay(seat, year, None))
    found[-1] = Stay(found[-1].seat, found[-1].start, left)
    return found
