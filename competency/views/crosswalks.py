"""Tags beside the matrix and crosswalks to other lists: read by everyone (P23), kept by 体系の編集 (P24)."""

import uuid as uuids
from dataclasses import replace

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Forbidden, Invalid, NotVisible
from access.table import may
from competency import crosswalk_page, crosswalk_reads, lookups
from competency.crosswalk_file import MAX_LINES, CrosswalkFile, Line
from competency.crosswalk_forms import CrosswalkForm, LineForm
from competency.framework_file import MAX_CODE, is_code
from competency.models import Crosswalk
from competency.reference import RULE
from competency.views.draft_tools import differing, sent_again
from competency.workflow import StaleCrosswalk, retire_crosswalk, save_crosswalk
from organization.views.posted import key_of, version_of

_LIST = {"label": "対応表とタグ"}
_MOVES = {"up": -1, "down": 1}


@require_safe
def crosswalks(request):
    """List what the municipality has: its own, and the common ones that it has not made its own."""
    actor = request.actor
    if not may(actor, "P23"):
        raise Forbidden
    ctx = {
        "rows": crosswalk_reads.crosswalks_of(actor),
        "can_edit": may(actor, "P24"),
        "trail": [{"label": "体系", "url": reverse("competency:framework")}],
    }
    return render(request, "competency/crosswalks.html", ctx)


@require_safe
def crosswalk(request, uuid: uuids.UUID):
    """Show one: its lines by the areas of the version in use, and what is missing on either side."""
    actor = request.actor
    row = crosswalk_reads.crosswalk_for(actor, uuid)
    if not may(actor, "P23"):
        raise Forbidden
    own = crosswalk_reads.own_copy_of_crosswalk(actor, row)
    if own is not None:
        return redirect("competency:crosswalk", own.uuid)
    ctx = {
        "row": row,
        "table": crosswalk_page.table(
            crosswalk_reads.content_of(row), crosswalk_page.named(lookups.cells_in_use(actor))
        ),
        "is_rule": row.code == RULE,
        "can_edit": may(actor, "P24"),
        "trail": _trail(),
    }
    return render(request, "competency/crosswalk.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def crosswalk_new(request):
    """Start one of the municipality's own; its lines are added afterwards. A second click finds what the first made."""
    actor = request.actor
    if not may(actor, "P24"):
        raise Forbidden
    if request.method != "POST":
        return _head_page(request, None, CrosswalkForm(new=True, initial={"version": 0}), key=uuids.uuid4())
    key = key_of(request)
    form = CrosswalkForm(request.POST, new=True)
    if not form.is_valid():
        return _head_page(request, None, form, key=key, status=422)
    wanted = _headed(CrosswalkFile(f"own-{key}", form.cleaned_data["kind"], "", 0, ""), form)
    try:
        made = save_crosswalk(crosswalk=None, wanted=wanted, version=0, by=actor, now=timezone.now())
    except StaleCrosswalk as refusal:
        return redirect("competency:crosswalk_edit", refusal.stored.uuid)
    messages.success(request, f"「{made.name}」を作りました。行を加えてください。")
    return redirect("competency:crosswalk_edit", made.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def crosswalk_edit(request, uuid: uuids.UUID):
    """Change what one is, the order of its lines, and whether it is used."""
    actor = request.actor
    row = crosswalk_reads.crosswalk_for(actor, uuid)
    if not may(actor, "P24"):
        raise Forbidden
    if request.method != "POST":
        own = crosswalk_reads.own_copy_of_crosswalk(actor, row)
        if own is not None:
            return redirect("competency:crosswalk_edit", own.uuid)
        return _head_page(request, row, CrosswalkForm(initial=_initial(row)))
    act, _, code = request.POST.get("act", "").partition(":")
    if act:
        return _act(request, row, act, code)
    form = CrosswalkForm(request.POST)
    if not form.is_valid():
        return _head_page(request, row, form, status=422)
    wanted = replace(_headed(crosswalk_reads.stored_content(row), form), proposal=False)
    try:
        saved = save_crosswalk(
            crosswalk=row, wanted=wanted, version=form.cleaned_data["version"], by=actor, now=timezone.now()
        )
    except StaleCrosswalk as refusal:
        again = sent_again(form, CrosswalkForm, version=refusal.stored.version)
        return _head_page(request, refusal.stored, again, status=409, stale=refusal.message)
    messages.success(request, f"「{saved.name}」を保存しました。")
    return redirect("competency:crosswalk", saved.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def crosswalk_line(request, uuid: uuids.UUID):
    """Add a line, or with `?code=` change one or take it out."""
    actor = request.actor
    row = crosswalk_reads.crosswalk_for(actor, uuid)
    if not may(actor, "P24"):
        raise Forbidden
    code = request.GET.get("code", "")
    if code and not (is_code(code) and len(code) <= MAX_CODE):
        raise NotVisible
    parts = crosswalk_page.named(lookups.cells_in_use(actor))
    content = crosswalk_reads.stored_content(row)
    line = content.line(code)
    if request.method != "POST":
        own = crosswalk_reads.own_copy_of_crosswalk(actor, row)
        if own is not None:
            return redirect(f"{reverse('competency:crosswalk_line', args=[own.uuid])}?code={code}")
        if code and line is None:
            raise NotVisible
        form = LineForm(parts, initial=LineForm.initial_of(line, row.version))
        return _line_page(request, row, line, form, key=uuids.uuid4())
    key = None if code else key_of(request)
    if request.POST.get("act") == "remove":
        if line is None:  # the first of two clicks took it out, or somebody else did
            return redirect("competency:crosswalk_edit", row.uuid)
        return _save_line(request, row, content.without_line(code), line, None, version_of(request), key)
    form = LineForm(parts, request.POST)
    if not form.is_valid():
        return _line_page(request, row, line, form, key=key, code=code, status=422)
    if line is None and len(content.lines) >= MAX_LINES:
        form.add_error(None, f"行は{MAX_LINES}件までです。使わない行を外してから加えてください。")
        return _line_page(request, row, line, form, key=key, code=code, status=422)
    made = form.line(code or f"line-{key.hex[:12]}", line)
    wanted = content.with_line(made)
    return _save_line(request, row, wanted, line, form, form.cleaned_data["version"], key)


def _act(request, row: Crosswalk, act: str, code: str):
    """Move a line, or stop using the whole; what others did in between comes back with 409."""
    version, now = version_of(request), timezone.now()
    try:
        if act in ("retire", "restore"):
            saved = retire_crosswalk(
                crosswalk=row, retired=act == "retire", version=version, by=request.actor, now=now
            )
            done = "を使わないことにしました" if saved.retired else "をもう一度使うようにしました"
            messages.success(request, f"「{saved.name}」{done}。")
            return redirect("competency:crosswalk", saved.uuid)
        content = crosswalk_reads.stored_content(row)
        line = content.line(code)
        if act not in _MOVES or line is None:
            raise Invalid
        wanted = replace(content.moved(code, _MOVES[act]), proposal=content.proposal)
        saved = save_crosswalk(crosswalk=row, wanted=wanted, version=version, by=request.actor, now=now)
    except StaleCrosswalk as refusal:
        form = CrosswalkForm(initial=_initial(refusal.stored))
        return _head_page(request, refusal.stored, form, status=409, stale=refusal.message)
    messages.success(request, f"「{line.name}」を動かしました。")
    return redirect(f"{reverse('competency:crosswalk_edit', args=[saved.uuid])}#line-{code}")


def _save_line(
    request,
    row: Crosswalk,
    wanted: CrosswalkFile,
    line: Line | None,
    form: LineForm | None,
    version: int,
    key: uuids.UUID | None,
):
    """Save the lines wanted; a line that was saved by the first of two clicks is found by its code."""
    try:
        saved = save_crosswalk(
            crosswalk=row, wanted=replace(wanted, proposal=False), version=version, by=request.actor,
            now=timezone.now(),
        )  # fmt: skip
    except StaleCrosswalk as refusal:
        stored = refusal.stored
        code = request.GET.get("code", "")
        theirs = crosswalk_reads.stored_content(stored).line(code)
        if form is None:
            parts = crosswalk_page.named(lookups.cells_in_use(request.actor))
            form = LineForm(parts, LineForm.initial_of(theirs or line, stored.version))
            form.full_clean()
        again = sent_again(form, LineForm, form.parts, version=stored.version)
        return _line_page(
            request, stored, theirs, again, key=key, code=code, status=409, stale=refusal.message
        )
    messages.success(request, "行を外しました。" if form is None else "行を保存しました。")
    return redirect("competency:crosswalk_edit", saved.uuid)


def _headed(content: CrosswalkFile, form: CrosswalkForm) -> CrosswalkFile:
    sent = form.cleaned_data
    return replace(content, name=sent["name"], year=sent["year"], source=sent["source"], note=sent["note"])


def _initial(row: Crosswalk) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("version", "name", "year", "source", "note")}


def _head_page(
    request,
    row: Crosswalk | None,
    form: CrosswalkForm,
    *,
    key: uuids.UUID | None = None,
    status: int = 200,
    stale: str = "",
):
    ctx = {
        "row": row,
        "form": form,
        "key": key,
        "lines": crosswalk_reads.content_of(row).lines if row else (),
        "stale": stale,
        "conflict": differing(form, _initial(row)) if stale and row and form.is_bound else [],
        "trail": _trail(row),
    }
    return render(request, "competency/crosswalk_edit.html", ctx, status=status)


def _line_page(
    request,
    row: Crosswalk,
    line: Line | None,
    form: LineForm,
    *,
    key: uuids.UUID | None = None,
    code: str = "",
    status: int = 200,
    stale: str = "",
):
    code = line.code if line else code
    strange = [link.code for link in line.links if not form.parts.has(link)] if line else []
    address = reverse("competency:crosswalk_line", args=[row.uuid])
    ctx = {
        "row": row,
        "line": line,
        "code": code,
        "form": form,
        "key": key if not code else None,
        "action": f"{address}?code={code}" if code else address,
        "strange": strange,
        "is_rule": row.code == RULE,
        "stale": stale,
        "conflict": _line_conflict(form, line) if stale else [],
        "trail": [
            *_trail(row),
            {"label": "編集", "url": reverse("competency:crosswalk_edit", args=[row.uuid])},
        ],
    }
    return render(request, "competency/crosswalk_line.html", ctx, status=status)


def _line_conflict(form: LineForm, line: Line | None) -> list[dict[str, str]]:
    """Return both texts where they differ; nothing beside a line that is gone or not yet there."""
    if line is None:
        return []
    found = differing(form, {"name": line.name, "note": line.note})
    sent = {*form.cleaned_data.get("links", ())}
    stored = {link.key for link in line.links if form.parts.has(link)}
    if sent != stored:
        found.append(
            {
                "label": "対応する区分と項目",
                "mine": form.names_of(sorted(sent)),
                "theirs": form.names_of(sorted(stored)),
            }
        )
    return found


def _trail(row: Crosswalk | None = None) -> list[dict[str, str]]:
    found = [{**_LIST, "url": reverse("competency:crosswalks")}]
    if row is not None:
        found.append({"label": row.name, "url": reverse("competency:crosswalk", args=[row.uuid])})
    return found
