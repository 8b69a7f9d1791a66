"""What a scenario reads besides the report: who may move and how they stand on the day, what leavers hold, kept scenarios.

One query each, so that the pages keep to fifteen.
"""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast

from access.actor import Actor, Role
from access.refusals import NotVisible
from competency.models import DutyAssignment
from gaps.coverage import Person
from gaps.lookups import nameable
from gaps.models import Measure, MeasurePerson, Scenario, ScenarioMove
from gaps.reports import Snapshot
from gaps.workflow import MoveValues
from lib.intervals import active
from organization.models import Leave, Posting, Staff

MOST_FOUND = 20


@dataclass(frozen=True)
class Mover:
    """Somebody who is in the department, comes into it, or was looked for.

    `here` and `here_then` say whether they are posted there today and on the day of the scenario; `leave` and
    `leave_then` the kind of a leave. `nameable` says whether the reader may know who it is (P18); nothing else of
    somebody who is not may reach a page.
    """

    id: int
    uuid: uuid.UUID
    name: str
    is_fiscal_year: bool
    place: str
    position: str
    here: bool
    here_then: bool
    leave: str
    leave_then: str
    left_by_then: bool
    nameable: bool
    found: bool

    @property
    def goes(self) -> str:
        """Return the reason for which somebody here is known to be gone on the day, "" for nobody."""
        if not self.here or self.leave:
            return ""
        if self.left_by_then:
            return ScenarioMove.Reason.RETIREMENT.value
        if not self.here_then:
            return ScenarioMove.Reason.TRANSFER.value
        return {
            Leave.Kind.CHILDCARE.value: ScenarioMove.Reason.CHILDCARE.value,
            Leave.Kind.LEAVE.value: ScenarioMove.Reason.ABSENCE.value,
        }.get(self.leave_then, "")

    @property
    def comes(self) -> bool:
        """Say whether somebody is known to be there on the day who does not count today."""
        there_then = self.here_then and not self.leave_then and not self.left_by_then
        return there_then and (not self.here or bool(self.leave))


def movers(
    actor: Actor, path: str, day: datetime.date, *, ids: Collection[int] = (), uuids: Collection[uuid.UUID] = (),
    words: str | None = None,
) -> dict[int, Mover]:  # fmt: skip
    """Return by id everybody of the department at `path` today or by `day`, the people asked for by `ids` or
    `uuids`, and up to MOST_FOUND + 1 others found by `words` (None: nobody is looked for; "": everybody).

    One query of plain rows, every posting and leave of theirs, folded here: the database would answer six
    subqueries a person faster than they can be written down.
    """
    there = Posting.objects.in_or_below(path).filter(start__lte=day).exclude(end__lte=actor.today)
    asked = Q(pk__in=there.values("staff"))
    if ids or uuids:
        asked |= Q(pk__in=list(ids)) | Q(uuid__in=list(uuids))
    if words is not None:
        others = nameable(actor).exclude(asked).found_by(words).order_by("kana", "staff_number", "pk")
        asked |= Q(pk__in=others.values("pk")[: MOST_FOUND + 1])
    rows = (
        Staff.objects.of(actor)
        .filter(asked)
        .order_by("kana", "staff_number", "pk", "postings__kind", "postings__start", "postings__pk", "leaves__pk")
        .values_list(
            "pk", "uuid", "name", "employment", "left_on", "postings__start", "postings__end", "postings__kind",
            "postings__position", "postings__department__path", "postings__department__name", "leaves__start",
            "leaves__end", "leaves__kind",
        )
    )  # fmt: skip
    by_person: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        by_person[row[0]].append(row)
    asked_for = {*ids, *uuids}
    return {key: _mover(actor, path, day, mine, asked_for) for key, mine in by_person.items()}


def _mover(actor: Actor, path: str, day: datetime.date, rows: list[tuple[Any, ...]], asked_for) -> Mover:
    """Fold the rows of one person, one for every pair of a posting and a leave; either may be missing."""
    key, public_id, name, employment, left_on = rows[0][:5]
    today = actor.today
    now = [row for row in rows if row[5] and active(row[5], row[6], today)]
    here = any(row[9].startswith(path) for row in now)
    here_then = any(row[5] and active(row[5], row[6], day) and row[9].startswith(path) for row in rows)
    between = any(
        row[5] and row[5] <= day and (row[6] is None or row[6] > today) and row[9].startswith(path)
        for row in rows
    )
    main = next((row for row in now if row[7] == Posting.Kind.MAIN), None)
    left = _over(left_on, today)
    return Mover(
        id=key,
        uuid=public_id,
        name=name,
        is_fiscal_year=employment == Staff.Employment.FISCAL_YEAR,
        place=main[10] if main else "",
        position=main[8] if main else "",
        here=here and not left,
        here_then=here_then,
        leave=_leave(rows, today),
        leave_then=_leave(rows, day),
        left_by_then=_over(left_on, day),
        nameable=not left and (actor.has(Role.HR) or any(actor.leads(row[9]) for row in now)),
        found=not between and key not in asked_for and public_id not in asked_for,
    )


def joiner(mover: Mover, picture: Snapshot) -> Person:
    """Return somebody who comes, with the steps that are on record."""
    year, steps = picture.steps.get(mover.id, (None, {}))
    return Person(
        id=mover.id,
        name=mover.name,
        uuid=mover.uuid,
        position=mover.position,
        places=(mover.place,) if mover.place else (),
        is_fiscal_year=mover.is_fiscal_year,
        year=year,
        steps=steps,
    )


@dataclass(frozen=True)
class Held:
    """What stands in people's name, by person: texts of open measures and names of duties as 主担当."""

    measures: Mapping[int, list[str]]
    duties: Mapping[int, list[str]]


def held_by(municipality_id: int, path: str, year: int, people: Iterable[int]) -> Held:
    """Return the open measures that people own or are trained by, and the duties that they have as 主担当; one query.

    Of measures those of the department at `path` and below, for its page shows them too.
    """
    mine = list(people)
    inside = Measure.objects.filter(municipality_id=municipality_id).open().in_or_below(path)
    owned = inside.filter(owner__in=mine).annotate(
        kind_of=_text("owner"), who=F("owner_id"), name=Cast("cell__label", CharField()), what=F("text")
    )
    trained = MeasurePerson.objects.filter(staff__in=mine, measure__in=inside.values("pk")).annotate(
        kind_of=_text("trained"), who=F("staff_id"), name=Cast("measure__cell__label", CharField()),
        what=F("measure__text"),
    )  # fmt: skip
    duties = (
        DutyAssignment.objects.of_year(municipality_id, year)
        .in_or_below(path)
        .filter(staff__in=mine, role=DutyAssignment.Role.MAIN)
        .annotate(
            kind_of=_text("duty"), who=F("staff_id"), name=Cast("department_duty__duty__name", CharField()),
            what=_text(""),
        )
    )  # fmt: skip
    columns = ("kind_of", "who", "name", "what")
    rows = [each.order_by().values_list(*columns) for each in (owned, trained, duties)]
    measures, assigned = defaultdict(list), defaultdict(list)
    for kind, who, name, what in sorted(rows[0].union(*rows[1:], all=True)):
        if kind == "duty":
            assigned[who].append(name)
        else:
            measures[who].append(f"{name}：{what}（{'担当' if kind == 'owner' else '育成の対象'}）")
    return Held(measures, assigned)


@dataclass(frozen=True)
class Kept:
    """A stored scenario with its department, its author and its moves in their order."""

    scenario: Scenario
    moves: tuple[MoveValues, ...]

    @property
    def staff_ids(self) -> set[int]:
        """Return the ids of everybody who moves by name."""
        return {move.staff_id for move in self.moves if move.staff_id is not None}


def kept(actor: Actor, uuids: Iterable[uuid.UUID]) -> list[Kept]:
    """Return the scenarios that the actor may see, in the order asked for; one query. Raises NotVisible for any other."""
    wanted = list(dict.fromkeys(uuids))
    rows = Scenario.objects.visible_to(actor).filter(uuid__in=wanted).select_related("department", "author")
    by_uuid: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in rows.with_moves():
        by_uuid[row.uuid].append(row)
    if set(by_uuid) != set(wanted):
        raise NotVisible
    return [Kept(by_uuid[one][0], _moves(by_uuid[one])) for one in wanted]


def _moves(rows: list[Any]) -> tuple[MoveValues, ...]:
    found: dict[int, MoveValues] = {}
    steps: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        if row.move_id is None:
            continue
        found[row.move_id] = MoveValues(
            row.move_kind, row.move_staff, row.move_reason, row.move_label, steps[row.move_id]
        )
        if row.step_code is not None:
            steps[row.move_id][row.step_code] = row.step
    return tuple(found.values())


def _leave(rows: list[tuple[Any, ...]], day: datetime.date) -> str:
    return next((row[13] for row in rows if row[11] and active(row[11], row[12], day)), "")


def _over(left_on: datetime.date | None, day: datetime.date) -> bool:
    return left_on is not None and left_on <= day


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())
