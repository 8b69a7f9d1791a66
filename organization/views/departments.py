"""組織: the tree of departments (P31)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from lib.intervals import last_day
from organization.department_forms import DepartmentForm
from organization.lookups import department_for
from organization.models import Department, Posting
from organization.tree import in_order
from organization.views.posted import version_of
from organization.workflow import create_department, edit_department
from organization.workflow.departments import staying_after

PAGE = 200


@require_safe
def departments(request):
    """Show the tree with the people posted today; closed departments only on request."""
    actor = request.actor
    if not may(actor, "P31"):
        raise Forbidden
    with_closed = request.GET.get("closed") == "1"
    tree = Department.objects.of(actor)
    if not with_closed:
        tree = tree.exclude(valid_to__lte=actor.today)
    page = Paginator(in_order(tree), PAGE).get_page(request.GET.get("page"))
    people = dict(
        Posting.objects.active_on(actor.today)
        .filter(department__in=[department.pk for department in page])
        .values_list("department")
        .annotate(people=Count("staff", distinct=True))
        .order_by()
    )
    ctx = {
        "page": page,
        "rows": [
            (
                d,
                people.get(d.pk, 0),
                last_day(d.valid_to),
                d.valid_to is not None and d.valid_to <= actor.today,
            )
            for d in page
        ],
        "with_closed": with_closed,
    }
    return render(request, "organization/departments.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def department_new(request):
    """Make a department."""
    actor = request.actor
    if not may(actor, "P31"):
        raise Forbidden
    form = DepartmentForm(_choices(actor), None, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_department(by=actor, values=form.values(), now=timezone.now())
        except (Conflict, Invalid) as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"「{made.name}」を作りました。")
            return redirect("organization:departments")
    ctx = {"form": form, "department": None}
    return render(request, "organization/department_new.html", ctx, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def department_edit(request, department_uuid):
    """Change, move or close a department. Nothing is deleted: what ends keeps its history."""
    actor = request.actor
    if not may(actor, "P31"):
        raise Forbidden
    department = department_for(actor, department_uuid)
    form = DepartmentForm(_choices(actor), department, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        version = version_of(request)
        try:
            edit_department(
                by=actor, department=department, values=form.values(), version=version, now=timezone.now()
            )
        except (Conflict, Invalid) as refusal:
            form.add_error(None, refusal.message)
            status = refusal.status
        else:
            messages.success(request, f"「{department.name}」を変えました。")
            staying = staying_after(department)
            if staying:
                messages.warning(
                    request, f"終了日の後も在籍する職員が{staying}人います。移る先の発令を入れてください。"
                )
            return redirect("organization:departments")
    if status == 409:
        department.refresh_from_db()
    elif form.errors:
        status = 422
    ctx = {"form": form, "department": department, "conflict": status == 409}
    return render(request, "organization/department_edit.html", ctx, status=status)


def _choices(actor) -> list[Department]:
    """Return the departments that a parent may be chosen from, in the order of the tree."""
    return in_order(Department.objects.of(actor))
