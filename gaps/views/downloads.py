"""Sending a table as CSV or Excel: encodings, what CP932 cannot carry, and the name of the file."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from lib.tabular import CannotEncode, Sheet, write_csv, write_xlsx

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Download:
    """A table ready to be sent.

    `name` is that of the file without its suffix, `sheet` that of the sheet in Excel; `row_name` the column that
    says which row is meant; `csv_url` with its query but without an encoding, and `back_url`, stand on the page
    that lists what CP932 cannot carry.
    """

    header: Sequence[str]
    rows: list[list[Any]]
    name: str
    sheet: str
    row_name: int
    csv_url: str
    back_url: str


def send_csv(request, download: Download, report: Callable[[str], None]):
    """Answer UTF-8 with BOM; with `encoding=cp932` CP932, once what it cannot carry was shown.

    `report` writes the audit event with the format, before anything is sent.
    """
    encoding = "cp932" if request.GET.get("encoding") == "cp932" else "utf-8-sig"
    replace = request.GET.get("replace") == "1"
    try:
        chunks = write_csv(download.header, download.rows, encoding=encoding, replace=replace)
    except CannotEncode as refusal:
        return _show_unencodable(request, download, refusal)
    report(encoding)
    charset = "Shift_JIS" if encoding == "cp932" else "utf-8"
    answer = HttpResponse(b"".join(chunks), content_type=f"text/csv; charset={charset}")
    answer["Content-Disposition"] = content_disposition_header(True, f"{download.name}.csv")
    return answer


def send_xlsx(download: Download, report: Callable[[str], None]):
    """Answer one sheet. A few hundred departments at most; the memory bears it."""
    file = io.BytesIO()
    write_xlsx(file, [Sheet(download.sheet, download.header, download.rows)])
    report("xlsx")
    answer = HttpResponse(file.getvalue(), content_type=_XLSX)
    answer["Content-Disposition"] = content_disposition_header(True, f"{download.name}.xlsx")
    return answer


def _show_unencodable(request, download: Download, refusal: CannotEncode):
    """List what CP932 cannot carry and let the user choose; nothing has been sent yet."""
    found = {}
    for each in refusal.problems:
        row = download.rows[each.row_index]
        found[row[download.row_name], download.header[each.column_index], each.char] = each
    joint = "&" if "?" in download.csv_url else "?"
    ctx = {
        "found": list(found.items()),
        "utf8_url": download.csv_url,
        "replace_url": f"{download.csv_url}{joint}encoding=cp932&replace=1",
        "back_url": download.back_url,
    }
    return render(request, "gaps/coverage_csv.html", ctx, status=422)
