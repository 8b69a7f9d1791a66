"""年度と締切: prepare, also as a copy, open, change dates, add late comers (P22)."""

import uuid

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.actor import Actor
from access.refusals import Conflict, Forbidden, NotVisible
from access.table import may
from assessments import carry
from assessments.confirm_form import number
from assessments.cycle_forms import CycleForm, PlanForm
from assessments.models import Cycle, Exclusion, Extension, Leftover, Sheet
from assessments.participants import count, without_sheet
from assessments.review_list import count_by_state
from assessments.workflow.cycles import (
    YearExists,
    add_sheets,
    change_plan,
    open_cycle,
    prepare_cycle,
)
from competency.models import FrameworkVersion
from lib.dates import format_wareki, years_later
from organization.models import Staff


@require_safe
def cycles(request):
    """List the years with how far each has come."""
    actor = hr(request.actor)
    waiting = Q(sheets__state__in=Sheet.WAITING)
    confirmed = Q(sheets__state=Sheet.State.CONFIRMED)
    found = (
        Cycle.objects.visible_to(actor)
        .select_related("framework_version__framework")
        .annotate(
            total=Count("sheets"), waiting=Count("sheets", waiting), confirmed=Count("sheets", confirmed)
        )
        .order_by("-fiscal_year")
    )
    years = list(found)
    return render(
        request, "assessments/cycles.html", {"cycles": years, "newest": years[0] if years else None}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_new(request):
    """Prepare a year, with `?from=<uuid>` after another one; nobody gets a sheet before it is opened."""
    actor = hr(request.actor)
    versions = (
        FrameworkVersion.objects.visible_to(actor)
        .published()
        .select_related("framework")
        .order_by("framework__name", "-published_at", "pk")
    )
    taken = dict(Cycle.objects.visible_to(actor).values_list("fiscal_year", "confirmer_date"))
    source = _source(actor, request.GET.get("from", ""))
    form = CycleForm(versions, actor.today, request.POST or None, taken=taken, source=source)
    if request.method == "POST" and form.is_valid():
        try:
            cycle = prepare_cycle(
                municipality=request.user.municipality,
                fiscal_year=form.cleaned_data["fiscal_year"],
                framework_version=form.cleaned_data["framework_version"],
                plan=form.plan(),
                copy=form.copy(),
                by=actor,
                now=timezone.now(),
            )
        except YearExists as refusal:
            form.add_error("fiscal_year", refusal.message)
        else:
            messages.success(request, "年度を準備しました。内容を確かめてから、受付を始めてください。")
            return redirect("assessments:cycle", cycle.uuid)
    refused = request.method == "POST"
    ctx = {"form": form, "source": source, **(_coming_along(source, form) if source else {})}
    return render(request, "assessments/cycle_new.html", ctx, status=422 if refused else 200)


def _source(actor: Actor, cycle_uuid: str) -> Cycle | None:
    """Return the year that a new one is made after, None for none; NotVisible where there is no such year."""
    if not cycle_uuid:
        return None
    try:
        return cycle_for(actor, uuid.UUID(cycle_uuid))
    except ValueError as error:
        raise NotVisible from error


def _coming_along(source: Cycle, form: CycleForm) -> dict:
    """Return what the new year takes over, counted by the version and the day that the form shows."""
    version = form.chosen_version() or source.framework_version
    day = form.chosen_day() or years_later(source.reference_date, 1)
    labels = dict(Staff.Employment.choices)
    return {
        "carried": carry.count(source, version, day),
        "exclusions": Exclusion.objects.filter(cycle=source).count(),
        "employments": [labels.get(value, value) for value in source.employments],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def cycle(request, cycle_uuid):
    """Show one year, change its dates, and offer what comes next."""
    actor = hr(request.actor)
    year = cycle_for(actor, cycle_uuid)
    form = PlanForm(request.POST or None, cycle=year)
    if request.method == "POST" and form.is_valid():
        version = number(request.POST.get("version", "0") or "0")
        try:
            change_plan(cycle=year, plan=form.plan(), version=version, by=actor, now=timezone.now())
        except Conflict as refusal:
            form.add_error(None, refusal.message)
            return _page(request, cycle_for(actor, cycle_uuid), form, problem=refusal.message, status=409)
        messages.success(request, "日付を変えました。")
        return redirect("assessments:cycle", year.uuid)
    return _page(request, year, form, status=422 if request.method == "POST" else 200)


@require_POST
def cycle_open(request, cycle_uuid):
    """Open the year: everyone posted on the reference date gets a sheet."""
    actor = hr(request.actor)
    year = cycle_for(actor, cycle_uuid)
    version = number(request.POST.get("version", "0") or "0")
    if _concerns(year, actor) and not request.POST.get("seen"):
        problem = "注意を読んで、確かめたことに印を付けてから、受付を始めてください。"
        return _page(request, year, PlanForm(cycle=year), problem=problem, target="seen", status=409)
    year, made = open_cycle(cycle=year, version=version, by=actor, now=timezone.now())
    messages.success(request, f"受付を始めました。{made}人に年度票を配りました。")
    return redirect("assessments:cycle", year.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_add(request, cycle_uuid):
    """Add sheets for people who came after the reference date."""
    actor = hr(request.actor)
    year = cycle_for(actor, cycle_uuid)
    if not year.is_open:
        raise Conflict("受付中の年度にだけ追加できます。")
    late = _people(without_sheet(year, actor.today))
    problems, status = [], 200
    if request.method == "POST":
        chosen = set(request.POST.getlist("staff"))
        everyone = request.POST.get("all") == str(len(late))
        wanted = [posting.staff_id for posting in late if everyone or str(posting.staff.uuid) in chosen]
        if wanted:
            made = add_sheets(cycle=year, staff_ids=wanted, by=actor, now=timezone.now())
            messages.success(request, f"{made}人の年度票を追加しました。")
            return redirect("assessments:cycle", year.uuid)
        problems, status = [{"target": "", "text": "追加する職員を選んでください。"}], 422
    ctx = {"cycle": year, "late": late, "problems": problems}
    return render(request, "assessments/cycle_add.html", ctx, status=status)


def hr(actor: Actor) -> Actor:
    """Return the actor who keeps the years; Forbidden for anyone else."""
    if not may(actor, "P22"):
        raise Forbidden
    return actor


def cycle_for(actor: Actor, cycle_uuid) -> Cycle:
    """Return a year of the municipality with its version; NotVisible elsewhere."""
    found = (
        Cycle.objects.visible_to(actor)
        .select_related("framework_version__framework", "municipality", "copied_from")
        .filter(uuid=cycle_uuid)
        .first()
    )
    if found is None:
        raise NotVisible
    return found


def trail_of(year: Cycle) -> list[dict[str, str]]:
    """Return the breadcrumb of a page about a year: the list of years, the year."""
    return [
        {"label": "年度と締切", "url": reverse("assessments:cycles")},
        {"label": str(year), "url": reverse("assessments:cycle", args=[year.uuid])},
    ]


def _concerns(year: Cycle, actor: Actor) -> list[str]:
    """Return why it may be too early to open a prepared year, one sentence each: opening cannot be undone."""
    if year.state != Cycle.State.PREPARED:
        return []
    found = []
    if year.reference_date > actor.today:
        found.append(
            f"基準日（{format_wareki(year.reference_date)}）がまだ来ていません。"
            "いまの名簿で配るので、この後の異動や採用は入りません。"
        )
    found += [
        f"{running}がまだ受付中です。受付を始めると、ホームと記入は{year}に替わり、"
        f"提出していない人は{running}の続きを画面から開けなくなります。先に{running}を終えてください。"
        for running in Cycle.objects.visible_to(actor).open().filter(fiscal_year__lt=year.fiscal_year)
    ]
    return found


def _people(postings) -> list:
    """Return one posting per person; two 本務 at once are an error of the roster, not two people."""
    return list({posting.staff_id: posting for posting in postings}.values())


def _leftovers(year: Cycle) -> list[tuple[str, int]]:
    """Return (decision, number of sheets) of a year that is over."""
    found = dict(Leftover.objects.filter(cycle=year).values_list("decision").annotate(Count("pk")))
    return [(label, found[value]) for value, label in Leftover.Decision.choices if value in found]


def _page(request, year: Cycle, form: PlanForm, *, problem: str = "", target: str = "", status: int = 200):
    actor = request.actor
    counts = count_by_state(Sheet.objects.filter(cycle=year))
    receivers = count(year, year.reference_date) if year.state == Cycle.State.PREPARED else None
    total, confirmed = sum(counts.values()), counts[Sheet.State.CONFIRMED]
    ctx = {
        "cycle": year,
        "form": form,
        "counts": [(Sheet.State(state).label, count) for state, count in counts.items() if count],
        "total": total,
        "unfinished": total - confirmed,
        "receivers": receivers,
        "excluded": Exclusion.objects.filter(cycle=year).count(),
        "extended": Extension.objects.filter(cycle=year).count(),
        "employments": [label for value, label in Staff.Employment.choices if value in year.employments],
        "leftovers": _leftovers(year) if year.state == Cycle.State.CLOSED else [],
        "late": without_sheet(year, actor.today).values("staff").distinct().count() if year.is_open else None,
        "concerns": _concerns(year, actor),
        "can_change": year.state != Cycle.State.CLOSED,
        "problems": [{"target": target, "text": problem}] if problem else [],
    }
    return render(request, "assessments/cycle.html", ctx, status=status)
