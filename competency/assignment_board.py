"""Reads of 事務分掌: the board of a department and a year, last year's shares, and the duties that may be taken up."""

import datetime

from django.db.models import Exists, F, OuterRef, Q

from competency.assignments import Board, DutyLine, Person, Shares
from competency.models import DepartmentDuty, Duty, DutyAssignment, DutyPlan
from organization.models import Department, Leave, Posting, Staff
from organization.models.position import LineRole

_LINE_ORDER = {LineRole.HEAD: 0, LineRole.FIRST: 1, LineRole.NONE: 2}


def load_board(department: Department, fiscal_year: int, today: datetime.date) -> Board:
    """Return what a department's people do in a year, with those posted there or below today. Four queries."""
    plan = DutyPlan.objects.filter(department=department, fiscal_year=fiscal_year).first()
    people = people_of(department, today)
    if plan is None:
        return Board(0, (), {}, people)
    rows = DepartmentDuty.objects.filter(plan=plan).select_related("duty")
    duties = tuple(_line(row.duty, row) for row in sorted(rows, key=lambda row: _rank(row.duty)))
    shares: dict[tuple[int, int], str] = {}
    left: dict[int, Person] = {}
    here = {person.id for person in people}
    having = DutyAssignment.objects.filter(department_duty__plan=plan).select_related("staff")
    for row in having.annotate(duty_id=F("department_duty__duty_id")).order_by(
        "staff__kana", "staff__name", "pk"
    ):
        shares[row.duty_id, row.staff_id] = row.role
        if row.staff_id not in here:
            left.setdefault(row.staff_id, _person(row.staff))
    return Board(plan.version, duties, shares, people, tuple(left.values()), plan.pk)


def people_of(department: Department, today: datetime.date) -> tuple[Person, ...]:
    """Return who is posted in the department or below on a day, each once: its head first, then by reading. One query."""
    away = Leave.objects.active_on(today).filter(staff=OuterRef("staff"))
    postings = (
        Posting.objects.active_on(today)
        .filter(municipality_id=department.municipality_id)
        .in_or_below(department.path)
        .filter(Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=today))
        .annotate(away=Exists(away))
        .select_related("staff")
    )
    found: dict[int, Person] = {}
    for posting in sorted(postings, key=_posting_order):
        found.setdefault(posting.staff_id, _person(posting.staff, posting.position, posting.away))
    return tuple(found.values())


def earlier_shares(department: Department, fiscal_year: int) -> tuple[int | None, Shares]:
    """Return the newest 年度 before this one in which somebody had a duty, and {(root of duty, person): role}.

    Two queries. (None, {}) where there is no such year.
    """
    mine = DutyAssignment.objects.filter(
        department_duty__plan__department=department, department_duty__plan__fiscal_year__lt=fiscal_year
    )
    year = (
        mine.order_by("-department_duty__plan__fiscal_year")
        .values_list("department_duty__plan__fiscal_year", flat=True)
        .first()
    )
    if year is None:
        return None, {}
    rows = mine.filter(department_duty__plan__fiscal_year=year).values_list(
        "department_duty__duty_id", "department_duty__duty__based_on_id", "staff_id", "role"
    )
    return year, {(based_on or duty, staff): role for duty, based_on, staff, role in rows}


def catalogue_for(department: Department) -> list[DutyLine]:
    """Return the duties that a department may take up: those of the catalogue and its own. Two queries."""
    shared = Duty.objects.catalogue_of(department.municipality_id)
    own = Duty.objects.filter(department=department, retired=False)
    return [_line(duty) for duty in sorted([*shared, *own], key=_rank)]


def _rank(duty: Duty) -> tuple[int, int]:
    return (duty.rank, duty.pk)


def _line(duty: Duty, row: DepartmentDuty | None = None) -> DutyLine:
    return DutyLine(
        id=duty.pk,
        uuid=duty.uuid,
        code=duty.code,
        name=duty.name,
        root=duty.based_on_id or duty.pk,
        outsourced=row is not None and row.done_by == DepartmentDuty.DoneBy.OUTSOURCED,
        done_by=""
        if row is None or row.done_by == DepartmentDuty.DoneBy.STAFF
        else row.get_done_by_display(),
    )


def _person(staff: Staff, position: str = "", away: bool = False) -> Person:
    return Person(
        id=staff.pk,
        uuid=staff.uuid,
        number=staff.staff_number,
        name=staff.name,
        position=position,
        on_leave=away,
        former_name=staff.former_name,
    )


def _posting_order(posting: Posting) -> tuple:
    return (
        _LINE_ORDER[LineRole(posting.line_role)],
        posting.staff.kana,
        posting.staff.name,
        posting.staff_id,
        posting.kind != Posting.Kind.MAIN,
    )
