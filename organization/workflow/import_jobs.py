"""Large files: checked and applied by the worker, so that nobody waits for the page (P21, docs/adr/0027, 0032).

The worker goes the way of the request: the same check, the same apply in one transaction. Whoever stops in the midst
leaves the batch as it was; what ended, or whose worker is gone, is free for the next click.
"""

import datetime
import uuid
from collections.abc import Generator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from access.actor import Actor
from access.refusals import Conflict
from access.table import may
from audit.models import receipt_for
from lib.tabular import TableError
from lib.tabular_xlsx import parts_of
from organization.import_preview import unpack
from organization.jobs import Kind, Made, Refused, end_in, start_job
from organization.models import ImportBatch, Job, Municipality
from organization.workflow.import_checks import compare_again, found, read_again
from organization.workflow.imports import (
    BUSY,
    PlanChanged,
    apply_import,
    event_of,
    job_of,
    keep_import,
    kept,
    move,
    remember,
    upload_import,
)

State = ImportBatch.State
# A cell of a workbook is some four times as long as the same cell of a CSV, tags and all.
_TAGS = 4
STEPS = 3


def is_large(content: bytes) -> bool:
    """Say whether a file is left to the worker: as CSV it would be longer than settings.IMPORT_AT_ONCE_BYTES."""
    size = len(content)
    if content.startswith(b"PK"):
        try:
            size = sum(part.file_size for part in parts_of(content)) // _TAGS
        except TableError:
            # No workbook: the check says so at once.
            return False
    return size > settings.IMPORT_AT_ONCE_BYTES


def is_left_to_worker(batch: ImportBatch) -> bool:
    """Say whether a kept file is a large one; False where it is not kept any more. One query, with the bytes."""
    content = ImportBatch.objects.filter(pk=batch.pk).values_list("content", flat=True).get()
    return content is not None and is_large(bytes(content))


def take_import(
    *, by: Actor, kind: str, file_name: str, content: bytes, now: datetime.datetime, options: dict[str, Any]
) -> ImportBatch:
    """Check a small file at once, keep a large one for the worker; return the batch, a large one CHECKING.

    Raises Conflict where the person has too many orders already.
    """
    if not is_large(content):
        return upload_import(by=by, kind=kind, file_name=file_name, content=content, now=now, options=options)
    municipality = Municipality.objects.get(pk=by.municipality_id)
    with transaction.atomic():
        batch = keep_import(
            by=by, municipality=municipality, kind=kind, file_name=file_name, content=content,
            options=options, now=now, values={"state": State.CHECKING},
        )  # fmt: skip
        return _checking(batch, by, now)


@transaction.atomic
def order_check(
    *,
    by: Actor,
    batch: ImportBatch,
    version: int,
    now: datetime.datetime,
    columns: dict[str, str] | None = None,
    template: str = "",
) -> ImportBatch:
    """Let the worker check a kept file anew, and return the fresh batch, CHECKING.

    `columns` and `template` are as for check_import_again. Where the file is being checked already, that goes on.
    Raises Conflict for another version, while it is applied, and where it is not kept any more.
    """
    batch = kept(_locked(batch))
    if job_of(batch, now):
        if batch.state == State.CHECKING and columns is None:
            return batch
        raise Conflict(BUSY)
    chosen = {} if columns is None else {"mapping": columns}
    if columns is not None:
        remember(batch, unpack(batch.preview).header, columns, template)
    move(batch, version, state=State.CHECKING, preview=None, counts={}, **chosen)
    batch.refresh_from_db()
    return _checking(batch, by, now)


@transaction.atomic
def order_apply(
    *, by: Actor, batch: ImportBatch, key: uuid.UUID, version: int, now: datetime.datetime
) -> ImportBatch:
    """Let the worker apply what was shown, and return the fresh batch; a second click finds the first order.

    Raises Conflict for another version or state, and where the person has too many orders already.
    """
    if receipt_for(by=by, action="import.apply", key=key, target=batch):
        return ImportBatch.objects.light().get(pk=batch.pk)
    batch = ImportBatch.objects.light().select_related("job").get(pk=_locked(batch).pk)
    if batch.state == State.PREVIEWED and job_of(batch, now):
        return batch
    if batch.state != State.PREVIEWED:
        raise Conflict(f"このファイルは「{batch.get_state_display()}」です。取り込めません。")
    job = start_job(
        kind="import-apply",
        title=f"{batch.get_kind_display()}の取込み",
        # The version that the order itself brings about: any change after it lets the worker write nothing.
        params={"import": str(batch.uuid), "key": str(key), "version": version + 1},
        by=by,
        now=now,
    )
    move(batch, version, job=job)
    batch.refresh_from_db(fields=["job", "version"])
    return batch


def _locked(batch: ImportBatch) -> ImportBatch:
    """Let one order at a time look at a batch, so that the second click finds the order of the first."""
    return ImportBatch.objects.select_for_update().only("pk").get(pk=batch.pk)


def _checking(batch: ImportBatch, by: Actor, now: datetime.datetime) -> ImportBatch:
    batch.job = start_job(
        kind="import-check",
        title=f"{batch.get_kind_display()}のファイルの確認",
        params={"import": str(batch.uuid), "version": batch.version},
        by=by,
        now=now,
    )
    ImportBatch.objects.filter(pk=batch.pk).update(job=batch.job)
    return batch


def _batch_of(job: Job, state: str) -> ImportBatch:
    batch = ImportBatch.objects.filter(municipality_id=job.municipality_id, uuid=job.params["import"])
    batch = batch.select_related("municipality", "job").first()
    if batch is None or batch.state != state or batch.content is None:
        raise Refused("このファイルは、取りやめたか、もう取り込んであります。")
    return batch


def _check(job: Job, actor: Actor, _file: Any) -> Generator[tuple[int, int], None, Made]:
    """Check a kept file; the batch leaves CHECKING only together with the whole result."""
    batch, now = _batch_of(job, State.CHECKING), job.started_at
    yield 0, STEPS
    read = read_again(batch, batch.mapping or None)
    yield 1, STEPS
    checked = compare_again(batch, read, now)
    yield 2, STEPS
    problems = len(checked.preview.problems)
    words = f"{problems:,}件の直すところがあります。" if problems else f"{read.rows:,}行を確かめました。"
    try:
        with transaction.atomic():
            move(batch, job.params["version"], job=None, **found(checked))
            batch.refresh_from_db()
            event_of(actor, "import.check", batch, now)
            end_in(job, words)
    except Conflict as refusal:
        raise Refused(refusal.message) from refusal
    return Made(words)


def _apply(job: Job, actor: Actor, _file: Any) -> Generator[tuple[int, int], None, Made]:
    """Apply what was shown, all or nothing; where it is another by now, show it anew."""
    batch = _batch_of(job, State.PREVIEWED)
    yield 0, 1
    try:
        applied = _written(job, actor, batch)
    except Conflict as refusal:
        raise Refused(refusal.message) from refusal
    return Made(f"{applied.rows:,}行を取り込みました。")


def _written(job: Job, actor: Actor, batch: ImportBatch) -> ImportBatch:
    version, now = job.params["version"], job.started_at
    key = uuid.UUID(job.params["key"])
    try:
        return apply_import(by=actor, batch=batch, key=key, version=version, now=now, job=job)
    except PlanChanged:
        fresh = compare_again(batch, read_again(batch, batch.mapping), now)
        # The order stays at the batch: its sentence is shown above the new preview.
        move(batch, version, **found(fresh))
        raise


def _allowed(actor: Actor, _params: dict[str, Any]) -> bool:
    return may(actor, "P21")


def _page(params: dict[str, Any]) -> str:
    return reverse("organization:import_preview", args=[params["import"]])


CHECK = Kind(file_name="", content_type="", allowed=_allowed, make=_check, page=_page, unit="段階")
APPLY = Kind(file_name="", content_type="", allowed=_allowed, make=_apply, page=_page, unit="段階")
