"""充足状況 as CSV and Excel: the department and those below, as far as the actor may see each (P16)."""

import uuid
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from assessments.export_files import CP932, CSV, XLSX
from assessments.export_kind import Wish
from assessments.models import Cycle
from audit.models import record
from gaps.export_kinds import COVERAGE
from gaps.exports import HEADER, coverage_rows
from gaps.lookups import report_cycle, visible_units
from gaps.measure_list import by_place_and_cell
from gaps.policies import may_see_overview
from gaps.reports import snapshot
from gaps.views.downloads import Download, send_csv, send_xlsx
from lib import fiscal
from lib.replica import from_replica
from organization.lookups import department_for
from organization.models import Department

_PLACE = HEADER.index("所属名")
TOO_LONG = (
    "所属が多く、できるまでに時間がかかります。この画面で「ファイルを作る」を選ぶと、できるまでのあいだ、"
    "ほかの画面で仕事を続けられます。"
)


@require_safe
@from_replica
def coverage_csv(request, department_uuid: uuid.UUID):
    """Send the department and those below as CSV."""
    return _csv(request, department_for(request.actor, department_uuid))


@require_safe
@from_replica
def coverage_xlsx(request, department_uuid: uuid.UUID):
    """Send the department and those below as Excel."""
    return _xlsx(request, department_for(request.actor, department_uuid))


@require_safe
@from_replica
def overview_csv(request):
    """Send all departments as CSV; 人事 alone."""
    return _csv(request, _whole(request))


@require_safe
@from_replica
def overview_xlsx(request):
    """Send all departments as Excel; 人事 alone."""
    return _xlsx(request, _whole(request))


def _whole(request) -> None:
    """Return no department, which stands for all of them, or refuse."""
    if not may_see_overview(request.actor):
        raise Forbidden


def _csv(request, place: Department | None):
    cycle = _cycle(request.actor)
    if _is_long(request.actor, place, cycle):
        return _ordered(request, place, cycle, CP932 if request.GET.get("encoding") == "cp932" else CSV)
    download = _download(request.actor, place, cycle)
    return send_csv(request, download, lambda kind: _report(request.actor, place, cycle, download, kind))


def _xlsx(request, place: Department | None):
    cycle = _cycle(request.actor)
    if _is_long(request.actor, place, cycle):
        return _ordered(request, place, cycle, XLSX)
    download = _download(request.actor, place, cycle)
    return send_xlsx(download, lambda kind: _report(request.actor, place, cycle, download, kind))


def _cycle(actor: Actor) -> Cycle:
    cycle = report_cycle(actor)
    if cycle is None:
        raise Conflict("受付を始めた年度がまだないため、出力するものがありません。")
    return cycle


def _is_long(actor: Actor, place: Department | None, cycle: Cycle) -> bool:
    """Say whether the file is too long to be waited for, of somebody who may order it instead."""
    return (
        COVERAGE.allowed(actor)
        and COVERAGE.table(actor, Wish(cycle, place)).count() > settings.EXPORT_AT_ONCE_ROWS
    )


def _ordered(request, place: Department | None, cycle: Cycle, form: str):
    """Send to the page where it is ordered, shows how far it is, and can be found again."""
    messages.info(request, TOO_LONG)
    asked = {"cycle": cycle.uuid, "format": form} | ({"department": place.uuid} if place else {})
    return redirect(f"{reverse('assessments:export', args=['coverage'])}?{urlencode(asked)}")


def _download(actor: Actor, place: Department | None, cycle: Cycle) -> Download:
    """Return the rows in scope."""
    path = place.path if place else ""
    picture = snapshot(municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=path)
    measures = by_place_and_cell(actor, path, cycle.fiscal_year)
    rows = list(coverage_rows(actor, picture, visible_units(actor, picture), measures=measures))
    name = f"充足状況_{place.name if place else '全庁'}_{fiscal.short_label(cycle.fiscal_year)}年度"
    where = [place.uuid] if place else []
    csv_url = reverse("gaps:coverage_csv" if place else "gaps:overview_csv", args=where)
    back_url = reverse("gaps:department" if place else "gaps:overview", args=where)
    return Download(HEADER, rows, name, "充足状況", _PLACE, csv_url, back_url)


def _report(actor: Actor, place: Department | None, cycle: Cycle, download: Download, kind: str) -> None:
    # One row alone is a transaction of its own.
    record(
        by=actor,
        action="export.coverage",
        now=timezone.now(),
        target=place,
        data={"year": cycle.fiscal_year, "rows": len(download.rows), "format": kind},
    )
