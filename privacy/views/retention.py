"""保存期間: the years of each class, and what is proposed to go (P20r). Nothing is deleted here."""

import uuid

from django.contrib import messages
from django.db.models import Sum
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from organization.models import Staff
from privacy import periods
from privacy.forms import HoldForm, YearsForm
from privacy.models import Hold, RetentionRun
from privacy.workflow import erasure
from privacy.workflow.years import set_years


@require_http_methods(["GET", "HEAD", "POST"])
def retention(request):
    """Show the years, the runs and who is held back; change the years, or list what is past them."""
    actor, now = _officer(request), timezone.now()
    municipality = request.user.municipality
    years = periods.years_of(municipality)
    if request.method == "POST" and request.POST.get("act") == "propose":
        try:
            run = erasure.propose(municipality=municipality, by=actor, now=now)
        except Conflict as refusal:
            messages.error(request, refusal.message)
            return redirect("privacy:retention")
        return redirect("privacy:run", run.uuid)
    form = YearsForm(request.POST if request.method == "POST" else None, years=years)
    if form.is_bound and form.is_valid():
        set_years(municipality=municipality, years=form.cleaned_data, by=actor, now=now)
        messages.success(request, "保存期間を変えました。")
        return redirect("privacy:retention")
    runs = RetentionRun.objects.visible_to(actor).select_related("proposed_by", "agreed_by")
    ctx = {
        "form": form,
        "runs": runs.annotate(rows=Sum("items__rows")).order_by("-proposed_at")[:20],
        "holds": Hold.objects.filter(municipality=municipality, ended_at=None).select_related("staff", "by"),
    }
    return render(request, "privacy/retention.html", ctx, status=422 if form.errors else 200)


@require_safe
def run_page(request, run_uuid: uuid.UUID):
    """Show what one run lists: by class, then by person."""
    actor = _officer(request)
    run = _run(actor, run_uuid)
    held = dict(
        Hold.objects.filter(municipality_id=run.municipality_id, ended_at=None).values_list("staff", "uuid")
    )
    items = list(run.items.select_related("staff").order_by("staff__kana", "staff__pk", "keep"))
    people: dict[int | None, dict] = {}
    classes: dict[str, int] = {}
    for item in items:
        of_one = people.setdefault(
            item.staff_id, {"staff": item.staff, "items": [], "rows": 0, "hold": held.get(item.staff_id)}
        )
        of_one["items"].append(item)
        of_one["rows"] += item.rows
        label = item.get_keep_display()
        classes[label] = classes.get(label, 0) + item.rows
    ctx = {
        "run": run,
        "classes": classes.items(),
        "people": people.values(),
        "open": run.state in (RetentionRun.State.PROPOSED, RetentionRun.State.AGREED),
        "mine": run.proposed_by_id == actor.staff_id,
        "trail": [{"label": "保存期間", "url": "/privacy/retention/"}],
    }
    return render(request, "privacy/run.html", ctx)


@require_POST
def act(request, run_uuid: uuid.UUID):
    """Agree to a run, give it up, hold somebody back or let them go again."""
    actor, now = _officer(request), timezone.now()
    run = _run(actor, run_uuid)
    what = request.POST.get("act")
    if what == "agree":
        erasure.agree(run=run, by=actor, now=now)
        messages.success(request, "同意を記録しました。期限の後に、システムの担当が消します。")
    elif what == "cancel":
        erasure.cancel(run=run, by=actor, now=now)
        messages.success(request, "取りやめました。何も消えません。")
    elif what in ("hold", "release"):
        _hold(request, actor, what, now)
    else:
        raise Invalid
    return redirect("privacy:run", run.uuid)


def _hold(request, actor: Actor, what: str, now) -> None:
    form = HoldForm(request.POST)
    form.fields["reason"].required = what == "hold"
    if not form.is_valid():
        messages.error(request, "保存を延長する理由を入力してください。")
        return
    staff = Staff.objects.of(actor).filter(uuid=form.cleaned_data["staff"]).first()
    if staff is None:
        raise NotVisible
    if what == "hold":
        erasure.hold(staff=staff, reason=form.cleaned_data["reason"], by=actor, now=now)
        messages.success(request, f"{staff.name}さんの記録の保存を延長しました。")
        return
    standing = Hold.objects.filter(staff=staff, ended_at=None).select_related("staff").first()
    if standing is not None:
        erasure.release(hold=standing, by=actor, now=now)
    messages.success(request, f"{staff.name}さんの保存の延長を終えました。")


def _officer(request) -> Actor:
    if not may(request.actor, "P20r"):
        raise Forbidden
    return request.actor


def _run(actor: Actor, run_uuid: uuid.UUID) -> RetentionRun:
    found = RetentionRun.objects.visible_to(actor).select_related("proposed_by", "agreed_by", "municipality")
    run = found.filter(uuid=run_uuid).first()
    if run is None:
        raise NotVisible
    return run
