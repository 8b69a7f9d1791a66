"""職員 changed one at a time on the screen (P02); the same rules as for a roster of one line."""

import datetime
from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from access.actor import Actor
from access.refusals import Conflict
from audit.models import record
from organization.counted import count_again
from organization.models import Staff
from organization.roster import Line, Plan, plan_roster
from organization.workflow.coming import drop_coming
from organization.workflow.departments import lock_municipality
from organization.workflow.rosters import known_for, write_roster

EDITABLE = frozenset({"staff_number", "name", "kana", "former_name", "employment", "email"})


@transaction.atomic
def edit_staff(
    *, by: Actor, staff: Staff, values: dict[str, Any], version: int, now: datetime.datetime
) -> Staff:
    """Change what is written about a person; postings have dates and go through `add_line`.

    The sign-in name stays, whatever happens to the 職員番号. What a file said of a changed field for a coming day no
    longer waits: the hand came later (docs/adr/0042). Raises ValueError for any field not in EDITABLE,
    Conflict for another version or a number in use.
    """
    if unknown := values.keys() - EDITABLE:
        raise ValueError(f"not to be edited here: {sorted(unknown)}")
    lock_municipality(staff.municipality_id)
    if (
        Staff.objects.filter(municipality_id=staff.municipality_id, staff_number=values["staff_number"])
        .exclude(pk=staff.pk)
        .exists()
    ):
        raise Conflict("この職員番号は、すでに使われています。")
    before = {name: getattr(staff, name) for name in values}
    changed = sorted(name for name, value in values.items() if getattr(staff, name) != value)
    search = Staff(**{name: values[name] for name in ("name", "kana", "former_name")}).search_text()
    moved = Staff.objects.filter(pk=staff.pk, version=version).update(
        version=F("version") + 1, search=search, **values
    )
    if not moved:
        raise Conflict
    staff.refresh_from_db()
    dropped = drop_coming(staff=staff, fields=changed, now=now)
    record(
        by=by,
        action="staff.edit",
        now=now,
        subject_uuid=staff.uuid,
        target=staff,
        data={"fields": changed, **({"coming": dropped} if dropped else {})},
        before={name: before[name] for name in changed},
        after={name: values[name] for name in changed},
    )
    if "employment" in changed:
        count_again(staff.municipality_id, timezone.localdate(now))
    return staff


def plan_line(*, staff: Staff, line: Line, now: datetime.datetime) -> Plan:
    """Return what one line would do to a person; writes nothing. Its problems say why it cannot be taken."""
    today = timezone.localdate(now)
    return plan_roster([line], known_for(staff.municipality_id, {staff.staff_number}, today), today=today)


@transaction.atomic
def add_line(*, by: Actor, staff: Staff, line: Line, version: int, now: datetime.datetime) -> Plan:
    """Enter one 発令, leave, return or resignation and return the plan that was written.

    Raises Conflict for another version, and where the line became impossible in the meantime.
    """
    municipality = lock_municipality(staff.municipality_id)
    if not Staff.objects.filter(pk=staff.pk, version=version).update(version=F("version") + 1):
        raise Conflict
    plan = plan_line(staff=staff, line=line, now=now)
    if plan.problems:
        raise Conflict(plan.problems[0].message)
    try:
        write_roster(plan, municipality, now=now)
    except IntegrityError as failure:
        raise Conflict from failure
    record(
        by=by,
        action="staff.post",
        now=now,
        subject_uuid=staff.uuid,
        target=staff,
        data={"kind": line.kind, "start": line.start.isoformat(), "counts": plan.counts()},
        after={name: value for name, value in asdict(line).items() if value not in (None, "")},
    )
    count_again(staff.municipality_id, timezone.localdate(now))
    return plan
