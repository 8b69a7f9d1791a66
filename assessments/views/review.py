"""What waits for me, and how far my department has come (P09, P10, P33)."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from access.refusals import Forbidden
from access.table import may_at_all
from assessments.line import waiting_for
from assessments.models import Cycle
from assessments.review_list import (
    again_rows,
    count_by_state,
    leaving,
    progress,
    progress_sentence,
    waiting_rows,
)

# Nobody confirms more in one sitting; the rest moves up as these are done.
SHOWN = 100
PAGE = 50


@require_safe
def review(request):
    """List the sheets that wait for the actor, and below it the state of the people in scope."""
    actor = request.actor
    if not may_at_all(actor, "P33"):
        raise Forbidden
    # The menu counts the same list; it takes this one instead of asking again.
    waiting = request.waiting = waiting_for(actor)
    cycle = Cycle.objects.visible_to(actor).open().first()
    rows = waiting_rows(waiting, SHOWN, actor.today)
    ctx = {
        "rows": rows,
        "leaving": leaving(actor, waiting, rows),
        "count": len(waiting.acts),
        "more": max(len(waiting.acts) - SHOWN, 0),
        "again": again_rows(waiting, SHOWN),
        "again_count": len(waiting.again),
        "cycle": cycle,
        "has_scope": bool(actor.line_paths),
    }
    if cycle and actor.line_paths:
        sheets = progress(actor, cycle)
        counts = count_by_state(sheets)
        paginator = Paginator(sheets, PAGE)
        paginator.count = sum(counts.values())
        ctx |= {
            "page_obj": paginator.get_page(request.GET.get("page")),
            "sentence": progress_sentence(counts),
        }
    return render(request, "assessments/review.html", ctx)
