"""開示 of one person: every table, field by field, in words that a person reads, as a workbook, as JSON, and the files.

What 人事 has to look at before handing out is marked with its reason; whether it is withheld the municipality decides.
"""

import datetime
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import ForeignKey, Model
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string

from audit.models import Event
from audit.presenters import describe
from lib.dates import format_wareki
from lib.personal import MARKS, REASONS, Table, Treat
from lib.tabular import Workbook
from organization.models import Staff
from privacy import inventory

BOOK, DATA, COVER = "記録.xlsx", "記録.json", "はじめに.html"
_HEADER = ("番号", "項目", "内容", "確かめること")
_WIDTHS = (8, 26, 70, 18)
_SUFFIX = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
_HIDDEN = "（値は出しません）"


@dataclass(frozen=True)
class Part:
    """One table of the package: how many rows are about the person, how many values are marked, by mark."""

    line: Table
    rows: int
    marked: dict[str, int]
    # Rows of others in which the person's name stands, as the author of a comment for example.
    mentions: int


@dataclass(frozen=True)
class Package:
    """The whole ZIP and what is in it."""

    content: bytes
    parts: list[Part]
    files: int


def make_package(staff: Staff, *, number: str, now: datetime.datetime) -> Package:
    """Return the package for one person; `number` is the 受付番号. One query a table and reference, names asked once."""
    names = _Names(staff)
    buffer, book_file = io.BytesIO(), io.BytesIO()
    parts: list[Part] = []
    data: dict[str, Any] = {}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        files: list[list[str]] = []
        with Workbook(book_file) as book:
            for line in inventory.about_people():
                rows = list(_rows(line, staff))
                mentions = _mentions(line, staff)
                marked: dict[str, int] = {}
                page = book.add(line.what, _HEADER, _WIDTHS) if rows else None
                shown = []
                for index, row in enumerate(rows, start=1):
                    values = {}
                    for label, value, mark, key in _fields(line, row, names):
                        page.write([index, label, value, mark])
                        values[key] = {"label": label, "value": value, "mark": mark}
                        if mark:
                            marked[mark] = marked.get(mark, 0) + 1
                    if line.file and (source := _file(line, row)) is not None:
                        name = f"添付/{line.what}-{index:03}.{_SUFFIX.get(row.content_type, 'bin')}"
                        package.write(source, name)
                        files.append([line.what, str(index), name])
                    shown.append(values)
                data[line.model] = {"label": line.what, "rows": shown, "mentions": mentions}
                parts.append(Part(line, len(rows), marked, mentions))
        package.writestr(BOOK, book_file.getvalue())
        head = {"number": number, "made_at": timezone.localtime(now).isoformat(), "staff": str(staff.uuid)}
        package.writestr(DATA, json.dumps({**head, "tables": data}, ensure_ascii=False, indent=1))
        package.writestr(COVER, cover_of(staff, parts, files, number=number, now=now))
    return Package(buffer.getvalue(), parts, len(files))


def cover_of(staff: Staff, parts: list[Part], files: list, *, number: str, now) -> str:
    """Return the page that lies on top: what is in it, what is marked and why, what is not in it."""
    ctx = {
        "staff": staff,
        "parts": [part for part in parts if part.rows or part.mentions],
        "empty": [part.line.what for part in parts if not part.rows],
        "marks": [(MARKS[treat], REASONS[treat]) for treat in MARKS],
        "files": files,
        "number": number,
        "day": format_wareki(timezone.localdate(now)),
    }
    return render_to_string("privacy/disclosure_cover.html", ctx)


def _rows(line: Table, staff: Staff) -> Iterator[Model]:
    rows = inventory.rows_of(line, Staff.objects.filter(pk=staff.pk))
    # One query for the row and everything that its references are called by; a reference to a person is asked once.
    keys = [
        field.name
        for field in rows.model._meta.local_fields
        if isinstance(field, ForeignKey) and field.related_model is not Staff
    ]
    return rows.select_related(*keys).iterator(chunk_size=500)


def _mentions(line: Table, staff: Staff) -> int:
    """Return in how many rows of others the person is named."""
    own = inventory.rows_of(line, Staff.objects.filter(pk=staff.pk))
    found = 0
    for name in inventory.second_people(line):
        others = inventory.model_of(line)._base_manager.filter(**{name: staff.pk})
        found += others.exclude(pk__in=own.order_by().values("pk")).count()
    return found


def _fields(line: Table, row: Model, names: "_Names") -> Iterator[tuple[str, str, str, str]]:
    """Yield (label, value in words, mark, column) of a row."""
    for field in line.fields:
        column, treat = inventory.column(line, field.name), field.treat
        raw = getattr(row, column.attname)
        mark = MARKS.get(treat, "")
        if isinstance(row, Event) and field.name == "action":
            value = describe(row)
        elif treat is Treat.SECRET:
            value = _HIDDEN if raw else ""
        else:
            value = names.words(row, column, raw)
        if treat is Treat.OTHER and names.is_own(column, raw):
            mark = ""  # the person themself
        yield inventory.label_of(line, field.name), value, mark if value else "", field.name


def _file(line: Table, row: Any) -> Path | None:
    path = import_string(line.file)(row.uuid)
    return path if path.is_file() else None


class _Names:
    """What columns are called in words; the names of people are asked once for the whole package."""

    def __init__(self, staff: Staff) -> None:
        self._staff = staff
        people = Staff.objects.filter(municipality_id=staff.municipality_id).values_list("pk", "uuid", "name")
        self._by_key = {key: name for pk, uuid, name in people for key in (pk, uuid)}

    def is_own(self, column: Any, raw: Any) -> bool:
        """Say whether a reference is to the person of the package."""
        return raw is not None and raw in (self._staff.pk, self._staff.uuid)

    def words(self, row: Any, column: Any, raw: Any) -> str:
        """Return one value as text."""
        if raw is None or raw == "":
            return ""
        if column.related_model is Staff or column.name in ("subject_uuid", "actor_uuid"):
            return self._by_key.get(raw, str(raw))
        if column.related_model is not None:
            return str(getattr(row, column.name))
        if column.choices:
            return str(getattr(row, f"get_{column.name}_display")())
        if isinstance(raw, bool):
            return "はい" if raw else "いいえ"
        if isinstance(raw, datetime.datetime):
            return timezone.localtime(raw).strftime("%Y-%m-%d %H:%M:%S")
        if isinstance(raw, dict | list):
            return json.dumps(raw, ensure_ascii=False)
        return f"{len(raw)}バイト" if isinstance(raw, bytes | memoryview) else str(raw)
