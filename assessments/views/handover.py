"""引継ぎシート of one person, to print for the successor (P04)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.handover_page import load_handover
from assessments.lookups import record_owner_for
from assessments.purpose import purpose_line
from audit.models import record
from lib.dates import format_wareki


@require_safe
def handover_sheet(request, staff_uuid):
    """Show the sheet; every view of another's is logged."""
    actor, now = request.actor, timezone.localtime()
    staff = record_owner_for(actor, staff_uuid)
    if staff.pk != actor.staff_id:
        record(by=actor, action="handover.view", now=now, subject_uuid=staff.uuid, target=staff)
    ctx = {
        "sheet": load_handover(actor, staff),
        "staff": staff,
        "is_own": staff.pk == actor.staff_id,
        "purpose_line": purpose_line(actor.municipality_id),
        "printed": f"{format_wareki(now.date())} {now.hour}時{now.minute}分",
    }
    return render(request, "assessments/handover_sheet.html", ctx)
