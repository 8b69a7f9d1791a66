"""The line of confirmation from the database: who confirms whom on a day, and what waits for an actor."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, Subquery

from access.actor import Actor, Role
from assessments.line_rule import Lead, Leads, Line
from assessments.models import Cycle, Sheet
from lib.paths import ancestors, upper_bound
from organization.models import Grant, Leave, Posting, Staff

# Above this a list in SQL costs more than it narrows, and SQLite stops at a thousand nested conditions.
_MANY = 300


@dataclass(frozen=True)
class Waiting:
    """What waits for one actor: the act asked for, by sheet id, and the lines it follows from."""

    acts: dict[int, str] = field(default_factory=dict)

    def count(self) -> int:
        """Return how many sheets wait; no query."""
        return len(self.acts)

    def sheets(self):
        """Return the queryset of the sheets."""
        return Sheet.objects.filter(pk__in=list(self.acts))


def line_of(staff_id: int, on: datetime.date) -> Line:
    """Return who confirms this person on a day, along the line of their 本務. Two queries."""
    main = main_path_of(staff_id, on)
    if main is None:
        return Line()
    return _leads(Q(department__path__in=ancestors(main)), on).line_of(staff_id, main)


def main_path_of(staff_id: int, on: datetime.date) -> str | None:
    """Return the path of the department of somebody's 本務 on a day, None without one. One query."""
    return _main_postings(on).filter(staff_id=staff_id).values_list("department__path", flat=True).first()


def lines_of(staff_ids: Iterable[int], municipality_id: int, on: datetime.date) -> dict[int, Line]:
    """Return the line of each of many people of one municipality, by their id. Two queries, however many."""
    wanted = set(staff_ids)
    leads = _leads(Q(municipality_id=municipality_id), on)
    postings = _main_postings(on).filter(municipality_id=municipality_id)
    if len(wanted) <= _MANY:
        postings = postings.filter(staff_id__in=wanted)
    mains: dict[int, str] = {}
    for staff_id, path in postings.values_list("staff_id", "department__path"):
        mains.setdefault(staff_id, path)
    return {staff_id: leads.line_of(staff_id, mains.get(staff_id)) for staff_id in wanted}


def act_for(actor: Actor, staff_id: int, state: str, line: Line) -> str | None:
    """Return what a sheet in this state asks of the actor: "first", "final", or None.

    人事 makes the 確定 where no 所属長 is above the person. Nobody is ever asked about their own sheet.
    """
    if staff_id == actor.staff_id or state not in Sheet.WAITING:
        return None
    if state == Sheet.State.SUBMITTED and line.first:
        return "first" if actor.staff_id in line.first else None
    if actor.staff_id in line.final or (line.to_hr and actor.has(Role.HR)):
        return "final"
    return None


def waiting_for(actor: Actor) -> Waiting:
    """Return what waits for this actor today in open years. Two queries, none for somebody who confirms nobody."""
    if not actor.has(Role.LINE) and not actor.has(Role.HR):
        return Waiting()
    if actor.has(Role.HR):
        leads = _leads(Q(municipality_id=actor.municipality_id), actor.today)
    else:
        leads = _leads(_around(actor.line_paths), actor.today)
    mains = _main_postings(actor.today).filter(staff=OuterRef("staff"))
    sheets = (
        Sheet.objects.filter(
            municipality_id=actor.municipality_id, state__in=Sheet.WAITING, cycle__state=Cycle.State.OPEN
        )
        .exclude(staff_id=actor.staff_id)
        .annotate(main_path=Subquery(mains.values("department__path")[:1]))
        .filter(_may_wait_for(actor, leads))
        .order_by("submitted_at", "pk")
        .values_list("pk", "staff_id", "state", "main_path")
    )
    acts: dict[int, str] = {}
    for pk, staff_id, state, main_path in sheets:
        act = act_for(actor, staff_id, state, leads.line_of(staff_id, main_path))
        if act:
            acts[pk] = act
    return Waiting(acts)


def nobody_confirms(staff: Staff, on: datetime.date) -> bool:
    """Say whether nobody at all could confirm this person: no 所属長, no 係長級 and no other 人事. Three queries."""
    line = line_of(staff.pk, on)
    if line.first or line.final:
        return False
    others = Grant.objects.filter(
        municipality_id=staff.municipality_id, role=Role.HR.value, withdrawn_at__isnull=True
    ).exclude(staff=staff)
    return not others.filter(
        Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=on), staff__is_active=True
    ).exists()


def _main_postings(on: datetime.date):
    return Posting.objects.active_on(on).filter(kind=Posting.Kind.MAIN).order_by("-start", "pk")


def _leads(where: Q, on: datetime.date) -> Leads:
    """Load the postings with a line role in force on a day. One query."""
    away = Exists(Leave.objects.active_on(on).filter(staff=OuterRef("staff")))
    rows = (
        Posting.objects.active_on(on)
        .leading()
        .filter(where)
        .annotate(away=away)
        .values_list(
            "staff_id", "department__path", "line_role", "away", "staff__left_on", "staff__is_active"
        )
    )
    return Leads(
        Lead(staff_id, path, role, not away and active and (left_on is None or left_on > on))
        for staff_id, path, role, away, left_on, active in rows
    )


def _around(roots: Iterable[str]) -> Q:
    """Match departments at, below and above some roots: all that decides who confirms there."""
    found = Q(pk__in=[])
    for root in roots:
        found |= Q(department__path__gte=root, department__path__lt=upper_bound(root))
        found |= Q(department__path__in=ancestors(root))
    return found


def _may_wait_for(actor: Actor, leads: Leads) -> Q:
    """Narrow the waiting sheets in the database, so that a large municipality does not come into memory."""
    may = Q(pk__in=[])
    for root in actor.line_paths:
        may |= Q(main_path__gte=root, main_path__lt=upper_bound(root))
    if actor.has(Role.HR):
        roots, heads = leads.covered(), leads.heads()
        if len(roots) > _MANY or len(heads) > 10 * _MANY:
            return Q()
        below_a_head = Q(pk__in=[])
        for root in roots:
            below_a_head |= Q(main_path__gte=root, main_path__lt=upper_bound(root))
        may |= Q(main_path__isnull=True) | ~below_a_head | Q(staff_id__in=heads)
    return may
