"""Keeping the record entry by entry: add, change, remove, bring back (P03). 人事 does it on behalf on the same pages."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.actor import Actor
from access.refusals import Conflict, Invalid, NotVisible
from assessments.entry_form import EntryForm
from assessments.entry_forms import FORMS
from assessments.entry_options import options_for
from assessments.entry_reads import Shown, with_parts
from assessments.entry_values import EntryValues, values_of
from assessments.evidence_reads import place_of, rating_lines
from assessments.lookups import check_keeper, entry_to_keep, record_owner_for
from assessments.models import Entry, Training
from assessments.workflow.entries import (
    ENTRY_STALE,
    REMOVED,
    STILL_OPEN,
    StaleEntry,
    add_entry,
    change_entry,
    remove_entry,
    restore_entry,
)
from audit.models import record
from competency.models import Qualification
from lib.dates import format_wareki
from lib.text import clean
from organization.models import Staff


@require_http_methods(["GET", "HEAD", "POST"])
def entry_new(request, staff_uuid: uuid.UUID, entry_kind: str):
    """Add an entry of one kind. Other pages fill in `title` and `cell` by the address."""
    actor = request.actor
    staff = record_owner_for(actor, staff_uuid)
    check_keeper(actor, staff)
    kind = _kind(entry_kind)
    options = options_for(actor, staff, kind)
    if request.method != "POST":
        title = clean(request.GET.get("title", ""))
        initial = {"key": uuid.uuid4(), "cells": request.GET.getlist("cell")}
        if title:
            initial |= FORMS[kind].named(title, options)
        return _new(request, staff, kind, FORMS[kind](options, initial=initial))
    form = FORMS[kind](options, request.POST)
    if not form.is_valid():
        return _new(request, staff, kind, form, status=422)
    if form.cleaned_data["key"] is None:
        raise Invalid
    made = add_entry(
        staff=staff, values=form.values(), by=actor, now=timezone.now(), key=form.cleaned_data["key"]
    )
    messages.success(request, f"「{made.title}」を記録しました。{_proposal(form)}")
    return redirect(place_of(staff.uuid, made.uuid))


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request, entry_uuid: uuid.UUID):
    """Show and save one entry; opening another's is logged. A form with an old version comes back with 409 and both texts."""
    actor = request.actor
    found = entry_to_keep(actor, entry_uuid)
    if request.method != "POST" and found.staff_id != actor.staff_id:
        record(by=actor, action="entry.view", now=timezone.now(), subject_uuid=found.staff.uuid, target=found)
    shown = with_parts([found])[0]
    if found.removed_at is not None or _is_open(shown):
        refusal = REMOVED if found.removed_at is not None else STILL_OPEN
        return _closed(request, shown, refusal if request.method == "POST" else "")
    stored = values_of(found, shown.cells)
    if request.method != "POST":
        form = _form(actor, shown, stored)
        return _page(request, shown, form)
    form = _form(actor, shown, stored, request.POST)
    if not form.is_valid():
        return _page(request, shown, form, status=422)
    version = form.cleaned_data["version"]
    if version is None:
        raise Invalid
    try:
        saved = change_entry(entry=found, values=form.values(), version=version, by=actor, now=timezone.now())
    except StaleEntry as refusal:
        # What was sent stands in the fields, the stored beside them; the next save is of the new version.
        posted = request.POST.copy()
        posted["version"] = str(refusal.version)
        fresh = with_parts([entry_to_keep(actor, entry_uuid)])[0]
        if fresh.entry.removed_at is not None:
            return _closed(request, fresh, REMOVED, unsent=form.told(form.values()))
        sent = _form(actor, fresh, refusal.stored, posted)
        sent.full_clean()
        sent.tell_stored(refusal.stored, form.values())
        return _page(request, fresh, sent, stale=ENTRY_STALE, status=409)
    messages.success(request, f"「{saved.title}」を保存しました。{_proposal(form)}")
    return redirect(place_of(saved.staff.uuid, saved.uuid))


@require_POST
def entry_remove(request, entry_uuid: uuid.UUID):
    """Take an entry off the record; the answer is a page from which it comes back."""
    found = entry_to_keep(request.actor, entry_uuid)
    return _act(request, found, remove_entry, f"「{found.title}」を取り消しました。")


@require_POST
def entry_restore(request, entry_uuid: uuid.UUID):
    """Bring a removed entry back."""
    found = entry_to_keep(request.actor, entry_uuid)
    return _act(request, found, restore_entry, f"「{found.title}」を元に戻しました。")


def _kind(text: str) -> str:
    if text not in FORMS:
        raise NotVisible
    return text


def _is_open(shown: Shown) -> bool:
    return shown.entry.kind == Entry.Kind.TRAINING and shown.detail.state in Training.OPEN


def _act(request, found: Entry, act, told: str):
    version = request.POST.get("version", "")
    if not version.isascii() or not version.isdigit() or len(version) > 9:
        raise Invalid
    try:
        act(entry=found, version=int(version), by=request.actor, now=timezone.now())
    except Conflict as refusal:
        shown = with_parts([entry_to_keep(request.actor, found.uuid)])[0]
        if shown.entry.removed_at is not None or _is_open(shown):
            return _closed(request, shown, refusal.message)
        stored = values_of(shown.entry, shown.cells)
        return _page(request, shown, _form(request.actor, shown, stored), stale=refusal.message, status=409)
    messages.success(request, told)
    return redirect("assessments:entry", found.uuid)


def _form(actor: Actor, shown: Shown, stored: EntryValues, data=None) -> EntryForm:
    kind = shown.entry.kind
    detail = shown.detail
    qualification: Qualification | None = getattr(detail, "qualification", None)
    options = options_for(
        actor, shown.entry.staff, kind, codes=shown.cells, qualification=qualification,
        successor=getattr(detail, "successor", None),
    )  # fmt: skip
    form = FORMS[kind]
    if data is not None:
        return form(options, data, stored=stored)
    initial = {**form.initial_of(stored, options), "version": shown.entry.version}
    return form(options, initial=initial, stored=stored)


def _proposal(form: EntryForm) -> str:
    """Say which 更新期限 was filled in, if any."""
    proposed = getattr(form, "proposed", None)
    if proposed is None:
        return ""
    return f"更新期限は{format_wareki(proposed)}と計算しました。違うときは直してください。"


def _new(request, staff: Staff, kind: str, form: EntryForm, *, status: int = 200):
    ctx = {
        "staff": staff,
        "form": form,
        "kind": Entry.Kind(kind),
        "is_own": staff.pk == request.actor.staff_id,
        "back": _resume(request.actor, staff),
        "trail": _trail(request.actor, staff),
    }
    return render(request, "assessments/entry_new.html", ctx, status=status)


def _page(request, shown: Shown, form: EntryForm, *, stale: str = "", status: int = 200):
    staff = shown.entry.staff
    ctx = {
        "staff": staff,
        "shown": shown,
        "form": form,
        "stale": stale,
        "kind": Entry.Kind(shown.entry.kind),
        "is_own": staff.pk == request.actor.staff_id,
        "ratings": rating_lines(shown.ratings, shown.names),
        "back": place_of(staff.uuid, shown.entry.uuid),
        "trail": _trail(request.actor, staff),
    }
    return render(request, "assessments/entry.html", ctx, status=status)


def _closed(request, shown: Shown, refusal: str, *, unsent: dict[str, str] | None = None):
    """Show an entry that cannot be changed now: removed, or an application that is open."""
    staff = shown.entry.staff
    ctx = {
        "staff": staff,
        "shown": shown,
        "refusal": refusal,
        "unsent": [text for text in (unsent or {}).values() if text],
        "kind": Entry.Kind(shown.entry.kind),
        "is_own": staff.pk == request.actor.staff_id,
        "back": _resume(request.actor, staff),
        "trail": _trail(request.actor, staff),
    }
    return render(request, "assessments/entry_closed.html", ctx, status=409 if refusal else 200)


def _resume(actor: Actor, staff: Staff) -> str:
    if staff.pk == actor.staff_id:
        return reverse("assessments:my_resume")
    return reverse("assessments:resume", args=[staff.uuid])


def _trail(actor: Actor, staff: Staff) -> list[dict[str, str]]:
    return [
        {"label": "ホーム", "url": reverse("assessments:home")},
        {"label": "スキル履歴書", "url": _resume(actor, staff)},
    ]
