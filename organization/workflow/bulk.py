"""One 発令 for many people at once: planned, shown, and written whole or not at all (P02)."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from access.actor import Actor
from access.refusals import Conflict
from audit.models import issue_receipt, receipt_for, record
from organization.counted import count_again
from organization.models import Staff
from organization.roster import Line, Plan, plan_roster
from organization.workflow.departments import lock_municipality
from organization.workflow.rosters import known_for, write_roster

CHANGED = "確かめてから、ほかの画面で登録が変わりました。いまの内容をもう一度確かめてください。"


def plan_lines(*, people: Sequence[Staff], line: Line, now: datetime.datetime) -> Plan:
    """Return what one line would do to each of some people; writes nothing.

    Outcomes and problems carry the place of their person in `people` as the number of the line, from 1.
    """
    today = timezone.localdate(now)
    lines = [replace(line, line=at, number=staff.staff_number) for at, staff in enumerate(people, start=1)]
    numbers = {staff.staff_number for staff in people}
    return plan_roster(lines, known_for(people[0].municipality_id, numbers, today), today=today)


@transaction.atomic
def add_lines(
    *, by: Actor, people: Sequence[Staff], line: Line, versions: Mapping[int, int], fingerprint: str, key,
    now: datetime.datetime,
) -> Plan | None:  # fmt: skip
    """Enter the same 発令 for some people of one municipality; the same key again changes nothing and returns None.

    `versions` are those of the people by id, `fingerprint` that of the plan as both were shown. Raises Conflict, and
    writes nothing, where one of them is another by now or the line became impossible for one person.
    """
    municipality = lock_municipality(by.municipality_id)
    if receipt_for(by=by, action="staff.post_many", key=key, target=municipality):
        return None
    ids = [staff.pk for staff in people]
    there = Staff.objects.select_for_update().filter(pk__in=ids, municipality=municipality).order_by("pk")
    if dict(there.values_list("pk", "version")) != dict(versions):
        raise Conflict(CHANGED)
    plan = plan_lines(people=people, line=line, now=now)
    if plan.problems or plan.fingerprint() != fingerprint:
        raise Conflict(CHANGED)
    touched = {write.number for write in plan.writes}
    moved = [staff for staff in people if staff.staff_number in touched]
    Staff.objects.filter(pk__in=[staff.pk for staff in moved]).update(version=F("version") + 1)
    try:
        write_roster(plan, municipality, now=now)
    except IntegrityError as failure:
        raise Conflict from failure
    for staff in moved:
        record(
            by=by, action="staff.post", now=now, subject_uuid=staff.uuid, target=staff,
            data={"kind": line.kind, "start": line.start.isoformat(), "together": len(moved)},
        )  # fmt: skip
    issue_receipt(
        by=by, action="staff.post_many", key=key, target=municipality, now=now, result={"people": len(moved)}
    )
    count_again(by.municipality_id, timezone.localdate(now))
    return plan
