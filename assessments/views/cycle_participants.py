"""対象者: whose 職員区分, which departments and which people take part in a year (P22)."""

import datetime
import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.actor import Actor
from access.refusals import Conflict, Invalid
from assessments import participants
from assessments.confirm_form import number
from assessments.cycle_forms import PeopleOutForm, PlaceOutForm
from assessments.models import Cycle
from assessments.views.cycles import cycle_for, hr, trail_of
from assessments.workflow.participants import choose_employments, leave_out, take_in
from organization.models import Department, Staff

FOUND = 50
PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_participants(request, cycle_uuid):
    """Show who takes part with the number of people, and change it; `count` tries 職員区分 without keeping them."""
    actor = hr(request.actor)
    year = cycle_for(actor, cycle_uuid)
    if request.method != "POST":
        return _page(request, year)
    acts = {"count": _count, "employments": _employments, "place": _place, "people": _people}
    action = request.POST.get("action", "")
    if action.startswith("back-"):
        return _back(request, year, number(action.removeprefix("back-")))
    if action not in acts:
        raise Invalid
    try:
        return acts[action](request, year)
    except Conflict as refusal:
        return _page(request, cycle_for(actor, cycle_uuid), problem=refusal.message, status=409)


def _count(request, year: Cycle):
    return _page(request, year, tried=_chosen(request))


def _employments(request, year: Cycle):
    chosen = _chosen(request)
    if not chosen:
        problem = "対象にする職員区分を1つ以上選んでください。"
        return _page(request, year, problem=problem, target="employment-0", status=422)
    choose_employments(
        cycle=year, employments=chosen, version=_version(request), by=request.actor, now=timezone.now()
    )
    return _done(request, year, "対象の職員区分を保存しました。")


def _place(request, year: Cycle):
    form = PlaceOutForm(request.POST, departments=_departments(request.actor, year))
    if not form.is_valid():
        return _page(request, year, place_form=form, status=422)
    made = leave_out(
        cycle=year, version=_version(request), department=form.cleaned_data["department"],
        reason=form.cleaned_data["reason"], by=request.actor, now=timezone.now(),
    )  # fmt: skip
    name = form.cleaned_data["department"].name
    return _done(
        request, year, f"{name}を対象から外しました。" if made else f"{name}は、もう対象から外れています。"
    )


def _people(request, year: Cycle):
    form = PeopleOutForm(request.POST)
    valid = form.is_valid()
    people = _of_uuids(request.actor, request.POST.getlist("staff"))
    if not people or not valid:
        problem = "" if people else "対象から外す職員を選んでください。"
        return _page(request, year, people_form=form, problem=problem, target="q", status=422)
    made = leave_out(
        cycle=year, version=_version(request), people=people, reason=form.cleaned_data["reason"],
        by=request.actor, now=timezone.now(),
    )  # fmt: skip
    return _done(
        request,
        year,
        f"{made}人を対象から外しました。" if made else "選んだ職員は、もう対象から外れています。",
    )


def _back(request, year: Cycle, exclusion_id: int):
    try:
        gone = take_in(
            cycle=year,
            exclusion_id=exclusion_id,
            version=_version(request),
            by=request.actor,
            now=timezone.now(),
        )
    except Conflict as refusal:
        return _page(request, cycle_for(request.actor, year.uuid), problem=refusal.message, status=409)
    return _done(request, year, "対象に戻しました。" if gone else "もう対象に戻っています。")


def _done(request, year: Cycle, sentence: str):
    messages.success(request, sentence)
    return redirect("assessments:cycle_participants", year.uuid)


def _chosen(request) -> list[str]:
    chosen = request.POST.getlist("employment")
    return [value for value in Staff.Employment.values if value in chosen]


def _version(request) -> int:
    return number(request.POST.get("version", "0") or "0")


def _departments(actor: Actor, year: Cycle):
    """Return the departments that there are on the 基準日 or today."""
    mine = Department.objects.of(actor)
    there = mine.valid_on(year.reference_date) | mine.valid_on(actor.today)
    return there.distinct().order_by("path", "pk")


def _of_uuids(actor: Actor, uuids: list[str]) -> list[Staff]:
    try:
        wanted = [uuid.UUID(one) for one in uuids[:FOUND]]
    except ValueError as error:
        raise Invalid from error
    return list(Staff.objects.visible_to(actor).filter(uuid__in=wanted))


def day_of_counting(year: Cycle, today: datetime.date) -> datetime.date:
    """Return the day on which people are counted: the 基準日 until the year is open, today afterwards."""
    return today if year.is_open else year.reference_date


def _page(
    request, year: Cycle, *, tried: list[str] | None = None, place_form=None, people_form=None, problem: str = "",
    target: str = "", status: int = 200,
):  # fmt: skip
    actor = request.actor
    day = day_of_counting(year, actor.today)
    words = (request.POST.get("q") or request.GET.get("q") or "")[:60].strip()
    chosen = year.employments if tried is None else tried
    found = []
    if words:
        people = Staff.objects.filter(municipality_id=actor.municipality_id).found_by(words)
        found = list(participants.posted_on(year.municipality_id, day).filter(staff__in=people)[: FOUND + 1])
    ticked = request.POST.getlist("staff")
    paginator = Paginator(participants.left_out(year, day), PAGE)
    place_form = place_form or PlaceOutForm(departments=_departments(actor, year))
    people_form = people_form or PeopleOutForm()
    problems = [{"target": target, "text": problem}] if problem else []
    for form in (place_form, people_form):
        problems += [
            {"target": form[name].id_for_label, "text": "".join(errors)}
            for name, errors in form.errors.items()
        ]
    ctx = {
        "cycle": year,
        "day": day,
        "counts": participants.count(year, day, tried),
        "tried": tried is not None,
        "employments": [
            (value, label, value in chosen or not chosen) for value, label in Staff.Employment.choices
        ],
        "all_employments": not chosen or len(chosen) == len(Staff.Employment.choices),
        "page_obj": paginator.get_page(request.GET.get("page")),
        "place_form": place_form,
        "people_form": people_form,
        "words": words,
        "found": [(posting, str(posting.staff.uuid) in ticked) for posting in found[:FOUND]],
        "more_found": len(found) > FOUND,
        "can_change": year.state != Cycle.State.CLOSED,
        "problems": problems,
        "trail": trail_of(year),
    }
    return render(request, "assessments/cycle_participants.html", ctx, status=status)
