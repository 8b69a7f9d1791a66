"""出力: what may be taken out, and one kind of it as a file, within what the actor may see (P20)."""

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.actor import Actor, Role
from access.refusals import Conflict, Forbidden, NotVisible
from assessments.export_book import TooManySheets
from assessments.export_files import CP932, CSV, Export, export_of
from assessments.export_forms import ExportForm
from assessments.export_job import job_kind_of
from assessments.export_kind import ExportKind, export_kinds
from assessments.export_page import LISTED, centre, first_values
from assessments.lookups import saved_export_for
from assessments.models import SavedExport
from assessments.workflow.exporting import export_now, note_run, order_export, save_export
from lib.cp932 import CannotEncode

TOO_MANY_TO_CHECK = (
    "CP932で出せるのは、{most:,}行までです。いまの条件では{count:,}行あります。"
    "所属か状態でしぼるか、UTF-8かExcelを選んでください。"
)


@require_safe
def exports(request):
    """List what may be taken out and one's saved definitions. Everybody has at least their own record."""
    return render(request, "assessments/exports.html", centre(request.actor))


@require_http_methods(["GET", "HEAD", "POST"])
def export(request, export_kind: str):
    """Choose what to take out of one kind, be told what CP932 cannot carry, and download it, order it, or save it."""
    actor = request.actor
    kind = _kind_for(actor, export_kind)
    saving = request.POST.get("do") == "save"
    if request.method != "POST":
        initial, saved, gone = first_values(actor, export_kind, request.GET)
        form = ExportForm(actor, export_kind, kind, initial=initial)
        return _page(request, form, saved=saved, gone=gone)
    form = ExportForm(actor, export_kind, kind, request.POST, saving=saving)
    saved = _saved(actor, request.POST.get("saved", ""), export_kind)
    if not form.is_valid():
        return _page(request, form, saved=saved, status=422)
    now = timezone.now()
    try:
        if name := form.cleaned_data["name"]:
            saved = save_export(name=name, kind=export_kind, params=form.params(), by=actor, now=now)
    except Conflict as refusal:
        form.add_error("name", refusal.message)
        return _page(request, form, saved=saved, status=409)
    if saving:
        messages.success(request, f"条件を「{saved.name}」の名前で保存しました。")
        return redirect("assessments:exports")
    decision = request.POST.get("unencodable", "")
    chosen = CSV if decision == "utf-8" else form.cleaned_data["format"]
    wanted = export_of(
        export_kind, kind, actor, form.wish(), format=chosen, split=form.divided, replace=decision == "replace",
        reason=form.cleaned_data["reason"],
    )  # fmt: skip
    count = wanted.table.count()
    if chosen == CP932 and count > settings.EXPORT_CHECKED_ROWS:
        form.add_error("format", TOO_MANY_TO_CHECK.format(most=settings.EXPORT_CHECKED_ROWS, count=count))
        return _page(request, form, saved=saved, status=422)
    if chosen == CP932 and not wanted.replace and (findings := wanted.findings()):
        return _check(request, form, findings, saved)
    try:
        answer = _handed_out(actor, wanted, count, now)
    except TooManySheets as refusal:
        form.add_error("split", refusal.message)
        return _page(request, form, saved=saved, status=422)
    except CannotEncode:
        # Somebody wrote it between the look and the file.
        return _check(request, form, wanted.findings(), saved)
    except Conflict as refusal:
        return _page(request, form, saved=saved, problem=refusal.message, status=409)
    if saved is not None:
        note_run(saved=saved, by=actor, now=now)
    return answer


def _kind_for(actor: Actor, name: str) -> ExportKind:
    kind = export_kinds().get(name)
    if kind is None:
        raise NotVisible
    if not kind.allowed(actor):
        raise Forbidden
    return kind


def _saved(actor: Actor, told: str, kind: str) -> SavedExport | None:
    return saved_export_for(actor, told, kind) if told else None


def _handed_out(actor: Actor, wanted: Export, count: int, now):
    """Answer the file, or order it where it is too long to be waited for."""
    if count > settings.EXPORT_AT_ONCE_ROWS:
        job = order_export(export=wanted, job_kind=job_kind_of(wanted), rows=count, by=actor, now=now)
        return redirect("organization:job", job.uuid)
    written = export_now(export=wanted, by=actor, now=now)
    return FileResponse(
        written.file, as_attachment=True, filename=written.name, content_type=written.content_type
    )


def _page(
    request,
    form: ExportForm,
    *,
    saved: SavedExport | None = None,
    gone: str = "",
    problem: str = "",
    status: int = 200,
):
    ctx = {
        "form": form,
        "kind": form.kind,
        "saved": saved,
        "gone": gone,
        "problem": problem,
        "at_once": f"{settings.EXPORT_AT_ONCE_ROWS:,}",
        "own_only": not (request.actor.has(Role.HR) or request.actor.has(Role.LINE)),
        "trail": [{"label": "出力", "url": reverse("assessments:exports")}],
    }
    return render(request, "assessments/export.html", ctx, status=status)


def _check(request, form: ExportForm, findings, saved: SavedExport | None):
    ctx = {
        "form": form,
        "kind": form.kind,
        "kind_name": form.kind_name,
        "posted": [(name, request.POST.get(name, "")) for name in form.fields if name != "name"],
        "saved": saved,
        "findings": findings[:LISTED],
        "count": len(findings),
        "people": len({each.staff_number for each in findings if each.staff_number}),
        "trail": [
            {"label": "出力", "url": reverse("assessments:exports")},
            {"label": form.kind.label, "url": reverse("assessments:export", args=[form.kind_name])},
        ],
    }
    return render(request, "assessments/exports_check.html", ctx, status=422)
