"""訂正: after 確定 nothing changes in place; 人事 writes a new revision with a reason that the person reads (P11)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.models import Confirmation, Rating, Revision, Sheet
from assessments.workflow.confirmation import OWN, checked_reason, fresh, locked, move, report, stale
from assessments.workflow.evidence import copy_evidence
from assessments.workflow.replies import settle_corrected
from audit.models import issue_receipt, receipt_for
from competency.models import Step
from organization.counted import count_again

REASON_LENGTH = Revision._meta.get_field("reason").max_length


@dataclass(frozen=True)
class Correction:
    """The right steps of one cell: the person's own and the confirmed one."""

    cell_id: int
    own_step: int
    step: int


class NothingCorrected(Invalid):
    """A correction that corrects nothing leaves no revision behind."""

    default = "どの項目も変わっていません。直す項目の段階を選び直してください。"


@transaction.atomic
def correct(
    *, sheet: Sheet, reason: str, corrections: Iterable[Correction], version: int, key, by: Actor, now
) -> Sheet:
    """Write a correction of a confirmed sheet and return the fresh sheet; the same key again changes nothing.

    Cells that are not named keep their steps; evidence, entries and comments go over unchanged. The old revision stays,
    and the sheet keeps its 確定 with the targets of that day. A 再確認 of one of them ends with it. Allowed in closed
    years too: a mistake is found when it is found. Raises Forbidden for anyone but 人事 and for one's own sheet, ReasonMissing,
    NothingCorrected, Invalid for a cell that was not submitted, and Conflict before 確定 or for another version.
    """
    sheet = locked(sheet)
    if receipt_for(by=by, action="sheet.correct", key=key, target=sheet):
        return sheet
    if sheet.staff_id == by.staff_id:
        raise Forbidden(OWN)
    if not may(by, "P11"):
        raise Forbidden
    reason = checked_reason(reason, REASON_LENGTH)
    if sheet.state != Sheet.State.CONFIRMED:
        raise Conflict(
            "訂正できるのは確定した年度票だけです。確定の前なら、差し戻してください。",
            detail={"state": sheet.state},
        )
    if sheet.version != version:
        raise stale(sheet)
    ratings = {row.cell_id: row for row in Rating.objects.filter(revision_id=sheet.current_revision_id)}
    finals = {
        row.cell_id: row
        for row in Confirmation.objects.filter(
            revision_id=sheet.current_revision_id, level=Confirmation.Level.FINAL
        )
    }
    wanted = {each.cell_id: each for each in corrections}
    changed = _changed(wanted, ratings, finals)
    if not changed:
        raise NothingCorrected
    revision = _revision(sheet, reason, by, now)
    Rating.objects.bulk_create(
        Rating(
            municipality_id=sheet.municipality_id, revision=revision, cell_id=cell_id, evidence=row.evidence,
            carried_from_id=row.carried_from_id, review=row.review,
            step=wanted[cell_id].own_step if cell_id in changed else row.step,
        )
        for cell_id, row in ratings.items()
    )  # fmt: skip
    copy_evidence(before=sheet.current_revision_id, revision=revision)
    Confirmation.objects.bulk_create(
        Confirmation(
            municipality_id=sheet.municipality_id, revision=revision, cell_id=cell_id, level=row.level,
            step=wanted[cell_id].step if cell_id in changed else row.step,
            comment=row.comment, visibility=row.visibility, updated_at=now,
            confirmer_id=by.staff_id if cell_id in changed else row.confirmer_id,
        )
        for cell_id, row in finals.items()
    )  # fmt: skip
    settle_corrected(sheet=sheet, cells=changed, by=by, now=now)
    move(sheet, now=now, current_revision=revision)
    report("sheet.correct", sheet, by, now, number=revision.number, cells=len(changed))
    issue_receipt(by=by, action="sheet.correct", key=key, target=sheet, now=now)
    corrected = fresh(sheet)
    count_again(sheet.municipality_id, by.today)
    return corrected


def _changed(wanted: dict[int, Correction], ratings: dict, finals: dict) -> set[int]:
    """Return the ids of the cells whose steps differ from what stands."""
    for each in wanted.values():
        known = each.cell_id in ratings and each.cell_id in finals
        if not known or each.own_step not in Step.values or each.step not in Step.values:
            raise Invalid
    return {
        cell_id
        for cell_id, each in wanted.items()
        if (each.own_step, each.step) != (ratings[cell_id].step, finals[cell_id].step)
    }


def _revision(sheet: Sheet, reason: str, by: Actor, now) -> Revision:
    last = Revision.objects.filter(sheet=sheet).order_by("-number").values_list("number", flat=True).first()
    return Revision.objects.create(
        municipality_id=sheet.municipality_id, sheet=sheet, number=(last or 0) + 1, reason=reason,
        kind=Revision.Kind.CORRECTION, submitted_at=now, submitted_by_id=by.staff_id,
    )  # fmt: skip
