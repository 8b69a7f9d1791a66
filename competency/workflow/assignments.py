"""事務分掌: who has which duty of a department, saved as one whole or taken from a file (P17, P17d)."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from audit.models import record
from competency.assignment_board import catalogue_for, load_board
from competency.assignments import (
    ROLES,
    Board,
    Change,
    DutyLine,
    ImportPlan,
    Kind,
    Shares,
    changes,
    plan_import,
)
from competency.models import DepartmentDuty, DutyAssignment, DutyPlan
from organization.models import Department

ASSIGNMENTS_STALE = (
    "ほかの人が先に保存しました。保存されている値を確かめて、どちらにするか決めてから保存してください。"
)
NOT_POSTED = "いまこの所属に在籍していない職員には、担当を付けられません。画面を開き直してください。"
PLAN_MOVED = (
    "確かめている間に、事務分掌か在籍する職員が変わりました。下の内容を確かめて、もう一度押してください。"
)

# What a file says, by public ids: {duty: {person: role}}. It travels through the browser between preview and act.
Wanted = Mapping[uuid.UUID, Mapping[uuid.UUID, str]]


class StaleAssignments(Conflict):
    """Somebody saved in the meantime. `board` is what stands there now."""

    default = ASSIGNMENTS_STALE

    def __init__(self, board: Board):
        self.board = board
        super().__init__(detail={"version": board.version})


class AssignmentsMoved(Conflict):
    """What a file would do is no longer what was shown."""

    default = PLAN_MOVED


def save_assignments(*, plan: DutyPlan, shares: Shares, version: int, by: Actor, now) -> bool:
    """Save who has which duty of the plan if nobody saved since `version`; return whether anything changed.

    `shares` is the whole: {(duty id, person id): "main" or "deputy"}. Saving what is stored already is no
    conflict, so that a second click does no harm. Who has left the department may keep a duty, for the history,
    and get no other. Raises NotVisible, Forbidden, Invalid, Conflict for somebody who is not posted there today,
    and StaleAssignments.
    """
    _check(plan.department, by, "P17")
    with transaction.atomic():
        board = load_board(plan.department, plan.fiscal_year, by.today)
        moved = [each for each in changes(board.shares, shares) if each.kind is not Kind.UNCHANGED]
        if not moved:
            return False
        if not _take_version(plan.pk, version, now):
            raise StaleAssignments(load_board(plan.department, plan.fiscal_year, by.today))
        _check_changes(moved, board)
        _write(plan.pk, moved)
        _record("assignments.change", plan.department, plan.fiscal_year, moved, by, now)
    return True


def import_assignments(
    *, department: Department, fiscal_year: int, wanted: Wanted, shown: str, by: Actor, now
) -> bool:
    """Take what a file says, all or nothing, if it does what was shown; return whether anything changed.

    `shown` is the fingerprint of the plan that the person saw (`read_wanted`). Duties that the department does
    not have yet join its plan, which is made where there is none. The same file again changes nothing. Raises
    NotVisible, Forbidden, and AssignmentsMoved where the plan, the people or the catalogue changed since.
    """
    _check(department, by, "P17d")
    try:
        with transaction.atomic():
            board = load_board(department, fiscal_year, by.today)
            planned = read_wanted(department, board, wanted)
            if planned.is_empty:
                return False
            if planned.fingerprint != shown:
                raise AssignmentsMoved
            plan_id = board.plan_id or _new_plan(department, fiscal_year, now)
            if board.plan_id and not _take_version(plan_id, board.version, now):
                raise AssignmentsMoved
            DepartmentDuty.objects.bulk_create(
                DepartmentDuty(municipality_id=department.municipality_id, plan_id=plan_id, duty_id=duty.id)
                for duty in planned.added
            )
            moved = [each for each in planned.changes if each.kind is not Kind.UNCHANGED]
            _write(plan_id, moved)
            _record("assignments.import", department, fiscal_year, moved, by, now, added=len(planned.added))
    except IntegrityError:
        raise AssignmentsMoved from None
    return True


def read_wanted(department: Department, board: Board, wanted: Wanted) -> ImportPlan:
    """Return what a file would do to the board. Raises AssignmentsMoved for a duty or person not there any more."""
    duties: dict[uuid.UUID, DutyLine] = {duty.uuid: duty for duty in board.duties}
    if not wanted.keys() <= duties.keys():
        duties = {duty.uuid: duty for duty in catalogue_for(department)} | duties
    people = {person.uuid: person.id for person in board.people}
    try:
        named = [duties[duty] for duty in wanted]
        shares = {
            (duties[duty].id, people[person]): role
            for duty, having in wanted.items()
            for person, role in having.items()
        }
    except KeyError:
        raise AssignmentsMoved from None
    return plan_import(board, named, shares)


def _check(department: Department, by: Actor, row: str) -> None:
    if department.municipality_id != by.municipality_id:
        raise NotVisible
    if not may(by, row, path=department.path):
        raise Forbidden


def _check_changes(moved: list[Change], board: Board) -> None:
    """Refuse a duty that the plan does not hold, a role that is none, and a new duty for who is not there."""
    duties = {duty.id for duty in board.duties}
    people = {person.id for person in board.people}
    given = [each for each in moved if each.after]
    if any(each.duty_id not in duties or each.after not in ROLES for each in given):
        raise Invalid
    if any(each.staff_id not in people for each in given):
        raise Conflict(NOT_POSTED)


def _take_version(plan_id: int, version: int, now) -> bool:
    """Move the plan's version on; False where it is not the one that was read."""
    mine = DutyPlan.objects.filter(pk=plan_id, version=version)
    return bool(mine.update(version=F("version") + 1, updated_at=now))


def _new_plan(department: Department, fiscal_year: int, now) -> int:
    """Make the plan of a year; IntegrityError where somebody else just did."""
    plan = DutyPlan.objects.create(
        municipality_id=department.municipality_id,
        department=department,
        fiscal_year=fiscal_year,
        updated_at=now,
    )
    return plan.pk


def _write(plan_id: int, moved: list[Change]) -> None:
    """Write the rows that differ: a handful of statements, however many."""
    duties = {row.duty_id: row for row in DepartmentDuty.objects.filter(plan_id=plan_id)}
    rows = DutyAssignment.objects.filter(department_duty__plan_id=plan_id)
    keys = {
        (duty_id, staff_id): pk
        for pk, duty_id, staff_id in rows.values_list("pk", "department_duty__duty_id", "staff_id")
    }
    there = [(keys[each.duty_id, each.staff_id], each.after) for each in moved if each.before]
    DutyAssignment.objects.filter(pk__in=[pk for pk, after in there if not after]).delete()
    for role in ROLES:
        DutyAssignment.objects.filter(pk__in=[pk for pk, after in there if after == role]).update(role=role)
    DutyAssignment.objects.bulk_create(
        DutyAssignment(
            municipality_id=duties[each.duty_id].municipality_id,
            department_duty=duties[each.duty_id],
            staff_id=each.staff_id,
            role=each.after,
        )
        for each in moved
        if not each.before
    )


def _record(
    action: str, department: Department, fiscal_year: int, moved: list[Change], by: Actor, now, **more: Any
) -> None:
    counts = {kind.value: sum(each.kind is kind for each in moved) for kind in Kind}
    del counts[Kind.UNCHANGED.value]
    data = {"year": fiscal_year, **counts, **more}
    record(by=by, action=action, now=now, target=department, data=data)
