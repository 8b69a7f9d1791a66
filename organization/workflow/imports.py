"""Files that HR brings in: checked, shown, applied all or nothing, taken back (P21, docs/adr/0012, 0032)."""

import datetime
import hashlib
import json
import zlib
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from access.actor import Actor
from access.refusals import Conflict
from audit.models import issue_receipt, receipt_for, record
from lib.text import strip_controls
from organization.counted import count_again
from organization.import_kind import import_kind
from organization.jobs import end_in, is_lost
from organization.models import HeaderMapping, ImportBatch, Job, Municipality
from organization.workflow.coming import apply_due
from organization.workflow.departments import lock_municipality
from organization.workflow.import_checks import (
    Read,
    compare,
    compare_again,
    found,
    read_again,
    read_file,
)

State = ImportBatch.State
BUSY = "このファイルは、いま取り込んでいるところです。終わるまで待ってください。"


class PlanChanged(Conflict):
    """What the file would do is no longer what was shown."""

    default = (
        "確認した後で、職員か所属が変わりました。まだ何も取り込んでいません。内容をもう一度確かめてください。"
    )


def upload_import(
    *,
    by: Actor | None,
    kind: str,
    file_name: str,
    content: bytes,
    now: datetime.datetime,
    options: dict[str, Any] | None = None,
    municipality: Municipality | None = None,
) -> ImportBatch:
    """Check a file and keep it for the preview; return the batch, PREVIEWED or REFUSED with its problems.

    `by` None is the operator, who names the `municipality`. The whole check runs here, however large the file is;
    workflow.import_jobs.take_import leaves a large one to the worker.
    """
    municipality = municipality or Municipality.objects.get(pk=by.municipality_id)
    options = options or {}
    apply_due(now)
    # Reading and comparing take seconds: outside the transaction, they keep no writer waiting.
    read = read_file(
        municipality=municipality, kind=kind, file_name=file_name, content=content, options=options
    )
    checked = compare(
        read, municipality=municipality, kind=kind, options=options, today=timezone.localdate(now)
    )
    return keep_import(
        by=by, municipality=municipality, kind=kind, file_name=file_name, content=content, options=options,
        now=now, values=found(checked),
    )  # fmt: skip


@transaction.atomic
def keep_import(
    *,
    by: Actor | None,
    municipality: Municipality,
    kind: str,
    file_name: str,
    content: bytes,
    options: dict[str, Any],
    now: datetime.datetime,
    values: dict[str, Any],
) -> ImportBatch:
    """Keep a file, checked or still to be checked; `values` are the columns that say which. Return the batch.

    Refused files of before go: the new one takes their place, and what they hold about people need not lie about.
    """
    ImportBatch.objects.filter(municipality=municipality, kind=kind, state=State.REFUSED).update(
        content=None, preview=None
    )
    batch = ImportBatch.objects.create(
        municipality=municipality,
        kind=kind,
        file_name=strip_controls(file_name)[-120:],
        sha256=hashlib.sha256(content).hexdigest(),
        options=options,
        uploaded_at=now,
        uploaded_by_id=by.staff_id if by else None,
        **{"content": content, **values},
    )
    event_of(by, "import.upload", batch, now)
    return batch


def check_import_again(
    *,
    batch: ImportBatch,
    version: int,
    now: datetime.datetime,
    columns: dict[str, str] | None = None,
    template: str = "",
) -> ImportBatch:
    """Check a kept file anew, and return the fresh batch.

    `columns` is {our label: header} as chosen by hand: it is kept for the next file too, with the headers that
    were left out, and under the name `template` where one is given. Raises Conflict for another version, and where
    the file is not kept any more.
    """
    batch = kept(batch)
    if job_of(batch, now):
        raise Conflict(BUSY)
    apply_due(now)
    read = read_again(batch, batch.mapping if columns is None else columns)
    checked = compare_again(batch, read, now)
    with transaction.atomic():
        if columns is not None:
            remember(batch, read.header, columns, template)
        move(batch, version, job=None, **found(checked))
    batch.refresh_from_db()
    return batch


def remember(batch: ImportBatch, header: list[str], columns: dict[str, str], template: str) -> None:
    """Keep {our label: header} for the next file, with the headers that were left out, and under a name if given."""
    labels = {name: label for label, name in columns.items()}
    chosen = {"columns": {name: labels.get(name, "") for name in header}}
    for name in dict.fromkeys(["", template]):
        HeaderMapping.objects.update_or_create(
            municipality_id=batch.municipality_id,
            kind=batch.kind,
            name=name,
            defaults={**chosen, "version": F("version") + 1},
            create_defaults=chosen,
        )


def apply_import(
    *,
    by: Actor | None,
    batch: ImportBatch,
    key: Any,
    version: int,
    now: datetime.datetime,
    job: Job | None = None,
) -> ImportBatch:
    """Write what was shown, all or nothing, and return the fresh batch; file and preview are dropped.

    The plan is made again under the lock: raises PlanChanged where it is another than the one shown, Conflict
    for another version or state. The same `key` again does nothing more (the operator's command has none). The `job` that
    does it ends with it; one that was given up in the meantime writes nothing, for its page has said so (jobs.Abandoned).
    """
    if by is not None and receipt_for(by=by, action="import.apply", key=key, target=batch):
        return ImportBatch.objects.light().get(pk=batch.pk)
    batch = kept(batch)
    if batch.state != State.PREVIEWED:
        raise Conflict("直すところがあるため、このファイルは取り込めません。")
    # What has waited for today comes first: the file is later than that.
    apply_due(now)
    read = read_again(batch, batch.mapping)
    try:
        return _apply(by=by, batch=batch, read=read, key=key, version=version, now=now, job=job)
    except IntegrityError as failure:
        # Somebody wrote rows of this plan at the same moment, by another way than an import.
        raise PlanChanged from failure


@transaction.atomic
def _apply(
    *,
    by: Actor | None,
    batch: ImportBatch,
    read: Read,
    key: Any,
    version: int,
    now: datetime.datetime,
    job: Job | None = None,
) -> ImportBatch:
    municipality = lock_municipality(batch.municipality_id)
    if by is not None and receipt_for(by=by, action="import.apply", key=key, target=batch):
        return ImportBatch.objects.light().get(pk=batch.pk)
    move(batch, version, state=State.APPLIED, applied_at=now, content=None, preview=None, job=None)
    checked = compare(
        read, municipality=municipality, kind=batch.kind, options=batch.options, today=timezone.localdate(now)
    )
    if checked.plan is None or checked.counts.get("fingerprint") != batch.counts["fingerprint"]:
        raise PlanChanged
    kind = import_kind(batch.kind)
    told = kind.write(checked.plan, municipality, by, now, {**batch.options, "batch": batch.pk})
    # What could be taken back so far no longer can: this file stands on it.
    of_kind = ImportBatch.objects.filter(municipality=municipality, kind=batch.kind, undo__isnull=False)
    of_kind.update(undo=None)
    if kind.undo is not None and told is not None:
        ImportBatch.objects.filter(pk=batch.pk).update(undo=_packed(told))
    batch.refresh_from_db()
    event_of(by, "import.apply", batch, now)
    if by is not None:
        issue_receipt(by=by, action="import.apply", key=key, target=batch, now=now)
    if job is not None:
        end_in(job, f"{batch.rows:,}行を取り込みました。")
    count_again(municipality.pk, timezone.localdate(now))
    return batch


@transaction.atomic
def discard_import(*, by: Actor, batch: ImportBatch, version: int, now: datetime.datetime) -> ImportBatch:
    """Drop a file that was not applied; return the fresh batch. Raises Conflict once it was, and while it is applied."""
    if batch.state not in (State.CHECKING, State.PREVIEWED, State.REFUSED):
        raise Conflict(f"このファイルは「{batch.get_state_display()}」です。")
    if batch.state != State.CHECKING and job_of(batch, now):
        raise Conflict(BUSY)
    move(batch, version, state=State.DISCARDED, content=None, preview=None, job=None)
    batch.refresh_from_db()
    event_of(by, "import.discard", batch, now)
    return batch


@transaction.atomic
def undo_import(
    *, by: Actor, batch: ImportBatch, key: Any, version: int, now: datetime.datetime
) -> ImportBatch:
    """Take the last applied file of its kind back, all or nothing, and return the fresh batch.

    Raises Conflict for another version, where a later file was applied, and where something was built on it since;
    the sentence says whose rows stand in the way. The same `key` again does nothing more.
    """
    municipality = lock_municipality(batch.municipality_id)
    if receipt_for(by=by, action="import.undo", key=key, target=batch):
        return ImportBatch.objects.light().get(pk=batch.pk)
    batch = ImportBatch.objects.get(pk=batch.pk)
    undo = import_kind(batch.kind).undo
    if batch.state != State.APPLIED or batch.undo is None or undo is None:
        raise Conflict(
            "このファイルは、取り込む前に戻せません。戻せるのは、同じ種類で最後に取り込んだファイルだけです。"
        )
    undo(_unpacked(bytes(batch.undo)), municipality)
    move(batch, version, state=State.UNDONE, undone_at=now, undo=None)
    batch.refresh_from_db()
    event_of(by, "import.undo", batch, now)
    issue_receipt(by=by, action="import.undo", key=key, target=batch, now=now)
    count_again(municipality.pk, timezone.localdate(now))
    return batch


def _packed(told: Any) -> bytes:
    return zlib.compress(json.dumps(told, ensure_ascii=False).encode())


def _unpacked(packed: bytes) -> Any:
    return json.loads(zlib.decompress(packed))


def job_of(batch: ImportBatch, now: datetime.datetime) -> Job | None:
    """Return the order that checks or applies this file at the moment, None where nobody does or its worker is gone."""
    job = batch.job
    return job if job is not None and job.state not in Job.ENDED and not is_lost(job, now) else None


def kept(batch: ImportBatch) -> ImportBatch:
    """Return the fresh batch with its bytes, or raise Conflict where they are not kept any more. One query."""
    fresh = ImportBatch.objects.select_related("municipality", "job").get(pk=batch.pk)
    if fresh.content is None:
        raise Conflict(
            f"このファイルは「{fresh.get_state_display()}」で、内容はもう残っていません。もう一度ファイルを選んでください。"
        )
    return fresh


def move(batch: ImportBatch, version: int, **values: Any) -> None:
    """Write columns of a batch that is still at this version; raises Conflict for another. One statement."""
    if not ImportBatch.objects.filter(pk=batch.pk, version=version).update(
        version=F("version") + 1, **values
    ):
        raise Conflict


def event_of(by: Actor | None, action: str, batch: ImportBatch, now: datetime.datetime) -> None:
    """Write an act on a file into the trail: its figures, no name and no cell."""
    record(
        by=by,
        action=action,
        now=now,
        target=batch,
        municipality_id=batch.municipality_id,
        data={"kind": batch.kind, "state": batch.state, "sha256": batch.sha256, **batch.counts},
    )
