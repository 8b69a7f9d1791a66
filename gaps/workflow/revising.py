"""必要人数, 委託常駐, 対応方針 and 異動シミュレーション of a year whose version changes follow their cells (ADR 0044).

Answers for assessments.revising. A cell that became one other takes its rows along; of cells that were split or joined
new rows are made, and the old ones stay where no report of the new version reads them.
"""

from collections import defaultdict

from django.db.models import Exists, F, OuterRef

from assessments.models import Cycle
from assessments.version_change import Move
from gaps.models import CountingRule, ExternalCover, Measure, Need, ScenarioStep

_NOTE = Need._meta.get_field("note").max_length
_BATCH = 1000
_KINDS: tuple[tuple[type[Need] | type[ExternalCover], bool], ...] = ((Need, True), (ExternalCover, False))


def count(cycle: Cycle, move: Move) -> dict[str, int]:
    """Return how many 必要人数 there will be in the year, and how many open 対応方針 go to another cell. Two queries."""
    renamed = [cell for code, cell in move.old.items() if code not in move.new and move.path.successors(code)]
    open_ = Measure.objects.open().filter(municipality_id=cycle.municipality_id, cell__in=renamed)
    rows = Need.objects.filter(cycle=cycle, cell__version__in=[move.earlier.pk, move.later.pk])
    found = set()
    for place, code, version_id in rows.values_list("department", "cell__code", "cell__version"):
        heirs = [code] if version_id == move.later.pk else move.path.successors(code)
        found |= {(place, heir) for heir in heirs}
    return {"needs": len(found), "measures": open_.count()}


def carry(cycle: Cycle, move: Move, now) -> dict[str, int]:
    """Let what departments said follow the cells; return the counts of needs and measures."""
    for model, has_note in _KINDS:
        _follow(model, cycle, move.all_pairs, move.old, move.new, now)
        _make(model, cycle, move, now, has_note=has_note)
    _name_again(cycle.municipality_id, move)
    _outdate_forms(cycle, now)
    return {
        "needs": Need.objects.filter(cycle=cycle, cell__version=move.later).count(),
        "measures": _measures(cycle, move, now),
    }


def take_back(cycle: Cycle, move: Move, now) -> None:
    """Give the cells of before back what they had, with what was changed since."""
    back = {after: before for before, after in move.all_pairs.items()}
    for model, _ in _KINDS:
        _follow(model, cycle, back, move.new, move.old, now)
    _outdate_forms(cycle, now)
    for later, source in move.path.sources.items():
        if source.codes and move.old.get(later) is None:
            open_ = Measure.objects.open().filter(municipality_id=cycle.municipality_id, cell=move.new[later])
            open_.update(cell=move.old[source.codes[0]], updated_at=now, version=F("version") + 1)


def _outdate_forms(cycle: Cycle, now) -> None:
    """Let a form of 必要人数 that is open be refused: it shows the cells of the other version."""
    rules = CountingRule.objects.filter(cycle=cycle)
    rules.update(version=F("version") + 1, updated_at=now)
    said = set(Need.objects.filter(cycle=cycle).values_list("department", flat=True))
    said |= set(ExternalCover.objects.filter(cycle=cycle).values_list("department", flat=True))
    CountingRule.objects.bulk_create(
        CountingRule(municipality_id=cycle.municipality_id, cycle=cycle, department_id=place, updated_at=now)
        for place in sorted(said - set(rules.values_list("department", flat=True)))
    )


def _follow(model, cycle: Cycle, pairs, old, new, now) -> None:
    for before, after in pairs.items():
        there = model.objects.filter(cycle=cycle, department=OuterRef("department"), cell=new[after])
        rows = model.objects.filter(~Exists(there), cycle=cycle, cell=old[before])
        rows.update(cell=new[after], updated_at=now, version=F("version") + 1)


def _make(model, cycle: Cycle, move: Move, now, *, has_note: bool) -> None:
    """Make rows for split and joined cells: as many as any of the cells of before needed."""
    parts = move.all_parts
    origins = {move.old[code] for later in parts for code in move.path.sources[later].codes}
    said: dict[int, dict[int, Need | ExternalCover]] = defaultdict(dict)
    for row in model.objects.filter(cycle=cycle, cell__in=origins):
        said[row.department_id][row.cell_id] = row
    there = {
        (row.department_id, row.cell_id): row
        for row in model.objects.filter(cycle=cycle, cell__in=[move.new[each] for each in parts])
    }
    made = []
    for place, rows in said.items():
        for later in parts:
            cell = move.new[later]
            found = [rows[old] for code in move.path.sources[later].codes if (old := move.old[code]) in rows]
            stored = there.get((place, cell))
            # What was changed since the row was made from it counts; what was changed in the row itself stays.
            if not found or (stored and stored.updated_at >= max(row.updated_at for row in found)):
                continue
            notes = "、".join(dict.fromkeys(filter(None, (getattr(row, "note", "") for row in found))))
            values = {"count": max(row.count for row in found), "updated_at": now}
            if has_note:
                values["note"] = notes[:_NOTE]
            if stored:
                model.objects.filter(pk=stored.pk).update(version=F("version") + 1, **values)
            else:
                made.append(
                    model(
                        municipality_id=cycle.municipality_id, cycle=cycle, department_id=place, cell_id=cell,
                        **values,
                    )
                )  # fmt: skip
    model.objects.bulk_create(made, batch_size=_BATCH)


def _measures(cycle: Cycle, move: Move, now) -> int:
    """Let open 対応方針 of cells that are called otherwise stand at the first cell that took over; return how many."""
    moved = 0
    for code, cell in move.old.items():
        if code in move.new:
            continue
        heirs = move.path.successors(code)
        if heirs:
            open_ = Measure.objects.open().filter(municipality_id=cycle.municipality_id, cell=cell)
            moved += open_.update(cell=move.new[heirs[0]], updated_at=now, version=F("version") + 1)
    return moved


def _name_again(municipality_id: int, move: Move) -> None:
    """Give nameless people of a シミュレーション the steps of what their cells became; of several the lowest."""
    steps: dict[int, dict[str, int]] = defaultdict(dict)
    rows = ScenarioStep.objects.filter(move__municipality_id=municipality_id)
    for move_id, code, step in rows.values_list("move_id", "cell_code", "step"):
        steps[move_id][code] = step
    ScenarioStep.objects.bulk_create(
        ScenarioStep(move_id=move_id, cell_code=code, step=one.step)
        for move_id, said in steps.items()
        for code, one in move.path.carry(said).items()
        if code not in said and one.step
    )
