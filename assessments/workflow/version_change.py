"""版の移行: a year that runs gets another version of its framework, and until the next submission the old one back (P22).

Nobody's words are deleted. What was submitted keeps its version; what is being written follows its cells to what they became,
and where they became several, or one of several, the rows of before stay where they are.
"""

from collections import defaultdict

from django.db import transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict
from assessments import revising
from assessments.history import STANDING
from assessments.models import Cycle, EntryCell, Revision, Sheet, VersionChange
from assessments.version_change import Move, counts_of, move_of, versions_to_move_to
from assessments.workflow.cycles import check_hr, report, take_version
from assessments.workflow.drafts import carry_drafts, take_drafts_back
from audit.models import issue_receipt, receipt_for
from competency.models import FrameworkVersion
from competency.workflow.revising import carry_codes, take_codes_back

_BATCH = 1000
NOT_ANY_MORE = "この版には移せません。公開中の別の版を選んでください。"
SUBMITTED_SINCE = (
    "移した後に提出された年度票があるため、前の版には戻せません。"
    "もとの内容の新しい版を作り、その版へ移してください。"
)
UNDONE = "この移行は、もう戻してあります。"
MOVED_SINCE = "この後に別の版へ移しています。先にそちらを戻してください。"


@transaction.atomic
def change_version(
    *, cycle: Cycle, later: FrameworkVersion, version: int, key, by: Actor, now
) -> VersionChange:
    """Move a year to another version and return the change; the same key again changes nothing.

    Drafts follow their cells, marked where the version says so. Sheets that were handed in keep the version they were
    filled in. What departments need and decided follows too. Raises Forbidden for anyone but 人事, Conflict for a
    closed year, another version of the year, or a version that no year may be moved to.
    """
    check_hr(by)
    receipt = receipt_for(by=by, action="cycle.change_version", key=key, target=cycle)
    if receipt:
        return VersionChange.objects.select_related("earlier", "later").get(uuid=receipt.result["change"])
    # Alone: a join would be read as it was before the lock was waited for.
    cycle = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if cycle.state == Cycle.State.CLOSED:
        raise Conflict("終了した年度は、別の版に移せません。")
    # Nobody ends its use in between.
    FrameworkVersion.objects.select_for_update().filter(pk=later.pk).first()
    if not versions_to_move_to(cycle).filter(pk=later.pk).exists():
        raise Conflict(NOT_ANY_MORE)
    sheets = _all_sheets(cycle)
    earlier = cycle.framework_version
    move = move_of(earlier, later)
    counts = counts_of(cycle, move)
    sheets.filter(state__in=STANDING, framework_version__isnull=True).update(framework_version=earlier)
    take_version(cycle, version, framework_version=later)
    writing = sheets.filter(state__in=Sheet.EDITABLE)
    carry_drafts(writing, move)
    # Whoever sees the old cells must not submit or confirm them.
    sheets.update(version=F("version") + 1)
    _carry_evidence(cycle.municipality_id, move)
    carry_codes(municipality_id=cycle.municipality_id, path=move.path, by=by, now=now)
    said = revising.carry(cycle, move, now)
    change = VersionChange.objects.create(
        municipality_id=cycle.municipality_id, cycle=cycle, earlier=earlier, later=later, at=now, by_id=by.staff_id,
        counts=counts.as_dict() | said,
    )  # fmt: skip
    report("cycle.change_version", cycle, by, now, **change.counts, later=str(later.uuid))
    issue_receipt(
        by=by,
        action="cycle.change_version",
        key=key,
        target=cycle,
        now=now,
        result={"change": str(change.uuid)},
    )
    return change


@transaction.atomic
def undo_version_change(*, change: VersionChange, version: int, by: Actor, now) -> VersionChange:
    """Give the year its former version back, with everything written since where the cell is there; return the change.

    Raises Forbidden for anyone but 人事; Conflict where somebody has submitted since, where it was taken back or
    followed by another change, for a closed year, or another version of the year.
    """
    check_hr(by)
    cycle = Cycle.objects.select_for_update().get(pk=change.cycle_id)
    change = VersionChange.objects.select_related("earlier", "later").get(pk=change.pk)
    reason = not_undoable(change, cycle)
    if reason:
        raise Conflict(reason)
    sheets = _all_sheets(cycle)
    take_version(cycle, version, framework_version=change.earlier)
    writing = sheets.filter(state__in=Sheet.EDITABLE)
    move = move_of(change.earlier, change.later)
    take_drafts_back(writing, move)
    sheets.update(version=F("version") + 1)
    sheets.filter(framework_version=change.earlier).update(framework_version=None)
    _take_evidence_back(cycle.municipality_id, move)
    take_codes_back(municipality_id=cycle.municipality_id, path=move.path, by=by, now=now)
    revising.take_back(cycle, move, now)
    VersionChange.objects.filter(pk=change.pk).update(undone_at=now, undone_by=by.staff_id)
    report("cycle.undo_version_change", cycle, by, now, later=str(change.later.uuid))
    change.refresh_from_db()
    return change


def _all_sheets(cycle: Cycle):
    """Return the queryset of a year's sheets, whose rows are this transaction's from here on.

    Whoever is saving one is waited for, and what they saved is moved; whoever comes after sees the new version.
    """
    sheets = Sheet.objects.filter(cycle=cycle)
    list(sheets.select_for_update().order_by("pk").values_list("pk", flat=True))
    return sheets


def not_undoable(change: VersionChange, cycle: Cycle) -> str:
    """Return why a change cannot be taken back, "" where it can. Three queries at most."""
    if change.undone_at is not None:
        return UNDONE
    if cycle.state == Cycle.State.CLOSED:
        return "終了した年度は、前の版に戻せません。"
    if change.earlier.state != FrameworkVersion.State.PUBLISHED:
        return "前の版は使用を終えているため、戻せません。"
    later = VersionChange.objects.filter(cycle=cycle, undone_at__isnull=True, pk__gt=change.pk)
    if cycle.framework_version_id != change.later_id or later.exists():
        return MOVED_SINCE
    since = Revision.objects.filter(sheet__cycle=cycle, submitted_at__gte=change.at)
    if since.filter(kind=Revision.Kind.SUBMISSION).exists():
        return SUBMITTED_SINCE
    return ""


def _carry_evidence(municipality_id: int, move: Move) -> None:
    """Let entries that show a cell show what it became too; what they showed before they still show."""
    heirs = {code: [each for each in move.path.successors(code) if each != code] for code in move.old}
    _show_too(municipality_id, heirs)


def _take_evidence_back(municipality_id: int, move: Move) -> None:
    """Let entries that were said since to show a cell show what it was before too, where it was one cell."""
    _show_too(
        municipality_id, {after: [before] for before, after in move.all_pairs.items() if before != after}
    )


def _show_too(municipality_id: int, others: dict[str, list[str]]) -> None:
    """Let entries that show a cell with one of these codes show those named beside it too."""
    shown: dict[int, set[str]] = defaultdict(set)
    wanted = [code for code, more in others.items() if more]
    rows = EntryCell.objects.filter(entry__municipality_id=municipality_id)
    concerned = rows.filter(cell_code__in=wanted).values("entry")
    for entry_id, code in rows.filter(entry__in=concerned).values_list("entry", "cell_code"):
        shown[entry_id].add(code)
    # Worked out from what was there before anything is written: each goes one step, and no further.
    added = [
        EntryCell(entry_id=entry_id, cell_code=other)
        for entry_id, codes in shown.items()
        for other in sorted({each for code in codes for each in others.get(code, ())} - codes)
    ]
    EntryCell.objects.bulk_create(added, batch_size=_BATCH)
