"""Where training pays most: the question, the proposal, and what of it becomes 対応方針 (P17)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from assessments import course_page
from assessments.course_reads import courses_leading_to
from assessments.models import Cycle
from competency.models.matrix import HOLDER_STEP
from gaps import report_page, training_page
from gaps.coverage import DepartmentCoverage
from gaps.lookups import pairs_in_training, report_cycle
from gaps.policies import may_edit_measures
from gaps.reports import snapshot
from gaps.solver import NotProven
from gaps.training import Limits, Proposal, candidates, propose
from gaps.training_form import MOST_LINES, PlacesForm, PlanForm, line_name
from gaps.workflow import YEAR_ENDED, decide_measures
from lib import fiscal
from organization.lookups import department_for
from organization.models import Department

_NO_YEAR = "受付を始めた年度がまだないため、育成の案は作れません。"


@require_http_methods(["GET", "HEAD", "POST"])
def training(request, department_uuid: uuid.UUID):
    """Answer what the places in the address would do best; POST turns the ticked lines into 対応方針."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    if not may_edit_measures(actor, place.path):
        raise Forbidden
    cycle = report_cycle(actor)
    if cycle is None or not cycle.is_open:
        raise Conflict(_NO_YEAR if cycle is None else YEAR_ENDED)
    picture = snapshot(municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=place.path)
    report = picture.coverage(place.path, place.name)
    in_training = pairs_in_training(actor, place)
    asked = any(name in request.GET for name in PlacesForm.base_fields)
    places = PlacesForm(request.GET) if asked else PlacesForm()
    if request.method == "POST":
        return _decide(request, place, cycle, report, places, in_training)
    return _answer(request, place, cycle, report, places, in_training)


def _answer(request, place, cycle: Cycle, report: DepartmentCoverage, places: PlacesForm, in_training):
    """Show the form, and under it the proposal where the form says how much there is."""
    cells, people = training_page.question(report)
    obstacle = training_page.obstacle(
        report, len(candidates(cells, people, in_training)), len(candidates(cells, people))
    )
    proposal = limits = plan = None
    problem = ""
    if places.is_bound and places.is_valid() and not obstacle:
        limits = places.limits()
        try:
            proposal = propose(cells, people, limits, left_out=in_training)
        except NotProven:
            problem = training_page.NOT_PROVEN
        if proposal and proposal.raises:
            plan = _proposed(request.actor, cycle, report, proposal, in_training)
    return _page(
        request, place, cycle, report, places, in_training, plan,
        obstacle=obstacle, problem=problem, proposal=proposal, limits=limits,
        status=422 if places.errors else 200,
    )  # fmt: skip


def _proposed(actor: Actor, cycle: Cycle, report: DepartmentCoverage, proposal: Proposal, in_training):
    """Return the form of the lines, filled in with what is proposed."""
    people, gaps = training_page.by_key(report), {cell.cell.code: cell for cell in report.cells}
    order = {person.id: at for at, person in enumerate(report.people)}
    numbers: dict[str, int] = {}
    initial = {
        "key": uuid.uuid4(),
        "due": fiscal.last_day(cycle.fiscal_year),
        "owner": str(actor.staff_uuid),
    }
    names, why = [], {}
    places = list(gaps)
    for each in sorted(proposal.raises, key=lambda one: (places.index(one.cell), order[one.person])):
        numbers[each.cell] = numbers.get(each.cell, 0) + 1
        name = line_name(each.cell, numbers[each.cell])
        names.append(name)
        person = people[each.person]
        why[name] = training_page.why(each, person)
        initial |= {
            f"take-{name}": True,
            f"who-{name}": str(person.uuid),
            f"training-{name}": training_page.training_text(each, gaps[each.cell]),
        }
    return PlanForm(report, names, _owners(report, actor), in_training, initial=initial, why=why)


def _decide(request, place, cycle: Cycle, report: DepartmentCoverage, places: PlacesForm, in_training):
    """Write the ticked lines; what no longer fits comes back with 409, what is wrong with 422, all else kept."""
    codes = {cell.cell.code for cell in report.cells}
    names = list(dict.fromkeys(request.POST.getlist("line")))
    if not names or len(names) > MOST_LINES or any(name.rpartition("-")[0] not in codes for name in names):
        raise Invalid
    form = PlanForm(report, names, _owners(report, request.actor), in_training, request.POST)
    if not form.is_valid():
        if "key" in form.errors:
            raise Invalid
        form.why = training_page.whys(report, form.chosen())
        status = 409 if form.is_stale else 422
        return _page(request, place, cycle, report, places, in_training, form, status=status)
    price = places.cleaned_data.get("price") if places.is_bound and places.is_valid() else None
    made = decide_measures(
        department=place, cycle=cycle, decisions=form.decisions(price), by=request.actor, now=timezone.now(),
        key=form.cleaned_data["key"],
    )  # fmt: skip
    messages.success(request, f"{len(made)}項目の育成を、対応方針にしました。")
    return redirect("gaps:measures", place.uuid)


def _owners(report: DepartmentCoverage, actor: Actor) -> list[tuple[uuid.UUID, int, str]]:
    """Return those who may be in charge: the people of the department, and whoever decides."""
    owners = [(person.uuid, person.id, person.name) for person in report.people]
    if all(key != actor.staff_id for _, key, _ in owners):
        owners.append((actor.staff_uuid, actor.staff_id, "自分"))
    return owners


def _page(
    request,
    place: Department,
    cycle: Cycle,
    report: DepartmentCoverage,
    places: PlacesForm,
    in_training,
    plan: PlanForm | None,
    *,
    obstacle: str = "",
    problem: str = "",
    proposal: Proposal | None = None,
    limits: Limits | None = None,
    status: int = 200,
):
    shown = proposal is not None and bool(proposal.raises)
    lines = plan.lines() if plan else []
    ctx = {
        "place": place,
        "cycle": cycle,
        "at": timezone.localtime(),
        "places": places,
        "obstacle": obstacle,
        "unset": not report.judged,
        "problem": problem,
        "sentence": training_page.sentence(report, proposal, limits) if proposal and limits else "",
        "plan": plan,
        "lines": lines,
        "courses": _courses(request.actor, report, {line.gap.cell.code for line in lines}),
        "already": training_page.already(report, in_training),
        "stale": bool(plan and plan.is_bound and plan.is_stale),
        "problems": _problems(plan) if plan else [],
        "chart": training_page.chart(proposal) if shown else None,
        "chart_sentence": training_page.chart_sentence(proposal) if shown else "",
        "matrix": training_page.change_map(report, proposal) if shown else [],
        "stages": report_page.stage_names([cell.cell for cell in report.cells]),
        "unconfirmed": any(not cell.cell.placement_confirmed for cell in report.cells),
        "asked": request.GET.urlencode(),
        "trail": [
            {"label": "スキルギャップ", "url": reverse("gaps:departments")},
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/training.html", ctx, status=status)


def _courses(actor: Actor, report: DepartmentCoverage, codes: set[str]) -> list[course_page.CellCourses]:
    """Return what is offered for the cells of the proposal, in the order of the matrix. One query, none without lines."""
    wanted = dict.fromkeys(codes, int(HOLDER_STEP))
    found = courses_leading_to(actor.municipality_id, wanted, actor.today)
    return course_page.by_cell(found, [each.cell for each in report.cells])


def _problems(plan: PlanForm) -> list[dict[str, str]]:
    found = []
    for name, errors in plan.errors.items():
        for error in errors:
            if name == "__all__":
                found.append({"target": plan.lines()[0].take.id_for_label, "text": error})
            else:
                found.append({"target": plan[name].id_for_label, "text": f"{plan[name].label}：{error}"})
    return found
