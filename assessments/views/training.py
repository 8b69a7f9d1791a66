"""研修 of one person: apply, withdraw (P03), and what 人事 decides and records (P21t)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.refusals import Forbidden, Invalid
from access.table import may
from assessments import course_page
from assessments.course_forms import DecideForm
from assessments.lookups import course_for, training_for
from assessments.models import Training
from assessments.workflow.training import (
    Decision,
    StaleTraining,
    apply_for,
    decide_trainings,
    withdraw_training,
)
from audit.models import record
from lib import fiscal
from organization.views.posted import key_of, version_of


@require_POST
def course_apply(request, course_uuid: uuid.UUID):
    """Apply for a course for oneself; a second click finds the application of the first."""
    found = course_for(request.actor, course_uuid)
    apply_for(course=found, by=request.actor, now=timezone.now(), key=key_of(request))
    messages.success(request, f"「{found.name}」に申し込みました。人事が受講を決めると、この画面に出ます。")
    return redirect("assessments:course", found.uuid)


@require_POST
def training_withdraw(request, entry_uuid: uuid.UUID):
    """Take one's own application back."""
    found = training_for(request.actor, entry_uuid)
    if not may(request.actor, "P03", own=found.staff_id == request.actor.staff_id):
        raise Forbidden
    withdraw_training(entry=found, version=version_of(request), by=request.actor, now=timezone.now())
    messages.success(request, f"「{found.title}」の申込みを取り下げました。")
    if found.course is None:
        return redirect("assessments:courses")
    return redirect("assessments:course", found.course.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def training_decide(request, entry_uuid: uuid.UUID):
    """Show one application to 人事, who says what becomes of it and what came of it; opening another's is logged."""
    actor = request.actor
    if not may(actor, "P21t"):
        raise Forbidden
    found = training_for(actor, entry_uuid)
    if request.method != "POST":
        if found.staff_id != actor.staff_id:
            record(
                by=actor, action="entry.view", now=timezone.now(), subject_uuid=found.staff.uuid, target=found
            )
        return _page(request, found, DecideForm(found))
    form = DecideForm(found, request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    said = form.cleaned_data
    decision = Decision(found.pk, said["version"], said["state"], said["result"], said["hours"])
    try:
        decide_trainings(decisions=[decision], by=actor, now=timezone.now())
    except StaleTraining as refusal:
        posted = {**request.POST.dict(), "version": str(refusal.stored.version)}
        sent = DecideForm(found, posted)
        sent.full_clean()
        stored = training_for(actor, entry_uuid)
        return _page(request, stored, sent, status=409, stale=refusal.message)
    except Invalid as refusal:
        form.add_error("state", refusal.message)
        return _page(request, found, form, status=422)
    messages.success(
        request, f"{found.staff.name}さんの「{found.title}」を「{_label(said['state'])}」にしました。"
    )
    return redirect(f"{reverse('assessments:training_plan')}?year={_year(found)}")


def _page(request, found: Training, form: DecideForm, *, status: int = 200, stale: str = ""):
    ctx = {
        "training": found,
        "form": form,
        "when": course_page.when(found.start, found.end),
        "fee": course_page.yen(found.fee),
        "stale": stale,
        "trail": [
            {"label": "研修", "url": reverse("assessments:courses")},
            {"label": "研修計画", "url": f"{reverse('assessments:training_plan')}?year={_year(found)}"},
        ],
    }
    return render(request, "assessments/training_decide.html", ctx, status=status)


def _label(state: str) -> str:
    return Training.State(state).label


def _year(training: Training) -> int:
    return fiscal.fiscal_year(training.start or timezone.localdate(training.created_at))
