"""スキル履歴書, on screen and on A4: one's own, and those of people in scope (P04)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.lookups import record_owner_for
from assessments.resume_context import resume_context
from assessments.resume_page import Resume, load_resume
from audit.models import record


@require_safe
def my_resume(request):
    """Show one's own record."""
    return _page(request, load_resume(request.actor, request.user))


@require_safe
def resume(request, staff_uuid):
    """Show somebody's record; every view of another's is logged."""
    actor = request.actor
    staff = record_owner_for(actor, staff_uuid)
    if staff.pk != actor.staff_id:
        record(by=actor, action="resume.view", now=timezone.now(), subject_uuid=staff.uuid, target=staff)
    return _page(request, load_resume(actor, staff))


def _page(request, shown: Resume):
    ctx = resume_context(request.actor, shown, timezone.localtime())
    return render(request, "assessments/resume.html", ctx)
