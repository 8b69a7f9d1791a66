"""Makers of a catalogue, of a department's plan of duties and of who has which."""

import itertools

from django.utils import timezone

from competency.models import DepartmentDuty, Duty, DutyAssignment, DutyPlan

_serial = itertools.count(1)


def make_duty(name, municipality=None, *, code=None, **kwargs):
    """Return a saved duty, common to all unless a municipality is given."""
    number = next(_serial)
    kwargs.setdefault("rank", number)
    return Duty.objects.create(name=name, municipality=municipality, code=code or f"duty-{number}", **kwargs)


def make_plan(department, duties=(), *, fiscal_year=2026, **done_by):
    """Return a saved plan of a department with these duties, done by its own people."""
    plan = DutyPlan.objects.create(
        municipality=department.municipality,
        department=department,
        fiscal_year=fiscal_year,
        updated_at=timezone.now(),
    )
    for duty in duties:
        DepartmentDuty.objects.create(municipality=department.municipality, plan=plan, duty=duty, **done_by)
    return plan


def assign(plan, duty, staff, role="main"):
    """Write who has a duty."""
    row = DepartmentDuty.objects.get(plan=plan, duty=duty)
    return DutyAssignment.objects.create(
        municipality=plan.municipality, department_duty=row, staff=staff, role=role
    )


def shares_of(department, fiscal_year=2026):
    """Return {(name of the duty, name of the person): role} as stored."""
    rows = DutyAssignment.objects.filter(
        department_duty__plan__department=department, department_duty__plan__fiscal_year=fiscal_year
    )
    return {
        (duty, staff): role
        for duty, staff, role in rows.values_list("department_duty__duty__name", "staff__name", "role")
    }
