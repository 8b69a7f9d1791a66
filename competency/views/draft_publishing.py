"""A draft is published after its summary was read; a version is taken out of use (P24)."""

import uuid as uuids
from typing import Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden, NotVisible
from access.table import may
from competency import draft_summary, lookups, uses
from competency.framework_file import MAX_NOTE
from competency.models import FrameworkVersion
from competency.views.draft_tools import draft_trail, number_of, refused, sent_again
from competency.workflow.drafts_base import BadValue
from competency.workflow.drafts_publishing import DraftMoved, publish_draft, retire_version
from lib.forms import DadsFormMixin, WrittenField


class PublishForm(DadsFormMixin, forms.Form):
    """What is said of the change, and the version of the draft that the summary shows."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    note = WrittenField(
        label="改定の説明",
        max_length=MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="何をなぜ変えたかを、職員と人事にわかるように書きます。",
    )

    def __init__(self, version: FrameworkVersion, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = bool(version.base_code)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_publish(request, uuid: uuids.UUID):
    """Show what publishing a draft changes for whom; publish it as it was shown."""
    actor = request.actor
    if request.method == "POST":
        published = _published_before(request, uuid)
        if published is not None:
            return redirect("competency:version", uuid)
    shown = lookups.draft_for(actor, uuid)
    if request.method != "POST":
        form = PublishForm(shown, initial={"seen": shown.version, "key": uuids.uuid4(), "note": shown.note})
        return _page(request, shown, form)
    form = PublishForm(shown, request.POST)
    if not form.is_valid():
        return _page(request, shown, form, status=422)
    sent = form.cleaned_data
    try:
        publish_draft(
            version=shown, seen=sent["seen"], note=sent["note"], by=actor, now=timezone.now(), key=sent["key"]
        )
    except BadValue as bad:
        return _page(request, shown, refused(form, bad), status=422)
    except DraftMoved as moved:
        fresh = lookups.draft_for(actor, uuid)
        again = sent_again(form, PublishForm, fresh, seen=fresh.version)
        return _page(request, fresh, again, stale=moved.message, status=409)
    messages.success(
        request,
        f"版「{shown.name}」を公開しました。年度をこの版に移すのは、人事が年度の画面で行います。",
    )
    return redirect("competency:version", shown.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def version_retire(request, uuid: uuids.UUID):
    """Ask, then end the use of a published version of the municipality."""
    actor = request.actor
    shown = lookups.version_for(request, uuid)
    if not may(actor, "P24"):
        raise Forbidden
    if shown.framework.municipality_id is None:
        raise Conflict("全団体に共通の体系は、この画面では変えられません。")
    if shown.state != FrameworkVersion.State.PUBLISHED:
        raise Conflict("この版は、もう使用を終えています。")
    if request.method == "POST":
        retire_version(
            version=shown, lock=number_of(request.POST.get("version")), by=actor, now=timezone.now()
        )
        messages.success(
            request, f"版「{shown.name}」の使用を終えました。記録の中では、これまでどおり読めます。"
        )
        return redirect("competency:drafts")
    ctx = {
        "version": shown,
        "years": uses.years(actor.municipality_id, shown),
        "trail": [{"label": "体系の編集", "url": reverse("competency:drafts")}],
    }
    return render(request, "competency/version_retire.html", ctx)


def _published_before(request, uuid: uuids.UUID) -> FrameworkVersion | None:
    """Return the version that the same click published before, None for a first click."""
    actor = request.actor
    if not may(actor, "P24"):
        raise NotVisible
    try:
        key = uuids.UUID(request.POST.get("key", ""))
    except ValueError:
        return None
    found = FrameworkVersion.objects.visible_to(actor).select_related("framework").filter(uuid=uuid).first()
    if found is None or found.framework.municipality_id != actor.municipality_id:
        return None
    try:
        return publish_draft(version=found, seen=0, note="-", by=actor, now=timezone.now(), key=key)
    except Conflict:
        return None


def _page(request, shown: FrameworkVersion, form: PublishForm, *, stale: str = "", status: int = 200):
    ctx = {
        "version": shown,
        "form": form,
        "summary": draft_summary.summary_of(shown, request.actor.municipality_id),
        "stale": stale,
        "trail": draft_trail(shown),
    }
    return render(request, "competency/draft_publish.html", ctx, status=status)
