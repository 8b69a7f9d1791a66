"""An Excel 事務分掌表 of a department: chosen, checked, shown, taken; and the same table to download (P17d).

Nothing is kept between the two steps: what was read from the file travels in a signed field of the page
(docs/adr/0023-assignments-file.md).
"""

import io
import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Conflict, Forbidden, Invalid, TooLarge
from assessments.models import Cycle
from audit.models import record
from competency import assignments_file
from competency.assignment_board import catalogue_for, load_board
from competency.assignments import Board, ImportPlan, plan_import
from competency.workflow import AssignmentsMoved, import_assignments, read_wanted
from competency.workflow.assignments import Wanted
from gaps import assignments_page
from gaps.forms import AssignmentsFileForm
from gaps.policies import may_import_assignments
from gaps.views.assignments import open_cycle, trail_of
from lib import fiscal
from lib.tabular import Problem, Sheet, TableError, read_table, write_xlsx
from organization.lookups import department_for
from organization.models import Department
from organization.views.posted import EXPIRED, signed_of

_SALT = "gaps.assignments.import"
_PROBLEMS_SHOWN = 500
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_GONE = "確かめている間に、在籍する職員か業務の一覧が変わりました。もう一度ファイルを選んでください。"


@require_http_methods(["GET", "HEAD", "POST"])
def assignments_import(request, department_uuid: uuid.UUID):
    """Take a file and show what it would change; take what was shown, all or nothing."""
    place = _place(request, department_uuid)
    cycle = open_cycle(request.actor)
    if request.method != "POST":
        return _page(request, place, cycle, AssignmentsFileForm())
    if "plan" in request.POST:
        return _apply(request, place, cycle)
    if any(file.size > settings.IMPORT_MAX_BYTES for file in request.FILES.values()):
        raise TooLarge(f"{settings.IMPORT_MAX_BYTES // 1024 // 1024}MBまでのファイルを選んでください。")
    form = AssignmentsFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, place, cycle, form, status=422)
    file = form.cleaned_data["file"]
    board = load_board(place, cycle.fiscal_year, request.actor.today)
    try:
        table = read_table(file.read(), file.name)
    except TableError as refusal:
        return _refused(request, place, cycle, file.name, refusal.problems)
    parsed = assignments_file.parse(
        table,
        place_code=place.code,
        people=board.people,
        duties=board.duties,
        catalogue=catalogue_for(place),
    )
    if parsed.problems:
        return _refused(request, place, cycle, file.name, list(parsed.problems))
    people = {person.id: person.uuid for person in board.people}
    wanted: dict[uuid.UUID, dict[uuid.UUID, str]] = {duty.uuid: {} for duty in parsed.duties}
    by_id = {duty.id: duty.uuid for duty in parsed.duties}
    for (duty_id, staff_id), role in parsed.shares.items():
        wanted[by_id[duty_id]][people[staff_id]] = role
    plan = plan_import(board, parsed.duties, parsed.shares)
    return _preview(request, place, cycle, board, plan, wanted, file.name, unused=parsed.unused)


@require_safe
def assignments_template(request, department_uuid: uuid.UUID):
    """Send 事務分掌 as the workbook that can be imported again, with the people and duties to choose from."""
    place = _place(request, department_uuid)
    cycle = open_cycle(request.actor)
    board = load_board(place, cycle.fiscal_year, request.actor.today)
    catalogue = catalogue_for(place)
    rows = assignments_file.rows(place.code, board.duties or catalogue, board.people, board.shares)
    people = [
        [one.number, one.name, one.position, "休職・育休中" if one.on_leave else ""] for one in board.people
    ]
    here = {duty.id for duty in board.duties}
    duties = [[duty.code, duty.name, "あり" if duty.id in here else ""] for duty in _once(board, catalogue)]
    file = io.BytesIO()
    write_xlsx(
        file,
        [
            Sheet("事務分掌", assignments_file.HEADER, rows, [12, 24, 40, 14, 20, 12]),
            Sheet("職員", ["職員番号", "氏名", "職位", "備考"], people, [14, 20, 16, 16]),
            Sheet("業務の一覧", ["符号", "業務", "この所属の業務"], duties, [24, 40, 18]),
        ],
    )
    data = {"year": cycle.fiscal_year, "rows": len(rows), "format": "xlsx"}
    # One row alone is a transaction of its own.
    record(by=request.actor, action="assignments.export", now=timezone.now(), target=place, data=data)
    response = HttpResponse(file.getvalue(), content_type=_XLSX)
    name = f"事務分掌_{place.name}_{fiscal.short_label(cycle.fiscal_year)}年度.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _place(request, department_uuid: uuid.UUID) -> Department:
    place = department_for(request.actor, department_uuid)
    if not may_import_assignments(request.actor, place.path):
        raise Forbidden
    return place


def _once(board: Board, catalogue) -> list:
    """Return the department's duties and then those it may take up, each once."""
    return list({duty.id: duty for duty in (*board.duties, *catalogue)}.values())


def _apply(request, place: Department, cycle: Cycle):
    """Take what was shown; where something changed meanwhile, show with 409 what it would do now."""
    told = _unsigned(request, place, cycle)
    try:
        import_assignments(
            department=place, fiscal_year=cycle.fiscal_year, wanted=told["wanted"], shown=told["shown"],
            by=request.actor, now=timezone.now(),
        )  # fmt: skip
    except AssignmentsMoved as moved:
        return _moved(request, place, cycle, told, moved.message)
    messages.success(request, "事務分掌を取り込みました。")
    return redirect("gaps:assignments", place.uuid)


def _signed(
    request, place: Department, cycle: Cycle, wanted: Wanted, plan: ImportPlan, file_name: str
) -> str:
    """Return the plan as text that only this product can have written: public ids and roles, no name of anybody."""
    people = list({person: None for having in wanted.values() for person in having})
    at = {person: number for number, person in enumerate(people)}
    told = {
        "by": request.actor.staff_uuid.hex,
        "place": place.uuid.hex,
        "year": cycle.fiscal_year,
        "shown": plan.fingerprint,
        "file": file_name,
        "people": [person.hex for person in people],
        "duties": {
            duty.hex: [[at[person], role] for person, role in having.items()]
            for duty, having in wanted.items()
        },
    }
    return signing.dumps(told, salt=_SALT, compress=True)


def _unsigned(request, place: Department, cycle: Cycle) -> dict[str, Any]:
    """Return what was signed, for this person, department and year alone. Raises Invalid, and Conflict when it is old."""
    told = signed_of(request, "plan", salt=_SALT)
    if told["place"] != place.uuid.hex:
        raise Invalid
    if told["year"] != cycle.fiscal_year:
        raise Conflict(EXPIRED)
    people = [uuid.UUID(person) for person in told["people"]]
    wanted = {
        uuid.UUID(duty): {people[at]: role for at, role in having} for duty, having in told["duties"].items()
    }
    return {"wanted": wanted, "shown": told["shown"], "file": told["file"]}


def _refused(request, place: Department, cycle: Cycle, file_name: str, problems: list[Problem]):
    """Show everything that is wrong with a file, and the form to choose another."""
    ctx = {
        "file_name": file_name,
        "problems_count": len(problems),
        "file_problems": problems[:_PROBLEMS_SHOWN],
        "more_problems": max(len(problems) - _PROBLEMS_SHOWN, 0),
    }
    return _page(request, place, cycle, AssignmentsFileForm(), status=422, **ctx)


def _moved(request, place: Department, cycle: Cycle, told: dict[str, Any], message: str):
    """Show with 409 what the file would do now; where it can do nothing any more, ask for it again."""
    board = load_board(place, cycle.fiscal_year, request.actor.today)
    try:
        plan = read_wanted(place, board, told["wanted"])
    except AssignmentsMoved:
        raise Conflict(_GONE) from None
    return _preview(
        request, place, cycle, board, plan, told["wanted"], told["file"], problem=message, status=409
    )


def _preview(
    request, place: Department, cycle: Cycle, board: Board, plan: ImportPlan, wanted: Wanted, file_name: str,
    *, unused: tuple[str, ...] = (), problem: str = "", status: int = 200,
):  # fmt: skip
    after = Board(board.version, (*board.duties, *plan.added), plan.after, board.people, board.left)
    ctx = {
        "file_name": file_name,
        "plan": plan,
        "signed": "" if plan.is_empty else _signed(request, place, cycle, wanted, plan, file_name),
        "figures": assignments_page.import_figures(plan),
        "rows": assignments_page.changed_duties(board, plan),
        "untouched": assignments_page.not_named(board, plan),
        "warnings": assignments_page.warnings(after, plan.after),
        "unused": unused,
        "problem": problem,
    }
    return _page(request, place, cycle, None, status=status, **ctx)


def _page(request, place: Department, cycle: Cycle, form, *, status: int = 200, **more):
    ctx = {
        "place": place,
        "cycle": cycle,
        "form": form,
        "file_name": "",
        "plan": None,
        "file_problems": [],
        "steps": _steps(refused="file_problems" in more, shown="plan" in more, place=place),
        "trail": [
            *trail_of(place),
            {"label": "事務分掌", "url": reverse("gaps:assignments", args=[place.uuid])},
        ],
        **more,
    }
    return render(request, "gaps/assignments_import.html", ctx, status=status)


def _steps(*, refused: bool, shown: bool, place: Department) -> list[dict[str, str]]:
    first = ("done", "済み") if refused or shown else ("current", "いまここ")
    second = ("", "まだ")
    if refused or shown:
        second = ("error", "直すところがあります") if refused else ("current", "いまここ")
    url = reverse("gaps:assignments_import", args=[place.uuid]) if refused or shown else ""
    return [
        {"label": "ファイルを選ぶ", "url": url, "state": first[0], "words": first[1]},
        {"label": "内容を確かめる", "url": "", "state": second[0], "words": second[1]},
        {"label": "取り込む", "url": "", "state": "", "words": "まだ"},
    ]
