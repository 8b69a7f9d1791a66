"""The catalogue of duties: what departments choose from, and what each duty asks for (P17, P17c)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Forbidden, Invalid
from access.table import may, may_at_all
from competency import duty_page, lookups
from competency.duty_forms import DutyForm
from competency.models import Cell, Duty
from competency.workflow import (
    DutyValues,
    StaleDuty,
    add_duty,
    change_duty,
    may_change_duty,
    retire_duty,
    values_of,
)


@require_safe
def duties(request):
    """Show the catalogue of the municipality; 人事 also sees what was taken out of it."""
    actor = request.actor
    if not may_at_all(actor, "P17"):
        raise Forbidden
    can_edit = may(actor, "P17c")
    ctx = {
        "groups": duty_page.groups(lookups.duties_of(actor), lookups.cells_in_use(actor)),
        "retired": lookups.retired_duties_of(actor) if can_edit else [],
        "can_edit": can_edit,
        "trail": [{"label": "ホーム", "url": "/"}],
    }
    return render(request, "competency/duties.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def duty_new(request):
    """Add a duty that every department of the municipality may choose."""
    actor = request.actor
    if not may(actor, "P17c"):
        raise Forbidden
    cells = lookups.cells_in_use(actor)
    if request.method != "POST":
        form = DutyForm(cells, initial={"version": 0, "suited": ""})
        return _page(request, None, form, key=uuid.uuid4())
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Invalid from None
    form = DutyForm(cells, request.POST)
    if not form.is_valid():
        return _page(request, None, form, key=key, status=422)
    made = add_duty(values=form.values({}), by=actor, now=timezone.now(), key=key)
    messages.success(request, f"業務「{made.name}」を加えました。")
    return redirect("competency:duties")


@require_http_methods(["GET", "HEAD", "POST"])
def duty(request, uuid: uuid.UUID):
    """Show one duty; who may, changes it, takes it out of the catalogue or back into it."""
    actor = request.actor
    shown = lookups.duty_for(actor, uuid)
    can_edit = may_change_duty(actor, shown)
    if not can_edit and (shown.department_id is not None or not may_at_all(actor, "P17")):
        raise Forbidden
    cells = lookups.cells_in_use(actor)
    if request.method != "POST":
        copy = lookups.copy_of(actor, shown)
        if copy is not None:
            return redirect("competency:duty", copy.uuid)
        form = DutyForm(cells, initial=DutyForm.initial_of(values_of(shown), shown.version))
        return _page(request, shown, form, can_edit=can_edit)
    if not can_edit:
        raise Forbidden("共通の業務を変えられるのは人事です。")
    if request.POST.get("act") in ("retire", "restore"):
        return _retire(request, shown, cells)
    form = DutyForm(cells, request.POST)
    if not form.is_valid():
        return _page(request, shown, form, status=422)
    try:
        changed = change_duty(
            duty=shown,
            values=form.values(values_of(shown).demands),
            version=form.cleaned_data["version"],
            by=actor,
            now=timezone.now(),
        )
    except StaleDuty as refusal:
        return _conflict(request, refusal, form)
    messages.success(request, f"業務「{changed.name}」を保存しました。")
    return redirect("competency:duty", changed.uuid)


def _retire(request, shown: Duty, cells: list[Cell]):
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Invalid
    retired = request.POST["act"] == "retire"
    try:
        changed = retire_duty(
            duty=shown, retired=retired, version=int(version), by=request.actor, now=timezone.now()
        )
    except StaleDuty as refusal:
        stored = values_of(refusal.stored)
        form = DutyForm(cells, DutyForm.initial_of(stored, refusal.stored.version))
        form.full_clean()
        return _conflict(request, refusal, form)
    done = "を使わない業務にしました" if retired else "をもう一度使えるようにしました"
    messages.success(request, f"業務「{changed.name}」{done}。")
    return redirect("competency:duty", changed.uuid)


def _conflict(request, refusal: StaleDuty, form: DutyForm):
    """Show the sent values in the fields and what is stored beside them; the next save is of the row as it is now."""
    data = {**form.data, "version": str(refusal.stored.version)}
    if hasattr(form.data, "dict"):
        data = {**form.data.dict(), "version": str(refusal.stored.version)}
    sent = DutyForm(form.cells, data)
    sent.full_clean()
    return _page(request, refusal.stored, sent, status=409, refusal=refusal)


def _page(
    request,
    shown: Duty | None,
    form: DutyForm,
    *,
    can_edit: bool = True,
    key: uuid.UUID | None = None,
    status: int = 200,
    refusal: StaleDuty | None = None,
):
    stored: DutyValues | None = values_of(refusal.stored) if refusal else None
    own = shown is not None and shown.department_id is not None
    ctx = {
        "duty": shown,
        "form": form,
        "key": key,
        "own": own,
        "can_edit": can_edit,
        "lines": form.lines(stored.demands if stored else None),
        "demands": [] if can_edit or shown is None else duty_page.demands(shown, form.cells)[0],
        "strange": duty_page.demands(shown, form.cells)[1] if shown is not None else [],
        "action": reverse("competency:duty", args=[shown.uuid]) if shown else reverse("competency:duty_new"),
        "stale": refusal.message if refusal else "",
        "differences": duty_page.differences(stored, form) if stored else [],
        "problems": [
            {"target": form[name].id_for_label, "text": f"{form[name].label}：{error}"}
            for name, errors in form.errors.items()
            for error in errors
        ],
        "trail": [{"label": "業務の一覧", "url": reverse("competency:duties")}],
    }
    return render(request, "competency/duty.html", ctx, status=status)
