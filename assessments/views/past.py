"""Past years in: a workbook to fill in, and files of past years, checked like every other import (P21)."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Forbidden, TooLarge
from access.table import may
from assessments.past_forms import RATINGS, PastUploadForm, WorkbookForm
from assessments.past_reads import cells_of, listed
from assessments.past_workbook import entries_workbook, ratings_workbook
from assessments.resume_files import XLSX_TYPE
from lib import fiscal
from organization.workflow import take_import


@require_http_methods(["GET", "HEAD", "POST"])
def past(request):
    """Offer the workbook, take a filled one or a table of another layout, and show what it would bring."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    form = PastUploadForm(actor)
    if request.method == "POST":
        if any(file.size > settings.IMPORT_MAX_BYTES for file in request.FILES.values()):
            raise TooLarge(f"{settings.IMPORT_MAX_BYTES // 1024 // 1024}MBまでのファイルを選んでください。")
        form = PastUploadForm(actor, request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            batch = take_import(
                by=actor,
                kind=form.kind(),
                file_name=file.name,
                content=file.read(),
                options=form.options(request.user.municipality.code),
                now=timezone.now(),
            )
            return redirect("organization:import_preview", batch.uuid)
    return _page(request, form, WorkbookForm(actor, prefix="w"))


@require_safe
def past_template(request):
    """Send the workbook of one kind, year and department."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    form = WorkbookForm(actor, request.GET, prefix="w")
    if not form.is_valid():
        return _page(request, PastUploadForm(actor), form)
    chosen = form.cleaned_data
    if form.kind() == RATINGS:
        people = listed(actor, chosen["department"], fiscal.last_day(chosen["year"]))
        cells = cells_of(form.chosen_version())
        content = ratings_workbook(people, cells, year=chosen["year"], level=chosen["level"])
        name = f"過去の到達度_{chosen['year']}年度.xlsx"
    else:
        content = entries_workbook(listed(actor, chosen["department"], actor.today), chosen["what"])
        name = f"過去の{dict(form.fields['what'].choices)[chosen['what']]}.xlsx"
    response = HttpResponse(content, content_type=XLSX_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _page(request, form, workbook):
    refused = form.errors or workbook.errors
    ctx = {"form": form, "workbook": workbook, "refused": bool(refused)}
    return render(request, "assessments/past.html", ctx, status=422 if refused else 200)
