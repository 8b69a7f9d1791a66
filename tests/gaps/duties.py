"""Makers of 事務分掌: who in a department has a duty that asks for cells."""

from django.utils import timezone

from competency.models import DepartmentDuty, Duty, DutyAssignment, DutyDemand, DutyPlan


def duty(department, year, cells, people, *, done_by=DepartmentDuty.DoneBy.STAFF):
    """Give a department a new duty that asks for one holder of each cell, and give it to people."""
    city = department.municipality
    number = Duty.objects.count() + 1
    made = Duty.objects.create(municipality=city, code=f"duty-{number}", name=f"業務{number}")
    DutyDemand.objects.bulk_create(DutyDemand(duty=made, cell_code=code, holders=1) for code in cells)
    plan, _ = DutyPlan.objects.get_or_create(
        municipality=city, department=department, fiscal_year=year, defaults={"updated_at": timezone.now()}
    )
    of_ours = DepartmentDuty.objects.create(municipality=city, plan=plan, duty=made, done_by=done_by)
    DutyAssignment.objects.bulk_create(
        DutyAssignment(municipality=city, department_duty=of_ours, staff=staff, role=DutyAssignment.Role.MAIN)
        for staff in people
    )
    return made
