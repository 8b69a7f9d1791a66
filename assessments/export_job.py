"""Files of more rows than anybody waits for, as long work; the right to them is asked again at the fetch (docs/adr/0041)."""

from collections.abc import Generator
from functools import partial
from typing import Any, BinaryIO

from django.utils import timezone

from access.actor import Actor, Role
from assessments.export_book import TooManySheets
from assessments.export_files import CP932, CSV, CSV_TYPES, XLSX, XLSX_TYPE, ZIP_TYPE, Export, export_of, fill
from assessments.export_kind import ExportKind, Wish, export_kinds
from assessments.models import Cycle
from assessments.workflow.exporting import reason_of, report
from lib.cp932 import CannotEncode
from lib.paths import is_within
from organization.jobs import Kind, Made, Refused
from organization.models import Department, Job, Staff

NEW_CHARACTERS = (
    "頼んだ後に、CP932で書けない文字が入りました。もう一度「出力」の画面から頼むと、一覧を確かめられます。"
)


def job_kind_of(export: Export) -> str:
    """Return the kind of long work that makes this file, as settings.JOB_KINDS calls it."""
    if export.format == XLSX:
        return "export-xlsx"
    if export.format == CP932:
        return "export-zip" if export.replace else "export-cp932"
    return "export-csv"


def allowed(actor: Actor, params: dict[str, Any]) -> bool:
    """Say whether the actor may have the file: the kind itself, and everything in sight when it was made, still today."""
    kind, wish = _wish(actor, params)
    if kind is None or wish is None or not kind.allowed(actor):
        return False
    sight = params.get("sight")
    return sight is None or _still_sees(actor, wish, sight)


def make(job: Job, actor: Actor, file: BinaryIO) -> Generator[tuple[int, int], None, Made]:
    """Write the file a piece at a time; the event of its making is written along with the end of the job."""
    kind, wish = _wish(actor, job.params)
    if kind is None or wish is None:
        raise Refused("この内容は、いまは出力できません。")
    sight = _sight(actor, wish)
    now = timezone.now()
    export = export_of(
        job.params["kind"], kind, actor, wish, format=job.params["format"], split=job.params["split"],
        replace=job.params["replace"], reason=reason_of(job),
    )  # fmt: skip
    total = export.table.count()
    yield 0, total
    work = fill(file, export, now, zipped=export.format == CP932 and export.replace)
    try:
        while True:
            try:
                yield next(work), total
            except StopIteration as end:
                filled = end.value
                break
    except TooManySheets as refusal:
        raise Refused(refusal.message) from None
    except CannotEncode:
        raise Refused(NEW_CHARACTERS) from None
    told = partial(report, export=export, filled=filled, by=actor, now=now, job=job.uuid)
    return Made(f"{filled.rows:,}行を書き出しました。", {"sight": sight}, along=told)


def _wish(actor: Actor, params: dict[str, Any]) -> tuple[ExportKind | None, Wish | None]:
    """Return the kind and the wish of an order, None for what is not there any more. At most two queries."""
    kind = export_kinds().get(params.get("kind", ""))
    years = Cycle.objects.visible_to(actor).select_related("municipality", "framework_version__framework")
    cycle = years.filter(pk=params.get("cycle")).first()
    department, asked = None, params.get("department")
    if asked is not None:
        department = Department.objects.of(actor).filter(pk=asked).first()
    if cycle is None or (asked is not None and department is None):
        return kind, None
    return kind, Wish(cycle, department, params.get("state", ""))


def _sight(actor: Actor, wish: Wish) -> dict[str, Any]:
    """Return what the actor sees at the making, as far as it can be taken away: ids, paths and roles. 人事 sees all."""
    return {
        "roles": sorted(role.value for role in actor.roles),
        "led": list(actor.line_paths),
        "own": list(actor.own_paths),
        "year": wish.cycle.state,
        "staff": [] if actor.has(Role.HR) else sorted(_people(actor).values_list("pk", flat=True)),
    }


def _still_sees(actor: Actor, wish: Wish, sight: dict[str, Any]) -> bool:
    """Say whether everything that was in sight still is: no role, department or person is gone, no year was closed."""
    if not {role.value for role in actor.roles}.issuperset(sight["roles"]):
        return False
    if actor.has(Role.HR):
        return True
    led = all(any(is_within(path, root) for root in actor.line_paths) for path in sight["led"])
    if not led or not set(actor.own_paths).issuperset(sight["own"]) or wish.cycle.state != sight["year"]:
        return False
    return set(_people(actor).values_list("pk", flat=True)).issuperset(sight["staff"])


def _people(actor: Actor):
    return Staff.objects.with_records_visible_to(actor).order_by()


def _kind(suffix: str, content_type: str) -> Kind:
    return Kind(file_name=f"出力.{suffix}", content_type=content_type, allowed=allowed, make=make, reads=True)


CSV_JOB = _kind("csv", CSV_TYPES[CSV])
CP932_JOB = _kind("csv", CSV_TYPES[CP932])
ZIP_JOB = _kind("zip", ZIP_TYPE)
XLSX_JOB = _kind("xlsx", XLSX_TYPE)
