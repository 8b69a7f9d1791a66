"""What is done with many people at once: one 発令 for all of them (P02), first sign-in codes (P26).

Everybody is listed with old and new before anything is written; what was chosen travels through the pages with the
versions that were shown.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.actor import Role
from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from organization.models import Department, Grant, Position, Staff
from organization.people_forms import PostingForm
from organization.people_list import asked_of, departments_for, found, rows_of, uuids_of
from organization.roster import Kind, Plan
from organization.tree import in_order
from organization.views.posted import key_of
from organization.workflow import issue_codes
from organization.workflow.bulk import add_lines, plan_lines

# As many slips as accounts may print at once; a code costs one password hash.
MOST = 300
NOBODY = "職員の一覧で、1人以上に印を付けてください。"
POSTING, CODES = "posting", "codes"
CHOOSE, CHECK, APPLY = "choose", "check", "apply"


@dataclass(frozen=True)
class Line:
    """One person of the confirmation: what would change, or why nothing can."""

    staff: Staff
    place: str
    changes: tuple = ()
    problem: str = ""
    note: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def people_bulk(request):
    """Take the people chosen in the list through the form and the confirmation of one act."""
    actor = request.actor
    if not may(actor, "P02"):
        raise Forbidden
    if request.method != "POST":
        return _page(request, [])
    action, stage = request.POST.get("action", POSTING), request.POST.get("stage", CHOOSE)
    if action not in (POSTING, CODES) or stage not in (CHOOSE, CHECK, APPLY):
        raise Invalid
    if action == CODES and not may(actor, "P26"):
        raise Forbidden
    people, problem = _chosen(request)
    if problem:
        return _page(request, people[:0], problem=problem, status=422)
    return _codes(request, people, stage) if action == CODES else _posting(request, people, stage)


def _chosen(request) -> tuple[list[Staff], str]:
    """Return the people who are chosen, in the order of the list, and a sentence where they are none or too many."""
    actor = request.actor
    if request.POST.get("everybody") == "1":
        departments = departments_for(actor, request.GET.get("department", ""))
        people = found(actor, asked_of(request.GET, departments))
    else:
        wanted = uuids_of(value.partition(":")[0] for value in request.POST.getlist("person"))
        people = (
            Staff.objects.visible_to(actor).filter(uuid__in=wanted).order_by("kana", "staff_number", "pk")
        )
    rows = list(people[: MOST + 1])
    if len(rows) > MOST:
        return rows, f"一度にできるのは{MOST}人までです。所属などで絞ってから、選び直してください。"
    return rows, "" if rows else NOBODY


def _posting(request, people: list[Staff], stage: str):
    actor, now = request.actor, timezone.now()
    departments = in_order(Department.objects.of(actor).valid_on(actor.today))
    positions = list(Position.objects.filter(municipality_id=actor.municipality_id, retired=False))
    # Who comes back from the confirmation finds what they had typed.
    form = PostingForm(
        departments,
        positions,
        None if stage == CHOOSE else request.POST,
        initial=_typed(request, PostingForm),
    )
    if stage == CHOOSE or not form.is_valid():
        return _page(request, people, form=form, status=422 if form.errors else 200)
    line = form.line(people[0])
    refusal = ""
    if stage == APPLY:
        try:
            plan = add_lines(
                by=actor, people=people, line=line, versions=_versions(request, people), key=key_of(request),
                fingerprint=request.POST.get("fingerprint", ""), now=now,
            )  # fmt: skip
        except Conflict as conflict:
            refusal = conflict.message
        else:
            told = (
                f"{_changed(plan)}人の発令を登録しました。" if plan else "この発令は、もう登録してあります。"
            )
            messages.success(request, told)
            return redirect("organization:people")
    plan = plan_lines(people=people, line=line, now=now)
    if not plan.problems and not plan.writes:
        form.add_error(None, "選んだ全員が、登録されている内容と同じです。変えるところを入力してください。")
        return _page(request, people, form=form, refusal=refusal, status=409 if refusal else 422)
    status = 409 if refusal else 422 if plan.problems else 200
    return _page(request, people, form=form, plan=plan, refusal=refusal, status=status)


def _codes(request, people: list[Staff], stage: str):
    actor = request.actor
    refused = _refused(actor, people)
    able = [staff for staff in people if staff.pk not in refused]
    if stage == APPLY and able:
        # Only those who were listed: somebody who got a role since is refused whole.
        issued = issue_codes(people=able, by=actor, now=timezone.now())
        ctx = {"slips": issued, "address": request.build_absolute_uri("/")}
        return render(request, "organization/slips_print.html", ctx)
    lines = [
        Line(
            row.staff, _place(row), problem=refused.get(row.staff.pk, ""),
            note="ログインしたことがあります" if row.staff.last_login else "まだログインしていません",
        )
        for row in rows_of(people, actor.today)
    ]  # fmt: skip
    return _page(request, able, lines=lines, action=CODES, able=len(able), status=200 if able else 422)


def _refused(actor, people: Iterable[Staff]) -> dict[int, str]:
    """Return why no code can be given, by person; those not named get one. One query."""
    reasons = {}
    granted = Grant.objects.filter(staff=OuterRef("pk"), withdrawn_at__isnull=True)
    with_grant = set(
        Staff.objects.filter(Exists(granted), pk__in=[staff.pk for staff in people]).values_list(
            "pk", flat=True
        )
    )
    for staff in people:
        if staff.pk == actor.staff_id:
            reasons[staff.pk] = "自分の番号は出せません"
        elif staff.has_left(actor.today) or not staff.is_active:
            reasons[staff.pk] = "退職したか、アカウントを止めています"
        elif staff.pk in with_grant and not actor.has(Role.SYSADMIN):
            reasons[staff.pk] = "権限を持つ人です。システム管理の担当に頼んでください"
    return reasons


def _page(
    request, people: list[Staff], *, form: PostingForm | None = None, plan: Plan | None = None,
    lines: list[Line] | None = None, action: str = POSTING, able: int = 0, problem: str = "", refusal: str = "",
    status: int = 200,
):  # fmt: skip
    rows = rows_of(people, request.actor.today) if people and lines is None else []
    if plan is not None:
        lines = _lines(rows, plan)
    elif lines is None:
        lines = [Line(row.staff, _place(row)) for row in rows]
    ctx = {
        "action": action,
        "people": people,
        "lines": lines,
        "form": form,
        "plan": plan,
        "confirming": action == CODES or plan is not None,
        "applicable": able if action == CODES else plan is not None and not plan.problems,
        "changing": able if action == CODES else _changed(plan) if plan else 0,
        "fields": [(field.html_name, field.value() or "") for field in form] if form and plan else [],
        "fingerprint": plan.fingerprint() if plan else "",
        "warnings": sorted({warning.message for warning in plan.warnings}) if plan else [],
        "none_chosen": problem or ("" if people or lines else NOBODY),
        "refusal": refusal,
        "key": uuid.uuid4(),
        "trail": [{"label": "職員", "url": reverse("organization:people")}],
    }
    return render(request, "organization/people_bulk.html", ctx, status=status)


def _lines(rows, plan: Plan) -> list[Line]:
    """Return the people with what the plan does to each, those with a problem first."""
    problems: dict[int, list[str]] = {}
    for one in plan.problems:
        problems.setdefault(one.line or 0, []).append(one.message)
    outcomes = {outcome.line: outcome for outcome in plan.outcomes}
    lines = []
    for at, row in enumerate(rows, start=1):
        outcome = outcomes.get(at)
        same = outcome is not None and Kind.UNCHANGED in outcome.kinds
        lines.append(
            Line(
                row.staff,
                _place(row),
                outcome.changes if outcome else (),
                "".join(problems.get(at, ())),
                "変更なし" if same else "",
            )
        )
    return sorted(lines, key=lambda line: not line.problem)


def _changed(plan: Plan) -> int:
    return len({write.number for write in plan.writes})


def _place(row) -> str:
    return "、".join(f"{one.department.name} {one.position}".strip() for one in row.postings) or "なし"


def _typed(request, form: type[PostingForm]) -> dict[str, str]:
    given = {name: request.POST[name] for name in form.base_fields if name in request.POST}
    return given or {"kind": form.base_fields["kind"].initial}


def _versions(request, people: list[Staff]) -> dict[int, int]:
    """Return the versions that the page showed, by person; Conflict follows where one is missing."""
    told = dict(value.partition(":")[::2] for value in request.POST.getlist("person"))
    versions = {}
    for staff in people:
        version = told.get(str(staff.uuid), "")
        versions[staff.pk] = (
            int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        )
    return versions
