"""What is being written follows the cells of the matrix from version to version (ADR 0044)."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from assessments.history import joined_evidence
from assessments.models import Draft, Sheet, VersionChange
from assessments.version_change import Move, move_of
from competency.models import Cell, FrameworkVersion

_BATCH = 1000


def follow_the_year(*, sheet: Sheet, now) -> None:
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
    carry_drafts(mine, move_of(earlier, later), now)


def carry_drafts(sheets, move: Move, now) -> None:
    """Let the drafts of these sheets follow their cells (a queryset of sheets that are being written).

    A cell that became one other: the row goes along, so that a tab that is open saves into it. Split and joined
    ones: new rows from those of before, which stay. A draft that is there already is left as it is.
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
    made = list(_made_of(sheets, move, now))
    Draft.objects.bulk_create(made, batch_size=_BATCH)


def _made_of(sheets, move: Move, now) -> Iterable[Draft]:
    """Yield the drafts of split and joined cells."""
    parts = move.parts
    if not parts:
        return
    origins = {move.old[code] for later in parts for code in move.path.sources[later].codes}
    there = set(
        Draft.objects.filter(
            sheet__in=sheets.values("pk"), cell__in=[move.new[later] for later in parts]
        ).values_list("sheet_id", "cell_id")
    )
    written: dict[int, dict[int, Draft]] = defaultdict(dict)
    for draft in Draft.objects.filter(sheet__in=sheets.values("pk"), cell__in=origins):
        written[draft.sheet_id][draft.cell_id] = draft
    for sheet_id, drafts in written.items():
        for later in parts:
            cell = move.new[later]
            found = [drafts.get(move.old[code]) for code in move.path.sources[later].codes]
            if (sheet_id, cell) in there or any(draft is None for draft in found):
                continue
            rows = [draft for draft in found if draft is not None]
            # A cell that was joined has no step while one of its parts has none.
            lowest = min(rows, key=lambda draft: -1 if draft.step is None else draft.step)
            yield Draft(
                municipality_id=lowest.municipality_id, sheet_id=sheet_id, cell_id=cell, step=lowest.step,
                evidence=joined_evidence(draft.evidence for draft in rows), carried_from_id=lowest.cell_id,
                review=move.reviews(later), updated_at=now,
                # A page that is still open sends what it has in the name of the old row.
                version=max(draft.version for draft in rows),
            )  # fmt: skip


def take_drafts_back(sheets, move: Move) -> None:
    """Let drafts follow their cells back, with what was changed since; what has no cell of before stays where it is."""
    for before, after in move.pairs.items():
        cell, heir = move.old[before], move.new[after]
        there = Draft.objects.filter(sheet=OuterRef("sheet"), cell=cell)
        rows = Draft.objects.filter(~Exists(there), sheet__in=sheets.values("pk"), cell=heir)
        rows.update(cell=cell, review=False)


def was_of_the_year(sheet: Sheet, codes: Iterable[str]) -> bool:
    """Say whether all these cells are of a version that the year had before or had for a while. One query."""
    changes = VersionChange.objects.filter(cycle=sheet.cycle_id)
    of = Q(version__in=changes.values("earlier")) | Q(version__in=changes.values("later"))
    wanted = set(codes)
    return wanted <= set(Cell.objects.filter(of, code__in=wanted).values_list("code", flat=True))
