"""The four-way answers of a department as CSV and Excel, as far as the actor may see (P16)."""

import io
import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from access.actor import Actor
from access.refusals import Conflict
from audit.models import record
from gaps.four_way_page import HEADER, file_rows
from gaps.lookups import report_cycle
from gaps.views.four_way import FourWay, load
from lib import fiscal
from lib.replica import from_replica
from lib.tabular import CannotEncode, Sheet, write_csv, write_xlsx
from organization.lookups import department_for

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TITLE = "職員数とスキルの確保"


@require_safe
@from_replica
def four_way_csv(request, department_uuid: uuid.UUID):
    """Answer UTF-8 with BOM; with `encoding=cp932` CP932, once what it cannot carry was shown."""
    picture, rows = _rows(request.actor, department_uuid)
    encoding = "cp932" if request.GET.get("encoding") == "cp932" else "utf-8-sig"
    try:
        chunks = write_csv(HEADER, rows, encoding=encoding, replace=request.GET.get("replace") == "1")
    except CannotEncode as refusal:
        return _show_unencodable(request, picture, rows, refusal)
    _report(request.actor, picture, rows, encoding)
    charset = "Shift_JIS" if encoding == "cp932" else "utf-8"
    answer = HttpResponse(b"".join(chunks), content_type=f"text/csv; charset={charset}")
    answer["Content-Disposition"] = content_disposition_header(True, _name(picture, "csv"))
    return answer


@require_safe
@from_replica
def four_way_xlsx(request, department_uuid: uuid.UUID):
    """Answer the same rows as Excel."""
    picture, rows = _rows(request.actor, department_uuid)
    file = io.BytesIO()
    write_xlsx(file, [Sheet(_TITLE, HEADER, rows)])
    _report(request.actor, picture, rows, "xlsx")
    answer = HttpResponse(file.getvalue(), content_type=_XLSX)
    answer["Content-Disposition"] = content_disposition_header(True, _name(picture, "xlsx"))
    return answer


def _rows(actor: Actor, department_uuid: uuid.UUID) -> tuple[FourWay, list[list]]:
    place = department_for(actor, department_uuid)
    cycle = report_cycle(actor)
    if cycle is None:
        raise Conflict("受付を始めた年度がまだないため、出力するものがありません。")
    picture = load(actor, place, cycle)
    return picture, file_rows(place, cycle.fiscal_year, picture.found, picture.overrides, picture.rows())


def _report(actor: Actor, picture: FourWay, rows: list, kind: str) -> None:
    # One row alone is a transaction of its own; saying so would cost two statements more.
    record(
        by=actor,
        action="export.four_way",
        now=timezone.now(),
        target=picture.place,
        data={"year": picture.cycle.fiscal_year, "rows": len(rows), "format": kind},
    )


def _name(picture: FourWay, suffix: str) -> str:
    year = fiscal.short_label(picture.cycle.fiscal_year)
    return f"{_TITLE}_{picture.place.name}_{year}年度.{suffix}"


def _show_unencodable(request, picture: FourWay, rows: list, refusal: CannotEncode):
    """List what CP932 cannot carry and let the user choose; nothing has been sent yet."""
    found = {}
    for each in refusal.problems:
        found[rows[each.row_index][2], HEADER[each.column_index], each.char] = each
    address = reverse("gaps:four_way_csv", args=[picture.place.uuid])
    ctx = {
        "found": list(found.items()),
        "utf8_url": address,
        "replace_url": f"{address}?encoding=cp932&replace=1",
        "back_url": reverse("gaps:four_way", args=[picture.place.uuid]),
    }
    return render(request, "gaps/coverage_csv.html", ctx, status=422)
