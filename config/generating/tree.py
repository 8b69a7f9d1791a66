"""The tree of 部, 課 and 係 of one municipality, and the seats in it. Pure: chance comes in as a `random.Random`."""

import random
from dataclasses import dataclass, field
from math import sqrt

from config.generating.words import words

# The information department (情報管理主管部門): 3 to 40 people, 7.7 on average over Japan's municipalities (図表2-1-1).
_LEAST_HERE, _MOST_HERE = 3, 40
# The other 課, in people.
_LEAST, _MOST, _USUAL = 5, 24, 14
# From so many 課 on there are 部 above them, one for about so many.
_SECTIONS_OF_A_DIVISION = 5
_LEAST_FOR_DIVISIONS = 6
# A 課 of fewer people has no 係.
_LEAST_FOR_TEAMS, _PEOPLE_OF_A_TEAM = 7, 6

INFORMATION = "デジタル推進課"


@dataclass(frozen=True)
class Unit:
    """One department by its place in the tree: `above` is the place of the one above, None at the top.

    `lead` is (rank of the seat, its place among those of the rank) of who leads it; `information` says that it is the
    information department or a part of it.
    """

    name: str
    above: int | None
    lead: tuple[str, int]
    information: bool = False


# Ranks of seats: 部長, 課長, 係長, the three people who hold 権限, everybody else.
DIVISION, SECTION, TEAM, DESK, MEMBER = "division", "section", "team", "desk", "member"
# In the order of 職員番号: whoever holds a 権限 has the first ones.
RANKS = (DESK, DIVISION, SECTION, TEAM, MEMBER)
DESK_PEOPLE = 3


@dataclass
class Tree:
    """The departments in an order in which each comes after the one above it, and the unit of every seat, by rank."""

    units: list[Unit] = field(default_factory=list)
    seats: dict[str, list[int]] = field(default_factory=lambda: {rank: [] for rank in RANKS})

    def people(self) -> int:
        """Return how many seats there are."""
        return sum(len(units) for units in self.seats.values())


def information_people(people: int) -> int:
    """Return how many of a municipality's people are in the information department: 3 to 40, with the root of the size."""
    return max(_LEAST_HERE, min(_MOST_HERE, round(2 + 0.19 * sqrt(people))))


def tree_of(people: int, chance: random.Random) -> Tree:
    """Return a tree with exactly so many seats; ValueError under eight.

    The first 課 is the information department, the second has the people with 権限.
    """
    here = information_people(people)
    rest = people - here
    if rest < _LEAST:
        raise ValueError("a municipality has eight people at least")
    divisions = _divisions(rest)
    sizes = [here, *_section_sizes(rest - divisions, chance)]
    tree = Tree()
    # Each 部 takes its 課 from one end of the list to the other.
    per_division = -(-len(sizes) // divisions) if divisions else len(sizes)
    above: int | None = None
    for number, size in enumerate(sizes):
        if divisions and number % per_division == 0:
            above = _division(tree, number // per_division)
        _section(tree, number, size, above)
    for left_over in range(divisions - -(-len(sizes) // per_division)):
        # A 部 without a 課 of its own: its 部長 sits there alone.
        _division(tree, divisions - 1 - left_over)
    return tree


def _divisions(people: int) -> int:
    sections = people // _USUAL
    return sections // _SECTIONS_OF_A_DIVISION if sections >= _LEAST_FOR_DIVISIONS else 0


def _section_sizes(people: int, chance: random.Random) -> list[int]:
    """Return the sizes of the other 課; the last takes what is too few for one more."""
    found = []
    while people >= _LEAST:
        size = min(people, chance.randint(_LEAST, _MOST))
        found.append(size)
        people -= size
    found[-1] += people
    return found


def _division(tree: Tree, number: int) -> int:
    seats = tree.seats[DIVISION]
    place = len(tree.units)
    tree.units.append(Unit(_numbered("divisions", number), None, (DIVISION, len(seats))))
    seats.append(place)
    return place


def _section(tree: Tree, number: int, size: int, above: int | None) -> None:
    information = number == 0
    place = len(tree.units)
    name = INFORMATION if information else _numbered("sections", number - 1)
    tree.units.append(Unit(name, above, (SECTION, len(tree.seats[SECTION])), information))
    tree.seats[SECTION].append(place)
    teams = size // _PEOPLE_OF_A_TEAM if size >= _LEAST_FOR_TEAMS else 0
    names = "information_teams" if information else "teams"
    below = []
    for team in range(teams):
        below.append(len(tree.units))
        tree.units.append(Unit(_numbered(names, team), place, (TEAM, len(tree.seats[TEAM])), information))
        tree.seats[TEAM].append(below[-1])
    desk = DESK_PEOPLE if number == 1 else 0
    for at in range(size - 1 - teams):
        tree.seats[DESK if at < desk else MEMBER].append(below[at % teams] if teams else place)


def _numbered(key: str, number: int) -> str:
    """Return the name at a place of an endless list: after the last the first come again, with a number."""
    names = words()[key]
    again, at = divmod(number, len(names))
    return f"第{again + 1}{names[at]}" if again else names[at]
