"""職員: search and card (P01), what is written about a person, one 発令 (P02)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Conflict, Forbidden
from access.table import may, may_at_all
from lib.intervals import last_day
from organization.department_field import filtered_by
from organization.lookups import staff_for
from organization.models import Department, Position, Staff
from organization.people_forms import PersonForm, PostingForm
from organization.people_list import STATES, asked_of, departments_for, found, positions_for, rows_of
from organization.roster import PERSON_FIELDS
from organization.second_factor.reads import has_second_factor
from organization.tree import in_order
from organization.views.people_bulk import MOST
from organization.views.posted import version_of
from organization.workflow import add_line, edit_staff, plan_line

PAGE = 50


@require_safe
def people(request):
    """Search the people in sight by number, name or reading, 所属, 職位, 職員区分 and state."""
    actor = request.actor
    departments = departments_for(actor, request.GET.get("department", ""))
    asked = asked_of(request.GET, departments)
    page = Paginator(found(actor, asked), PAGE).get_page(request.GET.get("page"))
    ctx = {
        "page": page,
        "rows": rows_of(page, actor.today),
        "asked": asked,
        "place": filtered_by(request.GET.get("department", ""), departments),
        "positions": positions_for(actor),
        "employments": Staff.Employment.choices,
        "states": STATES,
        "can_choose": may(actor, "P02"),
        "can_issue": may(actor, "P26"),
        "can_find": may_at_all(actor, "P19"),
        "most": MOST,
    }
    return render(request, "organization/people.html", ctx)


@require_safe
def person(request, staff_uuid):
    """Show one person's card: who they are, their postings and leaves."""
    actor = request.actor
    staff = staff_for(actor, staff_uuid)
    postings = list(staff.postings.select_related("department").order_by("-start", "kind", "pk"))
    ctx = {
        "staff": staff,
        "has_left": staff.has_left(actor.today),
        "last_day": last_day(staff.left_on),
        "postings": [(p, last_day(p.end), _when(p, actor.today)) for p in postings],
        "leaves": [
            (x, last_day(x.end), _when(x, actor.today)) for x in staff.leaves.order_by("-start", "pk")
        ],
        "coming": _coming(staff) if may(actor, "P02") else [],
        "can_edit": may(actor, "P02"),
        "can_reset": may(actor, "P26") and staff.pk != actor.staff_id and not staff.has_left(actor.today),
        "can_reset_factor": may(actor, "P26") and staff.pk != actor.staff_id and has_second_factor(staff),
        "can_see_resume": Staff.objects.with_records_visible_to(actor).filter(pk=staff.pk).exists(),
    }
    return render(request, "organization/person.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request, staff_uuid):
    """Change what is written about a person."""
    actor = request.actor
    if not may(actor, "P02"):
        raise Forbidden
    staff = staff_for(actor, staff_uuid)
    form = PersonForm(staff, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        version = version_of(request)
        try:
            edit_staff(by=actor, staff=staff, values=form.cleaned_data, version=version, now=timezone.now())
        except Conflict as conflict:
            form.add_error(None, conflict.message)
            status = 409
        else:
            messages.success(request, "職員の登録を変えました。")
            return redirect("organization:person", staff.uuid)
    if status == 409:
        staff.refresh_from_db()
    elif form.errors:
        status = 422
    ctx = {"staff": staff, "form": form, "conflict": status == 409, "coming": _coming(staff)}
    return render(request, "organization/person_edit.html", ctx, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def person_posting(request, staff_uuid):
    """Enter one 発令, leave, return or resignation; the rules are those of a roster of one line."""
    actor = request.actor
    if not may(actor, "P02"):
        raise Forbidden
    staff = staff_for(actor, staff_uuid)
    departments = in_order(Department.objects.of(actor).valid_on(actor.today))
    positions = list(Position.objects.filter(municipality_id=actor.municipality_id, retired=False))
    form = PostingForm(departments, positions, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        version, line, now = version_of(request), form.line(staff), timezone.now()
        plan = plan_line(staff=staff, line=line, now=now)
        form.add_problems(plan.problems)
        if not plan.problems and not plan.writes:
            form.add_error(None, "登録されている内容と同じです。変えるところを入力してください。")
        if form.is_valid():
            try:
                add_line(by=actor, staff=staff, line=line, version=version, now=now)
            except Conflict as conflict:
                form.add_error(None, conflict.message)
                status = 409
            else:
                messages.success(request, _told(plan))
                return redirect("organization:person", staff.uuid)
    if status == 409:
        staff.refresh_from_db()
    elif form.errors:
        status = 422
    ctx = {"staff": staff, "form": form}
    return render(request, "organization/person_posting.html", ctx, status=status)


def _when(row, today) -> str:
    """Return past, now or coming, for a dated row."""
    if row.start > today:
        return "coming"
    return "now" if row.end is None or row.end > today else "past"


def _coming(staff: Staff) -> list[tuple]:
    """Return (day, [(label, value in words)]) of what a roster told of for a coming day. One query."""
    return [
        (
            change.starts,
            [
                (label, words.get(change.values[field], change.values[field]))
                for label, field, words in PERSON_FIELDS
                if field in change.values
            ],
        )
        for change in staff.coming_changes.waiting().order_by("starts")
    ]


def _told(plan) -> str:
    changes = [change for outcome in plan.outcomes for change in outcome.changes]
    return "発令を登録しました。" + "、".join(
        f"{c.label}：{c.old or 'なし'} → {c.new or 'なし'}" for c in changes
    )
