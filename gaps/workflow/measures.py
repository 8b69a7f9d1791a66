"""対応方針: deciding what is done about gaps, and keeping the decision up to date (P17)."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.models import Cycle
from audit.models import differing, issue_receipt, receipt_for, record
from competency.models import Step
from gaps.coverage import CellCoverage
from gaps.models import Measure, MeasurePerson
from gaps.policies import may_edit_measures
from organization.models import Department, Staff

MEASURE_STALE = (
    "ほかの人が先に保存しました。保存されている値を確かめて、どちらにするか決めてから保存してください。"
)
YEAR_ENDED = "この年度は終わっているため、新しい対応方針は決められません。"
NEEDS_PEOPLE = "育成する職員を1人以上選んでください。"
NEEDS_REASON = "行わない理由を入力してください。"
NEEDS_TEXT = "「すること」を入力してください。"
NEEDS_DUE = "期限を入力してください。"
DUE_OUT_OF_RANGE = "期限の年を確かめて、入れ直してください。"
# Measures of before the product may be taken over; nobody plans further than a lifetime.
FIRST_DUE = datetime.date(2000, 4, 1)
LAST_DUE = datetime.date(2100, 4, 1)
_DECIDE = "measure.decide"
_STEPS = range(Step.KNOWS, Step.TEACHES + 1)


@dataclass(frozen=True)
class Goal:
    """Whom a 育成 raises, to which step, and how."""

    staff_id: int
    to_step: int
    training: str = ""


@dataclass(frozen=True)
class MeasureValues:
    """Everything that somebody says about one measure."""

    kind: str
    text: str
    reason: str = ""
    owner_id: int | None = None
    due: datetime.date | None = None
    cost: int | None = None
    state: str = Measure.State.PLANNED
    result: str = ""
    goals: tuple[Goal, ...] = ()

    @staticmethod
    def of(measure: Measure) -> "MeasureValues":
        """Return what is stored of a measure. One query for its people, none where they were fetched before."""
        goals = [Goal(each.staff_id, each.to_step, each.training) for each in measure.people.all()]
        return MeasureValues(
            **{name: getattr(measure, name) for name in _COLUMNS},
            goals=tuple(sorted(goals, key=lambda goal: goal.staff_id)),
        )

    def said(self) -> tuple[Any, ...]:
        """Return the values to be compared: the order of the people says nothing."""
        goals = sorted(self.goals, key=lambda goal: goal.staff_id)
        return (*(getattr(self, name) for name in _COLUMNS), *goals)


_COLUMNS = ("kind", "text", "reason", "owner_id", "due", "cost", "state", "result")


class StaleMeasure(Conflict):
    """Somebody saved in the meantime. `stored` is what stands there now, `version` its version."""

    default = MEASURE_STALE

    def __init__(self, measure: Measure):
        self.stored = MeasureValues.of(measure)
        self.version = measure.version
        super().__init__(detail={"version": measure.version})


@transaction.atomic
def decide_measures(
    *,
    department: Department,
    cycle: Cycle,
    decisions: Sequence[tuple[CellCoverage, MeasureValues]],
    by: Actor,
    now,
    key,
) -> list[Measure]:
    """Write one measure per decision and return them, in their order; the same key again returns the same ones.

    What the gap is today stands with each, so that later pages can say what became of it. Raises NotVisible for
    a department, year, cell or person of elsewhere, Forbidden, Conflict for an ended year, Invalid for values
    that no form of ours sends.
    """
    _check_scope(department, by)
    if cycle.municipality_id != by.municipality_id:
        raise NotVisible
    receipt = receipt_for(by=by, action=_DECIDE, key=key, target=department)
    if receipt is not None:
        made = {str(each.uuid): each for each in Measure.objects.filter(uuid__in=receipt.result["measures"])}
        return [made[each] for each in receipt.result["measures"]]
    if cycle.state == Cycle.State.CLOSED:
        raise Conflict(YEAR_ENDED)
    if not decisions or any(each.cell.version_id != cycle.framework_version_id for each, _ in decisions):
        raise Invalid
    _check_values([values for _, values in decisions])
    _check_people(department, by, [values for _, values in decisions])
    measures = [
        Measure(
            municipality_id=by.municipality_id, department=department, cycle=cycle, cell=gap.cell,
            decided_status=gap.status.value, decided_holders=gap.count, created_at=now, updated_at=now,
            closed_at=None if values.state in Measure.OPEN else now, **_columns(values),
        )
        for gap, values in decisions
    ]  # fmt: skip
    # One by one: a handful at most, and every database then gives back the keys.
    for measure in measures:
        measure.save()
    people = [
        _person(measure, goal)
        for measure, (_, values) in zip(measures, decisions, strict=True)
        for goal in values.goals
    ]
    MeasurePerson.objects.bulk_create(people)
    record(
        by=by, action=_DECIDE, now=now, target=department,
        data={"year": cycle.fiscal_year, "measures": len(measures), "people": len(people)},
    )  # fmt: skip
    made_now = [str(measure.uuid) for measure in measures]
    issue_receipt(by=by, action=_DECIDE, key=key, target=department, now=now, result={"measures": made_now})
    return measures


@transaction.atomic
def change_measure(*, measure: Measure, values: MeasureValues, version: int, by: Actor, now) -> Measure:
    """Save a measure if nobody did since `version` and return it fresh; saving what is stored is no conflict.

    完了 and 中止 close it, any other state opens it again. It may be of an ended year: open ones carry over.
    Raises NotVisible, Forbidden, Invalid, and StaleMeasure.
    """
    stored = Measure.objects.select_related("department").get(pk=measure.pk)
    _check_scope(stored.department, by)
    before = MeasureValues.of(stored)
    if before.said() == values.said():
        return stored
    _check_values([values])
    _check_people(stored.department, by, [values], already=before)
    closed_at = None if values.state in Measure.OPEN else (stored.closed_at or now)
    columns = {**_columns(values), "closed_at": closed_at, "updated_at": now}
    same = Measure.objects.filter(pk=stored.pk, version=version)
    if not same.update(version=F("version") + 1, **columns):
        raise StaleMeasure(Measure.objects.get(pk=stored.pk))
    if set(before.goals) != set(values.goals):
        stored.people.all().delete()
        MeasurePerson.objects.bulk_create(_person(stored, goal) for goal in values.goals)
    record(
        by=by, action="measure.change", now=now, target=stored,
        data={"state": str(values.state), "people": len(values.goals)},
        **differing(before, values),
    )  # fmt: skip
    return Measure.objects.select_related("department").get(pk=stored.pk)


def _columns(values: MeasureValues) -> dict[str, Any]:
    return {name: getattr(values, name) for name in _COLUMNS}


def _person(measure: Measure, goal: Goal) -> MeasurePerson:
    return MeasurePerson(
        municipality_id=measure.municipality_id, measure=measure, staff_id=goal.staff_id,
        to_step=goal.to_step, training=goal.training,
    )  # fmt: skip


def _check_scope(department: Department, by: Actor) -> None:
    if department.municipality_id != by.municipality_id:
        raise NotVisible
    if not may_edit_measures(by, department.path):
        raise Forbidden


def _check_values(given: Iterable[MeasureValues]) -> None:
    """Raise Invalid with the sentence for what does not go together; the form says the same beside the field."""
    for values in given:
        if values.kind not in Measure.Kind.values or values.state not in Measure.State.values:
            raise Invalid
        declined = values.kind == Measure.Kind.NONE
        if declined and not values.reason:
            raise Invalid(NEEDS_REASON)
        if not declined and not values.text:
            raise Invalid(NEEDS_TEXT)
        if not declined and values.due is None:
            raise Invalid(NEEDS_DUE)
        if values.due is not None and not FIRST_DUE <= values.due < LAST_DUE:
            raise Invalid(DUE_OUT_OF_RANGE)
        if values.cost is not None and values.cost < 0:
            raise Invalid
        trains = values.kind == Measure.Kind.TRAIN
        if trains and not values.goals:
            raise Invalid(NEEDS_PEOPLE)
        people = [goal.staff_id for goal in values.goals]
        if (people and not trains) or len(set(people)) < len(people):
            raise Invalid
        if any(goal.to_step not in _STEPS for goal in values.goals):
            raise Invalid


def _check_people(
    department: Department, by: Actor, given: Iterable[MeasureValues], *, already: MeasureValues | None = None
) -> None:
    """Raise NotVisible for a person not posted in the department or below today; one query.

    Whoever decides may take it on. Somebody who stands there `already` may stay, though moved away since.
    """
    staying = {goal.staff_id for goal in already.goals} if already else set()
    owning = {by.staff_id, *([already.owner_id] if already else [])}
    asked = {goal.staff_id for values in given for goal in values.goals} - staying
    asked |= {values.owner_id for values in given if values.owner_id is not None} - owning
    if not asked:
        return
    here = Staff.objects.of(by).in_service_on(by.today).posted_in_or_below([department.path], by.today)
    if here.filter(pk__in=asked).count() < len(asked):
        raise NotVisible
