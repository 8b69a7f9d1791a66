"""What knows cells by code alone, for it outlives versions, is told what a code became: 業務, 期待像, 講座 (ADR 0044).

The new codes are added and the old ones stay: a municipality that goes back to the former version finds everything, and
what was added goes again where nobody changed it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
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
    return _change(municipality_id, path, _grown, by, now)


def take_codes_back(*, municipality_id: int, path: Path, by: Actor, now) -> dict[str, int]:
    """Take away what `carry_codes` added and nobody changed since; return how many of each changed."""
    return _change(municipality_id, path, _shrunk, by, now)


Said = Mapping[str, int]
Heirs = Mapping[str, list[str]]
Way = Callable[[Said, Heirs], dict[str, int]]


def _change(municipality_id: int, path: Path, way: Way, by: Actor, now) -> dict[str, int]:
    heirs: dict[str, list[str]] = defaultdict(list)
    for later, source in path.sources.items():
        for code in source.codes:
            if code != later:
                heirs[code].append(later)
    if not heirs:
        return {"duties": 0, "profiles": 0, "courses": 0}
    return {
        "duties": _duties(municipality_id, heirs, way, by, now),
        "profiles": _profiles(municipality_id, heirs, way, now),
        "courses": _courses(municipality_id, heirs, way),
    }


def _added(said: Said, heirs: Heirs) -> dict[str, int]:
    """Return what the cells that took over ask for by what the cells of before asked for."""
    added: dict[str, int] = {}
    for code, number in said.items():
        for later in heirs.get(code, ()):
            added[later] = max(added.get(later, 0), number)
    return added


def _grown(said: Said, heirs: Heirs) -> dict[str, int]:
    """Return numbers by code with those of the cells that took over; what is said of these already stays."""
    return {**_added(said, heirs), **said}


def _shrunk(said: Said, heirs: Heirs) -> dict[str, int]:
    """Return numbers by code without those that are still as the cells of before made them."""
    added = _added(said, heirs)
    return {code: number for code, number in said.items() if added.get(code) != number}


def _duties(municipality_id: int, heirs: Heirs, way: Way, by: Actor, now) -> int:
    asking = DutyDemand.objects.filter(cell_code__in=heirs).values("duty")
    mine = Duty.objects.filter(municipality_id=municipality_id)
    duties = Duty.objects.catalogue_of(municipality_id) | mine.order_by("rank", "pk")
    changed = 0
    for duty in duties.filter(pk__in=asking).distinct().prefetch_related("demands"):
        values = values_of(duty)
        wanted = way(values.demands, heirs)
        if wanted == values.demands:
            continue
        was_proposal = duty.is_proposal
        stored = change_duty(
            duty=duty, values=replace(values, demands=wanted), version=duty.version, by=by, now=now
        )
        # Nobody has looked at it, only its items are called otherwise.
        Duty.objects.filter(pk=stored.pk).update(is_proposal=was_proposal)
        changed += 1
    return changed


def _profiles(municipality_id: int, heirs: Heirs, way: Way, now) -> int:
    changed = 0
    profiles = Profile.objects.filter(municipality_id=municipality_id, targets__cell_code__in=heirs)
    for profile in profiles.distinct().prefetch_related("targets"):
        said = {target.cell_code: target.step for target in profile.targets.all()}
        wanted = way(said, heirs)
        if wanted == said:
            continue
        ProfileTarget.objects.filter(profile=profile, cell_code__in=said.keys() - wanted.keys()).delete()
        ProfileTarget.objects.bulk_create(
            ProfileTarget(profile=profile, cell_code=code, step=step)
            for code, step in wanted.items()
            if code not in said
        )
        Profile.objects.filter(pk=profile.pk).update(version=F("version") + 1, updated_at=now)
        changed += 1
    return changed


def _courses(municipality_id: int, heirs: Heirs, way: Way) -> int:
    said: dict[int, dict[str, int]] = defaultdict(dict)
    rows = CourseCell.objects.filter(
        course__municipality_id=municipality_id,
        course__in=CourseCell.objects.filter(cell_code__in=heirs).values("course"),
    )
    for course_id, code, step in rows.values_list("course_id", "cell_code", "to_step"):
        said[course_id][code] = step
    changed = 0
    for course_id, steps in said.items():
        wanted = way(steps, heirs)
        if wanted == steps:
            continue
        CourseCell.objects.filter(course=course_id, cell_code__in=steps.keys() - wanted.keys()).delete()
        CourseCell.objects.bulk_create(
            CourseCell(course_id=course_id, cell_code=code, to_step=step)
            for code, step in wanted.items()
            if code not in steps
        )
        changed += 1
    return changed
