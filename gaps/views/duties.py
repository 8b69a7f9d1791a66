"""業務 of a department: what it does in the year, and who does it (P17)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden
from access.routes import ROUTES
from assessments.models import Cycle
from competency.models import Cell
from gaps.duty_forms import DutiesForm
from gaps.lookups import report_cycle
from gaps.policies import may_edit_needs
from gaps.workflow import (
    DUTIES_ENDED,
    Plan,
    StalePlan,
    StillAssigned,
    choosable,
    last_plan,
    load_plan,
    save_plan,
    still_assigned,
)
from organization.lookups import department_for


@require_http_methods(["GET", "HEAD", "POST"])
def duties(request, department_uuid: uuid.UUID):
    """Show and save the form. A form sent with an old version comes back with 409 and both values."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    if not may_edit_needs(actor, place.path):
        raise Forbidden
    cycle = report_cycle(actor)
    if cycle is None or not cycle.is_open:
        raise Conflict("受付中の年度がないため、業務は決められません。" if cycle is None else DUTIES_ENDED)
    stored = load_plan(place, cycle.fiscal_year)
    last = last_plan(place, cycle.fiscal_year)
    offered = choosable(place, list(stored.done_by))
    if request.method != "POST":
        copying = request.GET.get("copy") == "1" and last is not None
        shown = last if copying else stored
        form = DutiesForm(offered, initial=DutiesForm.initial_of(shown, stored.version, offered))
        return _page(request, place, cycle, form, last, saved=stored, copying=copying)
    form = DutiesForm(offered, request.POST)
    if not form.is_valid():
        return _page(request, place, cycle, form, last, saved=stored, status=422)
    sent = form.cleaned_data
    try:
        save_plan(
            department=place,
            cycle=cycle,
            done_by=form.done_by(),
            version=sent["version"],
            by=actor,
            now=timezone.now(),
            new_name=sent["new_name"],
        )
    except StalePlan as refusal:
        return _conflict(request, place, cycle, last, refusal)
    except StillAssigned as refusal:
        held = {duty.pk: still_assigned(duty.name, people) for duty, people in refusal.duties}
        return _page(request, place, cycle, form, last, saved=stored, held=held, status=409)
    messages.success(request, "業務を保存しました。必要人数の案を見られます。")
    return redirect("gaps:duties", place.uuid)


def _conflict(request, place, cycle: Cycle, last: Plan | None, refusal: StalePlan):
    """Show the sent values in the fields and the stored ones beside them; the next save is of the new version."""
    offered = choosable(place, list(refusal.stored.done_by))
    sent = DutiesForm(offered, {**request.POST.dict(), "version": str(refusal.stored.version)})
    sent.full_clean()
    return _page(request, place, cycle, sent, last, saved=refusal.stored, status=409, refusal=refusal)


def _page(
    request,
    place,
    cycle: Cycle,
    form: DutiesForm,
    last: Plan | None,
    *,
    saved: Plan,
    copying: bool = False,
    status: int = 200,
    held: dict[int, str] | None = None,
    refusal: StalePlan | None = None,
):
    cells = list(Cell.objects.of_version(cycle.framework_version_id))
    groups = form.groups(cells, last=last, stored=refusal.stored if refusal else None, held=held)
    problems = [
        {"target": form[name].id_for_label, "text": f"{form[name].label}：{error}"}
        for name, errors in form.errors.items()
        for error in errors
    ]
    problems += [
        {"target": line.has.id_for_label, "text": line.held}
        for group in groups
        for line in group.lines
        if line.held
    ]
    ctx = {
        "place": place,
        "cycle": cycle,
        "form": form,
        "groups": groups,
        "has_last": last is not None,
        "has_plan": bool(saved.done_by),
        "has_assignments": "gaps:assignments" in ROUTES,
        "copying": copying,
        "stale": refusal.message if refusal else "",
        "problems": problems,
        "trail": [
            {"label": "スキルギャップ", "url": reverse("gaps:departments")},
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/duties.html", ctx, status=status)
