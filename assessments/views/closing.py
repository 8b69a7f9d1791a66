"""年度を終える: what is not 確定 is listed by department, decided person by person or in bulk, and left (P22)."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Invalid
from assessments.confirm_form import number
from assessments.models import Cycle, Leftover
from assessments.views.cycles import cycle_for, hr, trail_of
from assessments.workflow.closing import (
    close_cycle,
    decide,
    decide_rest,
    decided_sheets,
    suits,
    with_decisions,
)

# What somebody decides in one sitting; the rest is on the next page.
PAGE = 200
_FIELD = "decision-"


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_close(request, cycle_uuid):
    """Show what is left, keep decisions about it, and close the year for good."""
    actor = hr(request.actor)
    year = cycle_for(actor, cycle_uuid)
    if request.method != "POST":
        return _page(request, year)
    acts = {"decide": _decide, "rest": _rest, "close": _close}
    action = request.POST.get("action", "")
    if action not in acts:
        raise Invalid
    try:
        return acts[action](request, year)
    except Conflict as refusal:
        target = {"close": "accept"}.get(action, "")
        return _page(
            request, cycle_for(actor, cycle_uuid), problem=refusal.message, target=target, status=409
        )


def _decide(request, year: Cycle):
    """Keep the decisions of one page."""
    sent = {
        name.removeprefix(_FIELD): value for name, value in request.POST.items() if name.startswith(_FIELD)
    }
    try:
        decisions = {uuid.UUID(name): value for name, value in sent.items() if value}
    except ValueError as error:
        raise Invalid from error
    kept = decide(cycle=year, decisions=decisions, by=request.actor, now=timezone.now())
    return _done(request, year, f"{kept}件の決定を保存しました。" if kept else "前に保存したままです。")


def _rest(request, year: Cycle):
    """Decide as proposed about all that is not decided, on whatever page."""
    expected = number(request.POST.get("undecided", "0") or "0")
    made = decide_rest(
        cycle=year, by=request.actor, now=timezone.now(), today=request.actor.today, expected=expected
    )
    return _done(request, year, f"残りの{made}件を、案のとおりに決めました。")


def _close(request, year: Cycle):
    shown = number(request.POST.get("unfinished", "0") or "0")
    if shown and not request.POST.get("accept"):
        problem = "確定していない年度票を、決めたとおりにして終えることに印を付けてください。"
        return _page(request, year, problem=problem, target="accept", status=409)
    version = number(request.POST.get("version", "0") or "0")
    close_cycle(cycle=year, version=version, accepted=shown, by=request.actor, now=timezone.now())
    messages.success(request, "年度を終えました。記入と確認はもうできません。訂正と出力は続けてできます。")
    return redirect("assessments:cycle", year.uuid)


def _done(request, year: Cycle, sentence: str):
    messages.success(request, sentence)
    page = number(request.GET.get("page", "1") or "1")
    url = reverse("assessments:cycle_close", args=[year.uuid])
    return redirect(f"{url}?page={page}" if page > 1 else url)


def _page(request, year: Cycle, *, problem: str = "", target: str = "", status: int = 200):
    if not year.is_open:
        raise Conflict(f"この年度は「{year.get_state_display()}」です。")
    counts = decided_sheets(year).aggregate(all=Count("pk"), undecided=Count("pk", Q(decided="")))
    sheets = (
        with_decisions(year, request.actor.today)
        .select_related("staff", "department")
        .order_by("department_path", "staff__kana", "pk")
    )
    paginator = Paginator(sheets, PAGE)
    paginator.count = counts["all"]
    page = paginator.get_page(request.GET.get("page"))
    ctx = {
        "cycle": year,
        "page_obj": page,
        "rows": [(sheet, _choices(sheet, request.POST.get(f"{_FIELD}{sheet.uuid}"))) for sheet in page],
        "unfinished": counts["all"],
        "undecided": counts["undecided"],
        "decided": counts["all"] - counts["undecided"],
        "problems": [{"target": target, "text": problem}] if problem else [],
        "trail": trail_of(year),
    }
    return render(request, "assessments/cycle_close.html", ctx, status=status)


def _choices(sheet, posted: str | None) -> list[tuple[str, str, bool]]:
    """Return (value, label, chosen) of each decision that suits the sheet: what was sent, kept or proposed is chosen."""
    chosen = posted or sheet.decided or sheet.proposed
    return [
        (value, label, value == chosen)
        for value, label in Leftover.Decision.choices
        if suits(sheet.state, value)
    ]
