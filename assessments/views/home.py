"""Home: one obvious next step for whoever comes in."""

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from access.actor import Role
from access.routes import ROUTES
from assessments.home_page import links_for, load_home, newest_sheet, next_step
from assessments.line import waiting_for
from assessments.notices import Notice
from assessments.purpose import unread_purpose
from competency.models import Step


@require_safe
def home(request):
    """Show the next step, one's own matrix and what there is to know."""
    actor = request.actor
    sheet, waiting = newest_sheet(actor), 0
    if actor.has(Role.LINE) or actor.has(Role.HR):
        # The menu counts the same list; it takes this one instead of asking again.
        request.waiting = waiting_for(actor, sheet)
        waiting = request.waiting.count()
    shown = load_home(actor, sheet, staff=request.user, waiting=getattr(request, "waiting", None))
    step = next_step(shown, _called(actor.name), waiting)
    target = [step.target.uuid] if step.target else []
    ctx = {
        "home": shown,
        "purpose": unread_purpose(actor.staff_id, actor.municipality_id),
        "step": step,
        "step_url": reverse(step.url_name, args=target) + step.suffix if step.url_name else "",
        "waiting": waiting,
        "links": [(label, reverse(name)) for label, name in links_for(actor, set(ROUTES))],
        "notices": [(notice, _address(notice)) for notice in shown.notices],
        "has_courses": "assessments:courses" in ROUTES,
        "has_course": "assessments:course" in ROUTES,
        "scale": list(Step),
        "stages": _stages(shown),
    }
    return render(request, "assessments/home.html", ctx)


def _address(notice: Notice) -> str:
    """Return where a notice leads, "" for nowhere."""
    if notice.url_name not in ROUTES:
        return ""
    return reverse(notice.url_name, args=[notice.target.uuid] if notice.target else [])


def _called(name: str) -> str:
    """Return how somebody is addressed: the family name where it stands apart."""
    return (name.split() or [name])[0]


def _stages(shown) -> list[str]:
    """Return the names of the stages in the order of the columns."""
    by_rank = {tile.cell.stage.rank: tile.cell.stage.name for group in shown.matrix for tile in group.tiles}
    return [by_rank.get(rank, "") for rank in range(3)]
