"""業務 of a department: which duties of the catalogue it has in a year and who does them, saved as one whole (P17)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Count, F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.models import Cycle
from audit.models import record
from competency.models import DepartmentDuty, Duty, DutyPlan
from competency.workflow import DutyValues, add_duty
from gaps.policies import may_edit_needs
from gaps.proposal import Asked
from gaps.workflow.needs import STALE
from organization.models import Department

DUTIES_ENDED = "この年度は終わっているため、業務は変えられません。"


@dataclass(frozen=True)
class Plan:
    """What a department does in a year: 担い手 by the primary key of the duty; version 0: never saved."""

    done_by: Mapping[int, str] = field(default_factory=dict)
    version: int = 0


class StalePlan(Conflict):
    """Somebody saved in the meantime. `stored` is what stands there now."""

    default = STALE

    def __init__(self, stored: Plan):
        self.stored = stored
        super().__init__(detail={"version": stored.version})


class StillAssigned(Conflict):
    """A duty cannot be unticked as long as people have it. `duties` are (duty, how many people)."""

    def __init__(self, duties: Sequence[tuple[Duty, int]]):
        self.duties = list(duties)
        super().__init__("".join(still_assigned(duty.name, people) for duty, people in self.duties))


def still_assigned(name: str, people: int) -> str:
    """Return the sentence that says why a duty stays, and what to do."""
    return f"業務「{name}」には、事務分掌で担当する人が{people}人います。先に事務分掌で担当を外してください。"


def load_plan(department: Department, fiscal_year: int) -> Plan:
    """Return what a department does in a year; one query where it said something, else two."""
    rows = DepartmentDuty.objects.filter(plan__department=department, plan__fiscal_year=fiscal_year)
    found = list(rows.values_list("duty_id", "done_by", "plan__version"))
    if found:
        return Plan({duty: done_by for duty, done_by, _ in found}, found[0][2])
    saved = DutyPlan.objects.filter(department=department, fiscal_year=fiscal_year).values_list("version")
    return Plan({}, next((version for (version,) in saved), 0))


def last_plan(department: Department, fiscal_year: int) -> Plan | None:
    """Return the newest plan of an earlier year that names a duty, None without one; one query."""
    rows = DepartmentDuty.objects.filter(plan__department=department, plan__fiscal_year__lt=fiscal_year)
    found = list(rows.values_list("plan__fiscal_year", "duty_id", "done_by", "plan__version"))
    if not found:
        return None
    newest = max(year for year, *_ in found)
    mine = [(duty, done_by, version) for year, duty, done_by, version in found if year == newest]
    return Plan({duty: done_by for duty, done_by, _ in mine}, mine[0][2])


def asked_of(department: Department, fiscal_year: int) -> list[Asked]:
    """Return the duties of a department with what each asks for, ready for the proposal; one query."""
    rows = (
        DepartmentDuty.objects.filter(plan__department=department, plan__fiscal_year=fiscal_year)
        .order_by("duty__rank", "duty_id")
        .values_list("duty_id", "duty__name", "done_by", "duty__demands__cell_code", "duty__demands__holders")
    )
    named: dict[int, tuple[str, bool]] = {}
    demands: dict[int, dict[str, int]] = {}
    for duty, name, done_by, code, holders in rows:
        named[duty] = (name, done_by != DepartmentDuty.DoneBy.OUTSOURCED)
        mine = demands.setdefault(duty, {})
        if code is not None:
            mine[code] = holders
    return [Asked(name, demands[duty], in_house) for duty, (name, in_house) in named.items()]


def choosable(department: Department, chosen: Sequence[int] = ()) -> list[Duty]:
    """Return the duties that a department may have: the catalogue, its own, and what it has already (`chosen`)."""
    catalogue = Duty.objects.catalogue_of(department.municipality_id).values("pk")
    own = Duty.objects.filter(municipality_id=department.municipality_id, department=department)
    kept = Duty.objects.filter(pk__in=chosen)
    found = Duty.objects.filter(pk__in=catalogue) | own.filter(retired=False) | kept
    return list(found.prefetch_related("demands").order_by("rank", "pk").distinct())


def save_plan(
    *,
    department: Department,
    cycle: Cycle,
    done_by: Mapping[int, str],
    version: int,
    by: Actor,
    now,
    new_name: str = "",
) -> bool:
    """Save all duties of a department if nobody saved since `version`; return whether anything changed.

    `done_by` is the 担い手 by primary key of every duty that it has. `new_name` adds a duty of the department's
    own; where it has one of that name that one is taken, so that a second click adds none. The plan's version
    stands for the whole form. Saving what is stored already is no conflict.

    A duty that somebody has by 事務分掌 is not unticked: who has what is the other form's word, and people learn
    of it there. Raises NotVisible, Forbidden, Invalid for a duty that is not to choose, Conflict for an ended
    year, StalePlan, and StillAssigned.
    """
    if department.municipality_id != by.municipality_id or cycle.municipality_id != by.municipality_id:
        raise NotVisible
    if not may_edit_needs(by, department.path):
        raise Forbidden
    if cycle.state == Cycle.State.CLOSED:
        raise Conflict(DUTIES_ENDED)
    with transaction.atomic():
        stored = load_plan(department, cycle.fiscal_year)
        wanted = dict(done_by)
        if new_name:
            wanted.setdefault(_own(department, new_name, by, now).pk, DepartmentDuty.DoneBy.STAFF)
        offered = {duty.pk: duty for duty in choosable(department, list(stored.done_by))}
        if not wanted.keys() <= offered.keys() or not set(wanted.values()) <= set(DepartmentDuty.DoneBy):
            raise Invalid
        if stored.done_by == wanted and stored.version:
            return False
        plan = _take_version(department, cycle, version, now)
        if plan is None:
            raise StalePlan(load_plan(department, cycle.fiscal_year))
        _refuse_assigned(plan, [offered[pk] for pk in stored.done_by.keys() - wanted.keys()])
        changed = _write(plan, stored, wanted)
        record(
            by=by,
            action="duties.change",
            now=now,
            target=department,
            data={"year": cycle.fiscal_year, "duties": changed},
        )
    return True


def _own(department: Department, name: str, by: Actor, now) -> Duty:
    """Return the department's own duty of this name, made where there is none."""
    mine = Duty.objects.filter(municipality_id=by.municipality_id, department=department, retired=False)
    there = mine.filter(name=name).first()
    return there or add_duty(values=DutyValues(name), by=by, now=now, key=uuid.uuid4(), department=department)


def _take_version(department: Department, cycle: Cycle, version: int, now) -> DutyPlan | None:
    """Move the plan's version on and return it; None where it is not the one that was read."""
    here = {"department": department, "fiscal_year": cycle.fiscal_year}
    if version:
        mine = DutyPlan.objects.filter(**here, version=version)
        if not mine.update(version=F("version") + 1, updated_at=now):
            return None
        return DutyPlan.objects.get(**here)
    try:
        with transaction.atomic():
            return DutyPlan.objects.create(municipality_id=department.municipality_id, updated_at=now, **here)
    except IntegrityError:
        return None


def _refuse_assigned(plan: DutyPlan, unticked: Sequence[Duty]) -> None:
    """Raise StillAssigned where somebody has one of these duties in this plan."""
    people = dict(
        DepartmentDuty.objects.filter(plan=plan, duty__in=[duty.pk for duty in unticked])
        .annotate(people=Count("assignments"))
        .filter(people__gt=0)
        .values_list("duty_id", "people")
    )
    held = [(duty, people[duty.pk]) for duty in unticked if duty.pk in people]
    if held:
        raise StillAssigned(sorted(held, key=lambda each: (each[0].rank, each[0].pk)))


def _write(plan: DutyPlan, stored: Plan, wanted: Mapping[int, str]) -> int:
    """Write the rows that differ and return how many did."""
    rows = DepartmentDuty.objects.filter(plan=plan)
    gone = stored.done_by.keys() - wanted.keys()
    rows.filter(duty__in=gone).delete()
    changed = [pk for pk, how in wanted.items() if pk in stored.done_by and stored.done_by[pk] != how]
    for pk in changed:
        rows.filter(duty=pk).update(done_by=wanted[pk])
    new = wanted.keys() - stored.done_by.keys()
    DepartmentDuty.objects.bulk_create(
        DepartmentDuty(municipality_id=plan.municipality_id, plan=plan, duty_id=pk, done_by=wanted[pk])
        for pk in sorted(new)
    )
    return len(gone) + len(changed) + len(new)
