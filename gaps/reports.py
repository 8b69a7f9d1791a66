"""Reads coverage: people posted on a day, their newest confirmed steps, and what the tree needs (ADR 13).

Five queries however many people and departments there are; narrow rows, folded in Python into frozen values.
"""

import datetime
import functools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db.models import CharField, Count, Exists, F, IntegerField, OuterRef, Q, Value
from django.db.models.functions import Cast

from assessments.models import Cycle
from competency.cell_reads import cells_of
from competency.models import Cell
from gaps.coverage import (
    DepartmentCoverage,
    Person,
    Rule,
    department_coverage,
    inherited,
    short_names,
)
from gaps.models import CountingRule, ExternalCover, Need
from gaps.step_reads import ByPerson, StepsRead, held_steps, steps_of
from gaps.tally import tallied_coverage
from gaps.tally_reads import (
    HEAD,
    Tallied,
    chain,
    holders_of,
    people_of,
    seats_of,
    tallies_of,
    with_tally,
)
from lib.intervals import active
from lib.paths import LEVEL_DIGITS, ancestors, upper_bound
from lib.prepared import driver_rows
from organization.models import Department, Leave, Posting, Staff
from organization.models.position import LineRole

_LINE_ORDER = {LineRole.HEAD: 0, LineRole.FIRST: 1, LineRole.NONE: 2}
_EMPLOYMENT = dict(Staff.Employment.choices)
_UNIT = ("pk", "uuid", "code", "name", "path", "rank", "valid_from", "valid_to", "successor_id")
TREND_YEARS = 5


class Unit(NamedTuple):
    """One department of the tree as the report needs it. A tuple, for a prefecture has thousands of them."""

    id: int
    uuid: Any
    code: str
    name: str
    path: str
    rank: int
    valid_from: datetime.date
    valid_to: datetime.date | None
    successor_id: int | None = None

    @property
    def depth(self) -> int:
        """Return 0 for a root."""
        return len(self.path) // LEVEL_DIGITS - 1

    def valid_on(self, day: datetime.date) -> bool:
        """Say whether the department exists on a day."""
        return active(self.valid_from, self.valid_to, day)


@dataclass(frozen=True)
class _Settings:
    """Needs, external cover and counting rules of one year, by path."""

    needs: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    external: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    rules: dict[str, Rule] = field(default_factory=dict)

    def rule_for(self, path: str) -> Rule:
        """Return the rule of the unit itself, else of the nearest unit above that has one, else the default."""
        for above in reversed(ancestors(path)) if path else ():
            if above in self.rules:
                return self.rules[above]
        return Rule()


@dataclass(frozen=True)
class Snapshot:
    """Everything read about a part of the tree for one day and year; `path` is "" for the whole municipality.

    `former` are departments elsewhere that have ended, read where earlier years were asked for (gaps.trends).
    `steps` are year and confirmed steps by person, of those posted there and of those asked for besides.
    Where `tallied` stands, `members` are the people whom its tallies leave to be read one by one.
    """

    path: str
    cycle: Cycle
    day: datetime.date
    cells: list[Cell]
    units: list[Unit]
    members: Mapping[str, Mapping[int, Person]]
    settings: Mapping[int, _Settings]
    former: list[Unit] = field(default_factory=list)
    steps: ByPerson = field(default_factory=dict)
    tallied: Tallied | None = None

    @property
    def tree(self) -> list[Unit]:
        """Return the list of units that exist on the day, each followed by those below it."""
        return _in_tree_order([unit for unit in self.units if unit.valid_on(self.day)])

    @functools.cached_property
    def _children(self) -> dict[str, list[str]]:
        mine = self.settings[self.cycle.pk]
        # What is said nowhere below is none of a sum.
        said = {above for path in {*mine.needs, *mine.external} for above in ancestors(path)}
        return children_of((unit for unit in self.units if unit.path in said), self.day)

    def coverage(
        self, path: str, name: str, *, include_self: bool = False, named: bool = True
    ) -> DepartmentCoverage:
        """Return the coverage of the unit at `path` with all below it; "" is the whole municipality.

        Without `named` people carry no short names, which a tree of many units has no use for.
        """
        mine = self.settings[self.cycle.pk]
        children = self._children
        people = list(self.members.get(path, {}).values())
        if named:
            shorts = short_names([person.name for person in people])
            people = [replace(person, short=short) for person, short in zip(people, shorts, strict=True)]
        said: dict[str, Any] = {
            "needs": inherited(path, mine.needs, children),
            "external": inherited(path, mine.external, children),
            "rule": mine.rule_for(path),
        }
        if self.tallied is None:
            said["include_self"] = include_self
            return department_coverage(name, self.cycle.fiscal_year, self.cells, people, **said)
        sums = self.tallied.sums(path)
        return tallied_coverage(name, self.cycle.fiscal_year, self.cells, sums, people, **said)


def snapshot(
    *,
    municipality_id: int,
    cycle: Cycle,
    on: datetime.date,
    path: str = "",
    years: Iterable[Cycle] = (),
    holders_only: bool = False,
    also: Collection[int] = (),
    tallies: bool = True,
    levels: int | None = None,
) -> Snapshot:
    """Read the department at `path` and all below, or the whole municipality, as it is on the day `on`.

    Steps are of any year up to the cycle's. `years` are earlier cycles whose needs `trend` will ask for. `also`
    are people of elsewhere whose steps are read besides. The caller has checked that the actor may see the
    department and those people. Five queries, four where the version was asked for before.

    `holders_only` reads no step below 3, no self-only level and no name: enough for a tree of many departments,
    which shows neither people nor what is unrated cell by cell, and less than half of the rows. Departments whose
    tallies hold are not read at all then (gaps.tally_reads), for no query more; without `tallies` they are. Who will
    ask for the highest departments alone says how many `levels` of them, 0 for the whole: the database adds up the others.
    """
    cycles = [cycle, *years]
    there = below(Department.objects.filter(municipality_id=municipality_id), path)
    if path and len(cycles) > 1:
        # Whatever has ended may have been taken over by a department of this part of the tree.
        there |= Department.objects.filter(municipality_id=municipality_id, valid_to__isnull=False)
    tallies = tallies and holders_only
    if tallies:
        there = with_tally(there, cycle, on)
    rows = list(there.values_list(*_UNIT, *(HEAD if tallies else ())))
    read = [Unit._make(row[: len(_UNIT)]) for row in rows]
    units = [unit for unit in read if unit.path.startswith(path)]
    former = [unit for unit in read if not unit.path.startswith(path)]
    by_id = {unit.id: unit for unit in units}
    posted, tallied = _posted(municipality_id, path, on), None
    if tallies:
        heads = ((unit.id, unit.path, row[len(_UNIT) :]) for unit, row in zip(read, rows, strict=True))
        longest = None if levels is None else len(path) + levels * LEVEL_DIGITS
        tallied, posted = tallies_of(heads, posted, longest)
    seats = seats_of(posted, tallied, on) if holders_only else []
    read_steps = (
        held_steps(people_of(seats, posted), cycle) if holders_only else steps_of(posted, cycle, also)
    )
    steps, cells = read_steps.steps, cells_of(cycle.framework_version)
    return Snapshot(
        path=path,
        cycle=cycle,
        day=on,
        cells=cells,
        units=units,
        members=(
            _nameless_members(seats, path, by_id, steps, tallied)
            if holders_only
            else _members(posted, path, by_id, read_steps)
        ),
        settings=_settings(municipality_id, path, cycles, former, tallied, cells),
        former=former,
        steps=steps,
        tallied=tallied,
    )


def head_count(*, municipality_id: int, path: str, on: datetime.date, fiscal_year_staff: bool = False) -> int:
    """Return how many people count in the department at `path` and all below, each once; one query.

    The same people as `DepartmentCoverage.size`: in service, not on leave, 会計年度任用 only where the rule says so.
    """
    counted = _posted(municipality_id, path, on).filter(on_leave=False)
    if not fiscal_year_staff:
        counted = counted.exclude(staff__employment=Staff.Employment.FISCAL_YEAR)
    return counted.aggregate(people=Count("staff", distinct=True))["people"]


def below(queryset, path: str, column: str = "path"):
    """Return the queryset at or below a path, as a range on the index; all of it for ""."""
    if not path:
        return queryset
    return queryset.filter(**{f"{column}__gte": path, f"{column}__lt": upper_bound(path)})


def _posted(municipality_id: int, path: str, on: datetime.date):
    """Return the queryset of postings in force in or below a path of people in service."""
    postings = Posting.objects.active_on(on).filter(municipality_id=municipality_id)
    postings = postings.filter(Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=on))
    on_leave = Leave.objects.active_on(on).filter(staff=OuterRef("staff"))
    return below(postings, path, "department__path").annotate(on_leave=Exists(on_leave))


def _members(posted, root: str, by_id: Mapping[int, Unit], read: StepsRead) -> dict[str, dict[int, Person]]:
    """Return people by path, for every unit from `root` down to their postings, each once: 兼務 count in both."""
    steps, own, reviews = read
    rows = posted.values_list(
        "department_id", "staff_id", "kind", "position", "line_role", "staff__uuid", "staff__name",
        "staff__kana", "staff__employment", "on_leave",
    )  # fmt: skip
    ordered = sorted(
        rows, key=lambda row: (row[2] != Posting.Kind.MAIN, _LINE_ORDER[row[4]], row[7], row[6], row[1])
    )
    chains = _chains(root, by_id.values())
    members: dict[str, dict[int, Person]] = defaultdict(dict)
    for department_id, staff_id, kind, position, _, uuid, name, kana, employment, on_leave in ordered:
        unit = by_id[department_id]
        year, confirmed = steps.get(staff_id, (None, {}))
        self_year, written = own.get(staff_id, (None, {}))
        if self_year is not None and year is not None and self_year <= year:
            self_year, written = None, {}
        person = Person(
            id=staff_id,
            name=name,
            reading=kana,
            uuid=uuid,
            position=position,
            places=(unit.name,),
            employment=_EMPLOYMENT.get(employment, employment),
            additional="" if kind == Posting.Kind.MAIN else Posting.Kind(kind).label,
            is_fiscal_year=employment == Staff.Employment.FISCAL_YEAR,
            on_leave=bool(on_leave),
            year=year,
            steps=confirmed,
            self_year=self_year,
            self_steps=written,
            review=reviews.get(staff_id, frozenset()),
        )
        for path in chains[department_id]:
            here = members[path]
            there = here.get(staff_id)
            here[staff_id] = person if there is None else replace(there, places=(*there.places, unit.name))
    return members


def _nameless_members(
    seats: Iterable[tuple[Any, ...]],
    root: str,
    by_id: Mapping[int, Unit],
    steps: ByPerson,
    tallied: Tallied | None,
) -> dict[str, dict[int, Person]]:
    """Return what `_members` does, but people by what counts alone: id, year, steps, 会計年度任用, leave.

    Who stands in the tally of a department is left out wherever that is part of the sum: nobody counts twice.
    """
    people: dict[int, Person] = {}
    members: dict[str, dict[int, Person]] = defaultdict(dict)
    chains: dict[int, list[str]] = {}
    holding = tallied.holding if tallied else ()
    for department_id, staff_id, employment, on_leave, main in seats:
        person = people.get(staff_id)
        if person is None:
            year, confirmed = steps.get(staff_id, (None, {}))
            person = people[staff_id] = Person(
                staff_id,
                "",
                is_fiscal_year=employment == Staff.Employment.FISCAL_YEAR,
                on_leave=bool(on_leave),
                year=year,
                steps=confirmed,
            )
        counted_at = by_id[main].path if main in holding else None
        if department_id not in chains:
            chains[department_id] = chain(by_id[department_id].path, root)
        for path in chains[department_id]:
            if counted_at is None or not counted_at.startswith(path):
                members[path][staff_id] = person
    return members


def _chains(root: str, units: Iterable[Unit]) -> dict[int, list[str]]:
    """Return the paths from `root` down to each unit, by the unit's id."""
    return {unit.id: chain(unit.path, root) for unit in units}


def _settings(
    municipality_id: int,
    path: str,
    cycles: list[Cycle],
    former: Iterable[Unit],
    tallied: Tallied | None,
    cells: Iterable[Cell],
) -> dict[int, _Settings]:
    """Return what departments said for each cycle, those above included for their rule of counting; one query.

    It brings the holders of tallies along, of the first cycle, for they are rows of the same kind.
    """
    here, ruling = Q(), Q()
    if path:
        here = Q(department__path__gte=path, department__path__lt=upper_bound(path))
        if former:
            here |= Q(department__in=[unit.id for unit in former])
        ruling = here | Q(department__path__in=ancestors(path))
    mine = Q(municipality_id=municipality_id, cycle__in=[cycle.pk for cycle in cycles])
    # A year that has moved on still has what was said of cells of the version before.
    current = Q(cell__version=F("cycle__framework_version"))
    count, nothing = Cast("count", IntegerField()), Value(0)
    said = [
        Need.objects.filter(mine, here, current).annotate(
            kind=_text("need"), code=F("cell__code"), first=count, second=nothing
        ),
        ExternalCover.objects.filter(mine, here, current).annotate(
            kind=_text("external"), code=F("cell__code"), first=count, second=nothing
        ),
        CountingRule.objects.filter(mine, ruling).annotate(
            kind=_text("rule"),
            code=_text(""),
            first=Cast("count_fiscal_year_staff", IntegerField()),
            second=Cast("count_external", IntegerField()),
        ),
    ]
    columns = ("kind", "cycle_id", "department__path", "code", "first", "second")
    rows = [each.values_list(*columns) for each in said]
    if tallied:
        held = holders_of(cycles[0], path, tallied).annotate(
            kind=_text("held"), code=Cast("cell", CharField())
        )
        rows.append(held.values_list("kind", "tally__cycle_id", "place", "code", "first", "second"))
    found = {cycle.pk: _Settings() for cycle in cycles}
    # Tallies have the key of a cell, whose code is known: so many rows are not joined for it.
    codes = {str(cell.pk): cell.code for cell in cells}
    holders = []
    for kind, cycle_id, place, code, first, second in driver_rows(rows[0].union(*rows[1:], all=True)):
        if kind == "need":
            found[cycle_id].needs[place][code] = first
        elif kind == "held":
            holders.append((place, codes.get(code, ""), first, second))
        elif kind == "external":
            found[cycle_id].external[place][code] = first
        else:
            found[cycle_id].rules[place] = Rule(bool(first), bool(second))
    if tallied:
        tallied.add_holders(holders)
    return found


def children_of(units: Iterable[Unit], day: datetime.date) -> dict[str, list[str]]:
    """Return the paths directly below each path, of units that exist on the day."""
    children: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        if unit.valid_on(day):
            children[unit.path[:-LEVEL_DIGITS]].append(unit.path)
    return children


def _in_tree_order(units: list[Unit]) -> list[Unit]:
    """Return the units depth first, siblings by rank and code."""
    place = {unit.path: (unit.rank, unit.code) for unit in units}
    return sorted(units, key=lambda unit: [place.get(path, (0, path)) for path in ancestors(unit.path)])


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())
