"""スキル履歴書 of one person as PDF and Excel (P04, P20)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods

from access.actor import Actor, Role
from access.refusals import Conflict
from assessments import pdf
from assessments.lookups import record_owner_for
from assessments.reason_form import ReasonForm
from assessments.resume_files import (
    PDF_NAME,
    PDF_TYPE,
    XLSX_NAME,
    XLSX_TYPE,
    resume_pdf_of,
    resume_xlsx_of,
)
from audit.models import record

log = logging.getLogger(__name__)
NO_PDF = (
    "このサーバーではPDFを作れません。スキル履歴書の画面で「印刷する」（Ctrl+P）を選ぶと、"
    "同じ内容を印刷するか、ブラウザーでPDFに保存できます。"
)


@dataclass(frozen=True)
class _Form:
    """One form of the file: what it is called, and how it is made."""

    action: str
    words: str
    name: str
    content_type: str
    make: Callable[..., bytes]


_PDF = _Form("resume.pdf", "PDF", PDF_NAME, PDF_TYPE, resume_pdf_of)
_XLSX = _Form("resume.xlsx", "Excel", XLSX_NAME, XLSX_TYPE, resume_xlsx_of)


@require_http_methods(["GET", "HEAD", "POST"])
def resume_pdf(request, staff_uuid):
    """Send somebody's résumé as PDF; 人事 says why first."""
    if not pdf.available():
        # The person is looked for first: what is out of sight answers as nothing.
        record_owner_for(request.actor, staff_uuid)
        raise Conflict(NO_PDF)
    return _send(request, staff_uuid, _PDF)


@require_http_methods(["GET", "HEAD", "POST"])
def resume_xlsx(request, staff_uuid):
    """Send somebody's résumé as a workbook; 人事 says why first."""
    return _send(request, staff_uuid, _XLSX)


def needs_reason(actor: Actor, staff_id: int) -> bool:
    """Say whether the actor gets a file of this person only with a reason: 人事, of others (P20)."""
    return actor.has(Role.HR) and staff_id != actor.staff_id


def _send(request, staff_uuid, form: _Form):
    actor, now = request.actor, timezone.localtime()
    staff = record_owner_for(actor, staff_uuid)
    # The one person is the filter, told by the event's subject.
    data: dict[str, Any] = {"rows": 1}
    if needs_reason(actor, staff.pk):
        asked = ReasonForm(request.POST if request.method == "POST" else None)
        if not asked.is_valid():
            ctx = {"form": asked, "staff": staff, "words": form.words}
            return render(
                request, "assessments/resume_reason.html", ctx, status=422 if asked.is_bound else 200
            )
        data["reason"] = asked.cleaned_data["reason"]
    content = form.make(actor, staff, now, reason=data.get("reason", ""))
    record(by=actor, action=form.action, now=now, subject_uuid=staff.uuid, target=staff, data=data)
    response = HttpResponse(content, content_type=form.content_type)
    response["Content-Disposition"] = content_disposition_header(True, form.name)
    return response
