"""What is being written follows the cells of the matrix from version to version (ADR 0044)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, Q

from assessments.history import joined_evidence
from assessments.models import Draft, Sheet, VersionChange
from assessments.version_change import Move, move_of
from competency.lineage import Rule
from competency.models import Cell, FrameworkVersion

_BATCH = 1000


def follow_the_year(*, sheet: Sheet) -> None:
    """Let a sheet that has come back to the person answer the version that its year has by now.

    Call it in the transaction of the 差戻し or the withdrawal. Does nothing where the year has not moved.
    """
    earlier = sheet.framework_version
    if earlier is None:
        return
    mine = Sheet.objects.filter(pk=sheet.pk)
    mine.update(framework_version=None)
    # Asked anew: what came with the row may be from before a move that the lock waited for.
    later = FrameworkVersion.objects.get(cycle=sheet.cycle_id)
    carry_drafts(mine, move_of(earlier, later))


def carry_drafts(sheets, move: Move) -> None:
    """Let the drafts of these sheets follow their cells (a queryset of sheets that are being written).

    A cell that became one other: the row goes along, so that a tab that is open saves into it. Split and joined
    ones: new rows from those of before, which stay. A draft that is there already is left as it is, unless what it
    would be made from is newer.
    """
    for before, after in move.pairs.items():
        cell, heir = move.old[before], move.new[after]
        there = Draft.objects.filter(sheet=OuterRef("sheet"), cell=heir)
        rows = Draft.objects.filter(~Exists(there), sheet__in=sheets.values("pk"), cell=cell)
        if move.reviews(after):
            rows.update(cell=heir, carried_from=cell, review=True)
        elif before != after:
            rows.update(cell=heir, carried_from=cell)
        else:
            rows.update(cell=heir)
    _make_parts(sheets, move)


def _part_drafts(sheets, move: Move) -> Iterator[Draft]:
    """Yield the drafts of split, joined and reopened cells as those of before make them; none is stored yet.

    A joined cell has no step while one of its parts has none, and a reopened one has none at all; what was written as
    evidence comes along in any case. Each is as old as what it was made from.
    """
    parts = move.fresh_parts
    origins = {move.old[code] for later in parts for code in move.path.sources[later].codes}
    written: dict[int, dict[int, Draft]] = defaultdict(dict)
    for draft in Draft.objects.filter(sheet__in=sheets.values("pk"), cell__in=origins):
        written[draft.sheet_id][draft.cell_id] = draft
    for sheet_id, drafts in written.items():
        for later in parts:
            found = [drafts.get(move.old[code]) for code in move.path.sources[later].codes]
            rows = [draft for draft in found if draft is not None]
            if not rows:
                continue
            # The lowest; no step at all is lower than any.
            lowest = min(rows, key=lambda draft: -1 if draft.step is None else draft.step)
            whole = len(rows) == len(found) and move.path.sources[later].rule is not Rule.REOPEN
            evidence = joined_evidence(draft.evidence for draft in rows)
            if not whole and not evidence:
                continue
            yield Draft(
                municipality_id=lowest.municipality_id, sheet_id=sheet_id, cell_id=move.new[later],
                step=lowest.step if whole else None, evidence=evidence, carried_from_id=lowest.cell_id,
                review=whole and move.reviews(later), updated_at=max(draft.updated_at for draft in rows),
                # A page that is still open sends what it has in the name of the old row.
                version=max(draft.version for draft in rows),
            )  # fmt: skip


def _make_parts(sheets, move: Move) -> None:
    """Write the drafts of split, joined and reopened cells; one that is there stays, unless the parts are newer."""
    parts = move.fresh_parts
    if not parts:
        return
    cells = [move.new[later] for later in parts]
    there = {
        (draft.sheet_id, draft.cell_id): draft
        for draft in Draft.objects.filter(sheet__in=sheets.values("pk"), cell__in=cells)
    }
    new, newer = [], []
    for made in _part_drafts(sheets, move):
        stored = there.get((made.sheet_id, made.cell_id))
        if stored is None:
            new.append(made)
        elif made.updated_at > stored.updated_at:
            made.pk, made.version = stored.pk, stored.version + 1
            newer.append(made)
    Draft.objects.bulk_create(new, batch_size=_BATCH)
    fields = ["step", "evidence", "carried_from", "review", "updated_at", "version"]
    Draft.objects.bulk_update(newer, fields, batch_size=_BATCH)


def take_drafts_back(sheets, move: Move) -> None:
    """Let drafts follow their cells back, with what was changed since.

    Copies that nobody touched are taken away, for what they were made from is still there. What was written at a cell
    that has none of before stays where it is.
    """
    for before, after in move.pairs.items():
        cell, heir = move.old[before], move.new[after]
        there = Draft.objects.filter(sheet=OuterRef("sheet"), cell=cell)
        rows = Draft.objects.filter(~Exists(there), sheet__in=sheets.values("pk"), cell=heir)
        rows.filter(carried_from=cell).update(cell=cell, review=False, carried_from=None)
        rows.update(cell=cell)
    made = {(draft.sheet_id, draft.cell_id): draft.updated_at for draft in _part_drafts(sheets, move)}
    cells = [move.new[later] for later in move.fresh_parts]
    untouched = [
        pk
        for pk, sheet_id, cell_id, at in Draft.objects.filter(
            sheet__in=sheets.values("pk"), cell__in=cells, carried_from__isnull=False
        ).values_list("pk", "sheet_id", "cell_id", "updated_at")
        if made.get((sheet_id, cell_id)) == at
    ]
    for at in range(0, len(untouched), _BATCH):
        Draft.objects.filter(pk__in=untouched[at : at + _BATCH]).delete()


def was_of_the_year(sheet: Sheet, codes: Iterable[str]) -> bool:
    """Say whether all these cells are of a version that the year had before or had for a while. One query."""
    changes = VersionChange.objects.filter(cycle=sheet.cycle_id)
    of = Q(version__in=changes.values("earlier")) | Q(version__in=changes.values("later"))
    wanted = set(codes)
    return wanted <= set(Cell.objects.filter(of, code__in=wanted).values_list("code", flat=True))
