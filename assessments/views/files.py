"""Files with an entry: add, hand out, remove (P03, P04)."""

import logging

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.actor import Actor
from access.refusals import Conflict, Forbidden, NotVisible
from access.table import may
from assessments.file_check import EXTENSIONS, NotAccepted
from assessments.file_forms import FileForm
from assessments.files import path_of
from assessments.lookups import entry_for, file_for
from assessments.models import Entry
from assessments.workflow.files import add_file, remove_file
from audit.models import record

log = logging.getLogger(__name__)
# Nothing in a file may run, load or be framed, whatever a browser takes it for.
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"

NOT_KEPT = "ファイルを保存できませんでした。時間をおいて、もう一度送ってください。続くときは、システム管理者に知らせてください。"


@require_http_methods(["GET", "HEAD", "POST"])
def file_add(request, entry_uuid):
    """Take a file for an entry."""
    actor = request.actor
    entry = entry_for(actor, entry_uuid)
    if not may(actor, "P03", own=entry.staff_id == actor.staff_id):
        raise Forbidden
    form, status = FileForm(), 200
    if request.method != "POST":
        _note_view(actor, entry)
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                add_file(
                    entry=entry, label=form.cleaned_data["label"], content=form.cleaned_data["file"].read(),
                    by=actor, now=timezone.now(),
                )  # fmt: skip
            except NotAccepted as refusal:
                form.add_error("file", str(refusal))
            except Conflict as refusal:
                form.add_error(None, refusal.message)
                status = 409
            except OSError as failure:
                log.error("attachment not kept: %s", type(failure).__name__)
                form.add_error(None, NOT_KEPT)
                status = 503
            else:
                messages.success(request, "ファイルを添えました。")
                return redirect(_place(entry))
        status = form.status if status == 200 else status
    place = _place(entry)
    ctx = {"form": form, "entry": entry, "place": place, "is_own": entry.staff_id == actor.staff_id}
    return render(request, "assessments/file_add.html", ctx, status=status)


@require_safe
def file(request, file_uuid):
    """Hand out a file to whoever may see its entry, to be saved and never shown inside a page; others' are logged."""
    actor = request.actor
    kept = file_for(actor, file_uuid)
    try:
        content = path_of(kept.uuid).read_bytes()
    except FileNotFoundError:
        log.error("attachment %s has no file", kept.uuid)
        raise NotVisible from None
    if kept.entry.staff_id != actor.staff_id:
        record(
            by=actor, action="file.view", now=timezone.now(), subject_uuid=kept.entry.staff.uuid, target=kept
        )
    headers = {
        "Content-Disposition": f'attachment; filename="tenpu.{EXTENSIONS[kept.content_type]}"',
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=kept.content_type, headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def file_remove(request, file_uuid):
    """Ask, and take a file off its entry."""
    actor = request.actor
    kept = file_for(actor, file_uuid)
    if not may(actor, "P03", own=kept.entry.staff_id == actor.staff_id):
        raise Forbidden
    if request.method == "POST":
        remove_file(file=kept, by=actor, now=timezone.now())
        messages.success(request, "ファイルを取り消しました。")
        return redirect(_place(kept.entry))
    _note_view(actor, kept.entry)
    place = _place(kept.entry)
    return render(
        request, "assessments/file_remove.html", {"file": kept, "entry": kept.entry, "place": place}
    )


def _note_view(actor: Actor, entry: Entry) -> None:
    """Leave a trace of the look that somebody else takes at the entry."""
    if entry.staff_id != actor.staff_id:
        record(by=actor, action="entry.view", now=timezone.now(), subject_uuid=entry.staff.uuid, target=entry)


def _place(entry: Entry) -> str:
    return f"{reverse('assessments:entry', args=[entry.uuid])}#files-h"
