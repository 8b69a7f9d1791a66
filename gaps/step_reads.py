"""Reads the steps that count of people posted somewhere, taken over into the version of the year where they are older.

One query, a second for cells that the process has not met; narrow rows, folded in Python (ADR 13, ADR 44).
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable

from assessments.models import Confirmation, Cycle, Rating, Sheet
from competency.cell_reads import known_cells
from competency.lineage_reads import is_plain, lineage_of, path_to
from competency.models import FrameworkVersion
from competency.models.matrix import HOLDER_STEP
from lib.prepared import driver_rows

# (year, step by cell code) by person
ByPerson = dict[int, tuple[int, dict[str, int]]]


class StepsRead(NamedTuple):
    """Confirmed steps, steps by people's own word, and which confirmed ones came from a cell that was revised since."""

    steps: ByPerson
    own: ByPerson
    reviews: Mapping[int, frozenset[str]] = {}


def steps_of(posted, cycle: Cycle, also: Collection[int] = ()) -> StepsRead:
    """Return (year, step by cell code) by person: of their newest confirmed sheet, and of their newest sheet that
    is handed in but not confirmed; of those posted there and of those in `also`. One query.
    """
    year = cycle.fiscal_year
    mine = Q(staff__in=posted.values("staff"))
    if also:
        mine |= Q(staff__in=list(also))
    final = Q(now_confirmed__level=Confirmation.Level.FINAL)
    confirmed = Sheet.objects.latest_confirmed(year).filter(mine, final)
    # What a closed year left unconfirmed stays between the person and 人事 (P14).
    waiting = Sheet.objects.filter(mine, state__in=Sheet.WAITING, fiscal_year__lte=year).exclude(
        cycle__state=Cycle.State.CLOSED
    )
    rows = [
        each.annotate(
            is_final=Value(kind), cell=F(f"{steps}__cell_id"), level=F(f"{steps}__step"),
        ).values_list("is_final", "staff_id", "fiscal_year", "cell", "level")
        for each, kind, steps in ((confirmed, 1, "now_confirmed"), (waiting, 0, "now_rated"))
    ]  # fmt: skip
    found: tuple[ByPerson, ByPerson] = ({}, {})
    versions: tuple[dict[int, int], dict[int, int]] = ({}, {})
    read = driver_rows(rows[0].union(rows[1], all=True))
    cells = known_cells(cycle.framework_version, {cell for *_, cell, _ in read if cell})
    for is_final, staff_id, of_year, cell, step in read:
        people = found[is_final]
        kept = people.get(staff_id)
        if kept is None or kept[0] < of_year:
            kept = people[staff_id] = (of_year, {})
        if kept[0] == of_year and cell is not None:
            code, versions[is_final][staff_id] = cells[cell]
            kept[1][code] = step
    if is_plain(cycle.framework_version):
        return StepsRead(found[1], found[0])
    own, _ = _carried(found[0], versions[0], cycle)
    steps, reviews = _carried(found[1], versions[1], cycle)
    return StepsRead(steps, own, reviews)


def _carried(
    people: ByPerson, versions: Mapping[int, int], cycle: Cycle
) -> tuple[ByPerson, dict[int, frozenset[str]]]:
    """Return steps of earlier versions as steps of the year's, and by person the cells that are to be looked at again."""
    paths = {key: path_to(cycle.framework_version, key) for key in set(versions.values())}
    found: ByPerson = {}
    reviews: dict[int, frozenset[str]] = {}
    for staff_id, (year, steps) in people.items():
        path = paths.get(versions.get(staff_id, 0))
        if path is None:
            found[staff_id] = (year, steps)
            continue
        carried = path.carry(steps)
        found[staff_id] = (year, {code: one.step for code, one in carried.items()})
        reviews[staff_id] = frozenset(code for code, one in carried.items() if one.review)
    return found, reviews


def held_steps(people: Any, cycle: Cycle) -> StepsRead:
    """Return what `steps_of` does, but the confirmed steps of 3 and more alone, and nothing that waits. One query.

    `people` are keys of staff, or a queryset of them.
    """
    confirmed = Sheet.objects.latest_confirmed(cycle.fiscal_year).filter(staff__in=people)
    columns = ("staff_id", "fiscal_year", "cell", "level")
    final, nothing = "now_confirmed", Value(0)
    # A person who holds nothing is rated all the same.
    rated = confirmed.annotate(cell=nothing, level=nothing).values_list(*columns)
    held = confirmed.filter(
        **{f"{final}__level": Confirmation.Level.FINAL, f"{final}__step__gte": HOLDER_STEP}
    ).annotate(cell=F(f"{final}__cell_id"), level=F(f"{final}__step"))
    found: ByPerson = {}
    versions: dict[int, int] = {}
    read = driver_rows(rated.union(held.values_list(*columns), all=True))
    cells = known_cells(cycle.framework_version, {cell for *_, cell, _ in read if cell})
    for staff_id, of_year, cell, step in read:
        kept = found.get(staff_id)
        if kept is None:
            kept = found[staff_id] = (of_year, {})
        if cell:
            code, versions[staff_id] = cells[cell]
            kept[1][code] = step
    if is_plain(cycle.framework_version):
        return StepsRead(found, {})
    steps, reviews = _carried(found, versions, cycle)
    return StepsRead(steps, {}, reviews)


def standing_at(version: FrameworkVersion | None, code: str, step: int, *, steps: str = "confirmations") -> Q:
    """Return the condition on a sheet that a cell of the version stands at the step or above in its revision.

    `steps` is "confirmations" or "ratings"; of the former the caller names the level in the same `filter`, for the
    condition is about one row. Cells of earlier versions stand for what they became; of several that were joined each
    has to stand there.
    """
    row = f"current_revision__{steps}__"
    at = {f"{row}step__gte": step}
    if version is None or is_plain(version):
        return Q(**{f"{row}cell__code": code}, **at)
    lineage = lineage_of(version)
    known = [key for key, _ in lineage.chain]
    found = Q(~Q(**{f"{row}cell__version__in": known}), **{f"{row}cell__code": code}, **at)
    for key in known:
        first, *others = lineage.origins_in(key, code) or ("",)
        if not first:
            continue
        one = Q(**{f"{row}cell__version": key, f"{row}cell__code": first}, **at)
        for other in others:
            one &= Q(Exists(_rows(steps).filter(cell__version=key, cell__code=other, step__gte=step)))
        found |= one
    return found


def step_of(version: FrameworkVersion | None, code: str, *, steps: str = "confirmations") -> Combinable:
    """Return the step of a cell of the version in the revision of a sheet that `standing_at` found: the lowest of several."""
    if version is None or is_plain(version):
        return F(f"current_revision__{steps}__step")
    lineage = lineage_of(version)
    known = [key for key, _ in lineage.chain]
    of = Q(~Q(cell__version__in=known), cell__code=code)
    for key in known:
        of |= Q(cell__version=key, cell__code__in=lineage.origins_in(key, code))
    return Subquery(_rows(steps).filter(of).order_by("step").values("step")[:1])


def _rows(steps: str):
    """Return the queryset of the steps of the sheet around it."""
    if steps == "ratings":
        return Rating.objects.filter(revision=OuterRef("current_revision"))
    return Confirmation.objects.filter(revision=OuterRef("current_revision"), level=Confirmation.Level.FINAL)
