"""One A4 page for 議会 or the 部長: where the department stands and what was decided, without a name (P16)."""

import datetime
import uuid

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from competency.reference import CITIES_ONLY, NO_SURVEY
from gaps import four_way_page, report_page, summary_page
from gaps.four_way import answers
from gaps.four_way_reads import duty_holders, summed_up
from gaps.lookups import report_cycle
from gaps.policies import SMALL, Sight, sight_of
from gaps.reports import snapshot
from gaps.wording import answer, figures, years_note
from lib import fiscal
from lib.replica import from_replica
from organization.lookups import department_for


@require_safe
@from_replica
def summary(request, department_uuid: uuid.UUID):
    """Show the page to the line and 人事; others are sent to the report. `?counts=1` prints small numbers too."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    cycle = report_cycle(actor)
    if cycle is None or sight_of(actor, place.path, 0) is not Sight.NAMES:
        return redirect("gaps:department", place.uuid)
    picture = snapshot(municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=place.path)
    report = picture.coverage(place.path, place.name, named=False)
    # The page goes out of the house: a small department's numbers say who, and stay away unless asked for.
    small = report.size < SMALL
    counts = not small or request.GET.get("counts") == "1"
    sight = Sight.COUNTS if counts else Sight.WORDS
    duties = duty_holders(actor.municipality_id, cycle.fiscal_year, place.path)
    began = timezone.make_aware(
        datetime.datetime.combine(fiscal.first_day(cycle.fiscal_year), datetime.time())
    )
    overrides, decided, known = summed_up(place, cycle, began)
    standing = four_way_page.standing(answers(known.skills, report, duties), overrides)
    city = request.user.municipality
    column = known.staffing(city.kind, city.population_band)
    ctx = {
        "place": place,
        "cycle": cycle,
        "at": timezone.localtime(),
        "answer": answer(report, names=False),
        "figures": figures(report, counts=counts),
        "matrix": summary_page.matrix(report, sight),
        "stages": report_page.stage_names(picture.cells),
        "unconfirmed": any(not cell.placement_confirmed for cell in picture.cells),
        "conclusion": four_way_page.conclusion(standing.values()),
        "skills": summary_page.skill_lines(known.skills, standing, overrides),
        "measures": summary_page.measures(report, decided),
        "small": small,
        "counts": counts,
        "compared": four_way_page.compared(report, column, sight),
        "cities_only": CITIES_ONLY,
        "no_survey": NO_SURVEY,
        "tables": known.tables,
        "figure": known.tables.figure if known.tables else "",
        "sources": known.sources,
        "basis": years_note(report) if counts else "",
        "notes": report_page.apart_notes(report, sight),
        "trail": [
            {"label": "スキルギャップ", "url": reverse("gaps:departments")},
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/summary.html", ctx)
