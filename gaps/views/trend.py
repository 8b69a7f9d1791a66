"""The last years of a department, by 分類 and by item (P16)."""

import uuid

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gaps import report_page, trend_page
from gaps.lookups import report_years
from gaps.policies import Sight, sight_of
from gaps.reports import snapshot
from gaps.trends import trend as trend_of
from lib.replica import from_replica
from organization.lookups import department_for


@require_safe
@from_replica
def trend(request, department_uuid: uuid.UUID):
    """Show how coverage moved; who sees figures in bands alone is sent to the report, and so is the first year."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    cycle, years = report_years(actor)
    if cycle is None:
        return redirect("gaps:department", place.uuid)
    picture = snapshot(
        municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=place.path, years=years
    )
    report = picture.coverage(place.path, place.name)
    sight = sight_of(actor, place.path, report.size) or Sight.WORDS
    if sight is Sight.BANDS:
        return redirect("gaps:department", place.uuid)
    past = trend_of(picture, years, report)
    ctx = {
        "place": place,
        "cycle": cycle,
        "at": timezone.localtime(),
        "sight": sight.value,
        "labels": trend_page.labels(past),
        "chart": report_page.trend_chart(past),
        "sentences": report_page.trend_sentences(past),
        "parts": trend_page.parts(past, picture.cells, sight) if past else [],
        "joined": trend_page.joined_note(past),
        "joints": trend_page.joints(past),
        "trail": [
            {"label": "スキルギャップ", "url": reverse("gaps:departments")},
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/trend.html", ctx)
