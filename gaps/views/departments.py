"""The gap report of a department, its people × cells, and the tree that leads there (P16)."""

import uuid

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.actor import Actor
from access.routes import ROUTES
from competency.target_reads import targets_of_people
from gaps import heatmap_page, measures_page, report_page
from gaps.coverage import DepartmentCoverage, Status
from gaps.disclosure import banded_answer
from gaps.keystones_page import keystone_rows, keystones_answer
from gaps.lookups import measures_of, report_cycle, report_years, sees_whole_tree, tree_for, visible_units
from gaps.policies import Sight, may_edit_needs, may_see_overview, sight_of
from gaps.reports import Snapshot, Unit, snapshot
from gaps.tree_page import named, tree, with_those_above
from gaps.trends import trend
from gaps.wording import answer, basis, figures
from lib.replica import from_replica
from organization.lookups import department_for
from organization.models import Department

PEOPLE_A_PAGE = 50
UNITS_A_PAGE = 100
# Above this the report of one department shows those right below it alone: each has a report of its own.
MOST_BELOW = 60
_LISTED = 100
_LONGEST = 60


@require_safe
@from_replica
def departments(request):
    """Show the departments the actor may open, a page of them; `?q=` looks for some. Who has one alone is sent there."""
    actor = request.actor
    cycle = report_cycle(actor)
    if cycle is None:
        return render(request, "gaps/departments.html", {"cycle": None, "tree": None, "answer": ""})
    picture = tree_for(actor, cycle)
    units = visible_units(actor, picture)
    if len(units) == 1:
        return redirect("gaps:department", units[0].uuid)
    total = None
    if sees_whole_tree(actor):
        total = Sight.NAMES if may_see_overview(actor) else Sight.BANDS
    words = request.GET.get("q", "")[:_LONGEST]
    page = Paginator(named(units, words) if words else units, UNITS_A_PAGE).get_page(request.GET.get("page"))
    # The sum of all stands once, above the first of them.
    summed = total if not words and page.number == 1 else None
    shown = with_those_above(units, page.object_list)
    ctx = {
        "cycle": cycle,
        "tree": tree(actor, picture, units, total=summed, shown=shown),
        "banded": total is Sight.BANDS,
        "units": len(units),
        "page_obj": page,
        "words": words,
        "can_look": len(units) > UNITS_A_PAGE,
    }
    return render(request, "gaps/departments.html", ctx)


@require_safe
@from_replica
def department(request, department_uuid: uuid.UUID):
    """Show the answer, the coverage map and who stands behind it, as far as the actor may see."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    cycle, years = report_years(actor)
    if cycle is None:
        return render(request, "gaps/department_none.html", {"place": place, "trail": _trail(actor)})
    picture = snapshot(
        municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=place.path, years=years
    )
    report = picture.coverage(place.path, place.name)
    sight = sight_of(actor, place.path, report.size) or Sight.WORDS
    # Two status words for one cell would tell what a colleague wrote and nobody has confirmed.
    include_self = request.GET.get("self") == "1" and sight in (Sight.NAMES, Sight.COUNTS)
    if include_self:
        report = picture.coverage(place.path, place.name, include_self=True)
    past = [] if sight is Sight.BANDS or include_self else trend(picture, years, report)
    links = _cell_links(place, picture) if sight is Sight.NAMES else {}
    urgent, more = report_page.urgent(report, sight, links)
    below = [unit for unit in visible_units(actor, picture) if unit.path != place.path]
    right_below = below if len(below) <= MOST_BELOW else _right_below(below)
    keystones = keystone_rows(report, links) if sight is Sight.NAMES else []
    people = report_page.people_rows(report) if sight is Sight.NAMES else []
    now = timezone.localtime()
    counted = sight in (Sight.NAMES, Sight.COUNTS)
    can_edit = may_edit_needs(actor, place.path)
    # They name people.
    decided = measures_of(actor, place, cycle.fiscal_year) if sight is Sight.NAMES else None
    ctx = {
        "place": place,
        "cycle": cycle,
        "at": now,
        "sight": sight.value,
        "answer": banded_answer(report)
        if sight is Sight.BANDS
        else answer(report, names=sight is Sight.NAMES),
        "figures": _figures(report, sight, past),
        "matrix": report_page.matrix(report, sight, links),
        "stages": report_page.stage_names(picture.cells),
        "unconfirmed": any(not cell.placement_confirmed for cell in picture.cells),
        "notes": report_page.apart_notes(report, sight),
        "basis": basis(report, now, include_self=include_self, counts=counted),
        "include_self": include_self,
        "has_self_only": counted and any(cell.self_only for cell in report.cells),
        "urgent": urgent,
        "more": more,
        "below": tree(actor, picture, right_below) if below else None,
        "more_below": len(below) - len(right_below),
        "people": people[:_LISTED],
        "people_count": len(people),
        "has_resume": "assessments:resume" in ROUTES,
        "keystones": keystones,
        "keystones_answer": keystones_answer(report, keystones) if sight is Sight.NAMES else "",
        "has_scenario": "gaps:scenario_new" in ROUTES,
        "trend": report_page.trend_chart(past),
        "trend_sentences": report_page.trend_sentences(past),
        "section": measures_page.section(report, decided, actor.today) if decided is not None else None,
        "can_edit": can_edit,
        "can_decide": can_edit and cycle.is_open,
        "unset": not report.judged,
        "trail": _trail(actor),
    }
    return render(request, "gaps/department.html", ctx)


@require_safe
@from_replica
def heatmap(request, department_uuid: uuid.UUID):
    """Show people × cells. It is all names, so who sees coverage without names is sent to the report."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    cycle = report_cycle(actor)
    if cycle is None or sight_of(actor, place.path, 0) is not Sight.NAMES:
        return redirect("gaps:department", place.uuid)
    picture = snapshot(municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=place.path)
    report = picture.coverage(place.path, place.name)
    categories, areas = heatmap_page.heads(report)
    page = Paginator(report.everyone, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    targets = targets_of_people(
        municipality_id=actor.municipality_id,
        fiscal_year=cycle.fiscal_year,
        staff_ids=[person.id for person in page.object_list],
        on=actor.today,
    )
    ctx = {
        "place": place,
        "cycle": cycle,
        "page_obj": page,
        "rows": heatmap_page.rows(report, page.object_list, targets),
        "has_targets": heatmap_page.has_targets(targets),
        "columns": heatmap_page.columns(report),
        "categories": categories,
        "areas": areas,
        "size": report.size,
        "has_resume": "assessments:resume" in ROUTES,
        "trail": [
            *_trail(actor),
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/heatmap.html", ctx)


def _right_below(units: list[Unit]) -> list[Unit]:
    """Return the highest of some units, as many as a report shows; a list."""
    top = min(unit.depth for unit in units)
    return [unit for unit in units if unit.depth == top][:UNITS_A_PAGE]


def _cell_links(place: Department, picture: Snapshot) -> dict[str, str]:
    """Return the address of each cell's own page by its code."""
    return {cell.code: reverse("gaps:cell", args=[place.uuid, cell.uuid]) for cell in picture.cells}


def _figures(report: DepartmentCoverage, sight: Sight, past) -> list:
    if sight is Sight.BANDS:
        return []
    before = next((each for each in past if each.year == report.year - 1), None)
    covered_before = before.counts()[Status.OK] if before else None
    return figures(report, counts=sight is not Sight.WORDS, covered_before=covered_before)


def _trail(actor: Actor) -> list[dict[str, str]]:
    return [{"label": "スキルギャップ", "url": reverse("gaps:departments")}]
