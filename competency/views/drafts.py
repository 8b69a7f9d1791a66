"""The desk for 体系の編集: drafts, how one is made, its matrix on one screen, and what is done to it there (P24)."""

import uuid as uuids

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.refusals import Conflict, Forbidden, Invalid, TooLarge
from access.table import may
from competency import draft_page, interchange, lookups
from competency.draft_forms import SettingsForm, StartForm, UploadForm
from competency.framework_shape import FrameworkFileError
from competency.models import Area, Category, Cell, FrameworkVersion
from competency.views.draft_tools import differing, draft_trail, number_of, refused, sent_again
from competency.workflow.drafts import change_draft, delete_draft, draft_from_file, start_draft, values_of
from competency.workflow.drafts_base import BadValue, StaleRow, part_of
from competency.workflow.drafts_cells import confirm_placements, move_cell
from competency.workflow.drafts_parts import move_part

_PROBLEMS_SHOWN = 500
_NOTES_SHOWN = 20
_DIRECTIONS = ("up", "down", "left", "right")
_PARTS = {"category": Category, "area": Area, "cell": Cell}


@require_safe
def drafts(request):
    """Show the drafts of the municipality, its versions, and how a new draft begins."""
    actor = request.actor
    if not may(actor, "P24"):
        raise Forbidden
    versions = list(lookups.readable_versions(actor))
    ctx = {
        "drafts": [each for each in versions if each.state == FrameworkVersion.State.DRAFT],
        "versions": [each for each in versions if each.state != FrameworkVersion.State.DRAFT],
        "trail": [{"label": "体系", "url": reverse("competency:framework")}],
    }
    return render(request, "competency/drafts.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_new(request):
    """Copy a version into a draft of the municipality."""
    actor = request.actor
    if not may(actor, "P24"):
        raise Forbidden
    versions = FrameworkVersion.objects.visible_to(actor).select_related("framework")
    versions = versions.order_by("framework__municipality", "framework__name", "-published_at")
    if request.method != "POST":
        wanted = request.GET.get("base", "")
        form = StartForm(versions, initial={"key": uuids.uuid4(), "base": wanted})
        return _form(request, "draft_new", form)
    form = StartForm(versions, request.POST)
    if not form.is_valid():
        return _form(request, "draft_new", form, status=422)
    sent = form.cleaned_data
    try:
        made = start_draft(
            base=sent["base"],
            name=sent["name"],
            framework_name=sent["framework_name"],
            by=actor,
            now=timezone.now(),
            key=sent["key"],
        )
    except BadValue as bad:
        return _form(request, "draft_new", refused(form, bad), status=422)
    messages.success(request, f"下書き「{made.name}」を作りました。公開するまで、ほかの職員には見えません。")
    return redirect("competency:draft", made.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_upload(request):
    """Take a file as a draft of the municipality, whole or not at all."""
    actor = request.actor
    if not may(actor, "P24"):
        raise Forbidden
    if request.method != "POST":
        return _form(request, "draft_upload", UploadForm(initial={"key": uuids.uuid4()}), problems=[])
    if any(file.size > settings.IMPORT_MAX_BYTES for file in request.FILES.values()):
        raise TooLarge(f"{settings.IMPORT_MAX_BYTES // 1024 // 1024}MBまでのファイルを選んでください。")
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, "draft_upload", form, problems=[], status=422)
    file = form.cleaned_data["file"]
    try:
        parsed, notes = interchange.read(file.read().decode("utf-8-sig"))
        made = draft_from_file(parsed=parsed, by=actor, now=timezone.now(), key=form.cleaned_data["key"])
    except UnicodeDecodeError:
        found = ["文字コードがUTF-8ではありません。UTF-8で保存し直してください。"]
    except FrameworkFileError as refusal:
        found = refusal.errors
    except (BadValue, Conflict) as refusal:
        found = [refusal.message]
    else:
        messages.success(request, f"ファイルから下書き「{made.name}」を作りました。")
        if notes:
            more = [f"ほかに{len(notes) - _NOTES_SHOWN}件あります。"] if len(notes) > _NOTES_SHOWN else []
            told = ["ファイルのうち、そのままでは取り込めなかったもの：", *notes[:_NOTES_SHOWN], *more]
            messages.warning(request, "\n".join(told))
        return redirect("competency:draft", made.uuid)
    return _form(
        request,
        "draft_upload",
        UploadForm(initial={"key": uuids.uuid4()}),
        status=422,
        file_name=file.name,
        problems=found[:_PROBLEMS_SHOWN],
        more=max(len(found) - _PROBLEMS_SHOWN, 0),
    )


@require_safe
def draft(request, uuid: uuids.UUID):
    """Show the matrix of a draft with everything that can be done to it; a published version is shown as such."""
    try:
        shown = lookups.draft_for(request.actor, uuid)
    except Conflict:
        return redirect("competency:version", uuid)
    return _desk(request, shown)


@require_POST
def draft_act(request, uuid: uuids.UUID):
    """Move one part of the matrix, or confirm the places of the chosen marks."""
    actor = request.actor
    shown = lookups.draft_for(actor, uuid)
    now = timezone.now()
    address = reverse("competency:draft", args=[shown.uuid])
    act = request.POST.get("act", "")
    if act == "confirm":
        chosen = [_named(shown, Cell, each) for each in request.POST.getlist("cell")]
        if not chosen:
            messages.warning(request, "確認済みにする項目を選んでください。")
            return redirect(address)
        try:
            count = confirm_placements(version=shown, chosen=chosen, by=actor, now=now)
        except Conflict as refusal:
            return _desk(request, shown, problem=refusal.message)
        messages.success(request, f"{count}項目の位置を確認済みにしました。")
        return redirect(address)
    if not act:
        return redirect(address)
    kind, _, rest = act.partition(":")
    direction, _, named = rest.partition(":")
    if kind not in _PARTS or direction not in (_DIRECTIONS if kind == "cell" else _DIRECTIONS[:2]):
        raise Invalid
    row, lock = _named(shown, _PARTS[kind], named)
    try:
        if isinstance(row, Cell):
            move_cell(version=shown, cell=row, direction=direction, lock=lock, by=actor, now=now)
        else:
            move_part(version=shown, part=row, up=direction == "up", lock=lock, by=actor, now=now)
    except StaleRow:
        told = f"「{row}」は、ほかの画面で先に変更されました。動かしていません。いまの表を確かめてください。"
        return _desk(request, shown, problem=told)
    return redirect(f"{address}#{kind}-{row.code}")


@require_http_methods(["GET", "HEAD", "POST"])
def draft_settings(request, uuid: uuids.UUID):
    """Change what a draft says of itself: its name, the names of the 段階, 出典 and 改定の説明."""
    shown = lookups.draft_for(request.actor, uuid)
    if request.method != "POST":
        form = SettingsForm(initial=SettingsForm.initial_of(values_of(shown)))
        return _form(request, "draft_settings", form, shown=shown, conflict=[])
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return _form(request, "draft_settings", form, shown=shown, conflict=[], status=422)
    try:
        change_draft(
            version=shown,
            values=form.values(),
            seen=form.values("seen_"),
            by=request.actor,
            now=timezone.now(),
        )
    except BadValue as bad:
        bad.field = "stage_0" if bad.field == "stages" else bad.field
        return _form(request, "draft_settings", refused(form, bad), shown=shown, conflict=[], status=422)
    except StaleRow as refusal:
        initial = SettingsForm.initial_of(values_of(refusal.stored))
        conflict = differing(form, initial)
        seen = {name: text for name, text in initial.items() if name.startswith("seen_")}
        again = sent_again(form, SettingsForm, **seen)
        return _form(
            request,
            "draft_settings",
            again,
            shown=shown,
            conflict=conflict,
            stale=refusal.message,
            status=409,
        )
    messages.success(request, "保存しました。")
    return redirect("competency:draft", shown.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_delete(request, uuid: uuids.UUID):
    """Ask, then throw a draft away with everything in it."""
    shown = lookups.draft_for(request.actor, uuid)
    if request.method == "POST":
        delete_draft(version=shown, by=request.actor, now=timezone.now())
        messages.success(request, f"下書き「{shown.name}」を消しました。")
        return redirect("competency:drafts")
    ctx = {
        "version": shown,
        "cells": shown.cells.count(),
        "comments": shown.comments.count(),
        "trail": draft_trail(shown),
    }
    return render(request, "competency/draft_delete.html", ctx)


def _desk(request, shown: FrameworkVersion, *, problem: str = ""):
    """Show the matrix as it is now; with 409 and the sentence where an act met another's."""
    ctx = {
        "version": shown,
        "desk": draft_page.desk_of(shown, request.actor.municipality_id),
        "problem": problem,
        "trail": [{"label": "体系の編集", "url": reverse("competency:drafts")}],
    }
    return render(request, "competency/draft.html", ctx, status=409 if problem else 200)


def _named(version: FrameworkVersion, model, text: str):
    """Return the row and the lock that a control names as uuid:lock; raises Invalid."""
    name, _, lock = text.partition(":")
    try:
        found = uuids.UUID(name)
    except ValueError:
        raise Invalid from None
    return part_of(model, version, found), number_of(lock)


def _form(request, name: str, form, *, shown: FrameworkVersion | None = None, status: int = 200, **more):
    ctx = {
        "form": form,
        "version": shown,
        "stale": "",
        "trail": draft_trail(shown)
        if shown
        else [{"label": "体系の編集", "url": reverse("competency:drafts")}],
        **more,
    }
    return render(request, f"competency/{name}.html", ctx, status=status)
