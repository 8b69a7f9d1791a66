"""Makers of what coverage is read from: confirmed and waiting sheets, needs, rules."""

from django.utils import timezone

from assessments.models import Sheet
from competency.models import Cell
from gaps.models import CountingRule, ExternalCover, Measure, MeasurePerson, Need
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import in_state

POLICY = "security-policy.1"
ANALYSIS = "internal-it.1"
PLANNING = "internal-it.2"
RUNNING = "system-operations.1"
TALKING = "communication.1"


def steps(cycle, default, given):
    """Return {cell id: step} for all cells of the year's version."""
    cells = Cell.objects.filter(version=cycle.framework_version).values_list("code", "pk")
    return {pk: given.get(code, default) for code, pk in cells}


def _sheet(staff, cycle, state, default, by_code):
    department = Posting.objects.filter(staff=staff).first().department
    sheet = Sheet.objects.filter(staff=staff, cycle=cycle).first() or b.make_sheet(staff, cycle, department)
    return in_state(sheet, state, staff, steps(cycle, default, by_code or {}))


def confirmed(staff, cycle, by_code=None, default=0):
    """Return a confirmed sheet with these steps by cell code, `default` for the others."""
    return _sheet(staff, cycle, Sheet.State.CONFIRMED, default, by_code)


def waiting(staff, cycle, by_code=None, default=0):
    """Return a sheet handed in and not confirmed."""
    return _sheet(staff, cycle, Sheet.State.SUBMITTED, default, by_code)


def need(department, cycle, by_code, model=Need):
    """Write needs (or external cover) of a department by cell code."""
    ids = dict(Cell.objects.filter(version=cycle.framework_version).values_list("code", "pk"))
    model.objects.bulk_create(
        model(
            municipality=department.municipality,
            department=department,
            cycle=cycle,
            cell_id=ids[code],
            count=count,
            updated_at=timezone.now(),
        )
        for code, count in by_code.items()
    )


def external(department, cycle, by_code):
    """Write 委託常駐 of a department by cell code."""
    need(department, cycle, by_code, ExternalCover)


def rule(department, cycle, *, fiscal_year_staff=False, counts_external=False):
    """Write how a department counts."""
    return CountingRule.objects.create(
        municipality=department.municipality,
        department=department,
        cycle=cycle,
        count_fiscal_year_staff=fiscal_year_staff,
        count_external=counts_external,
        updated_at=timezone.now(),
    )


def measure(department, cycle, code, *people, **columns):
    """Return a measure about the cell with this code; `people` are raised to step 3."""
    columns = {"kind": "expert", "text": "県に頼む", "decided_status": "none", "decided_holders": 0} | columns
    if columns.get("state") in ("done", "stopped"):
        columns.setdefault("closed_at", timezone.now())
    made = Measure.objects.create(
        municipality=department.municipality,
        department=department,
        cycle=cycle,
        cell=Cell.objects.get(version=cycle.framework_version, code=code),
        created_at=timezone.now(),
        updated_at=timezone.now(),
        **columns,
    )
    MeasurePerson.objects.bulk_create(
        MeasurePerson(municipality=department.municipality, measure=made, staff=staff, to_step=3)
        for staff in people
    )
    return made
