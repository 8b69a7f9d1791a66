"""Everything of one municipality, as rows, person by person: never more in memory than its departments and a batch."""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from access.actor import Role
from assessments.models import Cycle
from config.generating import people as invented
from config.generating import tree as trees
from config.generating.calendar import FiscalYear
from config.generating.careers import Moves, Stay, stays
from config.generating.levels import Patterns
from config.generating.municipalities import Place
from config.generating.people import Person
from config.generating.rows import NULL, Rows, hexadecimal, line
from config.generating.sheets import Asked, Ids, write_sheet
from lib.paths import child_path
from organization.models import Leave, Posting
from organization.models.position import LineRole
from organization.search import search_text

_LEADING = {trees.BUREAU: ("局長", LineRole.HEAD), trees.DIVISION: ("部長", LineRole.HEAD),
            trees.SECTION: ("課長", LineRole.HEAD), trees.TEAM: ("係長", LineRole.FIRST)}  # fmt: skip
_POSITIONS = (
    *_LEADING.values(), *((name, LineRole.NONE) for name in ("主査", "主任", "主事", "会計年度任用職員")),
)  # fmt: skip
# Every which of a rank moves each April; who holds 権限 stays.
_EVERY = {
    trees.BUREAU: 3, trees.DIVISION: 3, trees.SECTION: 3, trees.TEAM: 3, trees.DESK: 1_000_000_000, trees.MEMBER: 4,
}  # fmt: skip
_DESK_ROLES = ((Role.HR,), (Role.EDITOR, Role.SYSADMIN), (Role.AUDITOR,))
_HR = 0
# Of a thousand people without a line role: with a second posting, and with a leave.
_SEVERAL, _AWAY = 60, 20


@dataclass(frozen=True)
class World:
    """What all municipalities share. `password` is what is stored for everybody, "" for none that can be used."""

    seed: int
    years: list[FiscalYear]
    version: int
    cells: list[int]
    patterns: Patterns
    ids: Ids
    password: str = ""


class Town:
    """One municipality. `write` adds its rows and stops wherever a batch may end."""

    def __init__(self, world: World, place: Place) -> None:
        self.world, self.place = world, place
        self.chance = random.Random(f"{world.seed} {place.number}")  # invented, nobody's secret # noqa: S311 # nosec B311
        self.tree = trees.tree_of(place.people, self.chance)
        self.moves = {rank: Moves(len(self.tree.seats[rank]), _EVERY[rank]) for rank in trees.RANKS}
        self.id = world.ids.take("organization_municipality")
        self.first_year = world.years[0].year
        self.cycles: list[int] = []
        self.departments: list[int] = []
        self.paths: list[str] = []
        # The first person of each rank; keys of people follow each other.
        self.first_of: dict[str, int] = {}

    def write(self, rows: Rows) -> Iterator[int]:
        """Add the rows; yields after each person, how many there were so far."""
        self._frame(rows)
        at = self.world.ids.following["organization_staff"]
        for rank in trees.RANKS:
            self.first_of[rank] = at
            at += len(self.tree.seats[rank])
        written = 0
        for rank in trees.RANKS:
            for person in range(len(self.tree.seats[rank])):
                self._person(rows, rank, person, written)
                written += 1
                yield written

    def _uuid(self) -> str:
        return hexadecimal(self.chance.getrandbits(128))

    # --- what there is before anybody comes -----------------------------------------------------------------

    def _frame(self, rows: Rows) -> None:
        place, world = self.place, self.world
        rows.add(
            "organization_municipality",
            line(
                self.id, self._uuid(), place.code, place.name, place.kind, place.band, "総務部 人事課（架空）"
            ),
        )
        since = datetime.date(self.first_year - 10, 4, 1)
        for number, unit in enumerate(self.tree.units):
            above = None if unit.above is None else self.departments[unit.above]
            pk = world.ids.take("organization_department")
            path = child_path("" if unit.above is None else self.paths[unit.above], pk)
            self.departments.append(pk)
            self.paths.append(path)
            rows.add(
                "organization_department",
                line(
                    pk, self._uuid(), self.id, f"{number + 1:06d}", unit.name, above, path, number, since, None,
                    None, 1,
                ),
            )  # fmt: skip
        for rank, (name, role) in enumerate(_POSITIONS):
            rows.add("organization_position", line(self._uuid(), self.id, name, role.value, rank, False, 1))
        for year in world.years:
            self._cycle(rows, year)
            self._needs(rows, year)

    def _cycle(self, rows: Rows, year: FiscalYear) -> None:
        pk = self.world.ids.take("assessments_cycle")
        self.cycles.append(pk)
        state = Cycle.State.OPEN if year.open else Cycle.State.CLOSED
        first = year.first_day
        rows.add(
            "assessments_cycle",
            line(
                pk, self._uuid(), self.id, year.year, self.world.version, state.value, first, Cycle.Steps.TWO.value, "[]",
                None, None, first, datetime.date(year.year, 12, 18), datetime.date(year.year + 1, 1, 29), False,
                year.opened_at, year.closed_at, 1,
            ),
        )  # fmt: skip

    def _needs(self, rows: Rows, year: FiscalYear) -> None:
        """Add 必要人数 of the information department in every year, and of some others in the running one."""
        cycle, here = self.cycles[-1], trees.information_people(self.place.people)
        for number, unit in enumerate(self.tree.units):
            section = unit.lead[0] == trees.SECTION
            if not section or not (unit.information or (year.open and self.chance.random() < 0.2)):
                continue
            department = self.departments[number]
            most = max(1, here // 3) if unit.information else 1
            cells = self.world.cells if unit.information else self.chance.sample(self.world.cells, 3)
            for cell in cells:
                count = self.chance.randint(0, most)
                rows.add("gaps_need", line(self.id, department, cycle, cell, count, "", year.opened_at, 1))
            if unit.information:
                cell = self.chance.choice(self.world.cells)
                rows.add("gaps_externalcover", line(self.id, department, cycle, cell, 1, year.opened_at, 1))
                said = (self.chance.random() < 0.3, self.chance.random() < 0.3)
                rows.add("gaps_countingrule", line(self.id, department, cycle, *said, year.opened_at, 1))

    # --- a person -------------------------------------------------------------------------------------------

    def _person(self, rows: Rows, rank: str, person: int, number: int) -> None:
        chance, years = self.chance, len(self.world.years)
        staff = self.world.ids.take("organization_staff")
        if rank == trees.MEMBER:
            who = invented.member(years, chance)
        else:
            who = invented.leader(_LEADING.get(rank, ("主査",))[0], chance)
        rows.add("organization_staff", self._staff(staff, who, number))
        if rank == trees.DESK:
            for role in _DESK_ROLES[person]:
                granted = self.world.years[0].opened_at
                rows.add(
                    "organization_grant",
                    line(self._uuid(), self.id, staff, role.value, granted, None, None, None),
                )
        found = stays(self.moves[rank], person, who.joined, who.left, years)
        self._postings(rows, staff, who, rank, found)
        away = self._facts(rows, staff, who, rank, found)
        pattern = chance.getrandbits(16)
        for stay in found:
            for year in range(stay.start, years if stay.end is None else stay.end):
                self._sheet(rows, staff, who, rank, stay.seat, year, pattern, away=away)

    def _staff(self, staff: int, who: Person, number: int) -> str:
        left = None if who.left is None else self._april(who.left)
        # What Django keeps for nobody's password: "!" and forty characters.
        password = self.world.password or f"!{self.chance.getrandbits(160):040x}"
        own = f"{number + 1:07d}"
        return line(
            staff, self._uuid(), self.id, f"{self.place.code}-{own}", own, who.name, who.kana, who.former_name,
            who.employment, "", left, True, False, _search(who.name, who.kana, who.former_name), 1, password, None,
        )  # fmt: skip

    def _april(self, year: int) -> datetime.date:
        return datetime.date(self.first_year + year, 4, 1)

    def _postings(self, rows: Rows, staff: int, who: Person, rank: str, found: list[Stay]) -> None:
        role = _LEADING[rank][1] if rank in _LEADING else LineRole.NONE
        for stay in found:
            start = self._april(stay.start)
            if stay.start == 0:
                start = start.replace(year=start.year - self.chance.randint(1, 6))
            end = None if stay.end is None else self._april(stay.end)
            department = self.departments[self.tree.seats[rank][stay.seat]]
            rows.add(
                "organization_posting",
                f"{self._uuid()}\t{self.id}\t{staff}\t{department}\t{Posting.Kind.MAIN.value}\t{who.position}"
                f"\t{role.value}\t{start}\t{NULL if end is None else end}\t1\n",
            )

    def _facts(self, rows: Rows, staff: int, who: Person, rank: str, found: list[Stay]) -> bool:
        """Add a 兼務 or 併任 to some, and a leave to some; says whether the person is away in the running year."""
        chance, last = self.chance, len(self.world.years) - 1
        luck = chance.randrange(1000)
        if rank != trees.MEMBER or who.left is not None:
            return False
        if luck < _SEVERAL:
            seats = self.tree.seats[trees.MEMBER]
            # Many of them are 兼務 of the information department.
            other = seats[chance.randrange(len(seats))]
            unit = self.tree.seats[trees.SECTION][0] if luck % 3 == 0 else other
            if unit != seats[found[-1].seat]:
                kind = Posting.Kind.CONCURRENT if luck % 5 == 0 else Posting.Kind.ADDITIONAL
                year = found[-1].start
                end = None if luck % 4 else datetime.date(self.first_year + year, 10, 1)
                rows.add(
                    "organization_posting",
                    line(
                        self._uuid(), self.id, staff, self.departments[unit], kind.value, who.position,
                        LineRole.NONE.value, self._april(year), end, 1,
                    ),
                )  # fmt: skip
        elif luck < _SEVERAL + _AWAY and who.joined == 0:
            kind = Leave.Kind.LEAVE if luck % 4 == 0 else Leave.Kind.CHILDCARE
            running = luck % 2 == 0
            start = datetime.date(self.first_year + last - 1, 4 + luck % 9, 1)
            end = None if running else start.replace(day=1) + datetime.timedelta(days=120)
            rows.add("organization_leave", line(self._uuid(), self.id, staff, kind.value, start, end, 1))
            return running
        return False

    # --- a year of a person ---------------------------------------------------------------------------------

    def _sheet(
        self,
        rows: Rows,
        staff: int,
        who: Person,
        rank: str,
        seat: int,
        year: int,
        pattern: int,
        *,
        away: bool,
    ) -> None:
        unit = self.tree.seats[rank][seat]
        first, final = self._line(rank, unit, year)
        asked = Asked(
            self.id, self.cycles[year], staff, self.departments[unit], self.paths[unit], who.position, who.employment,
            first, final, away, who.left == year + 1,
        )  # fmt: skip
        look = self.world.patterns.year(pattern, year, information=self.tree.units[unit].information)
        write_sheet(
            rows, self.world.ids, self.world.patterns, look, self.world.years[year], asked, self.chance
        )

    def _line(self, rank: str, unit: int, year: int) -> tuple[int | None, int]:
        """Return who makes 一次確認 (None where nobody does) and 確定 of whoever sits there; 人事 where nobody is above."""
        here = self.tree.units[unit]
        if rank in _LEADING:
            return None, self._leads(here.above, year)
        if here.lead[0] == trees.TEAM:
            return self._leads(unit, year), self._leads(here.above, year)
        return None, self._leads(unit, year)

    def _leads(self, unit: int | None, year: int) -> int:
        if unit is None:
            return self.first_of[trees.DESK] + _HR
        rank, seat = self.tree.units[unit].lead
        return self.first_of[rank] + self.moves[rank].person_on(seat, year)


@lru_cache(maxsize=8192)
def _search(name: str, kana: str, former_name: str) -> str:
    return search_text(name, kana, former_name)
