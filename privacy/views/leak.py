"""漏えい等の範囲: what one account, token, machine or file reached, on a page and as a file (P27l)."""

import io

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from access.refusals import Forbidden
from access.table import may
from audit.models import record
from lib.tabular import Workbook
from privacy import leak as scopes
from privacy.forms import LeakForm

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def leak(request):
    """Ask for what got out and a time, show whom it reached; with `file` as a workbook."""
    actor, now = request.actor, timezone.now()
    if not may(actor, "P27l"):
        raise Forbidden
    form = LeakForm(request.GET or None, municipality_id=actor.municipality_id)
    if not form.is_bound or not form.is_valid():
        return render(request, "privacy/leak.html", {"form": form}, status=422 if form.is_bound else 200)
    asked = form.cleaned_data
    scope = scopes.scope_of(
        request.user.municipality,
        acts=form.acts,
        since=asked["since"],
        until=asked["until"],
        now=now,
    )
    record(
        by=actor, action="leak.report", now=now, subject_uuid=form.subject_uuid,
        data={
            "people": len(scope.people), "how": asked["how"], "since": asked["since"].isoformat(),
            "file": "file" in request.GET,
        },
    )  # fmt: skip
    if "file" in request.GET:
        return _file(scope)
    query = request.GET.copy()
    query["file"] = "1"
    return render(request, "privacy/leak.html", {"form": form, "scope": scope, "file": query.urlencode()})


def _file(scope: scopes.Scope) -> HttpResponse:
    response = HttpResponse(book_of(scope), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, "漏えい等の範囲.xlsx")
    return response


def book_of(scope: scopes.Scope) -> bytes:
    """Return the workbook: the people, the data, and what has to be looked at by hand."""
    file = io.BytesIO()
    with Workbook(file) as book:
        page = book.add("職員", scopes.HEADER)
        for row in scopes.rows_of(scope):
            page.write(row)
        page = book.add("情報の種類と項目", ("情報の種類", "項目"), (30, 90))
        for row in scope.fields:
            page.write(row)
        page = book.add("要確認", ("日時", "操作", "内容"), (20, 40, 60))
        for event, words in scope.unnamed:
            page.write([timezone.localtime(event.at), words, str(event.data)])
    return file.getvalue()
