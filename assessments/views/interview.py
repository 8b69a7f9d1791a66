"""面談シート: one A4 page of a person for the 期首・期末面談 (P04)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.interview_page import load_interview
from assessments.lookups import record_owner_for
from assessments.purpose import purpose_line
from audit.models import record
from lib import fiscal
from lib.dates import format_wareki


@require_safe
def interview(request, staff_uuid):
    """Show the sheet to print; every view of another's is logged."""
    actor = request.actor
    staff = record_owner_for(actor, staff_uuid)
    now = timezone.localtime()
    if staff.pk != actor.staff_id:
        record(by=actor, action="interview.view", now=now, subject_uuid=staff.uuid, target=staff)
    shown = load_interview(actor, staff)
    ctx = {
        "shown": shown,
        "staff": staff,
        "year_label": fiscal.label(shown.year),
        "printed": f"{format_wareki(now.date())} {now.hour}時{now.minute}分",
        "purpose_line": purpose_line(actor.municipality_id),
        "is_own": staff.pk == actor.staff_id,
    }
    return render(request, "assessments/interview.html", ctx)
