"""Taking out a table: the file and its audit event are one act (P20); orders of long files; saved definitions."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction

from access.actor import Actor
from access.refusals import Conflict
from assessments.export_files import Export, Filled, Written, write
from assessments.models import SavedExport
from audit.models import Event, record
from lib import fiscal
from lib.replica import from_replica
from organization.jobs import start_job
from organization.models import Job

ASKED = "exports.ask"
NAME_TAKEN = "この名前は、もう使っています。別の名前にしてください。"


def export_now(*, export: Export, by: Actor | None, now) -> Written:
    """Write the file and the event with its row count, conditions and reason, and return the file.

    Nothing is handed out without its event; the rows are read before it, and keep no writer waiting. `by` None is the
    operator. Raises lib.cp932.CannotEncode where CP932 cannot carry everything and nobody has chosen a replacement,
    export_book.TooManySheets; then there is no event either.
    """
    written = from_replica(write)(export, now)
    try:
        with transaction.atomic():
            report(export=export, filled=Filled(written.rows, written.replaced), by=by, now=now)
    except BaseException:
        written.file.close()
        raise
    return written


def report(*, export: Export, filled: Filled, by: Actor | None, now, job: uuid.UUID | None = None) -> None:
    """Write the event of a file; call it inside the transaction that hands it out."""
    wish = export.wish
    record(
        by=by, action=export.kind.action, now=now, municipality_id=wish.cycle.municipality_id, target=wish.cycle,
        data={
            **_conditions(export), "rows": filled.rows, "replaced": filled.replaced, "reason": export.reason,
            **({"job": str(job)} if job else {}),
        },
    )  # fmt: skip


@transaction.atomic
def order_export(*, export: Export, job_kind: str, rows: int, by: Actor, now) -> Job:
    """Order a file that is too long to be waited for, and return the job.

    The job knows ids and choices alone; the reason stands in the event of the order. The same order that is still being
    made is returned again. Raises Conflict for too many orders at once.
    """
    wish = export.wish
    job = start_job(
        kind=job_kind, title=_title(export),
        params={
            "kind": export.name, "cycle": wish.cycle.pk,
            "department": wish.department.pk if wish.department else None, "state": wish.state,
            "format": export.format, "split": export.split, "replace": export.replace,
        },
        by=by, now=now,
    )  # fmt: skip
    record(
        by=by, action=ASKED, now=now, target=wish.cycle,
        data={**_conditions(export), "rows": rows, "reason": export.reason, "job": str(job.uuid)},
    )  # fmt: skip
    return job


def reason_of(job: Job) -> str:
    """Return why a file was ordered, which the trail alone keeps. One query."""
    asked = Event.objects.filter(municipality_id=job.municipality_id, action=ASKED, data__job=str(job.uuid))
    newest = asked.order_by("-at", "-pk").first()
    return newest.data.get("reason", "") if newest else ""


@transaction.atomic
def save_export(*, name: str, kind: str, params: dict[str, Any], by: Actor, now) -> SavedExport:
    """Keep a definition under a name of its owner's, or return the same one that is there already.

    Raises Conflict where another one has the name.
    """
    saved, created = SavedExport.objects.get_or_create(
        owner_id=by.staff_id, name=name,
        defaults={"municipality_id": by.municipality_id, "kind": kind, "params": params, "created_at": now},
    )  # fmt: skip
    if not created and (saved.kind, saved.params) != (kind, params):
        raise Conflict(NAME_TAKEN)
    if created:
        record(by=by, action="saved_export.save", now=now, target=saved, data={"kind": kind})
    return saved


def rename_export(*, saved: SavedExport, version: int, name: str, by: Actor, now) -> None:
    """Give a definition another name. Raises Conflict where it was changed meanwhile or the name is taken."""
    try:
        with transaction.atomic():
            found = SavedExport.objects.visible_to(by).filter(pk=saved.pk, version=version)
            if not found.update(name=name, version=version + 1):
                raise Conflict(
                    "この条件は、ほかの画面で変わりました。開き直してから、もう一度変えてください。"
                )
            record(by=by, action="saved_export.rename", now=now, target=saved, data={"kind": saved.kind})
    except IntegrityError:
        raise Conflict(NAME_TAKEN) from None


@transaction.atomic
def delete_export(*, saved: SavedExport, by: Actor, now) -> None:
    """Forget a definition; what was exported by it stays in the trail."""
    record(by=by, action="saved_export.delete", now=now, target=saved, data={"kind": saved.kind})
    SavedExport.objects.visible_to(by).filter(pk=saved.pk).delete()


def note_run(*, saved: SavedExport, by: Actor, now) -> None:
    """Note that a definition was used. One query."""
    SavedExport.objects.visible_to(by).filter(pk=saved.pk).update(last_run_at=now)


def _conditions(export: Export) -> dict[str, Any]:
    wish = export.wish
    return {
        "kind": export.name, "fiscal_year": wish.cycle.fiscal_year,
        "department": wish.department.code if wish.department else "", "state": wish.state,
        "format": export.format, "split": export.split,
    }  # fmt: skip


def _title(export: Export) -> str:
    year = f"　{fiscal.short_label(export.wish.cycle.fiscal_year)}年度" if export.kind.years else ""
    return f"{export.kind.label}{year}{'　' + export.place if export.place else ''}"[:120]
