"""Files of organisation and roster: checked, shown, applied all or nothing (P21, docs/adr/0012)."""

import datetime
import hashlib
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
from organization import departments_file, roster
from organization.departments_file import DepartmentPlan
from organization.headers import Column, guess, missing
from organization.import_preview import Preview, pack
from organization.models import HeaderMapping, ImportBatch, Municipality
from organization.workflow.departments import (
    known_departments,
    lock_municipality,
    posted_after,
    write_departments,
)
from organization.workflow.rosters import known_for, write_roster

Kind = ImportBatch.Kind
State = ImportBatch.State
COLUMNS: dict[str, tuple[Column, ...]] = {
    Kind.ORGANIZATION: departments_file.COLUMNS,
    Kind.ROSTER: roster.COLUMNS,
}


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
    plan: roster.Plan | DepartmentPlan | None = None

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
) -> Read:
    """Read a file into typed lines. `mapping` is {our label: header}; without one it is guessed."""
    try:
        table = read_table(content, file_name)
    except TableError as refusal:
        return Read(refused=refusal.problems)
    columns = COLUMNS[kind]
    if mapping is None:
        remembered = HeaderMapping.objects.filter(municipality=municipality, kind=kind).first()
        mapping = guess(table.header, columns, remembered.columns if remembered else {})
    read = Read(table.header, mapping, missing(columns, mapping), rows=len(table.rows))
    if read.refused:
        return read
    if kind == Kind.ORGANIZATION:
        read.lines, read.problems = departments_file.parse_departments(table, mapping)
    else:
        parsed = roster.parse_lines(table, mapping)
        read.lines, read.problems, read.broken = parsed.lines, parsed.problems, parsed.broken
    return read


def compare(
    read: Read, *, municipality: Municipality, kind: str, options: dict[str, Any], today: datetime.date
) -> Checked:
    """Compare a file with what is there; writes nothing. `options` may hold `full`: the roster names everybody."""
    preview = Preview(
        problems=read.refused,
        header=read.header,
        unused=[name for name in read.header if name not in read.mapping.values()],
    )
    checked = Checked(preview, read.mapping, read.rows)
    if read.refused:
        return checked
    if kind == Kind.ORGANIZATION:
        there, posted = known_departments(municipality.pk), posted_after(municipality.pk)
        plan = departments_file.plan_departments(read.lines, there, posted_after=posted, columns=read.mapping)
    else:
        known = known_for(municipality.pk, {line.number for line in read.lines}, today)
        plan = roster.plan_roster(
            read.lines,
            known,
            today=today,
            full=bool(options.get("full")),
            broken=read.broken,
            columns=read.mapping,
        )
        preview.new_positions = plan.new_positions
        preview.suspicions = roster.suspicions(plan, in_service=len(known.in_service))
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
    read = read_file(municipality=municipality, kind=kind, file_name=file_name, content=content)
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
    *, batch: ImportBatch, version: int, now: datetime.datetime, columns: dict[str, str] | None = None
) -> ImportBatch:
    """Check a kept file anew, and return the fresh batch.

    `columns` is {our label: header} as chosen by hand: it is kept for the next file too, with the headers that
    were left out. Raises Conflict for another version, and where the file is not kept any more.
    """
    batch = _kept(batch)
    municipality = batch.municipality
    read = read_file(
        municipality=municipality,
        kind=batch.kind,
        file_name=batch.file_name,
        content=bytes(batch.content),
        mapping=batch.mapping if columns is None else columns,
    )
    checked = compare(
        read, municipality=municipality, kind=batch.kind, options=batch.options, today=timezone.localdate(now)
    )
    with transaction.atomic():
        if columns is not None:
            labels = {name: label for label, name in columns.items()}
            chosen = {"columns": {name: labels.get(name, "") for name in read.header}}
            HeaderMapping.objects.update_or_create(
                municipality=municipality,
                kind=batch.kind,
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
    if isinstance(checked.plan, DepartmentPlan):
        write_departments(checked.plan, municipality)
    else:
        write_roster(checked.plan, municipality)
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
