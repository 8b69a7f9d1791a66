"""The catalogue of duties as a file: out, and in again after a look at what it changes (P17c)."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.actor import Actor
from access.refusals import Forbidden
from access.table import may
from audit.models import record
from competency import duty_plan, lookups
from competency.data_import import Preview
from competency.duty_file import DutyFileError, FileDuty, dump_duties, parse_duties
from competency.duty_table import HEADER, duty_rows, parse_duty_table
from competency.models import Cell, Duty, DutyDemand, FrameworkVersion
from competency.views.data_imports import DataKind, Moved, answer_file, import_page, text_of
from competency.workflow.duty_imports import (
    DutiesMoved,
    catalogue_print,
    catalogue_with_retired,
    file_duty,
    import_duties,
    plan_of,
)
from lib.dates import format_wareki
from lib.tabular import Problem, Table, TableError


@require_safe
def duties_file(request):
    """Send the catalogue as YAML, or in the form that `format` names; it can be imported again."""
    actor = request.actor
    if not may(actor, "P17c"):
        raise Forbidden
    rows = [file_duty(duty) for duty in catalogue_with_retired(actor.municipality_id) if not duty.retired]
    answer = answer_file(
        request.GET.get("format", "yaml"),
        f"業務の一覧_{format_wareki(actor.today)}",
        data=lambda: dump_duties(rows),
        table=lambda: (HEADER, duty_rows(rows)),
    )
    # One row alone is a transaction of its own.
    record(by=actor, action="duties.export", now=timezone.now(), data={"rows": len(rows)})
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def duties_import(request):
    """Take a file and show what it would change; take what was shown, all or nothing."""
    if not may(request.actor, "P17c"):
        raise Forbidden
    return import_page(request, _kind())


def known_cells(actor: Actor, named_elsewhere: QuerySet) -> set[str]:
    """Return the cell codes that a file may name. One query.

    Those of every version the actor may see, and what `named_elsewhere`, a queryset of rows with a `cell_code`, still
    says of earlier ones.
    """
    versions = FrameworkVersion.objects.visible_to(actor).values("pk")
    codes = Cell.objects.filter(version__in=versions).order_by().values_list("code")
    return {code for (code,) in codes.union(named_elsewhere.order_by().values_list("cell_code"))}


def _read_text(actor: Actor, text: str, whole: bool) -> Any:
    rows = parse_duties(text, _known(actor), own=True)
    taken = _taken(actor, rows)
    if taken:
        raise DutyFileError([f"業務「{row.code}」：{_TAKEN}" for row in rows if row.code in taken])
    return _plain(rows, whole)


def _read_table(actor: Actor, table: Table, whole: bool) -> Any:
    rows = parse_duty_table(table, _known(actor))
    taken = _taken(actor, rows)
    if taken:
        raise TableError([Problem(None, "符号", code, _TAKEN) for code in sorted(taken)])
    return _plain(rows, whole)


_TAKEN = "この符号は、1つの所属だけの業務が使っています。符号を変えてください。"


def _known(actor: Actor) -> set[str]:
    """Return the cells of the matrix, and those of earlier ones that duties still ask for."""
    asked = DutyDemand.objects.filter(duty__in=Duty.objects.visible_to(actor).values("pk"))
    return known_cells(actor, asked)


def _taken(actor: Actor, rows: list[FileDuty]) -> set[str]:
    used = Duty.objects.filter(municipality_id=actor.municipality_id, department__isnull=False)
    return set(used.filter(code__in=[row.code for row in rows]).values_list("code", flat=True))


def _plain(rows: list[FileDuty], whole: bool) -> dict[str, Any]:
    return {"file": dump_duties(rows), "whole": whole}


def _rows(actor: Actor, data: Any) -> list[FileDuty]:
    """Return what a page of ours signed; it was read before, and is read again against what is known today."""
    return parse_duties(text_of("json", data["file"]), _known(actor), own=True)


def _preview(actor: Actor, data: Any) -> tuple[Preview, str]:
    stored = catalogue_with_retired(actor.municipality_id)
    names = {cell.code: cell.full_name for cell in lookups.cells_in_use(actor)}
    plan = plan_of(stored, _rows(actor, data), whole=data["whole"])
    return duty_plan.preview(plan, names), catalogue_print(stored)


def _apply(actor: Actor, data: Any, shown: str, now: datetime) -> str:
    rows = _rows(actor, data)
    try:
        plan = import_duties(duties=rows, whole=data["whole"], shown=shown, by=actor, now=now)
    except DutiesMoved as refusal:
        raise Moved(refusal.message) from None
    if plan.is_empty:
        return "業務の一覧は、ファイルのとおりになっています。"
    return f"業務の一覧に、ファイルの{len(rows)}件を取り込みました。"


def _kind() -> DataKind:
    file = reverse("competency:duties_file")
    return DataKind(
        name="duties",
        title="業務の一覧の取込み",
        noun="業務",
        url=reverse("competency:duties_import"),
        back_url=reverse("competency:duties"),
        back_label="業務の一覧",
        read_text=_read_text,
        read_table=_read_table,
        preview=_preview,
        apply=_apply,
        hints=(
            "同じ業務は、同じ符号のままにします。新しい業務には、英小文字と数字の符号を付けます。",
            "表（CSVかExcel）は、業務と項目の組ごとに1行です。同じ業務の2行目からは、符号と項目コードと人数だけでもかまいません。",
            "項目コードは、体系の項目の符号です。人数は1から99までです。",
            "共通の業務も直せます。直したものはこの団体の業務になり、「案」の印が消えます。",
        ),
        downloads=(
            ("Excel", f"{file}?format=xlsx"),
            ("CSV", f"{file}?format=csv"),
            ("YAML", f"{file}?format=yaml"),
            ("JSON", f"{file}?format=json"),
        ),
        switch="ファイルにない業務は、使わない業務にする",
    )
