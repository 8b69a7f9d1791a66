"""対応方針 of all departments for 人事 (P33o), and the files of a list: of all, or of one department and those below."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.refusals import Conflict, Forbidden
from audit.models import record
from gaps.lookups import report_cycle
from gaps.measure_list import ALL, HEADER, MeasureFilter, costs, file_rows, listed
from gaps.models import Measure
from gaps.policies import may_see_measures, may_see_overview
from gaps.reports import snapshot
from gaps.views.downloads import Download, send_csv, send_xlsx
from lib.dates import format_wareki
from lib.replica import from_replica
from organization.lookups import department_for
from organization.models import Department

MEASURES_A_PAGE = 50
_PLACE = HEADER.index("所属名")


@require_safe
@from_replica
def all_measures(request):
    """Show the measures of all departments, filtered, with what the open ones cost by year."""
    actor = request.actor
    if not may_see_overview(actor):
        raise Forbidden
    cycle = report_cycle(actor)
    if cycle is None:
        return render(request, "gaps/all_measures.html", {"cycle": None, "trail": _trail()})
    picture = snapshot(municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, holders_only=True)
    form = MeasureFilter(picture.tree, request.GET)
    asked = form.narrow(Measure.objects.visible_to(actor), actor.today)
    page = Paginator(_ordered(asked), MEASURES_A_PAGE).get_page(request.GET.get("page"))
    sums = costs(asked)
    ctx = {
        "cycle": cycle,
        "filter": form,
        "page_obj": page,
        "rows": listed(page.object_list, picture, actor.today),
        "costs": sums,
        "cost": sum(total for _, total in sums),
        "query": _query(request),
        "trail": _trail(),
    }
    return render(request, "gaps/all_measures.html", ctx)


@require_safe
@from_replica
def all_measures_csv(request):
    """Send what the list shows as CSV; 人事 alone."""
    return _send(request, None, "csv")


@require_safe
@from_replica
def all_measures_xlsx(request):
    """Send what the list shows as Excel; 人事 alone."""
    return _send(request, None, "xlsx")


@require_safe
@from_replica
def department_measures_csv(request, department_uuid: uuid.UUID):
    """Send the measures of a department and those below as CSV."""
    return _send(request, department_for(request.actor, department_uuid), "csv")


@require_safe
@from_replica
def department_measures_xlsx(request, department_uuid: uuid.UUID):
    """Send the measures of a department and those below as Excel."""
    return _send(request, department_for(request.actor, department_uuid), "xlsx")


def _send(request, place: Department | None, kind: str):
    """Answer the file; who sees a department without names is sent to its report."""
    actor = request.actor
    if place is None and not may_see_overview(actor):
        raise Forbidden
    if place is not None and not may_see_measures(actor, place.path):
        return redirect("gaps:department", place.uuid)
    cycle = report_cycle(actor)
    if cycle is None:
        raise Conflict("受付を始めた年度がまだないため、出力するものがありません。")
    path = place.path if place else ""
    picture = snapshot(
        municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=path, holders_only=True
    )
    # A department's file holds everything it ever decided; that of 人事 what the list shows.
    form = MeasureFilter(picture.tree, {"state": ALL} if place else request.GET)
    asked = form.narrow(Measure.objects.visible_to(actor), actor.today)
    if place is not None:
        asked = asked.in_or_below(path)
    rows = list(file_rows(_ordered(asked.with_people()), picture))
    where: list[Any] = [place.uuid] if place else []
    name = f"対応方針_{place.name if place else '全庁'}_{format_wareki(actor.today)}"
    csv_url = reverse("gaps:department_measures_csv" if place else "gaps:all_measures_csv", args=where)
    query = "" if place else _query(request)
    back_url = reverse("gaps:measures" if place else "gaps:all_measures", args=where)
    csv_url, back_url = (f"{url}?{query}" if query else url for url in (csv_url, back_url))
    download = Download(HEADER, rows, name, "対応方針", _PLACE, csv_url, back_url)

    def report(sent_as: str) -> None:
        # One row alone is a transaction of its own.
        record(
            by=actor, action="export.measures", now=timezone.now(), target=place,
            data={"rows": len(rows), "format": sent_as, "filter": form.told()},
        )  # fmt: skip

    return send_csv(request, download, report) if kind == "csv" else send_xlsx(download, report)


def _ordered(measures):
    """Return the rows in the order of the tree, the earliest date first."""
    # Without a date last, which the databases disagree on.
    return measures.with_parts().order_by("department__path", F("due").asc(nulls_last=True), "pk")


def _query(request) -> str:
    """Return the filter of the address without what the file itself asks."""
    kept = request.GET.copy()
    for name in ("page", "encoding", "replace"):
        kept.pop(name, None)
    return kept.urlencode()


def _trail() -> list[dict[str, str]]:
    return [{"label": "全庁のようす", "url": reverse("gaps:overview")}]
