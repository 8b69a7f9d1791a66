"""再確認: the confirmer looks again at the cells that the person asked for, and answers (P12)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict
from assessments.confirm_page import load_page
from assessments.line import waiting_for
from assessments.lookups import sheet_for
from assessments.models import Sheet
from assessments.reconfirm_form import KEEP, ReconfirmForm
from assessments.reply_reads import exchange_of
from assessments.workflow.replies import asked_of, decide, reconfirmation_of
from audit.models import receipt_for, record
from organization.views.posted import key_of, version_of


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_reconfirm(request, sheet_uuid):
    """Show the cells that are asked about, and take the answer: 確定のまま, or 人事 are asked to correct."""
    actor = request.actor
    sheet = sheet_for(actor, sheet_uuid)
    # The menu counts the same list; it takes this one instead of asking again. Who is not in it is told why.
    request.waiting = waiting_for(actor)
    try:
        act = request.waiting.again.get(sheet.pk) or asked_of(actor, sheet, reconfirmation_of(sheet))
    except Conflict:
        if request.method == "POST" and _is_done(request, sheet):
            return redirect("assessments:review")
        raise
    if request.method != "POST":
        record(
            by=actor, action="sheet.view", now=timezone.now(), subject_uuid=sheet.staff.uuid, target=sheet,
            data={"fiscal_year": sheet.fiscal_year, "state": sheet.state},
        )  # fmt: skip
        return _page(request, sheet, act, ReconfirmForm(may_refer=act == "again"))
    form = ReconfirmForm(request.POST, may_refer=act == "again")
    version, key = version_of(request), key_of(request)
    if not form.is_valid():
        return _page(request, sheet, act, form, status=422)
    keep = form.cleaned_data.get("answer", KEEP) == KEEP
    try:
        decide(
            sheet=sheet,
            keep=keep,
            reason=form.cleaned_data["reason"],
            version=version,
            key=key,
            by=actor,
            now=timezone.now(),
        )
    except Conflict as refusal:
        fresh = sheet_for(actor, sheet_uuid)
        return _page(request, fresh, act, form, refusal=refusal.message, status=409)
    done = "再確認に答えました。確定のままです。" if keep else "人事に訂正を頼みました。"
    messages.success(request, f"{sheet.staff.name}さんの{done}理由は本人の画面に出ます。")
    return redirect("assessments:review")


def _is_done(request, sheet: Sheet) -> bool:
    """Say whether this is a second click on what was answered."""
    return (
        receipt_for(by=request.actor, action="sheet.reconfirm", key=key_of(request), target=sheet) is not None
    )


def _page(request, sheet: Sheet, act: str, form: ReconfirmForm, *, refusal: str = "", status: int = 200):
    exchange = exchange_of(sheet, request.actor)
    page = load_page(sheet, None, reader=request.actor, exchange=exchange)
    asked = exchange.asked
    ctx = {
        "sheet": sheet,
        "staff": sheet.staff,
        "act": act,
        "rows": [row for row in page.rows if row.cell.pk in asked],
        "reconfirmation": exchange.reconfirmation,
        "form": form,
        "refusal": refusal,
        "key": uuid.uuid4(),
        "trail": [
            {"label": "確認", "url": reverse("assessments:review")},
            {
                "label": f"{sheet.staff.name}さんの年度票",
                "url": reverse("assessments:sheet", args=[sheet.uuid]),
            },
        ],
    }
    return render(request, "assessments/sheet_reconfirm.html", ctx, status=status)
