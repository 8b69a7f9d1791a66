"""締切の延長: longer deadlines for one department in a year (P22)."""

import uuid

from django.contrib import messages
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.actor import Actor
from access.refusals import Conflict, NotVisible
from assessments.confirm_form import number
from assessments.cycle_forms import ExtensionForm
from assessments.models import Cycle, Extension, Sheet
from assessments.views.cycles import cycle_for, hr, trail_of
from assessments.workflow.participants import end_extension, extend
from organization.models import Department, Posting


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_extensions(request, cycle_uuid):
    """List the longer deadlines of a year, add one, or change that of `?change=<uuid>`."""
    actor = hr(request.actor)
    year = cycle_for(actor, cycle_uuid)
    changed = request.GET.get("change", "")
    one = _extension_for(actor, _uuid(changed), year) if changed else None
    departments = Department.objects.of(actor).valid_on(actor.today).order_by("path", "pk")
    if one is not None:
        departments = Department.objects.of(actor).filter(pk=one.department_id)
    form = ExtensionForm(request.POST or None, cycle=year, departments=departments, one=one)
    if request.method != "POST":
        return _page(request, year, form, one)
    if not form.is_valid():
        return _page(request, year, form, one, status=422)
    place = form.cleaned_data["department"]
    version = number(request.POST.get("version", "0") or "0")
    try:
        extend(
            cycle=year, department=place, longer=form.longer(), version=version, by=actor, now=timezone.now()
        )
    except Conflict as refusal:
        return _page(request, year, form, one, problem=refusal.message, status=409)
    messages.success(request, f"{place.name}の締切を延ばしました。職員と上司の画面には、すぐに出ます。")
    return redirect("assessments:cycle_extensions", year.uuid)


@require_POST
def extension_remove(request, extension_uuid):
    """Take one extension back."""
    actor = hr(request.actor)
    one = _extension_for(actor, extension_uuid)
    end_extension(extension=one, by=actor, now=timezone.now())
    messages.success(request, f"{one.department.name}の延長を取り消しました。年度の締切に戻ります。")
    return redirect("assessments:cycle_extensions", one.cycle.uuid)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotVisible from error


def _extension_for(actor: Actor, extension_uuid, year: Cycle | None = None) -> Extension:
    """Return an extension of the municipality, with year and department; NotVisible elsewhere."""
    found = Extension.objects.filter(municipality_id=actor.municipality_id)
    if year is not None:
        found = found.filter(cycle=year)
    one = found.select_related("cycle", "department").filter(uuid=extension_uuid).first()
    if one is None:
        raise NotVisible
    return one


def _listed(year: Cycle, today):
    """Return the extensions of a year with `people`: how many have a sheet and their 本務 there today."""
    here = (
        Posting.objects.active_on(today)
        .filter(kind=Posting.Kind.MAIN, department__path__startswith=OuterRef("department__path"))
        .filter(staff__in=Sheet.objects.filter(cycle=year).values("staff"))
        .order_by()
        .values("municipality_id")
        .annotate(people=Count("staff", distinct=True))
    )
    return (
        Extension.objects.filter(cycle=year)
        .select_related("department")
        .annotate(people=Subquery(here.values("people"), output_field=IntegerField()))
        .order_by("department__path")
    )


def _page(
    request, year: Cycle, form: ExtensionForm, one: Extension | None, *, problem: str = "", status: int = 200
):
    ctx = {
        "cycle": year,
        "form": form,
        "one": one,
        "version": (request.POST.get("version") or (one.version if one else 0)),
        "extensions": list(_listed(year, request.actor.today)),
        "can_change": year.state != Cycle.State.CLOSED,
        "problems": [{"target": "", "text": problem}] if problem else [],
        "trail": trail_of(year),
    }
    return render(request, "assessments/cycle_extensions.html", ctx, status=status)
