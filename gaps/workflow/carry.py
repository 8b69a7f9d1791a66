"""必要人数 of one year taken into the next: the same departments, or those that followed them, and the same cells.

Cells are known by their code, for the new year may have another version. Where departments were joined, what each
needed is added up, and whoever was counted in one of them is counted in the new one.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from assessments.carry import Carried
from assessments.models import Cycle
from competency.lineage_reads import path_to
from competency.models import Cell, FrameworkVersion
from gaps.models import CountingRule, ExternalCover, Need
from organization.successors import Successors

_NOTE = Need._meta.get_field("note").max_length
_MOST_NEEDED, _MOST_EXTERNAL = 999, 99
_BATCH = 1000


@dataclass
class _Said:
    """What comes along, by department of the new year and cell of its version."""

    needs: dict[tuple[int, int], int] = field(default_factory=dict)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    covers: dict[tuple[int, int], int] = field(default_factory=dict)
    rules: dict[int, tuple[bool, bool]] = field(default_factory=dict)
    from_where: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    ended: set[int] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def carried(self) -> Carried:
        """Return the counts."""
        joined = sum(len(places) for places in self.from_where.values() if len(places) > 1)
        return Carried(
            needs=len(self.needs), departments=len({place for place, _ in self.needs}), covers=len(self.covers),
            rules=len(self.rules), ended=len(self.ended), unknown=len(self.unknown), joined=joined,
        )  # fmt: skip


def count(source: Cycle, version: FrameworkVersion, day: datetime.date) -> Carried:
    """Return what would come along into a year with this version and 基準日. Six queries."""
    return _read(source, version, day).carried()


def over(source: Cycle, target: Cycle, now: datetime.datetime) -> Carried:
    """Write what comes along into a year that has nothing yet, and return what it was."""
    said = _read(source, target.framework_version, target.reference_date)
    common = {"municipality_id": target.municipality_id, "cycle": target, "updated_at": now}
    Need.objects.bulk_create(
        (
            Need(
                department_id=place,
                cell_id=cell,
                count=needed,
                note=said.notes.get((place, cell), ""),
                **common,
            )
            for (place, cell), needed in said.needs.items()
        ),
        batch_size=_BATCH,
    )
    ExternalCover.objects.bulk_create(
        (
            ExternalCover(department_id=place, cell_id=cell, count=people, **common)
            for (place, cell), people in said.covers.items()
        ),
        batch_size=_BATCH,
    )
    CountingRule.objects.bulk_create(
        (
            CountingRule(
                department_id=place, count_fiscal_year_staff=staff, count_external=external, **common
            )
            for place, (staff, external) in said.rules.items()
        ),
        batch_size=_BATCH,
    )
    return said.carried()


def _read(source: Cycle, version: FrameworkVersion, day: datetime.date) -> _Said:
    follow = Successors(source.municipality_id, day)
    cells = {cell.code: cell.pk for cell in Cell.objects.of_version(version.pk)}
    path = path_to(version, source.framework_version_id)
    said = _Said()

    def keys(place: int, code: str) -> list[tuple[int, int]]:
        """Return department and cell of the new year: several where a cell was split."""
        to = follow.of(place)
        heirs = [code] if path is None else path.successors(code)
        found = [cells[each] for each in heirs if each in cells]
        if to is None:
            said.ended.add(place)
        if not found:
            said.unknown.add(code)
        if to is None or not found:
            return []
        said.from_where[to].add(place)
        return [(to, cell) for cell in found]

    mine = {"cycle": source, "cell__version": source.framework_version_id}
    needs = Need.objects.filter(**mine).order_by("pk")
    by_place: dict[tuple[int, tuple[int, int]], int] = {}
    for place, code, needed, note in needs.values_list("department_id", "cell__code", "count", "note"):
        for at in keys(place, code):
            by_place[place, at] = max(by_place.get((place, at), 0), needed)
            said.notes[at] = "、".join(dict.fromkeys(filter(None, (said.notes.get(at), note))))[:_NOTE]
    # Of cells that were joined the largest number is needed, of departments that were joined the sum.
    for (_, at), needed in by_place.items():
        said.needs[at] = min(said.needs.get(at, 0) + needed, _MOST_NEEDED)
    by_place.clear()
    covers = ExternalCover.objects.filter(**mine).order_by("pk")
    for place, code, people in covers.values_list("department_id", "cell__code", "count"):
        for at in keys(place, code):
            by_place[place, at] = max(by_place.get((place, at), 0), people)
    for (_, at), people in by_place.items():
        said.covers[at] = min(said.covers.get(at, 0) + people, _MOST_EXTERNAL)
    rules = CountingRule.objects.filter(cycle=source).order_by("pk")
    for place, *rule in rules.values_list("department_id", "count_fiscal_year_staff", "count_external"):
        to = follow.of(place)
        if to is None:
            said.ended.add(place)
            continue
        before = said.rules.get(to, (False, False))
        said.rules[to] = (before[0] or rule[0], before[1] or rule[1])
    return said
