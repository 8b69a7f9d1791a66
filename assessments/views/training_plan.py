"""研修計画 of a 年度: the line sees its people, 人事 all, decides several at once, and takes it as a file (P33t)."""

import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden, Invalid
from access.table import may, may_at_all
from assessments import training_plan as plan
from assessments.workflow.training import Decision, decide_trainings
from audit.models import record
from lib import fiscal
from lib.tabular import Sheet, write_csv, write_xlsx

ROWS_A_PAGE = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
def training_plan(request):
    """Show the plan of a 年度 with what it costs; 人事 decides the chosen rows, all or nothing."""
    actor = request.actor
    if not may_at_all(actor, "P33t"):
        raise Forbidden
    if request.method != "POST":
        return _page(request)
    if not may(actor, "P21t"):
        raise Forbidden
    formset = plan.RowFormSet(request.POST, prefix="row")
    if not formset.is_valid():
        raise Invalid
    chosen = {
        form.cleaned_data["entry"]: dict(form.cleaned_data)
        for form in formset.forms
        if form.cleaned_data.get("state")
    }
    filters = plan.PlanFilter(actor.today, request.GET)
    there = {
        each.uuid: each for each in plan.plan_of(actor, filters.year, filters.state).filter(uuid__in=chosen)
    }
    if not formset.told(there, actor.today):
        return _page(request, chosen=chosen, errors=formset, status=422)
    if len(there) < len(chosen):
        return _page(request, chosen=chosen, problem=_GONE, status=409)
    decisions = [Decision(there[key].pk, said["version"], said["state"]) for key, said in chosen.items()]
    try:
        changed = decide_trainings(decisions=decisions, by=actor, now=timezone.now())
    except Conflict as refusal:
        return _page(request, chosen=chosen, problem=refusal.message, status=409)
    told = f"{len(changed)}件の状態を変えました。" if changed else "変わったものはありません。"
    messages.success(request, told)
    return redirect(f"{reverse('assessments:training_plan')}?{request.GET.urlencode()}")


_GONE = (
    "選んだ申込みの中に、この一覧からなくなったものがあります。いまの一覧を確かめて、もう一度選んでください。"
)


@require_http_methods(["GET", "HEAD", "POST"])
def training_plan_csv(request):
    """Send the plan as CSV (UTF-8)."""
    return _file(request, "csv")


@require_http_methods(["GET", "HEAD", "POST"])
def training_plan_xlsx(request):
    """Send the plan as Excel."""
    return _file(request, "xlsx")


def _file(request, kind: str):
    """Answer the file and write the event; 人事 says why. Posted, so that the reason stands in no address.

    Who follows a link from the page that asked for the reason again comes to the plan.
    """
    actor = request.actor
    if not may_at_all(actor, "P33t"):
        raise Forbidden
    if request.method != "POST":
        return redirect(f"{reverse('assessments:training_plan')}?{request.GET.urlencode()}")
    form = plan.ReasonForm(actor, request.POST)
    if not form.is_valid():
        return _page(request, reason=form, status=422)
    filters = plan.PlanFilter(actor.today, request.GET)
    rows = list(plan.file_rows(plan.plan_of(actor, filters.year, filters.state), filters.year))
    if kind == "csv":
        content, content_type = b"".join(write_csv(plan.HEADER, rows)), "text/csv; charset=utf-8"
    else:
        file = io.BytesIO()
        write_xlsx(file, [Sheet("研修計画", plan.HEADER, rows)])
        content, content_type = file.getvalue(), _XLSX
    # One row alone is a transaction of its own.
    record(
        by=actor, action="export.training_plan", now=timezone.now(),
        data={
            "rows": len(rows), "format": kind, "year": filters.year, "state": filters.state,
            "reason": form.cleaned_data["reason"],
        },
    )  # fmt: skip
    answer = HttpResponse(content, content_type=content_type)
    name = f"研修計画_{fiscal.short_label(filters.year)}年度.{kind}"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


def _page(
    request, *, chosen: dict[Any, dict[str, Any]] | None = None, errors: Any = None,
    reason: plan.ReasonForm | None = None, problem: str = "", status: int = 200,
):  # fmt: skip
    actor = request.actor
    can_decide = may(actor, "P21t")
    filters = plan.PlanFilter(actor.today, request.GET)
    found = plan.plan_of(actor, filters.year, filters.state)
    by_place = plan.sums(found)
    page = Paginator(plan.ordered(found), ROWS_A_PAGE)
    page.count = sum(one.count for one in by_place)
    page_obj = page.get_page(request.GET.get("page"))
    trainings = list(page_obj.object_list)
    formset = None
    if can_decide:
        kept = chosen or {}
        formset = plan.RowFormSet(
            prefix="row",
            initial=[
                {
                    "entry": one.uuid,
                    "version": one.version,
                    "state": kept.get(one.uuid, {}).get("state", ""),
                }
                for one in trainings
            ],
        )
    # After a refusal the choices stand as they were sent, beside the rows as they are now.
    told = {}
    if errors is not None:
        told = {
            form.cleaned_data.get("entry"): form.errors["state"]
            for form in errors.forms
            if "state" in form.errors
        }
    by_uuid = {one.uuid: form for one, form in zip(trainings, formset.forms, strict=True)} if formset else {}
    rows = plan.rows(trainings, by_uuid)
    ctx = {
        "filter": filters,
        "year": fiscal.label(filters.year),
        "sums": by_place,
        "total": sum(one.total for one in by_place),
        "page_obj": page_obj,
        "rows": [(row, told.get(row.training.uuid)) for row in rows],
        "formset": formset,
        "can_decide": can_decide,
        "reason": reason or plan.ReasonForm(actor),
        "problem": problem,
        "problems": [
            {"target": by_uuid[key]["state"].id_for_label, "text": error}
            for key, errors_of in told.items()
            if key in by_uuid
            for error in errors_of
        ],
        "query": urlencode({"year": filters.year, "state": filters.state, "page": page_obj.number}),
        "trail": [{"label": "研修", "url": reverse("assessments:courses")}],
    }
    return render(request, "assessments/training_plan.html", ctx, status=status)
