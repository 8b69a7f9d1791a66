"""Files of organisation and roster: choose, check, map columns, apply (P21)."""

import uuid
from types import SimpleNamespace

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.refusals import Conflict, Forbidden, NotVisible, TooLarge
from access.table import may
from lib.tabular import write_csv
from organization.import_forms import MappingForm, UploadForm
from organization.import_kind import import_kind
from organization.import_preview import unpack
from organization.import_words import kind_label, kind_labels
from organization.lookups import import_for
from organization.models import ImportBatch
from organization.views.posted import key_of, version_of
from organization.workflow import (
    PlanChanged,
    apply_import,
    check_import_again,
    discard_import,
    undo_import,
    upload_import,
)

PAGE = 100
RECENT = 20
State = ImportBatch.State


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request):
    """List the imports so far; take a file, check it and show what it would change."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    form = UploadForm()
    if request.method == "POST":
        if any(file.size > settings.IMPORT_MAX_BYTES for file in request.FILES.values()):
            raise TooLarge(f"{settings.IMPORT_MAX_BYTES // 1024 // 1024}MBまでのファイルを選んでください。")
        form = UploadForm(request.POST, request.FILES)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        batch = upload_import(
            by=actor,
            kind=form.cleaned_data["kind"],
            file_name=file.name,
            content=file.read(),
            options=form.options(),
            now=timezone.now(),
        )
        if batch.state == State.PREVIEWED:
            return redirect("organization:import_preview", batch.uuid)
        return _preview_page(request, batch, status=422)
    batches = ImportBatch.objects.visible_to(actor).light().select_related("uploaded_by")
    page = Paginator(batches.order_by("-uploaded_at", "-pk"), RECENT).get_page(request.GET.get("page"))
    ctx = {"form": form, "page": page, "kinds": _sampled()}
    return render(request, "organization/imports.html", ctx, status=422 if form.errors else 200)


@require_safe
def import_preview(request, import_uuid):
    """Show what a file would change, line by line, or everything that is wrong with it."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    return _preview_page(request, import_for(actor, import_uuid))


@require_http_methods(["GET", "HEAD", "POST"])
def import_map(request, import_uuid):
    """Choose which header of the file stands for which of our columns, and check again."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    batch = import_for(actor, import_uuid)
    header = unpack(batch.preview).header
    columns = import_kind(batch.kind).columns(request.user.municipality, batch.options)
    form = MappingForm(columns, header, batch.mapping, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        version = version_of(request)
        check_import_again(
            batch=batch, version=version, columns=form.mapping(), template=form.cleaned_data["template"],
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, "列の対応を決めました。次のファイルでも同じ対応を使います。")
        return redirect("organization:import_preview", batch.uuid)
    ctx = {"batch": batch, "form": form, "header": header}
    return render(request, "organization/import_map.html", ctx, status=422 if form.errors else 200)


@require_POST
def import_apply(request, import_uuid):
    """Write what was shown, all or nothing."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    batch = import_for(actor, import_uuid)
    version, key = version_of(request), key_of(request)
    if batch.counts.get("suspicions") and request.POST.get("seen") != "1":
        problem = "「気になる点を確かめました」に印を付けてから、取り込んでください。"
        return _preview_page(request, batch, status=422, problem=problem)
    try:
        apply_import(by=actor, batch=batch, key=key, version=version, now=timezone.now())
    except PlanChanged as changed:
        batch = check_import_again(batch=batch, version=batch.version, now=timezone.now())
        return _preview_page(request, batch, status=409, problem=changed.message)
    messages.success(request, "取り込みました。")
    return redirect("organization:import_preview", batch.uuid)


@require_POST
def import_discard(request, import_uuid):
    """Drop a file that was not applied."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    batch = import_for(actor, import_uuid)
    discard_import(by=actor, batch=batch, version=version_of(request), now=timezone.now())
    messages.success(request, "取込みをやめました。ファイルの内容は消しました。")
    return redirect("organization:imports")


@require_POST
def import_undo(request, import_uuid):
    """Take back what a file brought, as long as nothing was built on it."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    batch = import_for(actor, import_uuid)
    version, key = version_of(request), key_of(request)
    if request.POST.get("sure") != "1":
        problem = "「取り込む前に戻すことを確かめました」に印を付けてから、戻してください。"
        return _preview_page(request, batch, status=422, problem=problem)
    try:
        undo_import(by=actor, batch=batch, key=key, version=version, now=timezone.now())
    except Conflict as refusal:
        batch = import_for(actor, import_uuid)
        return _preview_page(request, batch, status=409, problem=refusal.message)
    messages.success(request, "取り込む前に戻しました。")
    return redirect("organization:import_preview", batch.uuid)


@require_safe
def import_template(request, kind):
    """Send a file with our header and a few invented lines."""
    if not may(request.actor, "P21"):
        raise Forbidden
    sample = import_kind(kind).sample if kind in settings.IMPORT_KINDS else None
    if sample is None:
        raise NotVisible
    name, rows = sample
    columns = import_kind(kind).columns(request.user.municipality, {})
    header = [column.label for column in columns if column.label not in ("姓", "名")]
    response = HttpResponse(b"".join(write_csv(header, rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}_見本.csv")
    return response


def _preview_page(request, batch: ImportBatch, *, status: int = 200, problem: str = ""):
    """Render the preview of a batch; `problem` is why the last click did nothing."""
    preview = unpack(batch.preview)
    labels = kind_labels(batch.kind)
    counts = batch.counts.get("kinds", {})
    reasons = preview.reasons()
    show = request.GET.get("show", "")
    chosen = [outcome for outcome in preview.outcomes if show not in labels or show in outcome.kinds]
    # What is suspicious first; otherwise in the order of the file.
    chosen.sort(key=lambda outcome: outcome.line not in reasons)
    page = Paginator(preview.problems or chosen, PAGE).get_page(request.GET.get("page"))
    here = reverse("organization:import_preview", args=[batch.uuid])
    ctx = {
        "batch": batch,
        "preview": preview,
        "problem": problem,
        "refused": batch.state == State.REFUSED,
        "can_apply": batch.state == State.PREVIEWED and batch.preview is not None,
        "can_undo": can_undo(batch),
        "can_discard": batch.state in (State.PREVIEWED, State.REFUSED),
        "can_map": bool(preview.header),
        "counts": [
            SimpleNamespace(key=key, label=label, value=counts[key], current=key == show)
            for key, label in labels.items()
            if counts.get(key)
        ],
        "show": show if show in labels else "",
        "show_label": labels.get(show, ""),
        "here": here,
        "on_its_own_page": request.path == here,
        "page": page,
        "rows": []
        if preview.problems
        else [
            (
                outcome,
                [(kind, kind_label(batch.kind, kind)) for kind in outcome.kinds],
                reasons.get(outcome.line, []),
            )
            for outcome in page
        ],
        "of_whole": [one.message for one in preview.suspicions if not one.lines],
        "suspicious_lines": len(reasons),
        "warnings": preview.warnings[:PAGE],
        "more_warnings": max(len(preview.warnings) - PAGE, 0),
        "is_roster": batch.kind == ImportBatch.Kind.ROSTER,
        "of_people": batch.kind != ImportBatch.Kind.ORGANIZATION,
        "is_past": batch.kind in (ImportBatch.Kind.RATINGS, ImportBatch.Kind.ENTRIES),
        "key": uuid.uuid4(),
        "steps": _steps(batch),
    }
    return render(request, "organization/import_preview.html", ctx, status=status)


def _sampled() -> list[tuple[str, str]]:
    """Return (kind, word) of the kinds that have a sample file."""
    kinds = [ImportBatch.Kind(name) for name in settings.IMPORT_KINDS]
    return [(kind.value, kind.label) for kind in kinds if import_kind(kind).sample is not None]


def can_undo(batch: ImportBatch) -> bool:
    """Say whether a file is the last one of its kind that was applied, and can be taken back."""
    # The bytes themselves stay where they are.
    kept = ImportBatch.objects.filter(pk=batch.pk, undo__isnull=False)
    return batch.state == State.APPLIED and kept.exists()


def _steps(batch: ImportBatch) -> list[SimpleNamespace]:
    states = {
        State.REFUSED: (("error", "直すところがあります"), ("", "まだ")),
        State.PREVIEWED: (("current", "いまここ"), ("", "まだ")),
        State.APPLIED: (("done", "済み"), ("done", "済み")),
        State.CHECKING: (("current", "確かめています"), ("", "まだ")),
        State.UNDONE: (("done", "済み"), ("done", "戻しました")),
        State.DISCARDED: (("done", "やめました"), ("", "していません")),
    }[State(batch.state)]
    return [
        SimpleNamespace(
            label="ファイルを選ぶ", url=reverse("organization:imports"), state="done", words="済み"
        ),
        SimpleNamespace(label="内容を確かめる", url="", state=states[0][0], words=states[0][1]),
        SimpleNamespace(label="取り込む", url="", state=states[1][0], words=states[1][1]),
    ]
