"""Counting again what tallies no longer say: in the transaction of the change, and by the hour for the rest.

Whoever counts takes the row of the department's tally first, looks after that at what was noted down, and takes
away only what was seen: two who count one department at the same time do so one after the other, and the later one
sees what the earlier one did (docs/adr/0073). It is the last thing of a transaction, in the order of the
departments, so that nobody who holds one waits for anything else.
"""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import connections, transaction

from assessments.models import Cycle
from competency.cell_reads import cells_of
from competency.models import Step
from gaps.models import CellTally, Tally, TallyChange
from gaps.models.tallies import APART, COUNTERS
from gaps.tally import Counted
from gaps.tally_reads import counted_departments, without_tally
from lib.batches import batched
from organization.models import Municipality, Staff

# Below this many people a whole city is read as quickly as its tallies (docs/adr/0073).
TALLIED_FROM = 1_000
_AT_ONCE = 50
_PEOPLE = ("people", "rated", "apart", "apart_rated")
_ZEROS = [0] * len(Step)


def count_changed(*, municipality_id: int, on: datetime.date) -> int:
    """Count again the departments that this transaction changed, where they have tallies; returns how many.

    One query in a municipality without tallies. Call it last in the transaction.
    """
    cycle = None
    done = 0
    changed = TallyChange.objects.filter(municipality_id=municipality_id)
    tallied = Tally.objects.filter(
        municipality_id=municipality_id, department__in=changed.values("department")
    )
    departments = sorted(set(tallied.values_list("department_id", flat=True)))
    for part in batched(departments, _AT_ONCE):
        cycle = cycle or Cycle.objects.reported(municipality_id)
        if cycle is not None:
            done += _count(part, cycle, on)
    return done


def count_all(*, municipality: Municipality, on: datetime.date, tallied_from: int = TALLIED_FROM) -> int:
    """Count every department whose tally is missing or no longer holds; returns how many.

    A municipality of fewer than `tallied_from` people loses them, and what was noted down for them. In parts, each a
    transaction of its own: it can be cut off, and goes on where it was.
    """
    cycle = Cycle.objects.reported(municipality.pk)
    people = Staff.objects.filter(municipality=municipality).in_service_on(on).count()
    if cycle is None or people < tallied_from:
        return _forget(municipality)
    Tally.objects.filter(municipality=municipality).exclude(cycle=cycle).delete()
    # Where nobody is left there is nothing to be read, but what was noted down has to go.
    changed = TallyChange.objects.filter(municipality=municipality).values_list("department_id", flat=True)
    due = sorted({*without_tally(municipality.pk, cycle, on), *changed})
    done = 0
    for part in batched(due, _AT_ONCE):
        with transaction.atomic():
            done += _count(part, cycle, on)
    return done


def forget_after_migrate(using: str, plan: Any = None, **kwargs: Any) -> None:
    """Drop every tally after a migration, for what it changed was not noted down: the triggers were away."""
    tables = connections[using].introspection.table_names()
    if plan and Tally._meta.db_table in tables:
        Tally.objects.using(using).all().delete()


@transaction.atomic
def _forget(municipality: Municipality) -> int:
    Tally.objects.filter(municipality=municipality).delete()
    TallyChange.objects.filter(municipality=municipality).delete()
    return 0


def _count(departments: Sequence[int], cycle: Cycle, on: datetime.date) -> int:
    """Count some departments and write their tallies; inside a transaction."""
    common = {"municipality_id": cycle.municipality_id, "cycle": cycle}
    of_version = {"framework_version_id": cycle.framework_version_id, "counted_on": on}
    nobody = dict.fromkeys(_PEOPLE, 0)
    Tally.objects.bulk_create(
        (Tally(**common, department_id=each, **of_version, **nobody) for each in departments),
        ignore_conflicts=True,
    )
    rows = Tally.objects.select_for_update().filter(cycle=cycle, department__in=departments)
    tallies = {row.department_id: row for row in rows.order_by("department_id")}
    seen = list(TallyChange.objects.filter(department__in=departments).values_list("pk", flat=True))
    found = counted_departments(departments, cycle, on)
    Tally.objects.bulk_create(
        (
            Tally(
                **common, department_id=each, **of_version, valid_until=found[each].until,
                **{name: getattr(found[each], name) for name in _PEOPLE},
            )
            for each in tallies
        ),
        update_conflicts=True,
        unique_fields=["department", "cycle"],
        update_fields=[*of_version, "valid_until", *_PEOPLE],
    )  # fmt: skip
    _write_cells(tallies, found, cycle)
    TallyChange.objects.filter(pk__in=seen).delete()
    return len(tallies)


def _write_cells(tallies: dict[int, Tally], found: dict[int, Counted], cycle: Cycle) -> None:
    cells = cells_of(cycle.framework_version)
    # Of the cells of a version that the year has left.
    CellTally.objects.filter(tally__in=list(tallies.values())).exclude(cell__in=cells).delete()
    CellTally.objects.bulk_create(
        (
            CellTally(
                municipality_id=cycle.municipality_id, tally=tally, cell=cell,
                **dict(zip(COUNTERS, found[department].steps.get(cell.code, _ZEROS), strict=True)),
                **dict(zip(APART, found[department].apart_steps.get(cell.code, _ZEROS), strict=True)),
            )
            for department, tally in tallies.items()
            for cell in cells
        ),
        update_conflicts=True,
        unique_fields=["tally", "cell"],
        update_fields=[*COUNTERS, *APART],
    )  # fmt: skip
