"""分類 and 区分 of a draft: a form each, and the way to take an empty one out (P24)."""

import uuid as uuids

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, NotVisible
from competency import lookups
from competency.draft_codes import propose
from competency.draft_forms import PartForm
from competency.models import Area, Category, FrameworkVersion
from competency.views.draft_tools import differing, draft_trail, number_of, refused, sent_again
from competency.workflow.drafts_base import BadValue, StaleRow
from competency.workflow.drafts_parts import add_part, change_part, remove_part


@require_http_methods(["GET", "HEAD", "POST"])
def draft_category_new(request, uuid: uuids.UUID):
    """Add a 分類."""
    return _new(request, lookups.draft_for(request.actor, uuid), Category)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_area_new(request, uuid: uuids.UUID):
    """Add a 区分; `?in=` is the code of the 分類 that is chosen beforehand."""
    return _new(request, lookups.draft_for(request.actor, uuid), Area)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_category(request, uuid: uuids.UUID, part_uuid: uuids.UUID):
    """Change a 分類, or take it out where it is empty."""
    return _one(request, lookups.draft_for(request.actor, uuid), Category, part_uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_area(request, uuid: uuids.UUID, part_uuid: uuids.UUID):
    """Change a 区分, or take it out where it is empty."""
    return _one(request, lookups.draft_for(request.actor, uuid), Area, part_uuid)


def _new(request, version: FrameworkVersion, model):
    categories = list(version.categories.all()) if model is Area else None
    if model is Area and not categories:
        raise Conflict("先に、分類を1つ作ってください。")
    if request.method != "POST":
        taken = set(model.objects.filter(version=version).values_list("code", flat=True))
        stem = "area" if model is Area else "category"
        wanted = next((each for each in categories or [] if each.code == request.GET.get("in")), None)
        initial = {"lock": 0, "key": uuids.uuid4(), "code": propose(stem, taken, joint="-")}
        form = PartForm(categories, initial=initial | ({"category": str(wanted.uuid)} if wanted else {}))
        return _page(request, version, model, form)
    form = PartForm(categories, request.POST)
    if not form.is_valid():
        return _page(request, version, model, form, status=422)
    try:
        row = add_part(
            version=version,
            values=form.values(),
            by=request.actor,
            now=timezone.now(),
            key=form.cleaned_data["key"],
        )
    except BadValue as bad:
        return _page(request, version, model, refused(form, bad), status=422)
    messages.success(request, f"{model._meta.verbose_name}「{row.name}」を加えました。")
    return _back(version, row)


def _one(request, version: FrameworkVersion, model, part_uuid: uuids.UUID):
    rows = model.objects.filter(version=version, uuid=part_uuid)
    part = (rows.select_related("category") if model is Area else rows).first()
    if part is None:
        raise NotVisible
    categories = list(version.categories.all()) if model is Area else None
    if request.method != "POST":
        return _page(
            request, version, model, PartForm(categories, initial=PartForm.initial_of(part)), part=part
        )
    if request.POST.get("act") == "remove":
        remove_part(
            version=version,
            part=part,
            lock=number_of(request.POST.get("lock")),
            by=request.actor,
            now=timezone.now(),
        )
        messages.success(request, f"{model._meta.verbose_name}「{part.name}」を消しました。")
        return redirect("competency:draft", version.uuid)
    form = PartForm(categories, request.POST)
    if not form.is_valid():
        return _page(request, version, model, form, part=part, status=422)
    try:
        changed = change_part(
            version=version,
            part=part,
            values=form.values(),
            lock=form.cleaned_data["lock"],
            by=request.actor,
            now=timezone.now(),
        )
    except BadValue as bad:
        return _page(request, version, model, refused(form, bad), part=part, status=422)
    except StaleRow as refusal:
        if refusal.stored is None:
            raise
        conflict = differing(form, PartForm.initial_of(refusal.stored))
        again = sent_again(form, PartForm, categories, lock=refusal.stored.lock)
        return _page(
            request, version, model, again, part=part, conflict=conflict, stale=refusal.message, status=409
        )
    messages.success(request, f"{model._meta.verbose_name}「{changed.name}」を保存しました。")
    return _back(version, changed)


def _back(version: FrameworkVersion, row):
    kind = type(row).__name__.lower()
    return redirect(f"{reverse('competency:draft', args=[version.uuid])}#{kind}-{row.code}")


def _page(
    request, version: FrameworkVersion, model, form, *, part=None, conflict=(), stale="", status: int = 200
):
    filled = part is not None and (part.cells if model is Area else part.areas).exists()
    ctx = {
        "version": version,
        "noun": model._meta.verbose_name,
        "inner": "項目" if model is Area else "区分",
        "form": form,
        "part": part,
        "filled": filled,
        "conflict": conflict,
        "stale": stale,
        "trail": draft_trail(version),
    }
    return render(request, "competency/draft_part.html", ctx, status=status)
