"""What the person says to their 確定, and the one 再確認 they may ask for (P12)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict
from assessments.lookups import sheet_for
from assessments.models import Sheet
from assessments.own_page import load_own_page
from assessments.reply_form import Reading, read, reply_rows
from assessments.reply_reads import exchange_of
from assessments.workflow.replies import NothingSaid, Unanswerable, check_answerable, reply
from audit.models import receipt_for
from organization.views.posted import key_of, version_of


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_reply(request, sheet_uuid):
    """Show the 確定 with a field for each cell, and keep what is said."""
    actor = request.actor
    sheet = sheet_for(actor, sheet_uuid)
    check_answerable(sheet, actor)
    if request.method != "POST":
        return _page(request, sheet)
    if receipt_for(by=actor, action="sheet.reply", key=key_of(request), target=sheet):
        # A second click: it is sent.
        return redirect("assessments:sheet", sheet.uuid)
    exchange = exchange_of(sheet)
    rows = reply_rows(load_own_page(sheet, exchange=exchange), exchange, sheet.current_revision_id, Reading())
    reading = read(request.POST, rows)
    if reading.late:
        return _page(request, sheet, reading, refusal=Conflict.default, status=409)
    if reading.problems:
        return _page(request, sheet, reading, status=422)
    try:
        reply(
            sheet=sheet,
            words=reading.words,
            version=version_of(request),
            key=key_of(request),
            by=actor,
            now=timezone.now(),
        )
    except NothingSaid as refusal:
        return _page(request, sheet, reading, refusal=refusal.message, status=422)
    except Unanswerable:
        raise
    except Conflict as refusal:
        fresh = sheet_for(actor, sheet_uuid)
        return _page(request, fresh, reading, refusal=refusal.message, status=409)
    asked = any(one.again for one in reading.words)
    messages.success(
        request,
        "返事を送り、再確認を頼みました。結果はこの画面とホームに出ます。" if asked else "返事を送りました。",
    )
    return redirect("assessments:sheet", sheet.uuid)


def _page(request, sheet: Sheet, reading: Reading | None = None, *, refusal: str = "", status: int = 200):
    reading = reading or Reading()
    exchange = exchange_of(sheet)
    page = load_own_page(sheet, exchange=exchange)
    rows = reply_rows(page, exchange, sheet.current_revision_id, reading)
    ctx = {
        "sheet": sheet,
        "rows": [row for row in rows if row.invites],
        "others": [row for row in rows if not row.invites],
        "reconfirmation": exchange.reconfirmation,
        "unsent": [row for row in rows if row.text and not row.is_open],
        "any_open": any(row.is_open for row in rows),
        "problems": [
            {"target": f"text-{row.own.cell.code}", "text": f"{row.own.cell.full_name}：{row.problem}"}
            for row in rows
            if row.problem
        ],
        "refusal": refusal,
        "key": uuid.uuid4(),
        "trail": [
            {"label": "ホーム", "url": reverse("assessments:home")},
            {"label": "わたしの年度票", "url": reverse("assessments:sheet", args=[sheet.uuid])},
        ],
    }
    return render(request, "assessments/sheet_reply.html", ctx, status=status)
