"""所属: made and changed on the screen or by a file; the paths below follow (P21, P31)."""

import datetime
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db import transaction
from django.db.models import F, Max, ProtectedError, Q, RestrictedError

from access.actor import Actor
from access.refusals import Conflict, Invalid
from audit.models import record, sides_of
from lib.paths import child_path, is_within
from organization.departments_file import DEEPEST, DepartmentPlan, DepartmentState
from organization.models import Department, Municipality, Posting


@dataclass(frozen=True)
class DepartmentValues:
    """What may be changed of a department; `valid_to` is half-open, `parent` None makes a root.

    `successor` is the department that takes over when this one ends (organization.succession).
    """

    code: str
    name: str
    parent: Department | None
    valid_from: datetime.date
    valid_to: datetime.date | None = None
    rank: int = 0
    successor: Department | None = None


def lock_municipality(municipality_id: int) -> Municipality:
    """Let one change of people or departments of a municipality run at a time; returns the row.

    The weaker lock of PostgreSQL leaves everybody free to write rows that only refer to the municipality.
    """
    return Municipality.objects.select_for_update(no_key=True).get(pk=municipality_id)


@transaction.atomic
def create_department(*, by: Actor, values: DepartmentValues, now: datetime.datetime) -> Department:
    """Make a department; raises Conflict for a code in use and Invalid for a tree that gets too deep."""
    municipality = lock_municipality(by.municipality_id)
    if Department.objects.filter(municipality=municipality, code=values.code).exists():
        raise Conflict("この所属コードは、すでに使われています。")
    department = Department.objects.create(municipality=municipality, path="", **vars(values))
    rebuild_paths(municipality.pk)
    department.refresh_from_db()
    _event(by, "department.create", department, now)
    return department


@transaction.atomic
def edit_department(
    *, by: Actor, department: Department, values: DepartmentValues, version: int, now: datetime.datetime
) -> Department:
    """Change a department and, where it moves, the paths of all below it. Sheets keep their snapshot.

    Raises Conflict for another version or a code in use, Invalid for a parent at or below the department, for a
    successor of a department that has no end, or one that leads back to it.
    """
    lock_municipality(by.municipality_id)
    before = _values_of(Department.objects.select_related("parent", "successor").get(pk=department.pk))
    if (
        Department.objects.filter(municipality_id=by.municipality_id, code=values.code)
        .exclude(pk=department.pk)
        .exists()
    ):
        raise Conflict("この所属コードは、すでに使われています。")
    fresh_path = Department.objects.values_list("path", flat=True).get(pk=department.pk)
    if values.parent is not None and is_within(values.parent.path, fresh_path):
        raise Invalid("上位所属に、自分と自分の下の所属は選べません。")
    _check_successor(department, values)
    moved = Department.objects.filter(pk=department.pk, version=version).update(
        version=F("version") + 1, **vars(values)
    )
    if not moved:
        raise Conflict
    rebuild_paths(by.municipality_id)
    department.refresh_from_db()
    _event(by, "department.edit", department, now, **sides_of(before, _values_of(values)))
    return department


def _values_of(stored: Department | DepartmentValues) -> dict[str, Any]:
    """Return the columns as the trail keeps them: other departments by their code, days as days."""
    columns = {each.name: getattr(stored, each.name) for each in fields(DepartmentValues)}
    return {name: value.code if isinstance(value, Department) else value for name, value in columns.items()}


def _check_successor(department: Department, values: DepartmentValues) -> None:
    """Refuse a successor of something that goes on, and a trail that comes back; a query a step of the trail."""
    if values.successor is None:
        return
    if values.valid_to is None:
        raise Invalid("引き継いだ所属は、終了日のある所属だけに入れられます。終了日を入れてください。")
    trail: Department | None = values.successor
    seen = {department.pk}
    while trail is not None:
        if trail.pk in seen:
            raise Invalid("引き継いだ所属をたどると、この所属に戻ります。ほかの所属を選んでください。")
        seen.add(trail.pk)
        trail = trail.successor


def rebuild_paths(municipality_id: int) -> int:
    """Set every path from the parents as they are now; return how many changed. Two queries and a bulk update.

    Raises Invalid where the tree is deeper than a path can hold.
    """
    rows = {
        row.pk: row
        for row in Department.objects.filter(municipality_id=municipality_id).only("parent_id", "path")
    }
    paths: dict[int, str] = {}

    def path_of(pk: int) -> str:
        if pk not in paths:
            parent = rows[pk].parent_id
            paths[pk] = child_path(path_of(parent) if parent else "", pk)
        return paths[pk]

    moved = []
    for pk, row in rows.items():
        path = path_of(pk)
        if len(path) // 8 > DEEPEST:
            raise Invalid(f"組織は{DEEPEST}段までです。上位所属を選び直してください。")
        if row.path != path:
            row.path = path
            moved.append(row)
    Department.objects.bulk_update(moved, ["path"], batch_size=200)
    return len(moved)


def known_departments(municipality_id: int) -> dict[str, DepartmentState]:
    """Return the tree by code, as the planner of organisation files wants it."""
    rows = Department.objects.filter(municipality_id=municipality_id).values_list(
        "code", "name", "parent__code", "valid_from", "valid_to", "successor__code"
    )
    return {
        code: DepartmentState(code, name, parent or "", valid_from, valid_to, successor or "")
        for code, name, parent, valid_from, valid_to, successor in rows
    }


def posted_after(municipality_id: int) -> dict[str, datetime.date | None]:
    """Return, by code of department, until when somebody is posted there; None for no known end."""
    postings = Posting.objects.filter(municipality_id=municipality_id)
    latest = dict(
        postings.exclude(end=None).values_list("department__code").annotate(last=Max("end")).order_by()
    )
    open_ended = postings.filter(end=None).values_list("department__code", flat=True).order_by().distinct()
    return {**latest, **dict.fromkeys(open_ended)}


def write_departments(plan: DepartmentPlan, municipality: Municipality) -> dict[str, Any]:
    """Write a plan inside the caller's transaction: rows first, then parents, then paths.

    Returns what `undo_departments` takes it back by, as plain JSON.
    """
    before = known_departments(municipality.pk)
    rows = {row.code: row for row in Department.objects.filter(municipality=municipality)}
    new = [
        Department(
            municipality=municipality,
            code=state.code,
            name=state.name,
            path="",
            valid_from=state.valid_from,
            valid_to=state.valid_to,
        )
        for code, state in plan.after.items()
        if code not in rows
    ]
    rows |= {row.code: row for row in Department.objects.bulk_create(new, batch_size=500)}
    for code, state in plan.after.items():
        row = rows[code]
        row.name, row.valid_from, row.valid_to = state.name, state.valid_from, state.valid_to
        row.parent = rows[state.parent] if state.parent else None
        row.successor = rows[state.successor] if state.successor else None
        row.version += 1
    Department.objects.bulk_update(
        [rows[code] for code in plan.after],
        ["name", "valid_from", "valid_to", "parent", "successor", "version"],
        batch_size=100,
    )
    rebuild_paths(municipality.pk)
    return {
        "before": [_plain(before[code]) for code in plan.after if code in before],
        "after": [_plain(state) for state in plan.after.values()],
    }


def undo_departments(undo: dict[str, Any], municipality: Municipality) -> None:
    """Take an organisation file back inside the caller's transaction: rows as before, new ones gone.

    Raises Conflict, with codes, where a department changed since, or where something stands on a new one.
    """
    known = known_departments(municipality.pk)
    before, after = ({state["code"]: state for state in undo[name]} for name in ("before", "after"))
    if changed := [
        code for code, state in after.items() if code not in known or _plain(known[code]) != state
    ]:
        raise Conflict(f"取り込んだ後で、所属が変わっています。取り込む前には戻せません（{_few(changed)}）。")
    rows = {row.code: row for row in Department.objects.filter(municipality=municipality)}
    new = [code for code in after if code not in before]
    named = {state[name] for state in before.values() for name in ("parent", "successor")}
    gone = named - rows.keys() - {""}
    if gone:
        raise Conflict(
            f"上位か引継ぎ先の所属が、もうありません。取り込む前には戻せません（{_few(sorted(gone))}）。"
        )
    for code in new:
        rows[code].parent = rows[code].successor = None
    for code, state in before.items():
        row = rows[code]
        row.name = state["name"]
        row.valid_from = datetime.date.fromisoformat(state["valid_from"])
        row.valid_to = datetime.date.fromisoformat(state["valid_to"]) if state["valid_to"] else None
        row.parent = rows[state["parent"]] if state["parent"] else None
        row.successor = rows[state["successor"]] if state["successor"] else None
        row.version += 1
    Department.objects.bulk_update(
        [rows[code] for code in after],
        ["name", "valid_from", "valid_to", "parent", "successor", "version"],
        batch_size=100,
    )
    try:
        Department.objects.filter(municipality=municipality, code__in=new).delete()
    except (ProtectedError, RestrictedError) as failure:
        raise Conflict(
            "新しくできた所属に、発令などの記録があります。先に名簿の取込みを戻してください。"
        ) from failure
    rebuild_paths(municipality.pk)


def _plain(state: DepartmentState) -> dict[str, Any]:
    return {
        **asdict(state),
        "valid_from": state.valid_from.isoformat(),
        "valid_to": state.valid_to.isoformat() if state.valid_to else None,
    }


def _few(codes: list[str]) -> str:
    return "所属コード " + "、".join(codes[:10]) + ("など" if len(codes) > 10 else "")


def staying_after(department: Department) -> int:
    """Return how many people are posted in a department beyond its last day; one query."""
    if department.valid_to is None:
        return 0
    staying = Posting.objects.filter(
        Q(end__isnull=True) | Q(end__gt=department.valid_to), department=department
    )
    return staying.values("staff").distinct().count()


def _event(by: Actor, action: str, department: Department, now: datetime.datetime, **sides) -> None:
    record(by=by, action=action, now=now, target=department, data={"code": department.code}, **sides)
