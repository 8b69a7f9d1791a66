"""One cell of a department: who can, who could, what it rests on, and what is being done (P16, P19)."""

import uuid

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.refusals import NotVisible
from access.routes import ROUTES
from audit.models import record
from gaps import cell_page
from gaps.cell_reads import cell_facts
from gaps.lookups import report_years
from gaps.policies import Sight, may_edit_measures, may_see_experienced, sight_of
from gaps.reports import snapshot
from lib.charts import pips
from lib.replica import from_replica
from organization.lookups import department_for


@require_safe
@from_replica
def cell(request, department_uuid: uuid.UUID, cell_uuid: uuid.UUID):
    """Show one cell by name. It is all names, so who sees coverage without names is sent to the report.

    It shows people who are out of scope now, so every view leaves an event with their number (P19).
    """
    actor = request.actor
    place = department_for(actor, department_uuid)
    cycle, years = report_years(actor)
    named = sight_of(actor, place.path, 0) is Sight.NAMES and may_see_experienced(actor, place.path)
    if cycle is None or not named:
        return redirect("gaps:department", place.uuid)
    picture = snapshot(
        municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=place.path, years=years
    )
    report = picture.coverage(place.path, place.name)
    covered = next((each for each in report.cells if each.cell.uuid == cell_uuid), None)
    if covered is None:
        raise NotVisible
    facts = cell_facts(picture, covered.cell, place.pk, years, report)
    now = timezone.now()
    record(
        by=actor,
        action="experienced.view",
        now=now,
        target=place,
        data={"cell": covered.cell.code, "people": len(facts.experienced)},
    )
    points = cell_page.holders_by_year(facts.years, covered.cell.code)
    chart = cell_page.years_chart(points, report.size)
    ctx = {
        "place": place,
        "cycle": cycle,
        "at": timezone.localtime(now),
        "cell": covered.cell,
        "covered": covered,
        "judged": covered.needed is not None and covered.needed > 0,
        "pips": pips(covered.count, covered.needed or 0),
        "answer": cell_page.answer(covered, report),
        "can_do": facts.can_do,
        "can": cell_page.can(covered, facts, report.year),
        "next": cell_page.next_ones(covered, report),
        "apart": cell_page.apart(covered, facts, report.year),
        "external_note": cell_page.external_note(covered),
        "experienced": cell_page.experienced(facts.experienced),
        "chart": chart,
        "top_label": f"{chart.top}人" if chart else "",
        "years_sentence": cell_page.years_sentence(points),
        "measures": facts.measures,
        "has_resume": "assessments:resume" in ROUTES,
        "has_measure": may_edit_measures(actor, place.path),
        "can_decide": may_edit_measures(actor, place.path) and cycle.is_open,
        "trail": [
            {"label": "スキルギャップ", "url": reverse("gaps:departments")},
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/cell.html", ctx)
