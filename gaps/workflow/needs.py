"""必要人数: what a department needs and how it counts, saved as one whole (P17)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from access.actor import Actor
from access.refusals import Conflict, Forbidden, NotVisible
from assessments.models import Cycle
from audit.models import record
from competency.models import Cell
from gaps.models import CountingRule, ExternalCover, Need
from gaps.policies import may_edit_needs
from organization.models import Department

STALE = "ほかの人が先に保存しました。保存されている値を確かめて、どちらにするか決めてから保存してください。"
ENDED = "この年度は終わっているため、必要人数は変えられません。"


@dataclass(frozen=True)
class CellNeed:
    """What a department says about one cell: None is not set, 0 is 対象外."""

    needed: int | None = None
    note: str = ""
    external: int | None = None


@dataclass(frozen=True)
class Needs:
    """Everything that the form of needs holds, by cell code, and its version (0: never saved by the form)."""

    cells: dict[str, CellNeed] = field(default_factory=dict)
    count_fiscal_year_staff: bool = False
    count_external: bool = False
    version: int = 0

    def said(self) -> tuple[Any, ...]:
        """Return what is said, without the version, to be compared."""
        empty = CellNeed()
        told = {code: one for code, one in self.cells.items() if one != empty}
        return told, self.count_fiscal_year_staff, self.count_external


class Stale(Conflict):
    """Somebody saved in the meantime. `stored` is what stands there now."""

    default = STALE

    def __init__(self, stored: Needs):
        self.stored = stored
        super().__init__(detail={"version": stored.version})


def load_needs(department: Department, cycle: Cycle) -> Needs:
    """Return what a department said for a year. Three queries."""
    return load_years(department, [cycle])[0]


def load_years(department: Department, cycles: Sequence[Cycle]) -> list[Needs]:
    """Return what a department said for several years, in their order. Three queries however many."""
    here = {"department": department, "cycle__in": [cycle.pk for cycle in cycles]}
    current = Q(cell__version=F("cycle__framework_version"))
    cells: dict[int, dict[str, CellNeed]] = {cycle.pk: {} for cycle in cycles}
    needs = Need.objects.filter(current, **here).values_list("cycle_id", "cell__code", "count", "note")
    for cycle_id, code, count, note in needs:
        cells[cycle_id][code] = CellNeed(count, note)
    covers = ExternalCover.objects.filter(current, **here).values_list("cycle_id", "cell__code", "count")
    for cycle_id, code, count in covers:
        said = cells[cycle_id].get(code, CellNeed())
        cells[cycle_id][code] = CellNeed(said.needed, said.note, count)
    rules = {rule.cycle_id: rule for rule in CountingRule.objects.filter(**here)}
    return [_needs(cells[cycle.pk], rules.get(cycle.pk)) for cycle in cycles]


def _needs(cells: dict[str, CellNeed], rule: CountingRule | None) -> Needs:
    if rule is None:
        return Needs(cells)
    return Needs(cells, rule.count_fiscal_year_staff, rule.count_external, rule.version)


def save_needs(*, department: Department, cycle: Cycle, needs: Needs, by: Actor, now) -> bool:
    """Save the whole form if nobody saved since `needs.version`; return whether anything changed.

    The counting rule's version stands for the whole form. Saving what is stored already is no conflict, so that
    a second click does no harm. Raises NotVisible, Forbidden, Conflict for an ended year, and Stale.
    """
    if department.municipality_id != by.municipality_id or cycle.municipality_id != by.municipality_id:
        raise NotVisible
    if not may_edit_needs(by, department.path):
        raise Forbidden
    if cycle.state == Cycle.State.CLOSED:
        raise Conflict(ENDED)
    with transaction.atomic():
        stored = load_needs(department, cycle)
        if stored.said() == needs.said() and stored.version:
            return False
        if not _take_version(department, cycle, needs, now):
            raise Stale(load_needs(department, cycle))
        changed = _write(department, cycle, stored, needs, now)
        record(
            by=by,
            action="needs.change",
            now=now,
            target=department,
            data={"year": cycle.fiscal_year, "cells": changed},
            **_differing(stored, needs),
        )
    return True


def _differing(stored: Needs, needs: Needs) -> dict[str, dict[str, Any]]:
    """Return `before` and `after` of the cells and the rules of counting that differ, for the trail."""
    empty = CellNeed()
    sides = {}
    for side, one, other in (("before", stored, needs), ("after", needs, stored)):
        codes = sorted(stored.cells.keys() | needs.cells.keys())
        cells = {code: one.cells.get(code, empty) for code in codes}
        said = {code: asdict(cell) for code, cell in cells.items() if cell != other.cells.get(code, empty)}
        rules = ("count_fiscal_year_staff", "count_external")
        sides[side] = said | {
            name: getattr(one, name) for name in rules if getattr(one, name) != getattr(other, name)
        }
    return sides


def _take_version(department: Department, cycle: Cycle, needs: Needs, now) -> bool:
    """Move the form's version on; False where it is not the one that was read."""
    values = {
        "count_fiscal_year_staff": needs.count_fiscal_year_staff,
        "count_external": needs.count_external,
        "updated_at": now,
    }
    if needs.version:
        mine = CountingRule.objects.filter(department=department, cycle=cycle, version=needs.version)
        return bool(mine.update(version=F("version") + 1, **values))
    try:
        with transaction.atomic():
            CountingRule.objects.create(
                municipality_id=department.municipality_id, department=department, cycle=cycle, **values
            )
    except IntegrityError:
        return False
    return True


def _write(department: Department, cycle: Cycle, stored: Needs, needs: Needs, now) -> int:
    """Write the rows that differ and return how many cells did."""
    ids = dict(Cell.objects.filter(version=cycle.framework_version_id).values_list("code", "pk"))
    empty = CellNeed()
    changed = 0
    for code, cell_id in ids.items():
        before, after = stored.cells.get(code, empty), needs.cells.get(code, empty)
        if before == after:
            continue
        changed += 1
        here = {"department": department, "cycle": cycle, "cell_id": cell_id}
        _put(Need, here, after.needed, now, note=after.note)
        _put(ExternalCover, here, after.external, now)
    return changed


def _put(model, here: dict[str, Any], count: int | None, now, **values: Any) -> None:
    """Set, change or remove one row; the form's version has been taken before."""
    rows = model.objects.filter(**here)
    if count is None:
        rows.delete()
        return
    values |= {"count": count, "updated_at": now}
    if not rows.update(version=F("version") + 1, **values):
        model.objects.create(municipality_id=here["department"].municipality_id, **here, **values)
