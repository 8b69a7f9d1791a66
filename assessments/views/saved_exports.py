"""保存した条件: another name for a saved export, or none at all. One's own alone (P20)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.refusals import Conflict
from assessments.export_forms import NameForm
from assessments.lookups import saved_export_for
from assessments.workflow.exporting import NAME_TAKEN, delete_export, rename_export
from organization.views.posted import version_of


@require_http_methods(["GET", "HEAD", "POST"])
def saved_export(request, saved_uuid: uuid.UUID):
    """Give a saved definition another name."""
    actor = request.actor
    saved = saved_export_for(actor, saved_uuid)
    posted = request.method == "POST"
    form = NameForm(saved, request.POST if posted else None)
    status = 422 if posted else 200
    if posted and form.is_valid():
        try:
            rename_export(
                saved=saved, version=version_of(request), name=form.cleaned_data["name"], by=actor, now=timezone.now()
            )  # fmt: skip
        except Conflict as refusal:
            if refusal.message != NAME_TAKEN:
                raise
            form.add_error("name", refusal.message)
            status = 409
        else:
            messages.success(request, "名前を変えました。")
            return redirect("assessments:exports")
    ctx = {
        "form": form,
        "saved": saved,
        "trail": [{"label": "出力", "url": reverse("assessments:exports")}],
    }
    return render(request, "assessments/saved_export.html", ctx, status=status)


@require_POST
def saved_export_delete(request, saved_uuid: uuid.UUID):
    """Forget a saved definition."""
    saved = saved_export_for(request.actor, saved_uuid)
    delete_export(saved=saved, by=request.actor, now=timezone.now())
    messages.success(request, f"保存した条件「{saved.name}」を消しました。")
    return redirect("assessments:exports")
