"""Rosters and the database: what the planner has to know, and the plan written in bulk."""

import datetime
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F, Max, Q

from access.refusals import Conflict
from organization.models import ComingChange, Department, Leave, Municipality, Position, Posting, Staff
from organization.models.position import LineRole
from organization.roster import (
    ComingState,
    Known,
    LeaveState,
    PersonState,
    Place,
    Plan,
    PostingState,
    Write,
)
from organization.roster.inverse import inverse
from organization.tenancy import several_municipalities, taken_usernames

# Rows a statement: SQLite takes few parameters at once.
_BATCH = 500
# A small file asks for its people alone; beyond this, one read of the whole table is quicker.
_FEW = 300
_CHUNK = 2000


def known_for(municipality_id: int, numbers: set[str], today: datetime.date) -> Known:
    """Return what is there: the people of `numbers` with all their rows, and who is in service. Seven queries."""
    staff_rows = list(
        Staff.objects.filter(municipality_id=municipality_id).values_list(
            "pk", "staff_number", "name", "kana", "former_name", "employment", "email", "left_on"
        )
    )
    people: dict[int, PersonState] = {}
    names: dict[int, tuple[str, str]] = {}
    number_of = {row[0]: row[1] for row in staff_rows}
    for pk, number, name, kana, former_name, employment, email, left_on in staff_rows:
        if number in numbers:
            people[pk] = PersonState(number, name, kana, former_name, employment, email, left_on, key=pk)
        if left_on is None or left_on > today:
            names[pk] = (number, name)
    _add_rows(people, municipality_id)
    in_force = Posting.objects.filter(
        Q(end__isnull=True) | Q(end__gt=today), municipality_id=municipality_id
    ).values_list("staff_id", "department__code", "kind", "position", "line_role", "start", "end", "pk")
    holders: set[int] = set()
    others = []
    for pk, *values in in_force.iterator(_CHUNK):
        holders.add(pk)
        if pk not in people and (values[1] == Posting.Kind.MAIN or values[3] == LineRole.HEAD):
            others.append((number_of[pk], PostingState(*values)))
    return Known(
        people={person.number: person for person in people.values()},
        departments={
            code: Place(name, valid_from, valid_to)
            for code, name, valid_from, valid_to in Department.objects.filter(
                municipality_id=municipality_id
            ).values_list("code", "name", "valid_from", "valid_to")
        },
        positions=dict(
            Position.objects.filter(municipality_id=municipality_id).values_list("name", "line_role")
        ),
        numbers=frozenset(row[1] for row in staff_rows),
        in_service=dict(names[pk] for pk in holders if pk in names),
        others=tuple(others),
    )


def _add_rows(people: dict[int, PersonState], municipality_id: int) -> None:
    postings = Posting.objects.filter(municipality_id=municipality_id)
    leaves = Leave.objects.filter(municipality_id=municipality_id)
    if len(people) <= _FEW:
        postings, leaves = postings.filter(staff__in=people), leaves.filter(staff__in=people)
    for staff_id, *values in postings.order_by("start", "pk").values_list(
        "staff_id", "department__code", "kind", "position", "line_role", "start", "end", "pk"
    ):
        if staff_id in people:
            people[staff_id].postings.append(PostingState(*values))
    for staff_id, *values in leaves.order_by("start", "pk").values_list(
        "staff_id", "kind", "start", "end", "pk"
    ):
        if staff_id in people:
            people[staff_id].leaves.append(LeaveState(*values))
    coming = ComingChange.objects.waiting().filter(municipality_id=municipality_id).order_by("starts", "pk")
    for staff_id, *values in coming.values_list("staff_id", "starts", "values", "pk"):
        if staff_id in people:
            people[staff_id].coming.append(ComingState(*values))


def write_roster(
    plan: Plan, municipality: Municipality, *, now: datetime.datetime, batch_id: int | None = None
) -> dict[str, Any]:
    """Write a plan inside the caller's transaction; return what organization.workflow.roster_undo takes it back by.

    `batch_id` is the file that the plan is of, where there is one. Raises Conflict where a sign-in name is taken, and
    where a change that waited is no longer waiting.
    """
    Position.objects.bulk_create(
        Position(municipality=municipality, name=name) for name in sorted(plan.new_positions)
    )
    writes: dict[tuple[str, bool], list[Write]] = defaultdict(list)
    for write in plan.writes:
        writes[write.model, write.key is None].append(write)
    _create_people(writes["person", True], municipality)
    _update_people(writes["person", False], plan)
    departments = dict(Department.objects.filter(municipality=municipality).values_list("code", "pk"))
    # What ends is written before what begins: there is one open 本務 at any moment.
    _update(Posting, writes["posting", False], departments)
    _update(Leave, writes["leave", False], departments)
    ids = _ids(municipality, {write.number for write in writes["posting", True] + writes["leave", True]})
    new: dict[str, list[int]] = {}
    for model, kind in ((Posting, "posting"), (Leave, "leave")):
        rows = model.objects.bulk_create(
            [
                model(municipality=municipality, staff_id=ids[write.number], **_columns(write, departments))
                for write in writes[kind, True]
            ],
            batch_size=_BATCH,
        )
        new[kind] = [row.pk for row in rows]
    return {
        "steps": inverse(plan),
        "new": new,
        "people": [write.number for write in writes["person", True]],
        "positions": sorted(plan.new_positions),
        "last": {"posting": _last(Posting, municipality), "leave": _last(Leave, municipality)},
        "coming": _write_coming(plan, municipality, now, batch_id),
    }


def _write_coming(
    plan: Plan, municipality: Municipality, now: datetime.datetime, batch_id: int | None
) -> list[dict[str, Any]]:
    """Write what waits for a coming day; return a step for each row, with its values before and after, None for no row."""
    if not plan.coming:
        return []
    ids = _ids(municipality, {write.number for write in plan.coming})
    new = [write for write in plan.coming if write.key is None]
    rows = ComingChange.objects.bulk_create(
        [
            ComingChange(
                municipality=municipality, staff_id=ids[write.number], starts=write.starts,
                values=dict(write.values or ()), batch_id=batch_id, created_at=now,
            )
            for write in new
        ],
        batch_size=_BATCH,
    )  # fmt: skip
    steps = [
        {"key": row.pk, "number": write.number, "before": None, "after": row.values}
        for write, row in zip(new, rows, strict=True)
    ]
    for write in plan.coming:
        if write.key is not None:
            values = None if write.values is None else dict(write.values)
            changed = {"cancelled_at": now} if values is None else {"values": values}
            if not ComingChange.objects.waiting().filter(pk=write.key).update(**changed):
                raise Conflict
            before = next(c.values for c in plan.before[write.number].coming if c.key == write.key)
            steps.append({"key": write.key, "number": write.number, "before": before, "after": values})
    return steps


def _last(model, municipality: Municipality) -> int:
    return model.objects.filter(municipality=municipality).aggregate(last=Max("pk"))["last"] or 0


def _create_people(writes: list[Write], municipality: Municipality) -> None:
    names = _usernames([write.number for write in writes], municipality)
    people = []
    for write in writes:
        staff = Staff(
            municipality=municipality,
            staff_number=write.number,
            username=names[write.number],
            must_change_password=True,
            **dict(write.values),
        )
        staff.set_unusable_password()
        staff.search = staff.search_text()
        people.append(staff)
    Staff.objects.bulk_create(people, batch_size=_BATCH)


def _usernames(numbers: list[str], municipality: Municipality) -> dict[str, str]:
    """Return {職員番号: sign-in name}: the number, with the 団体コード before it where there are several."""
    if not numbers:
        return {}
    several = several_municipalities()
    plain = {number: f"{municipality.code}-{number}" if several else number for number in numbers}
    taken = _taken(plain.values())
    names = {
        number: f"{municipality.code}-{number}" if name in taken else name for number, name in plain.items()
    }
    if _taken(name for number, name in names.items() if name != plain[number] or plain[number] in taken):
        raise Conflict(
            "新しい職員のログイン名が、ほかのアカウントで使われています。システム管理の担当に伝えてください。"
        )
    return names


def _taken(names: Iterable[str]) -> set[str]:
    return {name for chunk in chunks(names) for name in taken_usernames(chunk)}


def _update_people(writes: list[Write], plan: Plan) -> None:
    for write in writes:
        values = dict(write.values)
        if not values.keys().isdisjoint({"name", "kana", "former_name"}):
            after = plan.after[write.number]
            values["search"] = Staff(
                name=after.name, kana=after.kana, former_name=after.former_name
            ).search_text()
        Staff.objects.filter(pk=write.key).update(version=F("version") + 1, **values)


def _update(model, writes: list[Write], departments: dict[str, int]) -> None:
    """Write changes of rows; those that change alike, as the ends of one transfer day do, go together."""
    alike: dict[tuple, list[int]] = defaultdict(list)
    for write in writes:
        alike[write.values].append(write.key)
    for values, keys in alike.items():
        columns = _columns(Write("", "", None, values), departments)
        for chunk in chunks(keys):
            model.objects.filter(pk__in=chunk).update(version=F("version") + 1, **columns)


def _columns(write: Write, departments: dict[str, int]) -> dict[str, object]:
    return {
        ("department_id" if name == "department" else name): (
            departments[str(value)] if name == "department" else value
        )
        for name, value in write.values
    }


def _ids(municipality: Municipality, numbers: set[str]) -> dict[str, int]:
    return {
        number: pk
        for chunk in chunks(sorted(numbers))
        for number, pk in Staff.objects.filter(municipality=municipality, staff_number__in=chunk).values_list(
            "staff_number", "pk"
        )
    }


def chunks(values: Iterable) -> Iterator[list]:
    """Yield lists of as many values as one statement takes."""
    iterator = iter(values)
    while chunk := list(itertools.islice(iterator, _BATCH)):
        yield chunk
