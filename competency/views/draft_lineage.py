"""Where the 項目 of a draft come from: the list of all, one changed, split, several joined, a dropped one back (P24)."""

import uuid as uuids

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Invalid
from competency import draft_reads, lookups
from competency.draft_cell_forms import MOST_PIECES, OriginsForm, PieceForm, RuleForm
from competency.draft_codes import propose
from competency.models import Cell, CellOrigin, FrameworkVersion
from competency.views.draft_tools import differing, draft_trail, number_of, refused, sent_again
from competency.workflow.drafts_base import BadValue, StaleRow, part_of
from competency.workflow.drafts_origins import join_cells, restore_cell, set_origins, split_cell


@require_http_methods(["GET", "HEAD", "POST"])
def draft_origins(request, uuid: uuids.UUID):
    """List what every 項目 came from and what becomes of its ratings; bring one back that was dropped."""
    version = lookups.draft_for(request.actor, uuid)
    if request.method == "POST":
        try:
            cell = restore_cell(
                version=version, code=request.POST.get("code", ""), by=request.actor, now=timezone.now()
            )
        except BadValue as bad:
            raise Conflict(bad.message) from bad
        cell.refresh_from_db(fields=["label"])
        messages.success(request, f"項目「{cell.label}」を下書きに戻しました。")
        return redirect("competency:draft_origins", version.uuid)
    names = dict(version.based_on.cells.values_list("code", "label")) if version.based_on else {}
    words = dict(CellOrigin.Rule.choices)
    rows = [
        {
            "cell": cell,
            "origins": [
                {"name": names.get(one.code, one.code), "code": one.code, "rule": words[one.rule]}
                for one in cell.origins.all()
            ],
        }
        for cell in Cell.objects.in_order().filter(version=version).prefetch_related("origins")
    ]
    ctx = {
        "version": version,
        "rows": rows,
        "dropped": draft_reads.dropped_cells(version),
        "trail": draft_trail(version),
    }
    return render(request, "competency/draft_origins.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_cell_origins(request, uuid: uuids.UUID, cell_uuid: uuids.UUID):
    """Say which cells of the base a 項目 came from, and what becomes of the ratings of each."""
    version = lookups.draft_for(request.actor, uuid)
    cell = lookups.draft_cell_for(version, cell_uuid)
    if version.based_on is None:
        raise Conflict("この下書きには、もとの版がありません。")
    base = list(Cell.objects.in_order().filter(version=version.based_on))
    stored = dict(CellOrigin.objects.filter(cell=cell).values_list("code", "rule"))
    if request.method != "POST":
        form = OriginsForm(base, initial=OriginsForm.initial_of(cell, stored))
        return _origins(request, version, cell, form)
    form = OriginsForm(base, request.POST)
    if not form.is_valid():
        return _origins(request, version, cell, form, status=422)
    try:
        set_origins(
            version=version,
            cell=cell,
            origins=form.values(),
            lock=form.cleaned_data["lock"],
            by=request.actor,
            now=timezone.now(),
        )
    except BadValue as bad:
        return _origins(request, version, cell, refused(form, bad), status=422)
    except StaleRow as refusal:
        if refusal.stored is None:
            raise
        blank = {f"origin_{each.code}": "none" for each in base}
        conflict = differing(form, blank | OriginsForm.initial_of(refusal.stored, stored))
        again = sent_again(form, OriginsForm, base, lock=refusal.stored.lock)
        return _origins(request, version, cell, again, conflict=conflict, stale=refusal.message, status=409)
    messages.success(request, f"項目「{cell.label}」のもとと扱いを保存しました。")
    return redirect("competency:draft_cell", version.uuid, cell.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_cell_split(request, uuid: uuids.UUID, cell_uuid: uuids.UUID):
    """Put two or more 項目 in the place of one."""
    version = lookups.draft_for(request.actor, uuid)
    cell = lookups.draft_cell_for(version, cell_uuid)
    stages = list(version.stages.all())
    if request.method != "POST":
        rule = RuleForm(initial={"key": uuids.uuid4(), "rule": CellOrigin.Rule.REVIEW})
        taken = _taken(version)
        pieces = []
        for number in range(MOST_PIECES):
            code = propose(cell.area.code, taken)
            taken.add(code)
            initial = {"stage": str(cell.stage.uuid), "code": code}
            pieces.append(PieceForm(stages, initial=initial, prefix=f"piece-{number}", required=number < 2))
        return _split(request, version, cell, rule, pieces, lock=cell.lock)
    lock = number_of(request.POST.get("lock"))
    rule = RuleForm(request.POST)
    pieces = [
        PieceForm(stages, request.POST, prefix=f"piece-{number}", required=number < 2)
        for number in range(MOST_PIECES)
    ]
    if not all([rule.is_valid(), *[form.is_valid() for form in pieces]]):
        return _split(request, version, cell, rule, pieces, lock=lock, status=422)
    sent = [(form, piece) for form in pieces if (piece := form.piece())]
    try:
        made = split_cell(
            version=version,
            cell=cell,
            pieces=[piece for _, piece in sent],
            rule=rule.cleaned_data["rule"],
            lock=lock,
            by=request.actor,
            now=timezone.now(),
            key=rule.cleaned_data["key"],
        )
    except BadValue as bad:
        name, _, number = bad.field.partition("-")
        bad.field = name
        refused(sent[int(number)][0] if number else pieces[0], bad)
        return _split(request, version, cell, rule, pieces, lock=lock, status=422)
    except StaleRow as refusal:
        if refusal.stored is None:
            raise
        return _split(
            request, version, cell, rule, pieces, lock=refusal.stored.lock, stale=refusal.message, status=409
        )
    messages.success(request, f"項目「{cell.label}」を分けました。")
    return redirect(f"{reverse('competency:draft', args=[version.uuid])}#cell-{made[0].code}")


@require_http_methods(["GET", "HEAD", "POST"])
def draft_join(request, uuid: uuids.UUID):
    """Put one 項目 in the place of several; `choose` comes from the matrix and names them as `cell=uuid:lock`."""
    version = lookups.draft_for(request.actor, uuid)
    sent = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(version, sent.getlist("cell"))
    if len(chosen) < 2:
        messages.warning(request, "1つにまとめる項目を、2つ以上選んでください。")
        return redirect("competency:draft", version.uuid)
    stages = list(version.stages.all())
    first = chosen[0][0]
    if request.method != "POST" or "choose" in request.POST:
        rule = RuleForm(initial={"key": uuids.uuid4(), "rule": CellOrigin.Rule.REVIEW})
        code = propose(first.area.code, _taken(version))
        form = PieceForm(stages, initial={"stage": str(first.stage.uuid), "code": code})
        return _join(request, version, chosen, rule, form)
    rule, form = RuleForm(request.POST), PieceForm(stages, request.POST)
    if not all([rule.is_valid(), form.is_valid()]):
        return _join(request, version, chosen, rule, form, status=422)
    try:
        made = join_cells(
            version=version,
            chosen=chosen,
            piece=form.piece(),
            rule=rule.cleaned_data["rule"],
            by=request.actor,
            now=timezone.now(),
            key=rule.cleaned_data["key"],
        )
    except BadValue as bad:
        return _join(request, version, chosen, rule, refused(form, bad), status=422)
    except StaleRow as refusal:
        if refusal.stored is None:
            raise
        fresh = [(cell, Cell.objects.get(pk=cell.pk).lock) for cell, _ in chosen]
        return _join(request, version, fresh, rule, form, stale=refusal.message, status=409)
    messages.success(request, "項目を1つにまとめました。到達度の文を書いてください。")
    return redirect("competency:draft_cell", version.uuid, made.uuid)


def _chosen(version: FrameworkVersion, named: list[str]) -> list[tuple[Cell, int]]:
    """Return the cells that are named as uuid:lock, in the order of the matrix; raises Invalid for anything else."""
    found = []
    for text in dict.fromkeys(named):
        name, _, lock = text.partition(":")
        try:
            key = uuids.UUID(name)
        except ValueError:
            raise Invalid from None
        found.append((part_of(Cell, version, key), number_of(lock)))
    return sorted(found, key=lambda each: each[0].rank)


def _taken(version: FrameworkVersion) -> set[str]:
    """Return every code that the draft or a version before it has."""
    taken = set(version.cells.values_list("code", flat=True))
    for ancestor in draft_reads.ancestors_of(version):
        taken |= set(ancestor.labels)
    return taken


def _origins(request, version, cell, form, *, conflict=(), stale="", status: int = 200):
    ctx = {
        "version": version, "cell": cell, "form": form, "conflict": conflict, "stale": stale,
        "trail": draft_trail(version),
    }  # fmt: skip
    return render(request, "competency/draft_cell_origins.html", ctx, status=status)


def _split(request, version, cell, rule, pieces, *, lock: int, stale: str = "", status: int = 200):
    ctx = {
        "version": version, "cell": cell, "rule": rule, "pieces": pieces, "lock": lock, "stale": stale,
        "conflict": [], "trail": draft_trail(version),
    }  # fmt: skip
    return render(request, "competency/draft_cell_split.html", ctx, status=status)


def _join(request, version, chosen, rule, form, *, stale: str = "", status: int = 200):
    ctx = {
        "version": version, "chosen": chosen, "rule": rule, "form": form, "stale": stale, "conflict": [],
        "trail": draft_trail(version),
    }  # fmt: skip
    return render(request, "competency/draft_join.html", ctx, status=status)
