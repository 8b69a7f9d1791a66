"""対応方針 of a department: the gaps with what is decided about each, deciding, and keeping it up to date (P17)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from assessments import course_page
from assessments.course_reads import courses_leading_to
from assessments.models import Cycle
from competency.models.matrix import HOLDER_STEP
from gaps import measures_page
from gaps.coverage import CellCoverage, DepartmentCoverage
from gaps.lookups import measure_for, measures_of, report_cycle
from gaps.measure_form import MeasureForm, may_be_raised
from gaps.models import Measure
from gaps.policies import may_edit_measures, may_see_measures
from gaps.reports import snapshot
from gaps.workflow import YEAR_ENDED, MeasureValues, StaleMeasure, change_measure, decide_measures
from organization.lookups import department_for
from organization.models import Department

_NO_YEAR = "受付を始めた年度がまだないため、対応方針は決められません。"


@require_safe
def measures(request, department_uuid: uuid.UUID):
    """Show all gaps with their measures. They name people, so who sees none is sent to the report."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    cycle = report_cycle(actor)
    if cycle is None or not may_see_measures(actor, place.path):
        return redirect("gaps:department", place.uuid)
    report = _report(actor, place, cycle)
    found = list(measures_of(actor, place, cycle.fiscal_year).with_people())
    can_edit = may_edit_measures(actor, place.path)
    ctx = {
        "place": place,
        "cycle": cycle,
        "section": measures_page.section(report, found, actor.today, people=True),
        "followed": measures_page.followed(report, found, actor.today),
        "closed": measures_page.closed(found, cycle.fiscal_year, actor.today),
        "can_edit": can_edit,
        "can_decide": can_edit and cycle.is_open,
        "unset": not report.judged,
        "trail": _trail(place),
    }
    return render(request, "gaps/measures.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def measure_new(request, department_uuid: uuid.UUID):
    """Decide about one gap, named by `?cell=`. Other pages fill in `kind` and `staff` by the address."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    if not may_edit_measures(actor, place.path):
        raise Forbidden
    cycle = report_cycle(actor)
    if cycle is None or not cycle.is_open:
        raise Conflict(_NO_YEAR if cycle is None else YEAR_ENDED)
    report = _report(actor, place, cycle)
    gap = _gap(report, request.GET.get("cell", ""))
    if gap is None:
        if request.method == "POST":
            raise Invalid
        return redirect("gaps:measures", place.uuid)
    asked = [person for person in report.everyone if str(person.uuid) in request.GET.getlist("staff")]
    people = may_be_raised(report, gap, [person.id for person in asked])
    owners = _owners(report, actor)
    if request.method != "POST":
        initial = {
            "key": uuid.uuid4(),
            "kind": request.GET.get("kind", ""),
            "owner": str(actor.staff_uuid),
            **{f"raise-{person.uuid}": True for person in asked},
        }
        return _page(request, place, report, gap, MeasureForm(gap, owners, people, initial=initial))
    form = MeasureForm(gap, owners, people, request.POST)
    if not form.is_valid():
        return _page(request, place, report, gap, form, status=422)
    if form.cleaned_data["key"] is None:
        raise Invalid
    decide_measures(
        department=place, cycle=cycle, decisions=[(gap, form.values())], by=actor, now=timezone.now(),
        key=form.cleaned_data["key"],
    )  # fmt: skip
    messages.success(request, f"「{gap.cell.full_name}」の方針を決めました。")
    return redirect("gaps:measures", place.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def measure(request, measure_uuid: uuid.UUID):
    """Show and save one measure. A form sent with an old version comes back with 409 and both values."""
    actor = request.actor
    found = measure_for(actor, measure_uuid)
    place = found.department
    if not may_edit_measures(actor, place.path):
        raise Forbidden
    report = _report(actor, place, report_cycle(actor) or found.cycle)
    gap = _gap(report, found.cell.code)
    if request.method != "POST":
        stored = MeasureValues.of(found)
        form = _form(report, gap, found, stored, actor)
        form.initial = {**form.initial_of(stored), "version": found.version}
        return _page(request, place, report, gap, form, found=found)
    stored = MeasureValues.of(found)
    form = _form(report, gap, found, stored, actor, request.POST)
    if not form.is_valid():
        return _page(request, place, report, gap, form, found=found, status=422)
    version = form.cleaned_data["version"]
    if version is None:
        raise Invalid
    try:
        change_measure(measure=found, values=form.values(), version=version, by=actor, now=timezone.now())
    except StaleMeasure as refusal:
        # What was sent stands in the fields, the stored beside them; the next save is of the new version.
        posted = {**request.POST.dict(), "version": str(refusal.version)}
        sent = _form(report, gap, found, refusal.stored, actor, posted)
        sent.full_clean()
        told = sent.tell_stored(refusal.stored, form.values())
        return _page(
            request,
            place,
            report,
            gap,
            sent,
            found=found,
            status=409,
            stale=refusal.message,
            people_told=told,
        )
    messages.success(request, f"「{found.cell.full_name}」の方針を保存しました。")
    return redirect("gaps:measures", place.uuid)


def _report(actor: Actor, place: Department, cycle: Cycle) -> DepartmentCoverage:
    picture = snapshot(municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=place.path)
    return picture.coverage(place.path, place.name)


def _gap(report: DepartmentCoverage, code: str) -> CellCoverage | None:
    return next((cell for cell in report.cells if cell.cell.code == code), None)


def _owners(report: DepartmentCoverage, actor: Actor, also: Measure | None = None) -> list:
    """Return who may be in charge: the people, whoever decides, and who is in charge already."""
    owners = {person.id: (person.uuid, person.id, person.name) for person in report.everyone}
    owners.setdefault(actor.staff_id, (actor.staff_uuid, actor.staff_id, actor.name))
    if also is not None and also.owner is not None:
        owners.setdefault(also.owner.pk, (also.owner.uuid, also.owner.pk, also.owner.name))
    return list(owners.values())


def _form(
    report: DepartmentCoverage,
    gap: CellCoverage | None,
    found: Measure,
    stored: MeasureValues,
    actor: Actor,
    data=None,
) -> MeasureForm:
    already = {goal.staff_id: goal for goal in stored.goals}
    people = may_be_raised(report, gap, already)
    people += measures_page.moved_away(found, {person.id for person in report.everyone})
    return MeasureForm(gap, _owners(report, actor, found), people, data, already=already)


def _page(
    request,
    place: Department,
    report: DepartmentCoverage,
    gap: CellCoverage | None,
    form: MeasureForm,
    *,
    found: Measure | None = None,
    status: int = 200,
    stale: str = "",
    people_told: str = "",
):
    ctx = {
        "place": place,
        "form": form,
        "name": found.cell.full_name if found else gap.cell.full_name if gap else "",
        "found": found,
        "facts": measures_page.facts(gap, report, found),
        "courses": _courses(request, gap),
        "stale": stale,
        "people_told": people_told,
        "problems": form.problems() if not stale else [],
        "trail": [
            *_trail(place),
            {"label": "対応方針", "url": reverse("gaps:measures", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/measure.html", ctx, status=status)


def _courses(request, gap: CellCoverage | None) -> list[course_page.CellCourses]:
    """Return what is offered to reach 「独力でできる」 in the cell. One query."""
    if gap is None:
        return []
    actor = request.actor
    wanted = {gap.cell.code: int(HOLDER_STEP)}
    return course_page.by_cell(courses_leading_to(actor.municipality_id, wanted, actor.today), [gap.cell])


def _trail(place: Department) -> list[dict[str, str]]:
    return [
        {"label": "スキルギャップ", "url": reverse("gaps:departments")},
        {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
    ]
