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
from organization import jobs
from organization.import_forms import MappingForm, UploadForm
from organization.import_kind import import_kind
from organization.import_preview import unpack
from organization.import_words import kind_label, kind_labels
from organization.jobs import give_up_silent, is_lost
from organization.lookups import import_for
from organization.models import ImportBatch, Job
from organization.views.jobs import REFRESH, progress_of
from organization.views.posted import key_of, version_of
from organization.workflow import (
    PlanChanged,
    apply_import,
    check_import_again,
    discard_import,
    is_left_to_worker,
    order_apply,
    order_check,
    take_import,
    undo_import,
)
from organization.workflow.imports import job_of

PAGE = 100
RECENT = 20
State = ImportBatch.State
AGAIN = "もう一度試しても同じときは、システム管理者に知らせてください。"
# Why a worker came to no end, as whoever waits for a file of theirs has to read it.
UNCHECKED = {
    jobs.STOPPED: "確認の途中で処理が止まりました。もう一度確かめてください。",
    jobs.BROKEN: f"確認の途中で誤りが起きました。{AGAIN}",
    jobs.DISK: f"確認の途中で誤りが起きました。{AGAIN}",
    jobs.NO_RIGHT: "確認を頼んだ人に取込みの権限がなくなったため、確かめていません。もう一度確かめてください。",
}
UNAPPLIED = {
    jobs.STOPPED: "取込みの途中で処理が止まりました。1行も取り込んでいません。もう一度、取り込んでください。",
    jobs.BROKEN: f"取込みの途中で誤りが起きました。1行も取り込んでいません。{AGAIN}",
    jobs.DISK: f"取込みの途中で誤りが起きました。1行も取り込んでいません。{AGAIN}",
    jobs.NO_RIGHT: "取込みを頼んだ人に権限がなくなったため、1行も取り込んでいません。",
}


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
        batch = take_import(
            by=actor,
            kind=form.cleaned_data["kind"],
            file_name=file.name,
            content=file.read(),
            options=form.options(),
            now=timezone.now(),
        )
        if batch.state != State.REFUSED:
            return redirect("organization:import_preview", batch.uuid)
        return _preview_page(request, batch, status=422)
    batches = ImportBatch.objects.visible_to(actor).light().select_related("uploaded_by", "job")
    page = Paginator(batches.order_by("-uploaded_at", "-pk"), RECENT).get_page(request.GET.get("page"))
    ctx = {"form": form, "page": page, "kinds": _sampled()}
    return render(request, "organization/imports.html", ctx, status=422 if form.errors else 200)


@require_safe
def import_preview(request, import_uuid):
    """Show what a file would change, line by line, or everything that is wrong with it."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    batch, now = import_for(actor, import_uuid), timezone.now()
    if batch.job and is_lost(batch.job, now):
        give_up_silent(now)
        batch = import_for(actor, import_uuid)
    if job_of(batch, now):
        return _progress_page(request, batch, now)
    return _preview_page(request, batch)


@require_http_methods(["GET", "HEAD", "POST"])
def import_map(request, import_uuid):
    """Choose which header of the file stands for which of our columns, and check again."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    batch = import_for(actor, import_uuid)
    if batch.state == State.CHECKING or job_of(batch, timezone.now()):
        return redirect("organization:import_preview", batch.uuid)
    header = unpack(batch.preview).header
    columns = import_kind(batch.kind).columns(request.user.municipality, batch.options)
    form = MappingForm(columns, header, batch.mapping, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        chosen = {"columns": form.mapping(), "template": form.cleaned_data["template"]}
        version, now = version_of(request), timezone.now()
        if is_left_to_worker(batch):
            order_check(by=actor, batch=batch, version=version, now=now, **chosen)
        else:
            check_import_again(batch=batch, version=version, now=now, **chosen)
        messages.success(request, "列の対応を決めました。次のファイルでも同じ対応を使います。")
        return redirect("organization:import_preview", batch.uuid)
    ctx = {"batch": batch, "form": form, "header": header}
    return render(request, "organization/import_map.html", ctx, status=422 if form.errors else 200)


@require_POST
def import_check(request, import_uuid):
    """Check a large file again whose check came to no end."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    batch = import_for(actor, import_uuid)
    if batch.state != State.CHECKING:
        return redirect("organization:import_preview", batch.uuid)
    order_check(by=actor, batch=batch, version=version_of(request), now=timezone.now())
    return redirect("organization:import_preview", batch.uuid)


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
    if is_left_to_worker(batch):
        order_apply(by=actor, batch=batch, key=key, version=version, now=timezone.now())
        return redirect("organization:import_preview", batch.uuid)
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


def _progress_page(request, batch: ImportBatch, now):
    """Show how far the worker is with a file; the page asks again by itself, without JavaScript."""
    progress = progress_of(request, batch.job, now)
    ctx = {
        "batch": batch,
        "order": batch.job,
        "here": reverse("organization:import_preview", args=[batch.uuid]),
        "applying": batch.state == State.PREVIEWED,
        "steps": _steps(batch, applying=batch.state == State.PREVIEWED),
        **progress,
    }
    response = render(request, "organization/import_progress.html", ctx)
    if not progress["still"]:
        response["Refresh"] = REFRESH
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
        "problem": problem or _stopped(batch),
        "problem_title": "確認が終わりませんでした"
        if batch.state == State.CHECKING
        else "取り込みませんでした",
        "unchecked": batch.state == State.CHECKING,
        "refused": batch.state == State.REFUSED,
        "can_apply": batch.state == State.PREVIEWED and batch.preview is not None,
        "can_undo": can_undo(batch),
        "can_discard": batch.state in (State.CHECKING, State.PREVIEWED, State.REFUSED),
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


def _stopped(batch: ImportBatch) -> str:
    """Return why the worker came to no end with a file, "" where it did or was never asked."""
    if batch.state == State.CHECKING:
        said = batch.job.message if batch.job else jobs.STOPPED
        return UNCHECKED.get(said, said)
    if batch.state == State.PREVIEWED and batch.job and batch.job.state == Job.State.FAILED:
        return UNAPPLIED.get(batch.job.message, batch.job.message)
    return ""


def _sampled() -> list[tuple[str, str]]:
    """Return (kind, word) of the kinds that have a sample file."""
    kinds = [ImportBatch.Kind(name) for name in settings.IMPORT_KINDS]
    return [(kind.value, kind.label) for kind in kinds if import_kind(kind).sample is not None]


def can_undo(batch: ImportBatch) -> bool:
    """Say whether a file is the last one of its kind that was applied, and can be taken back."""
    # The bytes themselves stay where they are.
    kept = ImportBatch.objects.filter(pk=batch.pk, undo__isnull=False)
    return batch.state == State.APPLIED and kept.exists()


def _steps(batch: ImportBatch, *, applying: bool = False) -> list[SimpleNamespace]:
    states = {
        State.REFUSED: (("error", "直すところがあります"), ("", "まだ")),
        State.PREVIEWED: (("current", "いまここ"), ("", "まだ")),
        State.APPLIED: (("done", "済み"), ("done", "済み")),
        State.CHECKING: (("current", "確かめています"), ("", "まだ")),
        State.UNDONE: (("done", "済み"), ("done", "戻しました")),
        State.DISCARDED: (("done", "やめました"), ("", "していません")),
    }[State(batch.state)]
    if applying:
        states = (("done", "済み"), ("current", "取り込んでいます"))
    return [
        SimpleNamespace(
            label="ファイルを選ぶ", url=reverse("organization:imports"), state="done", words="済み"
        ),
        SimpleNamespace(label="内容を確かめる", url="", state=states[0][0], words=states[0][1]),
        SimpleNamespace(label="取り込む", url="", state=states[1][0], words=states[1][1]),
    ]
