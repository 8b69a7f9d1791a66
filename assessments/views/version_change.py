"""版の移行: what moving a year to another version would do, doing it, and taking it back (P22)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.refusals import Conflict, Invalid, NotVisible
from assessments import revising
from assessments.models import Cycle, VersionChange
from assessments.version_change import Counts, move_of, preview, versions_to_move_to
from assessments.views.cycles import cycle_for, hr, trail_of
from assessments.workflow.version_change import change_version, not_undoable, undo_version_change
from competency.models import FrameworkVersion
from organization.views.posted import key_of, version_of


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_version(request, cycle_uuid):
    """Choose a version, see what it changes for whom, and move the year; `to` names the version."""
    actor = hr(request.actor)
    year = cycle_for(actor, cycle_uuid)
    sent = request.POST if request.method == "POST" else request.GET
    later = _chosen(year, sent.get("to", ""))
    if request.method != "POST":
        return _page(request, year, later)
    if later is None:
        return _page(request, year, None, problem="移す版を選んでください。", status=422)
    try:
        change = change_version(
            cycle=year,
            later=later,
            version=version_of(request),
            key=key_of(request),
            by=actor,
            now=timezone.now(),
        )
    except Conflict as refusal:
        return _page(request, cycle_for(actor, cycle_uuid), later, problem=refusal.message, status=409)
    messages.success(request, f"{year}を版「{change.later.name}」に移しました。{_told(change)}")
    return redirect("assessments:cycle_version", year.uuid)


@require_POST
def cycle_version_undo(request, change_uuid):
    """Give the year its former version back."""
    actor = hr(request.actor)
    change = VersionChange.objects.visible_to(actor).filter(uuid=change_uuid).select_related("cycle").first()
    if change is None:
        raise NotVisible
    year = cycle_for(actor, change.cycle.uuid)
    try:
        done = undo_version_change(change=change, version=version_of(request), by=actor, now=timezone.now())
    except Conflict as refusal:
        return _page(request, cycle_for(actor, year.uuid), None, problem=refusal.message, status=409)
    messages.success(
        request, f"{year}を版「{done.earlier.name}」に戻しました。その間に書かれた記入は残っています。"
    )
    return redirect("assessments:cycle_version", year.uuid)


def _chosen(year: Cycle, key: str) -> FrameworkVersion | None:
    """Return the version with a uuid, None where none was chosen; NotVisible for one that the year may not have."""
    if not key:
        return None
    try:
        wanted = uuid.UUID(key)
    except ValueError:
        raise Invalid from None
    found = versions_to_move_to(year).filter(uuid=wanted).first()
    if found is None and year.framework_version.uuid != wanted:
        raise NotVisible
    return found


def _told(change: VersionChange) -> str:
    reviewed, left = change.counts.get("reviewed", 0), change.counts.get("left", 0)
    parts = [f"見直しの印が付いた記入は{reviewed}件"] if reviewed else []
    parts += [f"あらためて記入する記入は{left}件"] if left else []
    return f"{'、'.join(parts)}です。" if parts else "書きかけの記入は、すべてそのまま引き継ぎました。"


def _page(request, year: Cycle, later: FrameworkVersion | None, *, problem: str = "", status: int = 200):
    changes = list(
        VersionChange.objects.filter(cycle=year)
        .select_related("earlier__framework", "later__framework", "by", "undone_by")
        .order_by("-at", "-pk")
    )
    standing = next((each for each in changes if each.undone_at is None), None)
    open_ = year.state != Cycle.State.CLOSED
    move = move_of(year.framework_version, later) if later is not None and open_ else None
    ctx = {
        "cycle": year,
        "versions": list(versions_to_move_to(year)) if open_ else [],
        "later": later,
        "preview": preview(year, move) if move else None,
        "said": revising.count(year, move) if move else {},
        "changes": [(each, Counts(**each.counts)) for each in changes],
        "standing": standing,
        "not_undoable": not_undoable(standing, year) if standing else "",
        "key": uuid.uuid4(),
        "problems": [{"target": "to", "text": problem}] if problem else [],
        "trail": trail_of(year),
    }
    return render(request, "assessments/cycle_version.html", ctx, status=status)
