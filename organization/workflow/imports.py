"""Files that HR brings in: checked, shown, applied all or nothing, taken back (P21, docs/adr/0012, 0032)."""

import datetime
import hashlib
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from access.actor import Actor
from access.refusals import Conflict
from audit.models import issue_receipt, receipt_for, record
from lib.tabular import Problem, TableError, read_table
from lib.text import strip_controls
from organization.headers import guess, missing
from organization.import_kind import Plan, Question, import_kind
from organization.import_preview import Preview, pack
from organization.models import HeaderMapping, ImportBatch, Municipality
from organization.workflow.departments import lock_municipality

State = ImportBatch.State


class PlanChanged(Conflict):
    """What the file would do is no longer what was shown."""

    default = (
        "確認した後で、職員か所属が変わりました。まだ何も取り込んでいません。内容をもう一度確かめてください。"
    )


@dataclass
class Read:
    """A file as typed lines, before any look at what is there. `refused` are reasons to look no further."""

    header: list[str] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)
    refused: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)
    broken: frozenset[str] = frozenset()
    rows: int = 0


@dataclass
class Checked:
    """A file that was compared. `plan` is None where it could not be read as a table of ours."""

    preview: Preview
    mapping: dict[str, str]
    rows: int
    plan: Plan | None = None

    @property
    def counts(self) -> dict[str, Any]:
        """Return the figures that are kept for good: no name, no number of a person."""
        counts: dict[str, Any] = {
            "rows": self.rows,
            "problems": len(self.preview.problems),
            "warnings": len(self.preview.warnings),
        }
        if self.plan is not None and not self.preview.problems:
            counts |= {"kinds": self.plan.counts(), "fingerprint": self.plan.fingerprint()}
            counts["new_positions"] = len(self.preview.new_positions)
            counts["suspicions"] = len(self.preview.suspicions)
        return counts


def read_file(
    *,
    municipality: Municipality,
    kind: str,
    file_name: str,
    content: bytes,
    mapping: dict[str, str] | None = None,
    options: dict[str, Any] | None = None,
) -> Read:
    """Read a file into typed lines. `mapping` is {our label: header}; without one it is guessed."""
    options = options or {}
    try:
        table = read_table(content, file_name)
    except TableError as refusal:
        return Read(refused=refusal.problems)
    columns = import_kind(kind).columns(municipality, options)
    if mapping is None:
        mapping = guess(table.header, columns, remembered_for(municipality, kind, table.header))
    read = Read(table.header, mapping, missing(columns, mapping), rows=len(table.rows))
    if read.refused:
        return read
    parsed = import_kind(kind).parse(table, mapping, options)
    read.lines, read.problems, read.broken = parsed.lines, parsed.problems, parsed.broken
    return read


def remembered_for(municipality: Municipality, kind: str, header: list[str]) -> dict[str, str]:
    """Return {header: our label} of the template that knows most headers of this file; of equals the last file's.

    Empty where there is none. One query.
    """
    found = HeaderMapping.objects.filter(municipality=municipality, kind=kind).order_by("name")
    best = max(found, key=lambda each: len(set(header) & each.columns.keys()), default=None)
    return best.columns if best else {}


def compare(
    read: Read, *, municipality: Municipality, kind: str, options: dict[str, Any], today: datetime.date
) -> Checked:
    """Compare a file with what is there; writes nothing.

    `options` of a roster may hold `full`: it names everybody, and `overwrite`: empty cells empty what is there.
    """
    preview = Preview(
        problems=read.refused,
        header=read.header,
        unused=[name for name in read.header if name not in read.mapping.values()],
    )
    checked = Checked(preview, read.mapping, read.rows)
    if read.refused:
        return checked
    question = Question(municipality, today, options, read.mapping, read.broken)
    plan = import_kind(kind).plan(read.lines, question)
    preview.new_positions, preview.suspicions = plan.new_positions, plan.suspicions
    preview.outcomes, preview.warnings = plan.outcomes, plan.warnings
    preview.problems = sorted(read.problems + plan.problems, key=lambda problem: problem.line or 0)
    checked.plan = plan
    return checked


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

    `by` None is the operator, who names the `municipality`. Refused files of before go: the new one takes
    their place, and what they hold about people need not lie about.
    """
    municipality = municipality or Municipality.objects.get(pk=by.municipality_id)
    options = options or {}
    # Reading and comparing take seconds: outside the transaction, they keep no writer waiting.
    read = read_file(
        municipality=municipality, kind=kind, file_name=file_name, content=content, options=options
    )
    checked = compare(
        read, municipality=municipality, kind=kind, options=options, today=timezone.localdate(now)
    )
    with transaction.atomic():
        ImportBatch.objects.filter(municipality=municipality, kind=kind, state=State.REFUSED).update(
            content=None, preview=None
        )
        batch = ImportBatch.objects.create(
            municipality=municipality,
            kind=kind,
            file_name=strip_controls(file_name)[-120:],
            sha256=hashlib.sha256(content).hexdigest(),
            # A file that is no table can only be mended outside and chosen again.
            content=content if read.header else None,
            options=options,
            uploaded_at=now,
            uploaded_by_id=by.staff_id if by else None,
            **_result(checked),
        )
        _event(by, "import.upload", batch, now)
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
    batch = _kept(batch)
    municipality = batch.municipality
    read = read_file(
        municipality=municipality,
        kind=batch.kind,
        file_name=batch.file_name,
        content=bytes(batch.content),
        mapping=batch.mapping if columns is None else columns,
        options=batch.options,
    )
    checked = compare(
        read, municipality=municipality, kind=batch.kind, options=batch.options, today=timezone.localdate(now)
    )
    with transaction.atomic():
        if columns is not None:
            labels = {name: label for label, name in columns.items()}
            chosen = {"columns": {name: labels.get(name, "") for name in read.header}}
            for name in dict.fromkeys(["", template]):
                HeaderMapping.objects.update_or_create(
                    municipality=municipality,
                    kind=batch.kind,
                    name=name,
                    defaults={**chosen, "version": F("version") + 1},
                    create_defaults=chosen,
                )
        _move(batch, version, **_result(checked))
    batch.refresh_from_db()
    return batch


def apply_import(
    *, by: Actor | None, batch: ImportBatch, key: Any, version: int, now: datetime.datetime
) -> ImportBatch:
    """Write what was shown, all or nothing, and return the fresh batch; file and preview are dropped.

    The plan is made again under the lock: raises PlanChanged where it is another than the one shown, Conflict
    for another version or state. The same `key` again does nothing more (the operator's command has none).
    """
    if by is not None and receipt_for(by=by, action="import.apply", key=key, target=batch):
        return ImportBatch.objects.light().get(pk=batch.pk)
    batch = _kept(batch)
    if batch.state != State.PREVIEWED:
        raise Conflict("直すところがあるため、このファイルは取り込めません。")
    read = read_file(
        municipality=batch.municipality,
        kind=batch.kind,
        file_name=batch.file_name,
        content=bytes(batch.content),
        mapping=batch.mapping,
        options=batch.options,
    )
    try:
        return _apply(by=by, batch=batch, read=read, key=key, version=version, now=now)
    except IntegrityError as failure:
        # Somebody wrote rows of this plan at the same moment, by another way than an import.
        raise PlanChanged from failure


@transaction.atomic
def _apply(
    *, by: Actor | None, batch: ImportBatch, read: Read, key: Any, version: int, now: datetime.datetime
) -> ImportBatch:
    municipality = lock_municipality(batch.municipality_id)
    if by is not None and receipt_for(by=by, action="import.apply", key=key, target=batch):
        return ImportBatch.objects.light().get(pk=batch.pk)
    _move(batch, version, state=State.APPLIED, applied_at=now, content=None, preview=None)
    checked = compare(
        read, municipality=municipality, kind=batch.kind, options=batch.options, today=timezone.localdate(now)
    )
    if checked.plan is None or checked.counts.get("fingerprint") != batch.counts["fingerprint"]:
        raise PlanChanged
    kind = import_kind(batch.kind)
    told = kind.write(checked.plan, municipality, by, now, batch.options)
    # What could be taken back so far no longer can: this file stands on it.
    of_kind = ImportBatch.objects.filter(municipality=municipality, kind=batch.kind, undo__isnull=False)
    of_kind.update(undo=None)
    if kind.undo is not None and told is not None:
        ImportBatch.objects.filter(pk=batch.pk).update(undo=_packed(told))
    batch.refresh_from_db()
    _event(by, "import.apply", batch, now)
    if by is not None:
        issue_receipt(by=by, action="import.apply", key=key, target=batch, now=now)
    return batch


@transaction.atomic
def discard_import(*, by: Actor, batch: ImportBatch, version: int, now: datetime.datetime) -> ImportBatch:
    """Drop a file that was not applied; return the fresh batch. Raises Conflict once it was applied."""
    if batch.state not in (State.PREVIEWED, State.REFUSED):
        raise Conflict(f"このファイルは「{batch.get_state_display()}」です。")
    _move(batch, version, state=State.DISCARDED, content=None, preview=None)
    batch.refresh_from_db()
    _event(by, "import.discard", batch, now)
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
    _move(batch, version, state=State.UNDONE, undone_at=now, undo=None)
    batch.refresh_from_db()
    _event(by, "import.undo", batch, now)
    issue_receipt(by=by, action="import.undo", key=key, target=batch, now=now)
    return batch


def _packed(told: Any) -> bytes:
    return zlib.compress(json.dumps(told, ensure_ascii=False).encode())


def _unpacked(packed: bytes) -> Any:
    return json.loads(zlib.decompress(packed))


def _kept(batch: ImportBatch) -> ImportBatch:
    fresh = ImportBatch.objects.select_related("municipality").get(pk=batch.pk)
    if fresh.content is None:
        raise Conflict(
            f"このファイルは「{fresh.get_state_display()}」で、内容はもう残っていません。もう一度ファイルを選んでください。"
        )
    return fresh


def _result(checked: Checked) -> dict[str, Any]:
    return {
        "state": State.REFUSED if checked.preview.problems else State.PREVIEWED,
        "mapping": checked.mapping,
        "counts": checked.counts,
        "preview": pack(checked.preview),
    }


def _move(batch: ImportBatch, version: int, **values: Any) -> None:
    if not ImportBatch.objects.filter(pk=batch.pk, version=version).update(
        version=F("version") + 1, **values
    ):
        raise Conflict


def _event(by: Actor | None, action: str, batch: ImportBatch, now: datetime.datetime) -> None:
    record(
        by=by,
        action=action,
        now=now,
        target=batch,
        municipality_id=batch.municipality_id,
        data={"kind": batch.kind, "state": batch.state, "sha256": batch.sha256, **batch.counts},
    )
