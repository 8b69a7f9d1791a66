"""充足状況 as CSV and Excel: the department and those below, as far as the actor may see each (P16)."""

import io
import uuid
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from assessments.models import Cycle
from audit.models import record
from gaps.exports import HEADER, coverage_rows
from gaps.lookups import report_cycle, visible_units
from gaps.policies import may_see_overview
from gaps.reports import snapshot
from lib import fiscal
from lib.tabular import CannotEncode, Sheet, write_csv, write_xlsx
from organization.lookups import department_for
from organization.models import Department

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def coverage_csv(request, department_uuid: uuid.UUID):
    """Send the department and those below as CSV."""
    return _csv(request, department_for(request.actor, department_uuid))


@require_safe
def coverage_xlsx(request, department_uuid: uuid.UUID):
    """Send the department and those below as Excel."""
    return _xlsx(request, department_for(request.actor, department_uuid))


@require_safe
def overview_csv(request):
    """Send all departments as CSV; 人事 alone."""
    return _csv(request, _whole(request))


@require_safe
def overview_xlsx(request):
    """Send all departments as Excel; 人事 alone."""
    return _xlsx(request, _whole(request))


def _whole(request) -> None:
    """Return no department, which stands for all of them, or refuse."""
    if not may_see_overview(request.actor):
        raise Forbidden


def _csv(request, place: Department | None):
    """Answer UTF-8 with BOM; with `encoding=cp932` CP932, once what it cannot carry was shown."""
    encoding = "cp932" if request.GET.get("encoding") == "cp932" else "utf-8-sig"
    replace = request.GET.get("replace") == "1"
    cycle, rows = _rows(request.actor, place)
    try:
        chunks = write_csv(HEADER, rows, encoding=encoding, replace=replace)
    except CannotEncode as refusal:
        return _show_unencodable(request, place, rows, refusal)
    _report(request.actor, place, cycle, rows, encoding)
    charset = "Shift_JIS" if encoding == "cp932" else "utf-8"
    answer = HttpResponse(b"".join(chunks), content_type=f"text/csv; charset={charset}")
    answer["Content-Disposition"] = content_disposition_header(True, _name(place, cycle, "csv"))
    return answer


def _xlsx(request, place: Department | None):
    cycle, rows = _rows(request.actor, place)
    # A few hundred departments at most; the memory bears it.
    file = io.BytesIO()
    write_xlsx(file, [Sheet("充足状況", HEADER, rows)])
    _report(request.actor, place, cycle, rows, "xlsx")
    answer = HttpResponse(file.getvalue(), content_type=_XLSX)
    answer["Content-Disposition"] = content_disposition_header(True, _name(place, cycle, "xlsx"))
    return answer


def _rows(actor: Actor, place: Department | None) -> tuple[Cycle, list[list[Any]]]:
    """Return the year and the rows in scope."""
    cycle = report_cycle(actor)
    if cycle is None:
        raise Conflict("受付を始めた年度がまだないため、出力するものがありません。")
    path = place.path if place else ""
    picture = snapshot(municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, path=path)
    return cycle, list(coverage_rows(actor, picture, visible_units(actor, picture)))


def _report(actor: Actor, place: Department | None, cycle: Cycle, rows: list, kind: str) -> None:
    with transaction.atomic():
        record(
            by=actor,
            action="export.coverage",
            now=timezone.now(),
            target=place,
            data={"year": cycle.fiscal_year, "rows": len(rows), "format": kind},
        )


def _name(place: Department | None, cycle: Cycle, suffix: str) -> str:
    return f"充足状況_{place.name if place else '全庁'}_{fiscal.short_label(cycle.fiscal_year)}年度.{suffix}"


def _show_unencodable(request, place: Department | None, rows: list, refusal: CannotEncode):
    """List what CP932 cannot carry and let the user choose; nothing has been sent yet."""
    found = {}
    for each in refusal.problems:
        row = rows[each.row_index]
        found[row[2], HEADER[each.column_index], each.char] = each
    name, where = ("gaps:coverage_csv", [place.uuid]) if place else ("gaps:overview_csv", [])
    address = reverse(name, args=where)
    ctx = {
        "found": list(found.items()),
        "utf8_url": address,
        "replace_url": f"{address}?encoding=cp932&replace=1",
        "back_url": reverse("gaps:department" if place else "gaps:overview", args=where),
    }
    return render(request, "gaps/coverage_csv.html", ctx, status=422)
