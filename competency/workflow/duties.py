"""Changes of the catalogue of duties: loading the common ones, and what a municipality makes of them (P17, P17c)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, NotVisible
from access.table import may
from audit.models import Event, differing, record
from competency.duty_file import FileDuty
from competency.models import DepartmentDuty, Duty, DutyDemand
from organization.models import Department

DUTY_STALE = (
    "ほかの人が先に変えました。いまの内容を確かめて、どちらにするか決めてから、もう一度保存してください。"
)
CANNOT_CHANGE = "この業務を変えられるのは、人事と、その所属の所属長です。"


@dataclass(frozen=True)
class Loaded:
    """What loading a file did."""

    made: int = 0
    changed: int = 0
    retired: int = 0


@dataclass(frozen=True)
class DutyValues:
    """What people decide about a duty. `demands` are holders by cell code; a cell that is not asked for is absent."""

    name: str
    examples: str = ""
    suited: str = ""
    demands: Mapping[str, int] = field(default_factory=dict)


class StaleDuty(Conflict):
    """Somebody changed the duty in the meantime. `stored` is the row as it is now."""

    default = DUTY_STALE

    def __init__(self, stored: Duty):
        self.stored = stored
        super().__init__(detail={"version": stored.version})


def values_of(duty: Duty) -> DutyValues:
    """Return what is stored of a duty; reads `demands`, one query unless they are prefetched."""
    return DutyValues(
        duty.name,
        duty.examples,
        duty.suited,
        {demand.cell_code: demand.holders for demand in duty.demands.all()},
    )


@transaction.atomic
def load_duties(*, duties: Sequence[FileDuty], now) -> Loaded:
    """Bring the common duties to what a file says and return what that took. Rows are matched by code.

    A common duty that the file no longer has is retired, for departments of earlier years still refer to it. What
    a municipality has made its own, `based_on` included, stays as it is.
    """
    common = Duty.objects.filter(municipality__isnull=True).select_for_update()
    there = {duty.code: duty for duty in common.prefetch_related("demands")}
    made = changed = 0
    for rank, given in enumerate(duties):
        wanted: dict[str, Any] = {
            "name": given.name,
            "group": given.group,
            "suited": given.suited,
            "examples": given.examples,
            "source": given.source,
            "rank": rank,
            "is_proposal": True,
            "retired": False,
        }
        duty = there.get(given.code)
        if duty is None:
            duty = Duty.objects.create(code=given.code, **wanted)
            made += 1
        else:
            same = all(getattr(duty, key) == value for key, value in wanted.items())
            if same and values_of(duty).demands == given.cells:
                continue
            Duty.objects.filter(pk=duty.pk).update(version=F("version") + 1, **wanted)
            changed += 1
        ask_for(duty, given.cells)
    codes = [given.code for given in duties]
    gone = [duty.pk for code, duty in there.items() if code not in codes and not duty.retired]
    Duty.objects.filter(pk__in=gone).update(retired=True, version=F("version") + 1)
    done = Loaded(made, changed, len(gone))
    if done != Loaded():
        record(
            by=None,
            action="duty.load",
            now=now,
            kind=Event.Kind.TECHNICAL,
            data={"made": made, "changed": changed, "retired": len(gone)},
        )
    return done


def may_change_duty(actor: Actor, duty: Duty) -> bool:
    """Say whether the actor may change a duty: 人事, or for a department's own its 所属長 and those above.

    Reads `department` where there is one.
    """
    if duty.department_id is None:
        return may(actor, "P17c")
    return may(actor, "P17", path=duty.department.path)


@transaction.atomic
def add_duty(
    *, values: DutyValues, by: Actor, now, key: uuid.UUID, department: Department | None = None
) -> Duty:
    """Make a duty of the whole municipality, or of one department, and return it.

    The key is part of its code: a second click with the same key finds what the first has made. Raises NotVisible
    for another municipality's department and Forbidden.
    """
    if department is not None and department.municipality_id != by.municipality_id:
        raise NotVisible
    duty = Duty(
        municipality_id=by.municipality_id,
        department=department,
        code=f"own-{key}",
        group=Duty.Group.OWN,
        name=values.name,
        examples=values.examples,
        suited=values.suited,
        is_proposal=False,
        rank=_last_rank(by.municipality_id) + 1,
    )
    if not may_change_duty(by, duty):
        raise Forbidden(CANNOT_CHANGE)
    earlier = Duty.objects.filter(municipality_id=by.municipality_id, code=duty.code).first()
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            duty.save(force_insert=True)
    except IntegrityError:  # the other click of the two was first
        return Duty.objects.get(municipality_id=by.municipality_id, code=duty.code)
    ask_for(duty, values.demands)
    record(by=by, action="duty.add", now=now, target=duty, data={"cells": len(values.demands)})
    return duty


@transaction.atomic
def change_duty(*, duty: Duty, values: DutyValues, version: int, by: Actor, now) -> Duty:
    """Change a duty and return the row that holds it now.

    A common duty stays as it is: the municipality gets a copy (`based_on`), and everything its departments have of
    the common one is moved to the copy. Once people have looked at it, it is no proposal any more. Saving what is
    stored already is no conflict. Raises NotVisible, Forbidden, and StaleDuty where it has another version, or
    was copied in the meantime.
    """
    _check(duty, by)
    stored = _in_use(duty, by)
    before = values_of(stored)
    if before == values and not stored.is_proposal:
        return stored
    changed = take_duty(duty, stored, version, by)
    Duty.objects.filter(pk=changed.pk).update(
        name=values.name, examples=values.examples, suited=values.suited, is_proposal=False
    )
    ask_for(changed, values.demands)
    record(
        by=by, action="duty.change", now=now, target=changed, data={"cells": len(values.demands)},
        **differing(before, values),
    )  # fmt: skip
    return Duty.objects.select_related("department").get(pk=changed.pk)


@transaction.atomic
def retire_duty(*, duty: Duty, retired: bool, version: int, by: Actor, now) -> Duty:
    """Take a duty out of the catalogue, or back into it, and return the row that says so.

    Departments that have it keep it until they untick it. Raises as `change_duty` does.
    """
    _check(duty, by)
    stored = _in_use(duty, by)
    if stored.retired == retired:
        return stored
    changed = take_duty(duty, stored, version, by)
    Duty.objects.filter(pk=changed.pk).update(retired=retired)
    record(by=by, action="duty.retire" if retired else "duty.restore", now=now, target=changed)
    return Duty.objects.select_related("department").get(pk=changed.pk)


def _check(duty: Duty, by: Actor) -> None:
    if duty.municipality_id not in (None, by.municipality_id):
        raise NotVisible
    if not may_change_duty(by, duty):
        raise Forbidden(CANNOT_CHANGE)


def _in_use(duty: Duty, by: Actor) -> Duty:
    """Return the row that stands for the duty in the municipality now: itself, or the copy of a common one."""
    mine = Duty.objects.prefetch_related("demands").select_related("department")
    if duty.municipality_id is None:
        copy = mine.filter(municipality_id=by.municipality_id, based_on=duty).first()
        if copy is not None:
            return copy
    return mine.get(pk=duty.pk)


def take_duty(duty: Duty, stored: Duty, version: int, by: Actor) -> Duty:
    """Move the version on and return the row to change, a fresh copy for a common duty; raises StaleDuty."""
    if stored.pk != duty.pk:
        raise StaleDuty(stored)
    if stored.municipality_id is not None:
        if not Duty.objects.filter(pk=stored.pk, version=version).update(version=F("version") + 1):
            raise StaleDuty(_in_use(duty, by))
        return stored
    if stored.version != version:
        raise StaleDuty(stored)
    copy = Duty(
        municipality_id=by.municipality_id,
        based_on=stored,
        **{
            name: getattr(stored, name)
            for name in ("code", "name", "group", "suited", "examples", "source", "rank", "is_proposal")
        },
    )
    try:
        with transaction.atomic():
            copy.save(force_insert=True)
    except IntegrityError:
        raise StaleDuty(_in_use(duty, by)) from None
    ask_for(copy, values_of(stored).demands)
    DepartmentDuty.objects.filter(municipality_id=by.municipality_id, duty=stored).update(duty=copy)
    return copy


def ask_for(duty: Duty, demands: Mapping[str, int]) -> None:
    """Bring the rows of what a duty asks for to these holders by cell code."""
    DutyDemand.objects.filter(duty=duty).exclude(cell_code__in=demands).delete()
    there = dict(DutyDemand.objects.filter(duty=duty).values_list("cell_code", "holders"))
    for code, holders in demands.items():
        if code in there and there[code] != holders:
            DutyDemand.objects.filter(duty=duty, cell_code=code).update(holders=holders)
    DutyDemand.objects.bulk_create(
        DutyDemand(duty=duty, cell_code=code, holders=holders)
        for code, holders in demands.items()
        if code not in there
    )


def _last_rank(municipality_id: int) -> int:
    ranks = Duty.objects.filter(municipality__isnull=True) | Duty.objects.filter(municipality=municipality_id)
    return max(ranks.values_list("rank", flat=True), default=-1)
