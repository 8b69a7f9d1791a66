"""What the line of confirmation asks of the database: who leads where on a day, and which sheets may wait for somebody.

The menu asks both on every page, for 人事 about a whole municipality.
"""

import datetime
import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Left

from access.actor import Actor, Role
from assessments.line_rule import HEAD, Lead, Leads
from assessments.models import Cycle, Reconfirmation, Sheet
from lib.paths import ancestors, upper_bound
from lib.prepared import Prepared, driver_rows
from organization.models import Department, Leave, Posting
from organization.models.position import LineRole

# Above this a list in SQL costs more than it narrows, and SQLite stops at a thousand nested conditions.
MANY = 300


def main_postings(on: datetime.date):
    """Return the queryset of 本務 in force on a day; of two of one person the later one comes first."""
    return Posting.objects.active_on(on).filter(kind=Posting.Kind.MAIN).order_by("-start", "pk")


_STAND_INS = {"municipality_id": 9000001, "on": datetime.date(1900, 1, 2)}
# What Lead holds, in its order.
_LEAD = ("staff_id", "department__path", "line_role", "present")


def leads_where(where: Q, on: datetime.date) -> Leads:
    """Load the postings with a line role in force on a day. One query."""
    return Leads(map(Lead._make, driver_rows(lead_rows(where, on).values_list(*_LEAD))))


def leads_around(actor: Actor, own: Sheet | None) -> tuple[Leads, bool]:
    """Load those who lead around the actor; say whether all of the municipality are needed. One query.

    For 人事 these are those of the highest departments, and all where one of these has no 所属長: nothing below the others is
    for 人事, their 所属長 makes the 確定 if nobody nearer does. Written once a process for 人事 who lead nobody: the menu
    asks it on every page.
    """
    mine = {above for path in actor.own_paths for above in ancestors(path)}
    near = _around(actor.line_paths) | Q(department__path__in=mine)
    if not actor.has(Role.HR):
        return leads_where(near, actor.today), False
    if actor.line_paths or own is not None:
        rows = driver_rows(_for_hr(actor.municipality_id, actor.today, lead_rows(near, actor.today)))
    else:
        rows = _prepared_for_hr().rows({"municipality_id": actor.municipality_id, "on": actor.today})
    leads = [Lead._make(row) for row in rows if row[2] != LineRole.NONE]
    return Leads(leads), len(leads) < len(rows)


def _for_hr(municipality_id: int, on: datetime.date, *more: QuerySet[Posting]) -> QuerySet[Any, Any]:
    """Return the rows of _LEAD of the highest departments, and one without a role for each of these without a 所属長.

    All of the municipality come along where there is one of the latter. Heads are looked for department by department, and
    whether they are there one by one: behind the wall of rows PostgreSQL takes a municipality for an average one, and
    would read all of its postings and leaves for each.
    """
    heads = lead_rows(Q(line_role=HEAD, department=OuterRef("pk")), on).filter(present=1)
    tops = Department.objects.filter(municipality_id=municipality_id, parent__isnull=True)
    headless = tops.alias(head=Subquery(heads.values("pk")[:1])).filter(head__isnull=True)
    nobody, none = Value(0, IntegerField()), Value(LineRole.NONE.value, CharField())
    marks = headless.annotate(nobody=nobody, none=none, absent=nobody)
    highest = lead_rows(Q(department__municipality_id=municipality_id, department__parent__isnull=True), on)
    everybody = lead_rows(Q(municipality_id=municipality_id), on).filter(Exists(headless))
    rows = [each.values_list(*_LEAD) for each in (highest, everybody, *more)]
    return marks.values_list("nobody", "path", "none", "absent").union(*rows, all=True)


@functools.cache
def _prepared_for_hr() -> Prepared:
    municipality_id, on = _STAND_INS.values()
    return Prepared(_for_hr(municipality_id, on), _STAND_INS)


def lead_rows(where: Q, on: datetime.date) -> QuerySet[Posting]:
    """Return the queryset of postings with a line role in force on a day, with `present` 1 for who can confirm."""
    away = Leave.objects.active_on(on).filter(staff=OuterRef("staff"))
    serving = Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=on)
    there = ~Exists(away) & serving & Q(staff__is_active=True)
    present = Case(When(there, then=1), default=0, output_field=IntegerField())
    return Posting.objects.active_on(on).leading().filter(where).annotate(present=present)


def _around(roots: Iterable[str]) -> Q:
    """Match departments at, below and above some roots: all that decides who confirms there."""
    found = Q(pk__in=[])
    for root in roots:
        found |= Q(department__path__gte=root, department__path__lt=upper_bound(root))
        found |= Q(department__path__in=ancestors(root))
    return found


class Asked(NamedTuple):
    """A sheet that waits for somebody: for a confirmation, or `is_again` for the answer to a 再確認."""

    is_again: int
    state: str
    pk: int
    staff_id: int
    main_path: str | None
    date: datetime.date | None
    steps: str
    submitted_at: datetime.datetime


def waiting_rows(actor: Actor, leads: Leads, headless: bool) -> list[Asked]:
    """Return what may wait for the actor, the longest waiting first. One query.

    `leads` and `headless` are what `leads_around` returned.
    """
    mains = main_postings(actor.today).filter(staff=OuterRef("staff"))
    sheets = (
        Sheet.objects.exclude(staff_id=actor.staff_id)
        .annotate(main_path=Subquery(mains.values("department__path")[:1]))
        .order_by()
    )
    mine = _may_wait_for(actor, leads, headless)
    waits = Q(
        mine,
        municipality_id=actor.municipality_id,
        state__in=Sheet.WAITING,
        cycle__state=Cycle.State.OPEN,
        # Without it PostgreSQL goes through the sheets once for each open year of all municipalities.
        cycle__municipality_id=actor.municipality_id,
    )
    # The few that are asked about once more, in closed years too. By the municipality of the 再確認, which has an index of
    # what is open: by that of the sheet SQLite would read every sheet of every year.
    is_open = Q(
        reconfirmation__municipality_id=actor.municipality_id, reconfirmation__state__in=Reconfirmation.OPEN
    )
    referred = Q(reconfirmation__state=Reconfirmation.State.REFERRED)
    again = is_open & (mine | referred if actor.has(Role.HR) else mine)
    legs = ((0, "state", waits), (1, "reconfirmation__state", again))
    first, second = (
        sheets.filter(which)
        .annotate(is_again=Value(number, IntegerField()), asks=F(state))
        .values_list(
            "is_again", "asks", "pk", "staff_id", "main_path", "cycle__confirmer_date", "cycle__steps", "submitted_at"
        )
        for number, state, which in legs
    )  # fmt: skip
    found = [Asked._make(row) for row in first.union(second, all=True)]
    return sorted(found, key=lambda one: (one.submitted_at, one.pk))


def _may_wait_for(actor: Actor, leads: Leads, headless: bool) -> Q:
    """Narrow the waiting sheets in the database, so that a large municipality does not come into memory."""
    allowed = Q(pk__in=[])
    for root in actor.line_paths:
        # Who confirms by a 基準日 may see the person by another posting than the 本務. Read from the postings first:
        # the menu asks on every page, and would else look up the 本務 of everybody in a large municipality.
        by_any = Posting.objects.active_on(actor.today).in_or_below(root)
        here = Q(main_path__gte=root, main_path__lt=upper_bound(root))
        allowed |= Q(here | Q(cycle__confirmer_date__lt=actor.today), staff__in=by_any.values("staff"))
    if actor.has(Role.HR):
        roots, heads = leads.covered(), leads.heads()
        if len(roots) > 10 * MANY or len(heads) > 10 * MANY:
            # Everything; an empty Q would be nothing beside another one.
            return ~Q(pk__in=[])
        # Asked of the posting and not of `main_path`, which SQLite looks up anew wherever it is named; and by the first
        # digits of the path, not by a range for each root: it was a minute on every page of 人事 in a city of 17,000.
        mains = main_postings(actor.today).filter(staff=OuterRef("staff")).order_by()
        allowed |= ~Exists(mains) | Q(staff_id__in=heads)
        below_a_head = Q(pk__in=[])
        for digits in sorted({len(root) for root in roots}) if headless else ():
            mains = mains.annotate(**{f"top{digits}": Left("department__path", digits)})
            below_a_head |= Q(**{f"top{digits}__in": [root for root in roots if len(root) == digits]})
        if headless:
            allowed |= Exists(mains.filter(~below_a_head))
    return allowed
