"""The table 職位 → 確認者区分 (P31)."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from access.actor import Actor
from access.refusals import Conflict
from audit.models import record, sides_of
from organization.models import Position, Posting
from organization.workflow.departments import lock_municipality


@dataclass(frozen=True)
class PositionValues:
    """One row of the table as it should be; `position` None makes a new one, `version` is that of the row seen."""

    position: Position | None
    name: str
    line_role: str
    rank: int
    retired: bool = False
    version: int = 0


@transaction.atomic
def set_positions(*, by: Actor, rows: list[PositionValues], now: datetime.datetime) -> int:
    """Write the table; return how many postings in force took over a new 確認者区分.

    A role that changes is taken over by postings of this 職位 that are in force or to come and had the role of
    before: the roster named no other. Ended postings keep theirs, and so does one that was given another role.
    A name that changes stays on old postings. Raises Conflict for another version or a name in use.
    """
    lock_municipality(by.municipality_id)
    today = timezone.localdate(now)
    taken_over = 0
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    names = dict(Position.objects.filter(municipality_id=by.municipality_id).values_list("name", "pk"))
    for row in rows:
        own = row.position.pk if row.position else None
        if names.get(row.name, own) != own:
            raise Conflict(f"職位「{row.name}」は、すでに表にあります。")
        columns = {"name": row.name, "line_role": row.line_role, "rank": row.rank, "retired": row.retired}
        after[row.name] = {name: value for name, value in columns.items() if name != "name"}
        if row.position is None:
            names[row.name] = Position.objects.create(municipality_id=by.municipality_id, **columns).pk
            continue
        before[row.position.name] = {name: getattr(row.position, name) for name in after[row.name]}
        moved = Position.objects.filter(pk=own, version=row.version).update(
            version=F("version") + 1, **columns
        )
        if not moved:
            raise Conflict
        if row.line_role != row.position.line_role:
            taken_over += Posting.objects.filter(
                Q(end__isnull=True) | Q(end__gt=today),
                municipality_id=by.municipality_id,
                position=row.position.name,
                line_role=row.position.line_role,
            ).update(line_role=row.line_role, version=F("version") + 1)
    if rows:
        record(
            by=by, action="position.edit", now=now, data={"rows": len(rows), "postings": taken_over},
            **sides_of(before, after),
        )  # fmt: skip
    return taken_over
