"""異動シミュレーション: kept under a name, changed and thrown away by whoever made it (P18). Data of people never change."""

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from audit.models import issue_receipt, receipt_for, record
from competency.models import Step
from gaps.lookups import nameable
from gaps.models import Scenario, ScenarioMove, ScenarioStep
from gaps.policies import may_simulate
from organization.models import Department, Staff

SCENARIO_STALE = (
    "この案は、ほかの画面で先に保存されました。"
    "保存されている内容を確かめて、どちらにするか決めてから保存してください。"
)
MOST_NAMELESS = 3
_SAVE = "scenario.save"


@dataclass(frozen=True)
class MoveValues:
    """One person who leaves or comes. Without `staff_id` it is a nameless one with a `label` and `steps` by cell code."""

    kind: str
    staff_id: int | None = None
    reason: str = ""
    label: str = ""
    steps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ScenarioValues:
    """Everything that the form of a scenario holds."""

    name: str
    on: datetime.date
    shared: bool = False
    note: str = ""
    moves: tuple[MoveValues, ...] = ()


class StaleScenario(Conflict):
    """Somebody saved in the meantime, in another window. `stored` is what stands there now."""

    default = SCENARIO_STALE

    def __init__(self, stored: Scenario):
        self.stored = stored
        super().__init__(detail={"version": stored.version})


@transaction.atomic
def save_scenario(*, department: Department, values: ScenarioValues, by: Actor, now, key) -> Scenario:
    """Keep a new scenario and return it; the same key again returns the same one.

    Raises NotVisible for a department or a person out of scope, Forbidden, and Invalid for values that no form of
    ours sends.
    """
    _check_scope(department, by)
    receipt = receipt_for(by=by, action=_SAVE, key=key, target=department)
    if receipt is not None:
        made = Scenario.objects.visible_to(by).filter(uuid=receipt.result["scenario"]).first()
        if made is None:
            raise NotVisible
        return made
    _check(department, values, by)
    scenario = Scenario.objects.create(
        municipality_id=by.municipality_id, department=department, author_id=by.staff_id,
        created_at=now, updated_at=now, **_columns(values),
    )  # fmt: skip
    _write_moves(scenario, values)
    record(by=by, action=_SAVE, now=now, target=scenario, data=_numbers(values))
    issue_receipt(
        by=by, action=_SAVE, key=key, target=department, now=now, result={"scenario": str(scenario.uuid)}
    )
    return scenario


@transaction.atomic
def change_scenario(*, scenario: Scenario, values: ScenarioValues, version: int, by: Actor, now) -> Scenario:
    """Put what is sent in the place of everything that was there, and return the fresh scenario.

    Raises NotVisible, Forbidden for another's scenario, Invalid, and StaleScenario where `version` is not the
    present one.
    """
    _check_own(scenario, by)
    _check(scenario.department, values, by)
    mine = Scenario.objects.filter(pk=scenario.pk, version=version)
    if not mine.update(version=F("version") + 1, updated_at=now, **_columns(values)):
        raise _stale(scenario)
    _forget_moves(scenario)
    _write_moves(scenario, values)
    record(by=by, action="scenario.change", now=now, target=scenario, data=_numbers(values))
    return Scenario.objects.select_related("department").get(pk=scenario.pk)


@transaction.atomic
def delete_scenario(*, scenario: Scenario, version: int, by: Actor, now) -> None:
    """Throw a scenario of one's own away. Raises NotVisible, Forbidden, and StaleScenario."""
    _check_own(scenario, by)
    if not Scenario.objects.filter(pk=scenario.pk, version=version).update(version=F("version") + 1):
        raise _stale(scenario)
    record(by=by, action="scenario.delete", now=now, target=scenario)
    _forget_moves(scenario)
    Scenario.objects.filter(pk=scenario.pk).delete()


def _stale(scenario: Scenario) -> Conflict:
    stored = Scenario.objects.with_numbers().filter(pk=scenario.pk).first()
    return NotVisible() if stored is None else StaleScenario(stored)  # type: ignore[return-value]


def _check_scope(department: Department, by: Actor) -> None:
    if department.municipality_id != by.municipality_id:
        raise NotVisible
    if not may_simulate(by, department.path):
        raise Forbidden


def _check_own(scenario: Scenario, by: Actor) -> None:
    _check_scope(scenario.department, by)
    if scenario.author_id != by.staff_id:
        raise Forbidden("この案を変えられるのは、作った人だけです。写して自分の案にすることはできます。")


def _check(department: Department, values: ScenarioValues, by: Actor) -> None:
    """Raise Invalid for what no form sends, NotVisible for anybody whom the actor may not name here (P18)."""
    if not values.name.strip() or len(values.name) > 60 or len(values.note) > 400:
        raise Invalid
    named = Counter(move.staff_id for move in values.moves if move.staff_id is not None)
    nameless = [move for move in values.moves if move.staff_id is None]
    if any(number > 1 for number in named.values()) or len(nameless) > MOST_NAMELESS:
        raise Invalid
    if not all(_is_sound(move) for move in values.moves):
        raise Invalid
    kinds = ScenarioMove.Kind
    leavers = {move.staff_id for move in values.moves if move.kind == kinds.LEAVE}
    joiners = {move.staff_id for move in values.moves if move.kind == kinds.JOIN} - {None}
    here = Staff.objects.of(by).posted_in_or_below([department.path], by.today)
    if here.filter(pk__in=leavers).count() != len(leavers):
        raise NotVisible
    if nameable(by).filter(pk__in=joiners).count() != len(joiners):
        raise NotVisible


def _is_sound(move: MoveValues) -> bool:
    if any(step not in Step.values for step in move.steps.values()):
        return False
    if move.kind == ScenarioMove.Kind.LEAVE:
        return move.staff_id is not None and bool(move.reason) and move.reason in ScenarioMove.Reason.values
    if move.kind != ScenarioMove.Kind.JOIN or move.reason:
        return False
    return not move.steps if move.staff_id is not None else 0 < len(move.label) <= 40


def _columns(values: ScenarioValues) -> dict[str, Any]:
    return {"name": values.name.strip(), "on": values.on, "shared": values.shared, "note": values.note}


def _numbers(values: ScenarioValues) -> dict[str, Any]:
    """Return what the trail keeps: how many, and whether it is shared; nobody's name."""
    kinds = Counter(move.kind for move in values.moves)
    return {
        "leaving": kinds[ScenarioMove.Kind.LEAVE],
        "joining": kinds[ScenarioMove.Kind.JOIN],
        "shared": values.shared,
    }


def _write_moves(scenario: Scenario, values: ScenarioValues) -> None:
    steps = []
    for rank, move in enumerate(values.moves):
        row = ScenarioMove.objects.create(
            municipality_id=scenario.municipality_id, scenario=scenario, kind=move.kind, staff_id=move.staff_id,
            reason=move.reason, label=move.label, rank=rank,
        )  # fmt: skip
        steps += [
            ScenarioStep(move=row, cell_code=code, step=step) for code, step in move.steps.items() if step
        ]
    ScenarioStep.objects.bulk_create(steps)


def _forget_moves(scenario: Scenario) -> None:
    ScenarioStep.objects.filter(move__scenario=scenario).delete()
    ScenarioMove.objects.filter(scenario=scenario).delete()
