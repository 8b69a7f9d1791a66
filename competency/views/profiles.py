"""期待像: which steps each 職位 is expected to have, kept by 人事 (P17, for the whole municipality)."""

import uuid

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Forbidden, NotVisible
from access.table import may
from competency import lookups
from competency.models import Cell
from competency.profile_form import ProfileForm
from competency.workflow import StaleProfile, load_profile, save_profile
from organization.models import Position


@require_safe
def profiles(request):
    """List the 職位 with how many cells have a target, retired ones apart."""
    _check(request)
    cells = _cells(request)
    mine = Q(profile__targets__cell_code__in=[cell.code for cell in cells])
    known = list(lookups.positions_of(request.actor).annotate(aimed=Count("profile__targets", filter=mine)))
    ctx = {
        "positions": [one for one in known if not one.retired],
        "retired": [one for one in known if one.retired],
        "cells": len(cells),
        "trail": [{"label": "ホーム", "url": "/"}],
    }
    return render(request, "competency/profiles.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request, position_uuid: uuid.UUID):
    """Show and save one 期待像. A form sent with an old version comes back with 409 and both values."""
    _check(request)
    actor = request.actor
    known = list(lookups.positions_of(actor).annotate(aimed=Count("profile__targets")))
    position = _one(known, str(position_uuid))
    cells = _cells(request)
    others = [one for one in known if one.aimed and one.pk != position.pk]
    if request.method != "POST":
        steps, version = load_profile(position)
        source = _one(others, request.GET["copy"]) if "copy" in request.GET else None
        if source is not None:
            steps = load_profile(source)[0]
        form = ProfileForm(cells, initial=ProfileForm.values_of(steps, cells, version))
        return _page(request, position, form, others, source=source)
    form = ProfileForm(cells, request.POST)
    if not form.is_valid():
        return _page(request, position, form, others, status=422)
    try:
        save_profile(
            position=position, targets=form.targets(), version=form.cleaned_data["version"], by=actor,
            now=timezone.now(),
        )  # fmt: skip
    except StaleProfile as refusal:
        sent = ProfileForm(cells, {**request.POST.dict(), "version": str(refusal.version)})
        sent.full_clean()
        return _page(request, position, sent, others, refusal=refusal, status=409)
    messages.success(request, f"{position.name}の期待像を保存しました。")
    return redirect("competency:profiles")


def _check(request) -> None:
    if not may(request.actor, "P17c"):
        raise Forbidden("期待像を決めるのは人事です。")


def _cells(request) -> list[Cell]:
    """Return the cells of the version in use, in the order of the matrix; [] where there is none yet."""
    versions = lookups.versions_of(request)
    return list(Cell.objects.of_version(versions[0].pk)) if versions else []


def _one(positions: list[Position], text: str) -> Position:
    """Return the 職位 with this uuid of a list; NotVisible for any other text."""
    found = next((one for one in positions if str(one.uuid) == text), None)
    if found is None:
        raise NotVisible
    return found


def _page(
    request, position: Position, form: ProfileForm, others: list[Position], *, source: Position | None = None,
    refusal: StaleProfile | None = None, status: int = 200,
):  # fmt: skip
    ctx = {
        "position": position,
        "form": form,
        "groups": form.groups(refusal.stored if refusal else None),
        "others": [] if refusal else others,
        "source": source,
        "stale": refusal.message if refusal else "",
        "problems": [
            {"target": form[name].id_for_label, "text": f"{form[name].label}：{error}"}
            for name, errors in form.errors.items()
            if name != "__all__"
            for error in errors
        ],
        "trail": [
            {"label": "ホーム", "url": "/"},
            {"label": "職位の期待像", "url": reverse("competency:profiles")},
        ],
    }
    return render(request, "competency/profile.html", ctx, status=status)
