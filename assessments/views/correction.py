"""訂正 of a confirmed sheet by 人事 (P11)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden
from access.table import may
from assessments.confirm_form import number
from assessments.confirm_page import load_page
from assessments.lookups import sheet_for
from assessments.models import Sheet
from assessments.reply_reads import exchange_of
from assessments.workflow.confirmation import OWN, ReasonMissing
from assessments.workflow.correction import REASON_LENGTH, Correction, NothingCorrected, correct
from audit.models import record
from competency.models import Step
from organization.views.posted import key_of


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_correct(request, sheet_uuid):
    """Show a confirmed sheet with its steps to put right, and write the correction with its reason."""
    actor = request.actor
    sheet = sheet_for(actor, sheet_uuid)
    if not may(actor, "P11"):
        raise Forbidden
    if sheet.staff_id == actor.staff_id:
        raise Forbidden(OWN)
    if sheet.state != Sheet.State.CONFIRMED:
        raise Conflict("訂正できるのは確定した年度票だけです。確定の前なら、差し戻してください。")
    exchange = exchange_of(sheet, actor)
    page = load_page(sheet, None, reader=actor, exchange=exchange)
    chosen = {row.cell.code: (row.steps.own, row.final.step if row.final else None) for row in page.rows}
    reason, problem, status = "", "", 200
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        chosen = {code: _posted(request.POST, code, steps) for code, steps in chosen.items()}
        try:
            correct(
                sheet=sheet,
                reason=reason,
                corrections=[Correction(row.cell.pk, *chosen[row.cell.code]) for row in page.rows],
                version=number(request.POST.get("version", "")),
                key=key_of(request),
                by=actor,
                now=timezone.now(),
            )
        except (ReasonMissing, NothingCorrected) as refusal:
            problem, status = refusal.message, 422
        except Conflict as refusal:
            sheet = sheet_for(actor, sheet_uuid)
            problem, status = refusal.message, 409
        else:
            messages.success(request, "訂正しました。理由は本人の画面にも出ます。")
            return redirect("assessments:sheet", sheet.uuid)
    else:
        record(
            by=actor, action="sheet.view", now=timezone.now(), subject_uuid=sheet.staff.uuid, target=sheet,
            data={"fiscal_year": sheet.fiscal_year, "state": sheet.state},
        )  # fmt: skip
    ctx = {
        "sheet": sheet,
        "rows": [(row, *chosen[row.cell.code]) for row in page.rows],
        "reconfirmation": exchange.reconfirmation,
        "steps": Step.choices,
        "reason": reason,
        "reason_length": REASON_LENGTH,
        "problems": [{"target": "reason", "text": problem}] if problem else [],
        "key": uuid.uuid4(),
    }
    return render(request, "assessments/correct.html", ctx, status=status)


def _posted(posted, code: str, steps: tuple[int, int | None]) -> tuple[int, int]:
    """Return the two steps sent for a cell; a control left out of the form keeps what stands."""
    own, final = steps
    return (
        number(posted.get(f"own-{code}", str(own))),
        number(posted.get(f"final-{code}", "" if final is None else str(final))),
    )
