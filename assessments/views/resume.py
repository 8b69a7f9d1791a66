"""スキル履歴書, on screen and on A4: one's own, and those of people in scope (P04)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.lookups import record_owner_for
from assessments.resume_page import Resume, load_resume
from audit.models import record
from competency.models import Step
from lib.dates import format_wareki


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
    actor = request.actor
    now = timezone.localtime()
    ctx = {
        "resume": shown,
        "staff": shown.staff,
        "is_own": shown.staff.pk == actor.staff_id,
        "scale": list(Step),
        "stages": _stages(shown),
        "printed": f"{format_wareki(now.date())} {now.hour}時{now.minute}分",
        "top_label": f"全{len(shown.rows)}項目",
        "chart_title": "「3 独力でできる」以上の項目数",
    }
    return render(request, "assessments/resume.html", ctx)


def _stages(shown: Resume) -> list[str]:
    """Return the names of the stages in the order of the columns."""
    by_rank = {tile.cell.stage.rank: tile.cell.stage.name for group in shown.matrix for tile in group.tiles}
    return [by_rank.get(rank, "") for rank in range(3)]
