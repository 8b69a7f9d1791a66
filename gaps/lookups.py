"""Which year a report shows, which departments the tree holds for somebody, and the measure they may see."""

import uuid

from django.db.models import Exists, OuterRef, Q

from access.actor import Actor, Role
from access.refusals import NotVisible
from assessments.models import Cycle, Extension
from gaps.models import Measure, MeasurePerson
from gaps.policies import may_see_measures
from gaps.reports import TREND_YEARS, Snapshot, Unit, snapshot
from lib.paths import ancestors, upper_bound
from organization.models import Department, Staff
from organization.models.staff import StaffQuerySet


def report_years(actor: Actor) -> tuple[Cycle | None, list[Cycle]]:
    """Return the year a report is about and those before it, newest first, as many as a trend shows; one query.

    It is the newest open year, else the newest that was closed, else None. `is_extended` says whether any
    department has longer deadlines in it.
    """
    extended = Exists(Extension.objects.filter(cycle=OuterRef("pk")))
    begun = Cycle.objects.visible_to(actor).exclude(state=Cycle.State.PREPARED)
    begun = begun.select_related("framework_version")
    years = list(begun.annotate(is_extended=extended).order_by("-fiscal_year"))
    shown = next((year for year in years if year.is_open), years[0] if years else None)
    if shown is None:
        return None, []
    return shown, [year for year in years if year.fiscal_year < shown.fiscal_year][: TREND_YEARS - 1]


def report_cycle(actor: Actor) -> Cycle | None:
    """Return the year a report is about, None before the first one."""
    return report_years(actor)[0]


def sees_whole_tree(actor: Actor) -> bool:
    """Say whether every department of the municipality opens in some form (P16)."""
    return any(actor.has(role) for role in (Role.HR, Role.EDITOR, Role.AUDITOR))


def visible_units(actor: Actor, picture: Snapshot) -> list[Unit]:
    """Return the list of units of the picture whose report the actor may open, in the order of the tree."""
    if sees_whole_tree(actor):
        return picture.tree
    return [unit for unit in picture.tree if actor.leads(unit.path) or actor.belongs_to(unit.path)]


def tree_for(actor: Actor, cycle: Cycle) -> Snapshot:
    """Read the part of the tree that the actor may see: from the one root they lead, or the whole."""
    roots = set(actor.line_paths) | set(actor.own_paths)
    tops = [path for path in roots if not any(path != other and path.startswith(other) for other in roots)]
    path = tops[0] if len(tops) == 1 and not sees_whole_tree(actor) else ""
    return snapshot(
        municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=path, holders_only=True
    )


def pairs_in_training(actor: Actor, department: Department) -> set[tuple[int, str]]:
    """Return (staff, cell code) of the open 育成 of a department, of those below and of those above it; one query."""
    here = Q(measure__department__path__gte=department.path) & Q(
        measure__department__path__lt=upper_bound(department.path)
    )
    open_goals = MeasurePerson.objects.filter(
        here | Q(measure__department__path__in=ancestors(department.path)),
        municipality_id=actor.municipality_id,
        measure__state__in=Measure.OPEN,
    )
    return set(open_goals.values_list("staff_id", "measure__cell__code"))


def measure_for(actor: Actor, measure_uuid: uuid.UUID) -> Measure:
    """Return a measure with its department, cell, year, owner and people, or raise NotVisible. Two queries.

    It names people, so it is there for those alone who see the department with names today (P16).
    """
    rows = Measure.objects.visible_to(actor).with_parts().with_people()
    measure = rows.filter(uuid=measure_uuid).first()
    if measure is None or not may_see_measures(actor, measure.department.path):
        raise NotVisible
    return measure


def measures_of(actor: Actor, department: Department, year: int):
    """Return the queryset of what a department's page shows: open measures, and those closed since the year began.

    In the order in which they were decided; the caller has asked `may_see_measures`.
    """
    mine = Measure.objects.visible_to(actor).of_department(department)
    return mine.current_in(year).with_parts().order_by("pk")


def nameable(actor: Actor) -> StaffQuerySet:
    """Return the queryset of people whom the actor may name in a scenario (P18): all for 人事, else the line's own.

    People who have left are nobody's.
    """
    people = Staff.objects.of(actor).in_service_on(actor.today)
    if actor.has(Role.HR):
        return people
    if not actor.line_paths:
        return people.none()
    scope = Staff.objects.posted_in_or_below(actor.line_paths, actor.today)
    return people.filter(pk__in=scope.values("pk"))
