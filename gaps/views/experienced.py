"""経験者さがし: who can, who holds a 資格, who did something like it, and who once could and moved away (P19)."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.actor import Role
from access.refusals import Forbidden
from access.routes import ROUTES
from access.table import may_at_all
from audit.models import record
from competency.models import Cell, Qualification
from competency.models.matrix import HOLDER_STEP
from gaps import cell_page, experienced_page
from gaps.experienced_form import ExperiencedForm
from gaps.finder import found_in_scope, matches, moved_away
from gaps.lookups import report_cycle
from lib import fiscal
from lib.replica import from_replica

PEOPLE_A_PAGE = 50
MOST_MOVED = 100


@require_safe
@from_replica
def experienced(request):
    """Show the form, and what a search finds; every search leaves an event with counts (P19)."""
    actor = request.actor
    if not may_at_all(actor, "P19"):
        raise Forbidden
    cycle = report_cycle(actor)
    cells = list(Cell.objects.of_version(cycle.framework_version_id)) if cycle else []
    register = list(Qualification.objects.register_of(actor.municipality_id))
    sent = any(name in ExperiencedForm.base_fields for name in request.GET)
    # A search by other things keeps the step at its usual place.
    asked = {"step": str(HOLDER_STEP.value), **request.GET.dict()} if sent else None
    form = ExperiencedForm(cells, register, asked)
    ctx = {
        "form": form,
        "asked": "",
        "can_open": "assessments:resume" in ROUTES,
        "trail": [{"label": "職員", "url": reverse("organization:people")}],
    }
    if sent and form.is_valid():
        question = form.question(
            cycle.fiscal_year if cycle else fiscal.fiscal_year(actor.today),
            cycle.framework_version if cycle else None,
        )
        if question.asks:
            ctx |= _found(request, question, form)
        else:
            form.add_error(None, "項目、資格、業務経験のどれかを入れてください。")
    return render(request, "gaps/experienced.html", ctx)


def _found(request, question, form) -> dict:
    actor = request.actor
    found = found_in_scope(actor, question)
    page = Paginator(found, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    moved = moved_away(actor, question)
    record(
        by=actor,
        action="experienced.view",
        now=timezone.now(),
        data={
            "cell": question.cell,
            "step": question.step if question.cell else None,
            "by_certificate": question.by_certificate,
            "by_experience": question.by_experience,
            "found": len(found),
            "people": len(moved),
        },
    )
    chosen = {name: dict(form.fields[name].choices) for name in ("cell", "qualification")}
    given = form.cleaned_data
    return {
        "asked": experienced_page.asked(
            question,
            chosen["cell"].get(question.cell, ""),
            chosen["qualification"][given["qualification"]] if given["qualification"] else "",
        ),
        "page_obj": page,
        "sections": experienced_page.sections(matches(actor, question, page.object_list)),
        "moved": cell_page.experienced(moved[:MOST_MOVED]),
        "moved_more": max(len(moved) - MOST_MOVED, 0),
        "moved_note": experienced_page.moved_note(question, moved, sees_all=actor.has(Role.HR)),
    }
