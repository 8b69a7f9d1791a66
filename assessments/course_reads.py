"""Which courses lead where: the catalogue seen from the steps that somebody wants to reach. Takes no request."""

import datetime
from collections.abc import Mapping
from functools import reduce
from operator import or_

from django.db.models import F, Q

from competency.models import Course, CourseCell

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
