"""講座 of the catalogue: 人事 adds one, changes it, takes it out and back (P21t)."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from audit.models import differing, issue_receipt, receipt_for, record
from competency.models import Course, CourseCell, Provider
from organization.models import Municipality

COURSE_STALE = (
    "ほかの人が先に保存しました。いまの内容を確かめて、どちらにするか決めてから、もう一度保存してください。"
)
END_NEEDS_START = "終了日を入れるときは、開始日も入れてください。"
END_BEFORE_START = "終了日が、開始日より前です。どちらかの日付を直してください。"
APPLY_AFTER_START = "申込みの締切が、開始日より後です。どちらかの日付を直してください。"
_ADD = "course.add"


@dataclass(frozen=True)
class CourseValues:
    """Everything that 人事 says about a course. `steps` is the step it leads to by cell code."""

    provider_id: int
    name: str
    form: str = Course.Form.CLASS
    hours: Decimal | None = None
    fee: int | None = None
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    apply_by: datetime.date | None = None
    place: str = ""
    text: str = ""
    steps: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def of(course: Course) -> "CourseValues":
        """Return what is stored of a course; one query for its cells unless they were fetched."""
        return CourseValues(
            **{name: getattr(course, name) for name in _COLUMNS},
            steps={each.cell_code: each.to_step for each in course.cells.all()},
        )


_COLUMNS = (
    "provider_id", "name", "form", "hours", "fee", "starts_on", "ends_on", "apply_by", "place", "text",
)  # fmt: skip


class StaleCourse(Conflict):
    """Somebody saved in the meantime. `stored` is the course as it is now."""

    default = COURSE_STALE

    def __init__(self, stored: Course):
        self.stored = stored
        super().__init__(detail={"version": stored.version})


@transaction.atomic
def add_course(*, values: CourseValues, by: Actor, now, key: uuid.UUID) -> Course:
    """Add a course and return it; the same key again returns the first. Raises Forbidden, Invalid, NotVisible."""
    if not may(by, "P21t"):
        raise Forbidden
    city = Municipality.objects.get(pk=by.municipality_id)
    receipt = receipt_for(by=by, action=_ADD, key=key, target=city)
    if receipt is not None:
        return Course.objects.get(uuid=receipt.result["course"])
    _check(values, by)
    course = Course.objects.create(
        municipality=city, updated_at=now, **{name: getattr(values, name) for name in _COLUMNS}
    )
    _lead_to(course, values.steps)
    record(by=by, action="course.add", now=now, target=course, data={"cells": len(values.steps)})
    result = {"course": str(course.uuid)}
    issue_receipt(by=by, action=_ADD, key=key, target=city, now=now, result=result)
    return course


@transaction.atomic
def change_course(*, course: Course, values: CourseValues, version: int, by: Actor, now) -> Course:
    """Change a course and return it; saving what is stored is no conflict. What people applied for stays as it was.

    Raises NotVisible, Forbidden, Invalid, and StaleCourse where it has another version.
    """
    stored = _stored(course, by)
    before = CourseValues.of(stored)
    if before == values:
        return stored
    _check(values, by, already=stored.provider_id)
    columns: dict[str, Any] = {name: getattr(values, name) for name in _COLUMNS}
    _take(stored, version, now, **columns)
    _lead_to(stored, values.steps)
    record(
        by=by, action="course.change", now=now, target=stored, data={"cells": len(values.steps)},
        **differing(before, values),
    )  # fmt: skip
    return Course.objects.get(pk=stored.pk)


@transaction.atomic
def retire_course(*, course: Course, retired: bool, version: int, by: Actor, now) -> Course:
    """Take a course out of the catalogue, or back, and return it; who applied keeps the application.

    Doing it twice is once. Raises as `change_course` does.
    """
    stored = _stored(course, by)
    if stored.retired == retired:
        return stored
    _take(stored, version, now, retired=retired)
    record(by=by, action="course.retire" if retired else "course.restore", now=now, target=stored)
    return Course.objects.get(pk=stored.pk)


def _stored(course: Course, by: Actor) -> Course:
    if course.municipality_id != by.municipality_id:
        raise NotVisible
    if not may(by, "P21t"):
        raise Forbidden
    return Course.objects.prefetch_related("cells").get(pk=course.pk)


def _take(stored: Course, version: int, now, **columns: Any) -> None:
    same = Course.objects.filter(pk=stored.pk, version=version)
    if not same.update(version=F("version") + 1, updated_at=now, **columns):
        raise StaleCourse(Course.objects.prefetch_related("cells").get(pk=stored.pk))


def _check(values: CourseValues, by: Actor, *, already: int | None = None) -> None:
    """Raise Invalid with the sentence for what does not go together; the form says the same beside the field."""
    if not values.name or values.form not in Course.Form.values:
        raise Invalid
    if any(step not in range(1, 5) for step in values.steps.values()):
        raise Invalid
    if values.ends_on is not None and values.starts_on is None:
        raise Invalid(END_NEEDS_START)
    if values.ends_on is not None and values.ends_on < values.starts_on:
        raise Invalid(END_BEFORE_START)
    if values.starts_on is not None and values.apply_by is not None and values.apply_by > values.starts_on:
        raise Invalid(APPLY_AFTER_START)
    if values.provider_id != already:
        offered = providers_for(by.municipality_id).filter(pk=values.provider_id)
        if not offered.exists():
            raise NotVisible


def providers_for(municipality_id: int):
    """Return the queryset of 実施機関 that a municipality chooses from: the common ones and its own."""
    mine = Q(municipality__isnull=True) | Q(municipality_id=municipality_id)
    return Provider.objects.filter(mine, retired=False).order_by("rank", "pk")


def _lead_to(course: Course, steps: Mapping[str, int]) -> None:
    """Bring the rows of what a course leads to, to these steps by cell code."""
    CourseCell.objects.filter(course=course).exclude(cell_code__in=steps).delete()
    there = dict(CourseCell.objects.filter(course=course).values_list("cell_code", "to_step"))
    for code, step in steps.items():
        if code in there and there[code] != step:
            CourseCell.objects.filter(course=course, cell_code=code).update(to_step=step)
    CourseCell.objects.bulk_create(
        CourseCell(course=course, cell_code=code, to_step=step)
        for code, step in steps.items()
        if code not in there
    )
