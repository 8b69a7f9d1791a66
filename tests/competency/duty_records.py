"""Makers of duties and of what departments have of them, on the small matrix of tests."""

from django.utils import timezone

from competency.models import DepartmentDuty, Duty, DutyDemand, DutyPlan


def make_duty(name, demands=None, *, municipality=None, code=None, **kwargs):
    """Return a saved duty, common to all unless told otherwise, with holders by cell code."""
    rank = Duty.objects.count()
    kwargs.setdefault("group", Duty.Group.OWN if municipality else Duty.Group.COMMON)
    duty = Duty.objects.create(
        municipality=municipality, name=name, code=code or f"duty-{rank}", rank=rank, **kwargs
    )
    DutyDemand.objects.bulk_create(
        DutyDemand(duty=duty, cell_code=cell, holders=holders) for cell, holders in (demands or {}).items()
    )
    return duty


def has_duties(department, fiscal_year, *duties, done_by=DepartmentDuty.DoneBy.STAFF):
    """Write that a department has these duties in a year and return the plan."""
    plan, _ = DutyPlan.objects.get_or_create(
        municipality=department.municipality,
        department=department,
        fiscal_year=fiscal_year,
        defaults={"updated_at": timezone.now()},
    )
    DepartmentDuty.objects.bulk_create(
        DepartmentDuty(municipality=department.municipality, plan=plan, duty=duty, done_by=done_by)
        for duty in duties
    )
    return plan
