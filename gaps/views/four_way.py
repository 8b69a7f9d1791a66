"""職員数とスキルの確保 (Q3-1): the four-way answers beside the published ones, and the 所属長's own word (P16, P17)."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from access.routes import ROUTES
from assessments.models import Cycle
from competency.reference import CITIES_ONLY, NO_SURVEY, Published, Skill, published
from gaps import four_way_page
from gaps.coverage import DepartmentCoverage
from gaps.four_way import FOUR, Answer, SkillAnswer, answers
from gaps.four_way_form import FourWayForm
from gaps.four_way_reads import Override, duty_holders, overrides_and_figures
from gaps.lookups import report_cycle
from gaps.policies import Sight, may_edit_needs, sight_of
from gaps.reports import snapshot
from gaps.workflow import StaleAnswer, override_four_way
from lib.replica import from_replica
from organization.lookups import department_for
from organization.models import Department


@dataclass(frozen=True)
class FourWay:
    """Everything read for one department: the report, the answers worked out, and those that stand instead."""

    place: Department
    cycle: Cycle
    report: DepartmentCoverage
    sight: Sight
    found: tuple[SkillAnswer, ...]
    overrides: dict[int, Override]
    published: Published

    def rows(self) -> list[four_way_page.Row]:
        """Return the lines as far as the reader may see."""
        return four_way_page.rows(
            self.published.skills, self.published.answers, self.found, self.overrides, self.sight
        )


@from_replica
def load(actor: Actor, place: Department, cycle: Cycle) -> FourWay:
    """Read the answers of a department: the five queries of the report, one for duties, one for overrides and surveys."""
    overrides, figures = overrides_and_figures(place, cycle)
    picture = snapshot(municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=place.path)
    report = picture.coverage(place.path, place.name, named=False)
    duties = duty_holders(actor.municipality_id, cycle.fiscal_year, place.path)
    return FourWay(
        place=place,
        cycle=cycle,
        report=report,
        sight=sight_of(actor, place.path, report.size) or Sight.WORDS,
        found=answers(figures.skills, report, duties),
        overrides=overrides,
        published=figures,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def four_way(request, department_uuid: uuid.UUID):
    """Show the answers; `?skill=` opens the form of one, which comes back with 409 and both values, or with 422."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    can_edit = may_edit_needs(actor, place.path)
    if request.method == "POST" and not can_edit:
        raise Forbidden
    cycle = report_cycle(actor)
    if cycle is None:
        if request.method == "POST":
            raise Conflict("受付を始めた年度がまだないため、判断は付けられません。")
        return redirect("gaps:department", place.uuid)
    if request.method == "POST":
        return _save(request, place, cycle)
    picture = load(actor, place, cycle)
    skill = _skill(picture.published, request.GET.get("skill", "")) if can_edit and cycle.is_open else None
    stored = picture.overrides.get(skill.number) if skill else None
    form = FourWayForm(initial=FourWayForm.values_of(skill.number, stored)) if skill else None
    return _page(request, picture, form, skill)


def _save(request, place: Department, cycle: Cycle):
    form = FourWayForm(request.POST)
    skill = _skill(published(request.actor.municipality_id), request.POST.get("skill", ""))
    if not form.is_valid() or skill is None:
        return _page(request, load(request.actor, place, cycle), form, skill, status=422)
    sent = form.cleaned_data
    try:
        override_four_way(
            department=place,
            cycle=cycle,
            skill=skill.number,
            answer=sent["answer"],
            reason=sent["reason"],
            version=sent["version"],
            by=request.actor,
            now=timezone.now(),
        )
    except StaleAnswer as refusal:
        # What was sent stays in the fields; the next save is of the version that stands now.
        again = FourWayForm({**request.POST.dict(), "version": str(refusal.detail["version"])})
        again.full_clean()
        picture = load(request.actor, place, cycle)
        return _page(request, picture, again, skill, status=409, stale=refusal.message)
    told = "判断を保存しました。" if sent["answer"] else "計算のとおりに戻しました。"
    messages.success(request, f"{skill.number}. {skill.short}：{told}")
    return redirect("gaps:four_way", place.uuid)


def _skill(figures: Published, number: str) -> Skill | None:
    return next((one for one in figures.skills if str(one.number) == number), None)


def _page(
    request,
    picture: FourWay,
    form: FourWayForm | None,
    skill: Skill | None,
    *,
    status: int = 200,
    stale: str = "",
):
    place, sight, report = picture.place, picture.sight, picture.report
    lines = picture.rows()
    city = request.user.municipality
    column = picture.published.staffing(city.kind, city.population_band)
    editable = picture.cycle.is_open and may_edit_needs(request.actor, place.path)
    no_duties = any(each.answer is Answer.NO_DUTIES for each in picture.found)
    ctx = {
        "place": place,
        "cycle": picture.cycle,
        "at": timezone.localtime(),
        "own": sight is not Sight.BANDS,
        "conclusion": ""
        if sight is Sight.BANDS and lines
        else four_way_page.conclusion(row.answer for row in lines if row.answer),
        "rows": lines,
        "columns": [one.label for one in FOUR],
        "series": four_way_page.SERIES,
        "can_edit": editable,
        "assignments_url": reverse("gaps:assignments", args=[place.uuid])
        if no_duties and editable and "gaps:assignments" in ROUTES
        else "",
        "form": form,
        "skill": skill,
        "stale": stale,
        "stored": next((row for row in lines if row.skill == skill), None),
        "lone": report.size == 1 and sight is not Sight.BANDS,
        "survey": picture.published.survey,
        "tables": picture.published.tables,
        "column": column,
        "head_count": four_way_page.head_count(report, sight),
        "shares": four_way_page.share_rows(column),
        "cities_only": CITIES_ONLY,
        "no_survey": NO_SURVEY,
        "corrections": [share.correction for share in column.shares if share.correction] if column else [],
        "trail": [
            {"label": "スキルギャップ", "url": reverse("gaps:departments")},
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/four_way.html", ctx, status=status)
