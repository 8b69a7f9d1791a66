"""What knows cells by code alone, for it outlives versions, is told what a code became: 業務, 期待像, 講座 (ADR 0044).

The new codes are added and the old ones stay: a municipality that goes back to the former version finds everything.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from django.db.models import F

from access.actor import Actor
from competency.lineage import Path
from competency.models import CourseCell, Duty, DutyDemand, Profile, ProfileTarget
from competency.workflow.duties import change_duty, values_of


def carry_codes(*, municipality_id: int, path: Path, by: Actor, now) -> dict[str, int]:
    """Add what changed codes became to duties, 期待像 and courses of a municipality; return how many of each changed.

    A common duty that is in use gets a copy of the municipality's, as when somebody changes it. Where several cells
    were joined the largest number, and the highest step, is asked for: who does the whole must do each part.
    """
    heirs: dict[str, list[str]] = defaultdict(list)
    for later, source in path.sources.items():
        for code in source.codes:
            if code != later:
                heirs[code].append(later)
    if not heirs:
        return {"duties": 0, "profiles": 0, "courses": 0}
    return {
        "duties": _duties(municipality_id, heirs, by, now),
        "profiles": _profiles(municipality_id, heirs, now),
        "courses": _courses(municipality_id, heirs),
    }


def _grown(said: Mapping[str, int], heirs: Mapping[str, list[str]]) -> dict[str, int]:
    """Return numbers by code with those of the cells that took over; what is said of these already stays."""
    added: dict[str, int] = {}
    for code, number in said.items():
        for later in heirs.get(code, ()):
            added[later] = max(added.get(later, 0), number)
    return {**added, **said}


def _duties(municipality_id: int, heirs: Mapping[str, list[str]], by: Actor, now) -> int:
    asking = DutyDemand.objects.filter(cell_code__in=heirs).values("duty")
    mine = Duty.objects.filter(municipality_id=municipality_id)
    duties = Duty.objects.catalogue_of(municipality_id) | mine.order_by("rank", "pk")
    changed = 0
    for duty in duties.filter(pk__in=asking).distinct().prefetch_related("demands"):
        values = values_of(duty)
        grown = _grown(values.demands, heirs)
        if grown == values.demands:
            continue
        was_proposal = duty.is_proposal
        stored = change_duty(
            duty=duty, values=replace(values, demands=grown), version=duty.version, by=by, now=now
        )
        # Nobody has looked at it, only its items are called otherwise.
        Duty.objects.filter(pk=stored.pk).update(is_proposal=was_proposal)
        changed += 1
    return changed


def _profiles(municipality_id: int, heirs: Mapping[str, list[str]], now) -> int:
    changed = 0
    profiles = Profile.objects.filter(municipality_id=municipality_id, targets__cell_code__in=heirs)
    for profile in profiles.distinct().prefetch_related("targets"):
        said = {target.cell_code: target.step for target in profile.targets.all()}
        grown = _grown(said, heirs)
        added = [
            ProfileTarget(profile=profile, cell_code=code, step=step)
            for code, step in grown.items()
            if code not in said
        ]
        if added:
            ProfileTarget.objects.bulk_create(added)
            Profile.objects.filter(pk=profile.pk).update(version=F("version") + 1, updated_at=now)
            changed += 1
    return changed


def _courses(municipality_id: int, heirs: Mapping[str, list[str]]) -> int:
    said: dict[int, dict[str, int]] = defaultdict(dict)
    rows = CourseCell.objects.filter(
        course__municipality_id=municipality_id,
        course__in=CourseCell.objects.filter(cell_code__in=heirs).values("course"),
    )
    for course_id, code, step in rows.values_list("course_id", "cell_code", "to_step"):
        said[course_id][code] = step
    added = [
        CourseCell(course_id=course_id, cell_code=code, to_step=step)
        for course_id, steps in said.items()
        for code, step in _grown(steps, heirs).items()
        if code not in steps
    ]
    CourseCell.objects.bulk_create(added)
    return len({each.course_id for each in added})
