"""必要人数 of a department: the form, last year's numbers or the proposal from its duties filled into it, and what
happens when two save (P17).
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden
from assessments.models import Cycle
from competency.lineage_reads import path_to
from competency.models import Cell
from gaps.forms import NeedsForm
from gaps.lookups import report_years
from gaps.policies import may_edit_needs
from gaps.proposal import Proposed, propose
from gaps.reports import head_count
from gaps.workflow import ENDED, CellNeed, Needs, Stale, asked_of, load_years, save_needs
from organization.lookups import department_for


@require_http_methods(["GET", "HEAD", "POST"])
def needs(request, department_uuid: uuid.UUID):
    """Show and save the form. A form sent with an old version comes back with 409 and both values."""
    actor = request.actor
    place = department_for(actor, department_uuid)
    if not may_edit_needs(actor, place.path):
        raise Forbidden
    cycle, earlier = report_years(actor)
    if cycle is None or not cycle.is_open:
        raise Conflict("受付中の年度がないため、必要人数は決められません。" if cycle is None else ENDED)
    cells = list(Cell.objects.of_version(cycle.framework_version_id))
    stored, *before = load_years(place, [cycle, *earlier[:1]])
    last = next((year for year in before if year.cells or year.version), None)
    if last is not None:
        last = _through(last, cycle, earlier[0])
    proposal = _proposal(actor, place, cycle, cells, stored)
    if request.method != "POST":
        filled, shown = "", stored
        if request.GET.get("propose") == "1" and proposal:
            filled, shown = "proposal", _proposed(stored, proposal)
        elif request.GET.get("copy") == "1" and last is not None:
            filled, shown = "copy", _copied(stored, last, cells)
        form = NeedsForm(cells, initial=NeedsForm.values_of(shown))
        return _page(request, place, cycle, form, last, proposal, filled=filled)
    form = NeedsForm(cells, request.POST)
    if not form.is_valid():
        return _page(request, place, cycle, form, last, proposal, status=422)
    try:
        save_needs(department=place, cycle=cycle, needs=form.needs(), by=actor, now=timezone.now())
    except Stale as refusal:
        return _conflict(request, place, cycle, cells, last, proposal, refusal)
    messages.success(request, "必要人数を保存しました。")
    return redirect("gaps:department", place.uuid)


def _proposal(actor, place, cycle: Cycle, cells: list[Cell], stored: Needs) -> dict[str, Proposed]:
    """Return what the duties of the department propose by cell code, {} where it has not said what it does."""
    duties = asked_of(place, cycle.fiscal_year)
    if not duties:
        return {}
    people = head_count(
        municipality_id=actor.municipality_id,
        path=place.path,
        on=actor.today,
        fiscal_year_staff=stored.count_fiscal_year_staff,
    )
    return propose([cell.code for cell in cells], duties, people)


def _proposed(stored: Needs, proposal: Mapping[str, Proposed]) -> Needs:
    """Return what is stored with every number replaced by the proposal; notes and 委託常駐 stay."""
    cells = {
        code: replace(stored.cells.get(code, CellNeed()), needed=one.count) for code, one in proposal.items()
    }
    return replace(stored, cells=cells)


def _through(last: Needs, cycle: Cycle, before: Cycle) -> Needs:
    """Return what was said last year by the cells of this year's version; of joined ones the larger number."""
    path = path_to(cycle.framework_version, before.framework_version_id)
    if path is None:
        return last
    cells = {}
    for code, source in path.sources.items():
        found = [last.cells[each] for each in source.codes if each in last.cells]
        if found:
            cells[code] = max(found, key=lambda one: one.needed or 0)
    return replace(last, cells=cells)


def _copied(stored: Needs, last: Needs, cells: list[Cell]) -> Needs:
    """Return last year's values for the cells that there are this year, under this year's version."""
    codes = {cell.code for cell in cells}
    return Needs(
        cells={code: one for code, one in last.cells.items() if code in codes},
        count_fiscal_year_staff=last.count_fiscal_year_staff,
        count_external=last.count_external,
        version=stored.version,
    )


def _conflict(request, place, cycle, cells, last, proposal, refusal: Stale):
    """Show the sent values in the fields and the stored ones beside them; the next save is of the new version."""
    sent = NeedsForm(cells, {**request.POST.dict(), "version": str(refusal.stored.version)})
    sent.full_clean()
    return _page(request, place, cycle, sent, last, proposal, status=409, refusal=refusal)


def _page(
    request,
    place,
    cycle: Cycle,
    form: NeedsForm,
    last: Needs | None,
    proposal: Mapping[str, Proposed],
    *,
    filled: str = "",
    status: int = 200,
    refusal: Stale | None = None,
):
    before = {code: one.needed for code, one in last.cells.items() if one.needed is not None} if last else {}
    ctx = {
        "place": place,
        "cycle": cycle,
        "form": form,
        "lines": form.lines(before, refusal.stored if refusal else None, proposal),
        "has_last": last is not None,
        "has_proposal": bool(proposal),
        "filled": filled,
        "stale": refusal.message if refusal else "",
        "problems": [
            {"target": form[name].id_for_label, "text": f"{form[name].label}：{error}"}
            for name, errors in form.errors.items()
            if name != "__all__"
            for error in errors
        ],
        "trail": [
            {"label": "スキルギャップ", "url": reverse("gaps:departments")},
            {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        ],
    }
    return render(request, "gaps/needs.html", ctx, status=status)
