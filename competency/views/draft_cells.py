"""One 項目 of a draft: its form with a preview of the sheet, and how it is taken out (P24)."""

import uuid as uuids

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, NotVisible
from competency import draft_reads, lookups, uses
from competency.draft_cell_forms import CellForm
from competency.draft_codes import propose
from competency.models import Area, Cell, CellOrigin, FrameworkVersion, Step
from competency.views.draft_tools import differing, draft_trail, number_of, refused, sent_again
from competency.workflow.drafts_base import BadValue, StaleRow
from competency.workflow.drafts_cells import KEEP, add_cell, change_cell
from competency.workflow.drafts_origins import drop_cell


@require_http_methods(["GET", "HEAD", "POST"])
def draft_cell_new(request, uuid: uuids.UUID):
    """Add a 項目 that came from nowhere; `?area=` is the code of the 区分 that is chosen beforehand."""
    version = lookups.draft_for(request.actor, uuid)
    areas, stages = lookups.places_of(version)
    if not areas:
        raise Conflict("先に、区分を1つ作ってください。")
    if request.method != "POST":
        area = next((each for each in areas if each.code == request.GET.get("area")), areas[0])
        taken = set(version.cells.values_list("code", flat=True))
        for ancestor in draft_reads.ancestors_of(version):
            taken |= set(ancestor.labels)
        initial = {
            "lock": 0, "key": uuids.uuid4(), "area": str(area.uuid), "stage": str(stages[0].uuid),
            "placement": KEEP, "in_use": True, "code": propose(area.code, taken),
        }  # fmt: skip
        return _page(request, version, CellForm(areas, stages, initial=initial))
    form = CellForm(areas, stages, request.POST)
    if not form.is_valid():
        return _page(request, version, form, status=422)
    try:
        cell = add_cell(
            version=version,
            values=form.values(),
            by=request.actor,
            now=timezone.now(),
            key=form.cleaned_data["key"],
        )
    except BadValue as bad:
        return _page(request, version, refused(form, bad), status=422)
    cell.refresh_from_db(fields=["label"])
    messages.success(request, f"項目「{cell.label}」を加えました。")
    return redirect("competency:draft_cell", version.uuid, cell.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_cell(request, uuid: uuids.UUID, cell_uuid: uuids.UUID):
    """Change a 項目: what it is called, where it stands, its wording; show how the sheet will show it."""
    version = lookups.draft_for(request.actor, uuid)
    try:
        cell = lookups.draft_cell_for(version, cell_uuid)
    except NotVisible:
        if request.method != "POST":
            raise
        # What was typed stands on the page that says so.
        raise Conflict("この項目は、ほかの画面で先に消されました。まだ保存していません。") from None
    areas, stages = lookups.places_of(version)
    if request.method != "POST":
        form = CellForm(areas, stages, initial=CellForm.initial_of(cell, texts=_texts(cell)))
        return _page(request, version, form, cell=cell)
    form = CellForm(areas, stages, request.POST)
    if not form.is_valid():
        return _page(request, version, form, cell=cell, status=422)
    try:
        changed = change_cell(
            version=version,
            cell=cell,
            values=form.values(),
            lock=form.cleaned_data["lock"],
            by=request.actor,
            now=timezone.now(),
        )
    except BadValue as bad:
        return _page(request, version, refused(form, bad), cell=cell, status=422)
    except StaleRow as refusal:
        if refusal.stored is None:
            raise
        stored = refusal.stored
        conflict = differing(form, CellForm.initial_of(stored, texts=_texts(stored, every=True)))
        again = sent_again(form, CellForm, areas, stages, lock=stored.lock)
        return _page(request, version, again, cell=cell, conflict=conflict, stale=refusal.message, status=409)
    messages.success(request, f"項目「{changed.label}」を保存しました。")
    return redirect("competency:draft_cell", version.uuid, changed.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_cell_remove(request, uuid: uuids.UUID, cell_uuid: uuids.UUID):
    """Say who uses a 項目, ask, then take it out of the draft."""
    version = lookups.draft_for(request.actor, uuid)
    cell = lookups.draft_cell_for(version, cell_uuid)
    if request.method == "POST":
        try:
            drop_cell(
                version=version,
                cell=cell,
                lock=number_of(request.POST.get("lock")),
                by=request.actor,
                now=timezone.now(),
            )
        except StaleRow as refusal:
            raise Conflict(
                f"「{cell.label}」は、ほかの画面で先に変更されました。外していません。画面を開き直してください。"
            ) from refusal
        messages.success(request, f"項目「{cell.label}」を下書きから外しました。")
        return redirect("competency:draft", version.uuid)
    ctx = {
        "version": version,
        "cell": cell,
        "uses": _uses(request, version, cell),
        "trail": draft_trail(version),
    }
    return render(request, "competency/draft_cell_remove.html", ctx)


def _texts(cell: Cell, *, every: bool = False) -> dict[int, str]:
    """Return the wording by step; with `every` an empty one for each step without."""
    found = {step.value: "" for step in Step} if every else {}
    return found | {wording.step: wording.text for wording in cell.wordings.all()}


def _uses(request, version: FrameworkVersion, cell: Cell) -> list[dict]:
    """Return who uses the cells of the base that this one came from; a list, empty for what is new."""
    if version.based_on is None:
        return []
    base = Cell.objects.filter(version=version.based_on, code=OuterRef("code"))
    named = CellOrigin.objects.filter(cell=cell).annotate(label=Subquery(base.values("label")[:1]))
    origins = list(named)
    if not origins:
        return []
    used = uses.cells(request.actor.municipality_id, version.based_on)
    return [
        {
            "name": origin.label or origin.code,
            "rule": origin.get_rule_display(),
            "use": used.get(origin.code),
        }
        for origin in origins
    ]


def _page(
    request,
    version: FrameworkVersion,
    form: CellForm,
    *,
    cell: Cell | None = None,
    conflict=(),
    stale: str = "",
    status: int = 200,
):
    said = {field.name: field.value() or "" for field in form}
    area: Area | None = next((each for each in form.areas if str(each.uuid) == said["area"]), None)
    stage = next((each for each in form.stages if str(each.uuid) == said["stage"]), None)
    comments = []
    if cell:
        found = version.comments.filter(cell_code=cell.code).select_related("author", "settled_by")
        comments = list(found)
    ctx = {
        "version": version,
        "cell": cell,
        "form": form,
        "action": reverse("competency:draft_cell", args=[version.uuid, cell.uuid])
        if cell
        else reverse("competency:draft_cell_new", args=[version.uuid]),
        "preview": {
            "area": area.name if area else "",
            "task": said["task"],
            "example": said["example"],
            "stage": stage,
            "steps": [(step, said[f"wording_{step.value}"]) for step in Step],
        },
        "uses": _uses(request, version, cell) if cell else [],
        "comments": comments,
        "comment_key": uuids.uuid4(),
        "comment_text": "",
        "comment_error": "",
        "conflict": conflict,
        "stale": stale,
        "trail": draft_trail(version),
    }
    return render(request, "competency/draft_cell.html", ctx, status=status)
