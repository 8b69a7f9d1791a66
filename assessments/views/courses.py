"""研修 catalogue: everybody looks for a course; 人事 adds one, changes it, takes it out and back (P21t)."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Forbidden, Invalid
from access.table import may, may_at_all
from assessments import course_page
from assessments.course_forms import CourseFilter, CourseForm, LeadFormSet
from assessments.course_reads import catalogue, steps_and_targets
from assessments.lookups import course_for, my_applications
from assessments.models import Training
from assessments.workflow.courses import (
    CourseValues,
    StaleCourse,
    add_course,
    change_course,
    providers_for,
    retire_course,
)
from competency.lookups import cells_in_use
from competency.models import Course
from competency.models.matrix import HOLDER_STEP
from organization.views.posted import key_of, version_of

COURSES_A_PAGE = 20


@require_safe
def courses(request):
    """Show the courses that fit the person, then all of them, filtered."""
    actor = request.actor
    can_edit = may(actor, "P21t")
    cells = cells_in_use(actor)
    found = catalogue(actor, retired=can_edit)
    mine = my_applications(actor)
    form = CourseFilter(cells, found, request.GET)
    asked = form.cleaned_data
    page = Paginator(course_page.found_by(found, asked, cells, actor.today), COURSES_A_PAGE).get_page(
        request.GET.get("page")
    )
    filtered = any(asked.values())
    steps, targets = steps_and_targets(actor)
    ctx = {
        "filter": form,
        "filtered": filtered,
        "fitting": [] if filtered else course_page.fitting(found, cells, actor.today, mine, steps, targets),
        "page_obj": page,
        "lines": course_page.lines(page.object_list, cells, actor.today, mine),
        "mine": course_page.applications(mine.values()),
        "can_edit": can_edit,
        "can_plan": may_at_all(actor, "P33t"),
        "trail": [{"label": "ホーム", "url": "/"}],
    }
    return render(request, "assessments/courses.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def course(request, course_uuid: uuid.UUID):
    """Show one course; 人事 changes it (`?edit=1`), takes it out of the catalogue or back into it."""
    actor = request.actor
    shown = course_for(actor, course_uuid)
    can_edit = may(actor, "P21t")
    if request.method == "POST":
        if not can_edit:
            raise Forbidden
        if request.POST.get("act") in ("retire", "restore"):
            return _retire(request, shown)
        return _change(request, shown)
    if "edit" in request.GET:
        if not can_edit:
            raise Forbidden
        values = CourseValues.of(shown)
        form = CourseForm(_providers(request), initial=CourseForm.initial_of(values, shown.version))
        return _edit_page(request, shown, form, LeadFormSet(cells_in_use(actor), steps=values.steps))
    training = my_applications(actor).get(shown.pk)
    ctx = {
        "course": shown,
        "when": course_page.when(shown.starts_on, shown.ends_on),
        "fee": course_page.yen(shown.fee),
        "apply": course_page.apply_words(shown, actor.today),
        "leads": course_page.leads(shown, cells_in_use(actor)),
        "training": training,
        "is_open": shown.is_open_on(actor.today),
        "can_apply": shown.is_open_on(actor.today) and (training is None or training.state in _AGAIN),
        "can_withdraw": training is not None and training.state == Training.State.APPLIED,
        "key": uuid.uuid4(),
        "can_edit": can_edit,
        "trail": [{"label": "研修", "url": reverse("assessments:courses")}],
    }
    return render(request, "assessments/course.html", ctx)


_AGAIN = (Training.State.DECLINED, Training.State.WITHDRAWN, Training.State.ABSENT)


@require_http_methods(["GET", "HEAD", "POST"])
def course_new(request):
    """Add a course."""
    actor = request.actor
    if not may(actor, "P21t"):
        raise Forbidden
    cells = cells_in_use(actor)
    if request.method != "POST":
        steps = dict.fromkeys(request.GET.getlist("cell"), int(HOLDER_STEP))
        return _edit_page(
            request, None, CourseForm(_providers(request)), LeadFormSet(cells, steps=steps), key=uuid.uuid4()
        )
    key = key_of(request)
    form, leads = CourseForm(_providers(request), request.POST), LeadFormSet(cells, request.POST)
    if not (form.is_valid() & leads.is_valid()):
        return _edit_page(request, None, form, leads, key=key, status=422)
    made = add_course(values=form.values(leads.steps()), by=actor, now=timezone.now(), key=key)
    messages.success(request, f"講座「{made.name}」を加えました。")
    return redirect("assessments:course", made.uuid)


def _change(request, shown: Course):
    form = CourseForm(_providers(request, shown), request.POST)
    stored = CourseValues.of(shown)
    leads = LeadFormSet(cells_in_use(request.actor), request.POST, steps=stored.steps)
    if not (form.is_valid() & leads.is_valid()):
        return _edit_page(request, shown, form, leads, status=422)
    if form.cleaned_data["version"] is None:
        raise Invalid
    try:
        changed = change_course(
            course=shown, values=form.values(leads.steps()), version=form.cleaned_data["version"],
            by=request.actor, now=timezone.now(),
        )  # fmt: skip
    except StaleCourse as refusal:
        # What was sent stands in the fields, what is stored beside them; the next save is of the new version.
        posted = {**request.POST.dict(), "version": str(refusal.stored.version)}
        sent = CourseForm(_providers(request, shown), posted)
        sent.full_clean()
        told = course_page.differences(CourseValues.of(refusal.stored), form.values(leads.steps()))
        return _edit_page(
            request, refusal.stored, sent, leads, status=409, stale=refusal.message, differences=told
        )
    messages.success(request, f"講座「{changed.name}」を保存しました。")
    return redirect("assessments:course", changed.uuid)


def _retire(request, shown: Course):
    retired = request.POST["act"] == "retire"
    changed = retire_course(
        course=shown, retired=retired, version=version_of(request), by=request.actor, now=timezone.now()
    )
    done = "を案内しない講座にしました" if retired else "をもう一度案内します"
    messages.success(request, f"講座「{changed.name}」{done}。")
    return redirect("assessments:course", changed.uuid)


def _providers(request, shown: Course | None = None):
    """Return the queryset to choose from; the provider that a course has stays, though it is used no more."""
    offered = providers_for(request.actor.municipality_id)
    if shown is None:
        return offered
    return offered | type(shown.provider).objects.filter(pk=shown.provider_id)


def _edit_page(
    request, shown: Course | None, form: CourseForm, leads: Any, *, key: uuid.UUID | None = None,
    status: int = 200, stale: str = "", differences: tuple[str, ...] | list[str] = (),
):  # fmt: skip
    name = shown.name if shown else "講座を加える"
    trail = [{"label": "研修", "url": reverse("assessments:courses")}]
    if shown:
        trail.append({"label": shown.name, "url": reverse("assessments:course", args=[shown.uuid])})
    ctx = {
        "course": shown,
        "form": form,
        "leads": leads,
        "key": key,
        "name": name,
        "stale": stale,
        "differences": differences,
        "problems": [
            {"target": one[field].id_for_label, "text": f"{one[field].label}：{error}"}
            for one in (form, *leads.forms)
            for field, errors in one.errors.items()
            for error in errors
            if field in one.fields
        ]
        if not stale
        else [],
        "trail": trail,
    }
    return render(request, "assessments/course_edit.html", ctx, status=status)
