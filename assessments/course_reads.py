"""Which courses lead where: the catalogue seen from the steps that somebody wants to reach. Takes no request."""

import datetime
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from django.db.models import F, Q

from access.actor import Actor
from assessments.history import year_before
from competency.models import Course, CourseCell
from competency.target_reads import targets_of_person
from lib import fiscal

# Enough to choose from; the catalogue shows the rest.
FEW = 3


def courses_leading_to(
    municipality_id: int, wanted: Mapping[str, int], on: datetime.date
) -> dict[str, list[Course]]:
    """Return by cell code the courses that still take applications on a day and lead to at least the wanted step.

    The nearest step first, then the earliest; `provider` is loaded. A cell without a course is absent. One query,
    none where nothing is wanted.
    """
    if not wanted:
        return {}
    asked = reduce(or_, (Q(cell_code=code, to_step__gte=step) for code, step in wanted.items()))
    takes = Course.objects.filter(municipality_id=municipality_id).open_on(on)
    rows = (
        CourseCell.objects.filter(asked, course__in=takes)
        .select_related("course__provider")
        .order_by("to_step", F("course__starts_on").asc(nulls_last=True), "course__name", "course_id")
    )
    found: dict[str, list[Course]] = {}
    for row in rows:
        found.setdefault(row.cell_code, []).append(row.course)
    return found


def catalogue(actor: Actor, *, retired: bool = False) -> list[Course]:
    """Return the courses of the actor's municipality with provider and cells, the earliest first, undated ones last.

    Two queries, however many courses.
    """
    courses = Course.objects.visible_to(actor)
    if not retired:
        courses = courses.offered()
    ordered = courses.order_by("retired", F("starts_on").asc(nulls_last=True), "name", "pk")
    return list(ordered.select_related("provider").prefetch_related("cells"))


def matching(
    courses: Iterable[Course], wanted: Mapping[str, int], on: datetime.date
) -> dict[str, list[Course]]:
    """Return what `courses_leading_to` does, of courses that were loaded with their cells. Pure."""
    found: dict[str, list[tuple[int, Course]]] = {}
    for course in courses:
        if course.is_open_on(on):
            for each in course.cells.all():
                if each.to_step >= wanted.get(each.cell_code, 5):
                    found.setdefault(each.cell_code, []).append((each.to_step, course))
    return {
        code: [course for _, course in sorted(rows, key=lambda row: row[0])] for code, rows in found.items()
    }


def steps_and_targets(actor: Actor) -> tuple[dict[str, int], dict[str, int]]:
    """Return the actor's own newest standing steps and their targets of this 年度, by cell code. Two queries."""
    year = fiscal.fiscal_year(actor.today)
    newest = year_before(actor.staff_id, year + 1, None)
    targets = targets_of_person(
        municipality_id=actor.municipality_id, fiscal_year=year, staff_id=actor.staff_id, on=actor.today
    )
    steps = {code: answer.step for code, answer in newest.answers.items()}
    return steps, {code: target.step for code, target in targets.items()}


def wanted_steps(
    steps: Mapping[str, int], targets: Mapping[str, int], *, next_too: bool = False
) -> dict[str, int]:
    """Return by cell code the step that somebody should reach next: one above what they have.

    Cells below their target; with `next_too` every cell that they do not master yet. A cell in neither map is not
    asked for, and nobody needs a course beyond 4.
    """
    codes = steps.keys() | targets.keys() if next_too else targets.keys()
    return {
        code: steps.get(code, 0) + 1
        for code in sorted(codes)
        if steps.get(code, 0) < (4 if next_too else min(targets[code], 4))
    }
