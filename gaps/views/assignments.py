"""事務分掌 of a department: who has which duty, last year's copied, and what happens when two save (P17)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden
from assessments.models import Cycle
from competency.assignment_board import earlier_shares, load_board
from competency.assignments import Board, Shares, copied
from competency.models import DutyPlan
from competency.workflow import StaleAssignments, save_assignments
from gaps import assignments_form, assignments_page
from gaps.assignments_form import Sent
from gaps.lookups import report_cycle
from gaps.policies import may_edit_assignments
from lib import fiscal
from organization.lookups import department_for
from organization.models import Department
from organization.views.posted import version_of

NO_YEAR = "受付中の年度がないため、事務分掌は決められません。"
ENDED = "この年度は終わっているため、事務分掌は変えられません。"
TOO_MANY = "業務と職員が多いため、1つの画面では入れられません。下の所属ごとに入れるか、Excelの表で取り込んでください。"


@require_http_methods(["GET", "HEAD", "POST"])
def assignments(request, department_uuid: uuid.UUID):
    """Show and save who has which duty. A form sent with an old version comes back with 409 and both values."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    if not may_edit_assignments(actor, place.path):
        raise Forbidden
    cycle = open_cycle(actor)
    board = load_board(place, cycle.fiscal_year, actor.today)
    if request.method != "POST":
        year, earlier = earlier_shares(place, cycle.fiscal_year)
        copying = request.GET.get("copy") == "1" and year is not None
        shares = board.shares
        if copying:
            shares = copied(earlier, board.duties, {person.id for person in board.people})
            left = {person.id for person in board.left}
            shares |= {pair: role for pair, role in board.shares.items() if pair[1] in left}
        return _page(request, place, cycle, board, shares, earlier_year=year, copying=copying)
    version = version_of(request)
    if not board.duties or assignments_form.is_too_large(board):
        raise Conflict(TOO_MANY if board.duties else "")
    sent = assignments_form.read(request.POST, board, version)
    if not sent.is_valid and version == board.version:
        return _page(request, place, cycle, board, sent.shares, sent=sent, status=422)
    plan = DutyPlan.objects.select_related("department").get(pk=board.plan_id)
    try:
        save_assignments(plan=plan, shares=sent.shares, version=version, by=actor, now=timezone.now())
    except StaleAssignments as refusal:
        return _conflict(request, place, cycle, sent, refusal)
    messages.success(request, "事務分掌を保存しました。")
    return redirect("gaps:assignments", place.uuid)


def open_cycle(actor) -> Cycle:
    """Return the year whose 事務分掌 is being decided. Raises Conflict where there is none that takes changes."""
    cycle = report_cycle(actor)
    if cycle is None or not cycle.is_open:
        raise Conflict(NO_YEAR if cycle is None else ENDED)
    return cycle


def trail_of(place: Department) -> list[dict[str, str]]:
    """Return the breadcrumb down to the department."""
    return [
        {"label": "スキルギャップ", "url": reverse("gaps:departments")},
        {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
    ]


def _conflict(request, place: Department, cycle: Cycle, sent: Sent, refusal: StaleAssignments):
    """Show the sent values in the controls and the stored ones beside them; the next save is of the new version."""
    board = refusal.board
    again = assignments_form.read(request.POST, board, board.version)
    gone = assignments_form.gone_sentence(again)
    again.gone = False
    return _page(
        request, place, cycle, board, again.shares, sent=again, against=board.shares,
        stale=f"{refusal.message}{gone}", status=409,
    )  # fmt: skip


def _page(
    request,
    place: Department,
    cycle: Cycle,
    board: Board,
    shares: Shares,
    *,
    sent: Sent | None = None,
    against: Shares | None = None,
    earlier_year: int | None = None,
    copying: bool = False,
    stale: str = "",
    status: int = 200,
):
    too_many = assignments_form.is_too_large(board)
    ctx = {
        "place": place,
        "cycle": cycle,
        "version": board.version,
        "rows": [] if too_many else assignments_form.rows(board, shares, sent=sent, against=against),
        "too_many": TOO_MANY if too_many else "",
        "has_people": bool(board.people),
        "has_duties": bool(board.duties),
        "people": assignments_page.people_rows(board, board.shares) if board.duties else [],
        "warnings": assignments_page.warnings(board, board.shares)
        if status == 200 and board.duties and not copying
        else [],
        "earlier": fiscal.short_label(earlier_year) + "年度" if earlier_year else "",
        "copying": copying,
        "stale": stale,
        "problems": assignments_form.problems(sent) if sent else [],
        "trail": trail_of(place),
    }
    return render(request, "gaps/assignments.html", ctx, status=status)
