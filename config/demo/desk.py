"""The second half of the sample: what its departments do, expect and decide, through the workflow of the screens."""

import datetime
import uuid
from collections.abc import Sequence

from django.utils import timezone

from access.actor import Actor
from assessments.models import Cycle
from competency.models import Cell, DutyPlan, Profile
from competency.models.duties import DutyAssignment
from competency.workflow import save_assignments, save_profile
from config.demo import decisions
from gaps.models import Scenario, ScenarioMove
from gaps.reports import snapshot
from gaps.workflow import Goal, MeasureValues, decide_measures, override_four_way, save_plan
from gaps.workflow.duties import choosable
from gaps.workflow.scenarios import MoveValues, ScenarioValues, save_scenario
from lib import fiscal
from organization.models import Department, Municipality, Position, Staff

ROLE = DutyAssignment.Role


class Desk:
    """Acts for the heads of departments and 人事. `shift` moves every year of the story."""

    def __init__(self, municipality: Municipality, cells: Sequence[Cell], shift: int) -> None:
        self.municipality = municipality
        self.cells = list(cells)
        self.shift = shift
        self.staff_ids = dict(
            Staff.objects.filter(municipality=municipality).values_list("staff_number", "pk")
        )

    def profiles(self, *, by: Actor, now: datetime.datetime) -> None:
        """Say what each 職位 is expected to do; once."""
        if Profile.objects.filter(municipality=self.municipality).exists():
            return
        for name, steps in decisions.PROFILES.items():
            position = Position.objects.get(municipality=self.municipality, name=name)
            targets = {cell.code: int(step) for cell, step in zip(self.cells, steps, strict=True)}
            save_profile(position=position, targets=targets, version=0, by=by, now=now)

    def duties(self, cycle: Cycle, year: int, *, by: Actor, now: datetime.datetime) -> None:
        """Tick the duties of each department and say who has them."""
        if year not in decisions.DUTY_YEARS:
            return
        for code, listed in decisions.DUTIES.items():
            department = self._department(code)
            catalogue = {duty.code: duty.pk for duty in choosable(department)}
            done_by = {catalogue[name]: done for name, done, _, _ in listed}
            save_plan(department=department, cycle=cycle, done_by=done_by, version=0, by=by, now=now)
            plan = DutyPlan.objects.select_related("department").get(
                department=department, fiscal_year=cycle.fiscal_year
            )
            shares = {}
            for name, _, mains, deputies in listed:
                for role, numbers in ((ROLE.MAIN, mains), (ROLE.DEPUTY, deputies)):
                    for number in numbers:
                        if self._is_there(number, department, by.today):
                            shares[catalogue[name], self.staff_ids[number]] = role.value
            save_assignments(plan=plan, shares=shares, version=plan.version, by=by, now=now)

    def measures(self, cycle: Cycle, year: int, *, by: Actor, now: datetime.datetime) -> None:
        """Decide what is done about the gaps of デジタル推進課."""
        listed = decisions.MEASURES.get(year)
        if not listed:
            return
        department = self._department("010100")
        picture = snapshot(
            municipality_id=self.municipality.pk, cycle=cycle, on=by.today, path=department.path
        )
        covered = {cell.cell.code: cell for cell in picture.coverage(department.path, department.name).cells}
        decide_measures(
            department=department,
            cycle=cycle,
            decisions=[
                (
                    covered[code],
                    MeasureValues(
                        kind=kind, text=text, reason=reason, owner_id=self.staff_ids[owner], due=self._day(due),
                        cost=cost, state=state, result=result,
                        goals=tuple(Goal(self.staff_ids[who], to, how) for who, to, how in goals),
                    ),
                )
                for code, kind, text, reason, owner, due, cost, state, result, goals in listed
            ],
            by=by,
            now=now,
            key=uuid.uuid4(),
        )  # fmt: skip

    def overrides(self, cycle: Cycle, *, by: Actor, now: datetime.datetime) -> None:
        """Let the head differ from what was worked out."""
        for code, skill, answer, reason in decisions.OVERRIDES:
            override_four_way(
                department=self._department(code), cycle=cycle, skill=skill, answer=answer, reason=reason,
                version=0, by=by, now=now,
            )  # fmt: skip

    def scenario(self, *, by: Actor, now: datetime.datetime) -> Scenario:
        """Keep one question about next April, shared with 人事."""
        told = decisions.SCENARIO
        moves = [
            MoveValues(kind=ScenarioMove.Kind.LEAVE, staff_id=self.staff_ids[number], reason=reason)
            for number, reason in told["leave"]
        ] + [
            MoveValues(kind=ScenarioMove.Kind.JOIN, label=label, steps=steps) for label, steps in told["join"]
        ]
        next_april = fiscal.first_day(fiscal.fiscal_year(by.today) + 1)
        return save_scenario(
            department=self._department(told["department"]),
            values=ScenarioValues(
                name=told["name"], on=next_april, shared=True, note=told["note"], moves=tuple(moves)
            ),
            by=by,
            now=now,
            key=uuid.uuid4(),
        )

    def _department(self, code: str) -> Department:
        return Department.objects.get(municipality=self.municipality, code=code)

    def _is_there(self, number: str, department: Department, day: datetime.date) -> bool:
        there = Staff.objects.posted_in_or_below([department.path], day)
        return number in self.staff_ids and there.filter(staff_number=number).exists()

    def _day(self, day: tuple[int, int, int]) -> datetime.date:
        year, month, number = day
        return datetime.date(year + self.shift, month, number)


def at_noon(day: datetime.date) -> datetime.datetime:
    """Return noon of a day."""
    return datetime.datetime.combine(day, datetime.time(12), timezone.get_current_timezone())
