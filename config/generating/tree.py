"""The tree of 局, 部, 課 and 係 of one municipality, and the seats in it. Pure: chance comes in as a `random.Random`."""

import random
from dataclasses import dataclass, field
from math import sqrt

from config.generating.words import words

# The information department (情報管理主管部門): 3 to 40 people, 7.7 on average over Japan's municipalities (図表2-1-1).
_LEAST_HERE, _MOST_HERE = 3, 40
# The other 課, in people. They grow with the root of the root of a large municipality: 30,000 people have 課 of 25.
_LEAST, _MOST, _USUAL = 5, 24, 14
_LARGE = 3_000
# From so many 課 on there are 部 above them, one for about so many.
_SECTIONS_OF_A_DIVISION = 5
_LEAST_FOR_DIVISIONS = 6
# From so many 部 on there are 局 above them, one for about so many: nobody leads two hundred 部長.
_DIVISIONS_OF_A_BUREAU = 8
_LEAST_FOR_BUREAUS = 20
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


# Ranks of seats: 局長, 部長, 課長, 係長, the three people who hold 権限, everybody else.
BUREAU, DIVISION, SECTION, TEAM, DESK, MEMBER = "bureau", "division", "section", "team", "desk", "member"
# In the order of 職員番号: whoever holds a 権限 has the first ones.
RANKS = (DESK, BUREAU, DIVISION, SECTION, TEAM, MEMBER)
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
    growth = max(1.0, (people / _LARGE) ** 0.25)
    divisions = _divisions(rest, growth)
    bureaus = -(-divisions // _DIVISIONS_OF_A_BUREAU) if divisions >= _LEAST_FOR_BUREAUS else 0
    sizes = [here, *_section_sizes(rest - divisions - bureaus, growth, chance)]
    tree = Tree()
    # Each 部 takes its 課 from one end of the list to the other, each 局 its 部.
    per_division = -(-len(sizes) // divisions) if divisions else len(sizes)
    made, bureau, division = 0, None, None
    for number, size in enumerate(sizes):
        if divisions and number % per_division == 0:
            bureau = _bureau(tree, made, bureau) if bureaus else None
            division = _division(tree, made, bureau)
            made += 1
        _section(tree, number, size, division)
    for left_over in range(made, divisions):
        # A 部 without a 課 of its own: its 部長 sits there alone.
        bureau = _bureau(tree, left_over, bureau) if bureaus else None
        _division(tree, left_over, bureau)
    return tree


def _divisions(people: int, growth: float) -> int:
    sections = int(people / (_USUAL * growth))
    return sections // _SECTIONS_OF_A_DIVISION if sections >= _LEAST_FOR_DIVISIONS else 0


def _section_sizes(people: int, growth: float, chance: random.Random) -> list[int]:
    """Return the sizes of the other 課; the last takes what is too few for one more."""
    found = []
    most = round(_MOST * growth)
    while people >= _LEAST:
        size = min(people, chance.randint(_LEAST, most))
        found.append(size)
        people -= size
    found[-1] += people
    return found


def _bureau(tree: Tree, division: int, last: int | None) -> int:
    """Return the place of the 局 that a 部 belongs to, which begins with the first of its 部."""
    number, within = divmod(division, _DIVISIONS_OF_A_BUREAU)
    return last if within and last is not None else _leading(tree, BUREAU, _numbered("bureaus", number), None)


def _division(tree: Tree, number: int, above: int | None) -> int:
    names = words()["divisions"]
    # Each 局 has fewer of them than there are names.
    name = _numbered("divisions", number) if above is None else names[number % len(names)]
    return _leading(tree, DIVISION, name, above)


def _leading(tree: Tree, rank: str, name: str, above: int | None) -> int:
    """Add a department that has the seat of its head alone; returns its place."""
    seats, place = tree.seats[rank], len(tree.units)
    tree.units.append(Unit(name, above, (rank, len(seats))))
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
