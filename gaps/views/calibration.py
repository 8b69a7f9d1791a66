"""Own steps against confirmed ones in a department (P16): a tendency of the department, never of a person."""

import uuid

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gaps import calibration_page
from gaps.calibration import tendencies
from gaps.calibration_reads import answers, confirmed_people
from gaps.lookups import report_cycle
from gaps.policies import SMALL, Sight, sight_of
from lib.replica import from_replica
from organization.lookups import department_for


@require_safe
@from_replica
def calibration(request, department_uuid: uuid.UUID):
    """Show the tendency by 分類; outside the line only from five confirmed people on, for bands not at all."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    cycle = report_cycle(actor)
    asked = {"municipality_id": actor.municipality_id, "path": place.path, "on": actor.today}
    people = 0 if cycle is None else confirmed_people(**asked, year=cycle.fiscal_year)
    sight = sight_of(actor, place.path, people)
    if cycle is None or sight is None or sight is Sight.BANDS:
        return redirect("gaps:department", place.uuid)
    shown = calibration_page.is_shown(sight, people)
    # Asked in either case, so that the page costs the same for everybody.
    found = tendencies(answers(**asked, year=cycle.fiscal_year))
    ctx = {
        "place": place,
        "cycle": cycle,
        "at": timezone.localtime(),
        "shown": shown,
        "named": sight is Sight.NAMES,
        "small": SMALL,
        "answer": calibration_page.answer(found, people) if shown else "",
        "chart": calibration_page.chart(found) if shown else None,
        "sentences": calibration_page.sentences(found) if shown else [],
        "trail": [
            {"label": "スキルギャップ", "url": reverse("gaps:departments")},
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/calibration.html", ctx)
