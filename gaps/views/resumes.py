"""スキル履歴書 of a whole department as one file (P20d)."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden
from assessments import pdf
from assessments.reason_form import ReasonForm
from gaps.policies import may_bundle_resumes
from gaps.resume_bundle import needs_reason, people_of
from gaps.workflow.resumes import ask_resumes
from organization.lookups import department_for


@require_http_methods(["GET", "HEAD", "POST"])
def resumes(request, department_uuid):
    """Say what the file will hold, and order it; where no PDF can be made, say how to print."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    if not may_bundle_resumes(actor, place.path):
        raise Forbidden
    count, status, problem = people_of(actor, place).count(), 200, ""
    asks = needs_reason(actor)
    form = ReasonForm(request.POST if request.method == "POST" and asks else None)
    ready = pdf.available() and count > 0
    if request.method == "POST":
        if not ready:
            status = 409
        elif asks and not form.is_valid():
            status = 422
        else:
            reason = form.cleaned_data["reason"] if asks else ""
            try:
                job = ask_resumes(department=place, people=count, reason=reason, by=actor, now=timezone.now())
            except Conflict as refusal:
                problem, status = refusal.message, 409
            else:
                return redirect("organization:job", job.uuid)
    ctx = {
        "place": place,
        "count": count,
        "ready": ready,
        "has_pdf": pdf.available(),
        "asks": asks,
        "form": form,
        "problem": problem,
        "trail": [
            {"label": "スキルギャップ", "url": reverse("gaps:departments")},
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/resumes.html", ctx, status=status)
