"""職位 → 確認者区分 (P31)."""

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from organization.department_forms import PositionFormSet
from organization.models import Position, Posting
from organization.workflow import PositionValues, set_positions


@require_http_methods(["GET", "HEAD", "POST"])
def positions(request):
    """Show and change the table; a changed 確認者区分 is taken over by the postings in force."""
    actor = request.actor
    if not may(actor, "P31"):
        raise Forbidden
    known = list(
        Position.objects.filter(municipality_id=actor.municipality_id).order_by("rank", "name", "pk")
    )
    formset = PositionFormSet(
        request.POST if request.method == "POST" else None,
        initial=[
            {"uuid": p.uuid, "version": p.version, "name": p.name, "line_role": p.line_role, "rank": p.rank, "retired": p.retired}
            for p in known
        ],
    )  # fmt: skip
    status = 200
    problem = ""
    if request.method == "POST" and formset.is_valid():
        try:
            taken_over = set_positions(by=actor, rows=_rows(formset, known), now=timezone.now())
        except Conflict as conflict:
            problem, status = conflict.message, 409
        else:
            told = f"いまの発令{taken_over}件の確認者区分も変えました。" if taken_over else ""
            messages.success(request, "職位の表を変えました。" + told)
            return redirect("organization:positions")
    elif request.method == "POST":
        status = 422
    used = dict(
        Posting.objects.active_on(actor.today)
        .filter(municipality_id=actor.municipality_id)
        .values_list("position")
        .annotate(people=Count("staff", distinct=True))
        .order_by()
    )
    ctx = {
        "formset": formset,
        "rows": [(form, used.get(form.initial.get("name"))) for form in formset],
        "problem": problem,
    }
    return render(request, "organization/positions.html", ctx, status=status)


def _rows(formset, known: list[Position]) -> list[PositionValues]:
    """Return the rows that are new or differ from what the page showed; raises Invalid for a foreign row."""
    by_uuid = {position.uuid: position for position in known}
    rows = []
    for form in formset:
        if not form.has_changed():
            continue
        data = form.cleaned_data
        position = by_uuid.get(data["uuid"]) if data["uuid"] else None
        if data["uuid"] and position is None:
            raise Invalid
        rows.append(
            PositionValues(
                position=position,
                name=data["name"],
                line_role=data["line_role"],
                rank=data["rank"],
                retired=data["retired"],
                version=data["version"] or 0,
            )
        )
    return rows
