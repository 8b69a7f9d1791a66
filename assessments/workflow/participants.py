"""Who takes part in a year, and which departments have longer deadlines: changed by 人事 until the year ends (P22)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Invalid, NotVisible
from assessments.models import Cycle, Exclusion, Extension
from assessments.workflow.cycles import STALE, check_hr, report, take_version
from lib.text import clean
from organization.models import Department, Staff

ENDED = "終了した年度は変えられません。"
_REASON = Exclusion._meta.get_field("reason").max_length


@dataclass(frozen=True)
class Longer:
    """Until when a department submits and is confirmed, and why."""

    submit_by: datetime.date
    confirm_by: datetime.date
    reason: str = ""


@transaction.atomic
def choose_employments(*, cycle: Cycle, employments: Iterable[str], version: int, by: Actor, now) -> Cycle:
    """Say whose 職員区分 take part; all of them and none mean everybody. Returns the fresh year.

    Raises Forbidden, Conflict for an ended year or another version, Invalid for a 職員区分 that there is not.
    """
    _check(cycle, by)
    chosen = [value for value in Staff.Employment.values if value in set(employments)]
    if set(employments) - set(chosen):
        raise Invalid
    if len(chosen) == len(Staff.Employment.values):
        chosen = []
    fresh = take_version(cycle, version, employments=chosen)
    report("cycle.participants", fresh, by, now, employments=chosen)
    return fresh


@transaction.atomic
def leave_out(
    *, cycle: Cycle, version: int, by: Actor, now, reason: str, department: Department | None = None,
    people: Iterable[Staff] = (),
) -> int:  # fmt: skip
    """Leave a department with all below it, or single people, out of a year; return how many are new.

    What is left out already stays as it is. Raises Forbidden, Conflict for an ended year or another version, Invalid
    without a reason, NotVisible for somebody of another municipality.
    """
    _check(cycle, by)
    reason = _reason(reason)
    people = list(people)
    for one in [*people, *([department] if department else [])]:
        if one.municipality_id != cycle.municipality_id:
            raise NotVisible
    there = Exclusion.objects.filter(cycle=cycle)
    known = set(there.values_list("staff_id", flat=True)), set(there.values_list("department_id", flat=True))
    common = {"municipality_id": cycle.municipality_id, "cycle": cycle, "reason": reason, "created_at": now}
    rows = [Exclusion(staff=one, **common) for one in people if one.pk not in known[0]]
    if department and department.pk not in known[1]:
        rows.append(Exclusion(department=department, **common))
    if not rows:
        return 0
    fresh = take_version(cycle, version)
    Exclusion.objects.bulk_create(rows)
    places = 1 if department and rows[-1].department_id else 0
    report("cycle.leave_out", fresh, by, now, departments=places, people=len(rows) - places)
    return len(rows)


@transaction.atomic
def take_in(*, cycle: Cycle, exclusion_id: int, version: int, by: Actor, now) -> bool:
    """Let a department or a person that was left out take part again; return whether there was anything to do."""
    _check(cycle, by)
    found = Exclusion.objects.filter(cycle=cycle, pk=exclusion_id)
    if not found.exists():
        return False
    fresh = take_version(cycle, version)
    found.delete()
    report("cycle.take_in", fresh, by, now)
    return True


@transaction.atomic
def extend(
    *, cycle: Cycle, department: Department, longer: Longer, version: int, by: Actor, now
) -> Extension:
    """Give a department and all below it longer deadlines in a year, or change those that it has.

    `version` is that of the extension that was seen, 0 for none. Raises Forbidden, NotVisible, Conflict for an ended
    year or where somebody was first, Invalid for dates before those of the year.
    """
    _check(cycle, by)
    if department.municipality_id != cycle.municipality_id:
        raise NotVisible
    year = (cycle.submit_by, cycle.confirm_by)
    asked = (longer.submit_by, longer.confirm_by)
    if asked == year or asked[0] < year[0] or asked[1] < year[1] or asked[0] > asked[1]:
        raise Invalid("年度の締切より後の日を、提出、確認の順に並べてください。")
    columns = {"submit_by": asked[0], "confirm_by": asked[1], "reason": _reason(longer.reason)}
    mine = Extension.objects.filter(cycle=cycle, department=department)
    if version:
        if not mine.filter(version=version).update(version=F("version") + 1, **columns):
            raise Conflict(STALE)
    else:
        try:
            with transaction.atomic():
                Extension.objects.create(
                    municipality_id=cycle.municipality_id, cycle=cycle, department=department, created_at=now,
                    **columns,
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict(
                "この所属の締切は、もう延長されています。いまの内容を確かめてください。"
            ) from error
    days = {"submit_by": asked[0].isoformat(), "confirm_by": asked[1].isoformat()}
    report("cycle.extend", cycle, by, now, department=str(department.uuid), **days)
    return mine.get()


@transaction.atomic
def end_extension(*, extension: Extension, by: Actor, now) -> bool:
    """Take an extension back: the year's deadlines count again. Return whether it was still there."""
    _check(extension.cycle, by)
    gone, _ = Extension.objects.filter(pk=extension.pk).delete()
    if gone:
        place = str(extension.department.uuid)
        report("cycle.end_extension", extension.cycle, by, now, department=place)
    return bool(gone)


def _check(cycle: Cycle, by: Actor) -> None:
    check_hr(by)
    if cycle.municipality_id != by.municipality_id:
        raise NotVisible
    if cycle.state == Cycle.State.CLOSED:
        raise Conflict(ENDED)


def _reason(reason: str) -> str:
    reason = clean(reason)
    if not reason:
        raise Invalid("理由を入力してください。")
    if len(reason) > _REASON:
        raise Invalid(f"理由は{_REASON}文字までで入力してください。")
    return reason
