"""What was written down for a coming day: brought in when the day comes, given up by hand, taken back with its file."""

import datetime
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from access.refusals import Conflict
from audit.models import record
from organization.counted import count_again
from organization.models import ComingChange, Municipality, Staff
from organization.roster import OF_THE_NAME, PERSON_FIELDS
from organization.workflow.rosters import chunks

log = logging.getLogger(__name__)

_FIELDS = frozenset(field for _, field, _ in PERSON_FIELDS)
_SEARCHED = frozenset({"name", "kana", "former_name"})


def apply_due(now: datetime.datetime) -> int:
    """Bring in every change whose day has come, in the order of the days; return how many.

    Each is a transaction of its own: one that cannot be written waits on and hinders neither the others nor whoever
    happened to come first. One query where nothing is due. Twice at once brings each in once.
    """
    due = ComingChange.objects.due(timezone.localdate(now)).values_list("pk", "staff_id")
    applied = 0
    stuck: set[int] = set()
    for pk, staff_id in list(due):
        # A later change of the same person does not overtake an earlier one.
        if staff_id in stuck:
            continue
        try:
            applied += _apply(pk, staff_id, now)
        except Exception as failure:
            # Whatever one change holds, people sign in and the others come into force.
            stuck.add(staff_id)
            log.error("coming change %s not applied: %s", pk, type(failure).__name__)
    return applied


@transaction.atomic
def _apply(pk: int, staff_id: int, now: datetime.datetime) -> int:
    staff = Staff.objects.select_for_update().get(pk=staff_id)
    if not ComingChange.objects.waiting().filter(pk=pk).update(applied_at=now):
        return 0
    told = ComingChange.objects.values_list("values", flat=True).get(pk=pk)
    values = {name: value for name, value in told.items() if name in _FIELDS}
    columns: dict[str, Any] = dict(values)
    if not _SEARCHED.isdisjoint(values):
        for name, value in values.items():
            setattr(staff, name, value)
        columns["search"] = staff.search_text()
    Staff.objects.filter(pk=staff_id).update(version=F("version") + 1, **columns)
    record(
        by=None,
        action="staff.coming",
        now=now,
        municipality_id=staff.municipality_id,
        subject_uuid=staff.uuid,
        target=staff,
        data={"fields": sorted(values)},
    )
    if "employment" in values:
        count_again(staff.municipality_id, timezone.localdate(now))
    return 1


def drop_coming(*, staff: Staff, fields: Collection[str], now: datetime.datetime) -> int:
    """Let fields that were changed by hand no longer wait for a day; return how many changes lost one.

    A name takes along the reading and the 旧姓 that the file gave with its own. A change that was called off loses the fields
    as well: taking the file back must not wake them. Inside the caller's transaction. One query where there is none.
    """
    dropped = 0
    fields = {*fields, *(OF_THE_NAME if "name" in fields else ())}
    for change in ComingChange.objects.filter(staff=staff, applied_at__isnull=True).select_for_update():
        rest = {name: value for name, value in change.values.items() if name not in fields}
        if rest == change.values:
            continue
        if change.cancelled_at is None:
            dropped += 1
            change.cancelled_at = None if rest else now
        change.values = rest
        change.save(update_fields=["values", "cancelled_at"])
    return dropped


def changed_coming(steps: Sequence[Mapping[str, Any]], municipality: Municipality) -> set[str]:
    """Return the numbers of people for whom a change is no longer as the roster left it, or came into force."""
    there: dict[int, ComingChange] = {}
    for keys in chunks(step["key"] for step in steps):
        there |= ComingChange.objects.filter(municipality=municipality).in_bulk(keys)
    return {step["number"] for step in steps if not _as_left(there.get(step["key"]), step)}


def _as_left(change: ComingChange | None, step: Mapping[str, Any]) -> bool:
    if change is None or change.applied_at is not None:
        return False
    # What was called off keeps its values, less those that somebody changed by hand since (`drop_coming`).
    off = step["after"] is None
    return (change.cancelled_at is not None) == off and change.values == step["before" if off else "after"]


def undo_coming(
    steps: Sequence[Mapping[str, Any]],
    municipality: Municipality,
    *,
    gone: Iterable[str],
    now: datetime.datetime,
) -> None:
    """Take back what a roster wrote down for coming days, inside the caller's transaction.

    What was new is called off; it is deleted for people who go with the roster (`gone`, their numbers). Raises Conflict
    where a change was applied or given up in the meantime.
    """
    gone = set(gone)
    mine = ComingChange.objects.filter(municipality=municipality, applied_at__isnull=True)
    new = [step for step in steps if step["before"] is None]
    for keys in chunks(step["key"] for step in new if step["number"] in gone):
        _all_of(keys, mine.filter(pk__in=keys, cancelled_at__isnull=True).delete()[0])
    for keys in chunks(step["key"] for step in new if step["number"] not in gone):
        _all_of(keys, mine.filter(pk__in=keys, cancelled_at__isnull=True).update(cancelled_at=now))
    for step in steps:
        if step["before"] is not None:
            there = mine.filter(pk=step["key"], cancelled_at__isnull=step["after"] is not None)
            _all_of([step["key"]], there.update(values=step["before"], cancelled_at=None))


def _all_of(keys: Sequence[int], done: int) -> None:
    if done != len(keys):
        raise Conflict
