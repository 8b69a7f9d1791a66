"""The person keeps their own record: add, change, remove, bring back, copy last year's (P03).

人事 does the same on behalf: `created_by` and `updated_by` say so, and the person is told on the home page. An entry
that a rating rests on may change and may be removed: the rating keeps what it was called when it was submitted.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from assessments.entry_values import (
    CertificationValues,
    EntryValues,
    HandoverValues,
    TrainingValues,
    values_of,
)
from assessments.models import Entry, EntryCell, ForeignRecord, Training
from audit.models import differing, issue_receipt, receipt_for, record
from competency.models import Cell, Course, FrameworkVersion, Qualification
from organization.models import Staff

ENTRY_STALE = (
    "ほかの画面で先に保存されました。保存されている内容を確かめて、どちらにするか決めてから保存してください。"
)
REMOVED = "この記録は取り消してあります。直すときは、先に元へ戻してください。"
RECORD_TAKEN_BACK = (
    "持ち込んだ記録と一緒に取り消してあります。元に戻すには、署名付きのファイルをもう一度取り込んでください。"
)
STILL_OPEN = "申込み中の研修は、研修の画面で取り下げてください。"
END_BEFORE_START = "終わりが、はじめより前になっています。年月を確かめてください。"
END_NEEDS_START = "終わりを入れるときは、はじめも入れてください。"
NEEDS_REGISTERED = "登録番号や更新期限を入れるときは、登録日も入れてください。"
RENEW_BEFORE_REGISTERED = "更新期限が、登録日より前になっています。日付を確かめてください。"
FUTURE = "まだ来ていない日です。済んだものを記録してください。"
_ADD, _COPY = "entry.add", "entry.copy"
_ROWS = ("experience", "certification", "training", "career", "handover")


@dataclass(frozen=True)
class Ended:
    """An entry of last year that went on and is over: its id, the version that was seen, its last day."""

    entry_id: int
    version: int
    end: datetime.date


class StaleEntry(Conflict):
    """Somebody saved in the meantime. `stored` is what stands there now, `version` its version."""

    default = ENTRY_STALE

    def __init__(self, entry: Entry):
        self.stored = stored_values(entry)
        self.version = entry.version
        super().__init__(detail={"version": entry.version})


def stored_values(entry: Entry) -> EntryValues:
    """Return what is stored of an entry, its cells too. One query where the row of its kind was loaded with it."""
    return values_of(entry, EntryCell.objects.filter(entry=entry.pk).values_list("cell_code", flat=True))


@transaction.atomic
def add_entry(*, staff: Staff, values: EntryValues, by: Actor, now, key=None, foreign_record=None) -> Entry:
    """Write one entry on somebody's record and return it; the same key again returns the one of the first time.

    `foreign_record` is the record from elsewhere that it came with: its words may then name cells that only the
    other municipality knows. Raises NotVisible, Forbidden, Invalid.
    """
    _check_person(staff, by)
    receipt = receipt_for(by=by, action=_ADD, key=key, target=staff) if key else None
    if receipt is not None:
        return Entry.objects.get(uuid=receipt.result["entry"])
    _check(values, by, any_cell=foreign_record is not None)
    entry = _write(staff, values, by, now, foreign_record)
    _report("entry.add", entry, staff, by, now)
    if key:
        issue_receipt(by=by, action=_ADD, key=key, target=staff, now=now, result={"entry": str(entry.uuid)})
    return entry


@transaction.atomic
def change_entry(*, entry: Entry, values: EntryValues, version: int, by: Actor, now) -> Entry:
    """Save an entry if nobody did since `version` and return it fresh; saving what is stored is no conflict.

    The state of a 研修 and its course are not changed here. Raises NotVisible, Forbidden, Invalid, Conflict for a
    removed entry or an open application, and StaleEntry.
    """
    stored = _fresh(entry, by)
    if stored.kind != values.kind:
        raise Invalid
    before = stored_values(stored)
    if isinstance(values, TrainingValues):
        values = replace(values, state=before.state, course_id=before.course_id)
    if stored.removed_at is not None:
        raise Conflict(REMOVED)
    _refuse_open(stored)
    values = replace(values, cells=tuple(sorted(set(values.cells))))
    if before == values:
        return stored
    _check(values, by, before=before)
    same = Entry.objects.filter(pk=stored.pk, version=version, removed_at__isnull=True)
    if not same.update(version=F("version") + 1, updated_at=now, updated_by=by.staff_id, **values.shared()):
        raise StaleEntry(_loaded(stored.pk))
    values.model.objects.filter(pk=stored.pk).update(**values.own())
    if before.cells != values.cells:
        EntryCell.objects.filter(entry=stored.pk).exclude(cell_code__in=values.cells).delete()
        _write_cells(stored.pk, set(values.cells) - set(before.cells))
    _report("entry.change", stored, stored.staff, by, now, **differing(before, values))
    return _loaded(stored.pk)


@transaction.atomic
def remove_entry(*, entry: Entry, version: int, by: Actor, now) -> Entry:
    """Take an entry off the record and return it; what rests on it stays. Removing it twice is once.

    Raises NotVisible, Forbidden, Conflict for another version or an open application.
    """
    stored = _fresh(entry, by)
    if stored.removed_at is not None:
        return stored
    _refuse_open(stored)
    return _set_removed(stored, now, version, "entry.remove", by, now)


@transaction.atomic
def restore_entry(*, entry: Entry, version: int, by: Actor, now) -> Entry:
    """Bring a removed entry back and return it; bringing it back twice is once. Raises like `remove_entry`.

    One that came with a record from elsewhere comes back with that record only: Conflict where it was taken back.
    """
    stored = _fresh(entry, by)
    if stored.removed_at is None:
        return stored
    if ForeignRecord.objects.filter(pk=stored.foreign_record_id, removed_at__isnull=False).exists():
        raise Conflict(RECORD_TAKEN_BACK)
    return _set_removed(stored, None, version, "entry.restore", by, now)


@transaction.atomic
def copy_entries(
    *, staff: Staff, copies: Sequence[EntryValues], ended: Sequence[Ended] = (), by: Actor, now, key
) -> int:
    """Write this year's copies of last year's entries, end those that are over; return how many were touched.

    All or nothing; the same key again changes nothing. Raises NotVisible, Forbidden, Invalid, StaleEntry.
    """
    _check_person(staff, by)
    receipt = receipt_for(by=by, action=_COPY, key=key, target=staff)
    if receipt is not None:
        return receipt.result["entries"]
    if not copies and not ended:
        raise Invalid
    # Copies show what the originals do, cells that only another municipality knows too.
    mine = EntryCell.objects.filter(entry__staff=staff).values_list("cell_code", flat=True)
    _check_cells({code for values in copies for code in values.cells} - set(mine), by)
    for values in copies:
        _check(values, by, any_cell=True)
        _report("entry.add", _write(staff, values, by, now), staff, by, now)
    for one in ended:
        found = Entry.objects.filter(pk=one.entry_id, staff=staff).select_related(*_ROWS).first()
        if found is None:
            raise NotVisible
        change_entry(
            entry=found,
            values=replace(stored_values(found), end=one.end),
            version=one.version,
            by=by,
            now=now,
        )
    done = len(copies) + len(ended)
    issue_receipt(by=by, action=_COPY, key=key, target=staff, now=now, result={"entries": done})
    return done


def copied_before(*, staff: Staff, by: Actor, key) -> bool:
    """Say whether this click has copied already: what it was about then is no longer offered. One query."""
    return receipt_for(by=by, action=_COPY, key=key, target=staff) is not None


def _check_person(staff: Staff, by: Actor) -> None:
    if staff.municipality_id != by.municipality_id:
        raise NotVisible
    if not may(by, "P03", own=staff.pk == by.staff_id):
        raise Forbidden


def _loaded(pk: int) -> Entry:
    return Entry.objects.select_related("staff", *_ROWS).get(pk=pk)


def _fresh(entry: Entry, by: Actor) -> Entry:
    stored = _loaded(entry.pk)
    _check_person(stored.staff, by)
    return stored


def _refuse_open(entry: Entry) -> None:
    if entry.kind == Entry.Kind.TRAINING and entry.training.state in Training.OPEN:
        raise Conflict(STILL_OPEN)


def _set_removed(stored: Entry, removed_at, version: int, action: str, by: Actor, now) -> Entry:
    same = Entry.objects.filter(pk=stored.pk, version=version)
    changed = same.update(
        version=F("version") + 1, removed_at=removed_at, updated_at=now, updated_by=by.staff_id
    )
    if not changed:
        raise StaleEntry(_loaded(stored.pk))
    _report(action, stored, stored.staff, by, now)
    return _loaded(stored.pk)


def _write(staff: Staff, values: EntryValues, by: Actor, now, foreign_record=None) -> Entry:
    entry = values.model.objects.create(
        municipality_id=staff.municipality_id, staff=staff, kind=values.kind.value, foreign_record=foreign_record,
        created_at=now, created_by_id=by.staff_id, updated_at=now, updated_by_id=by.staff_id,
        **values.shared(), **values.own(),
    )  # fmt: skip
    _write_cells(entry.pk, set(values.cells))
    return entry.entry_ptr


def _write_cells(entry_id: int, codes: Iterable[str]) -> None:
    EntryCell.objects.bulk_create(EntryCell(entry_id=entry_id, cell_code=code) for code in sorted(codes))


def _report(action: str, entry: Entry, staff: Staff, by: Actor, now, **sides) -> None:
    record(
        by=by, action=action, now=now, subject_uuid=staff.uuid, target=entry,
        data={"kind": str(entry.kind), "on_behalf": staff.pk != by.staff_id}, **sides,
    )  # fmt: skip


def _check(
    values: EntryValues, by: Actor, *, before: EntryValues | None = None, any_cell: bool = False
) -> None:
    """Raise Invalid with the sentence for what does not go together; the form says the same beside the field."""
    _check_columns(values)
    if values.end is not None and values.start is None:
        raise Invalid(END_NEEDS_START)
    if values.start is not None and values.end is not None and values.end < values.start:
        raise Invalid(END_BEFORE_START)
    if not any_cell:
        _check_cells(set(values.cells) - set(before.cells if before else ()), by)
    if isinstance(values, CertificationValues):
        _check_certification(values, by, before)
    elif isinstance(values, TrainingValues) and values.course_id is not None and before is None:
        if not Course.objects.visible_to(by).filter(pk=values.course_id).exists():
            raise NotVisible
    elif isinstance(values, HandoverValues) and values.successor_id is not None:
        # Whoever took over may have left since; a stored name stays.
        kept = isinstance(before, HandoverValues) and before.successor_id == values.successor_id
        if not kept and not Staff.objects.of(by).filter(pk=values.successor_id).exists():
            raise NotVisible


def _check_columns(values: EntryValues) -> None:
    """Raise Invalid for a text longer than its column, a word that is no choice, an empty name, a negative sum."""
    if not values.title:
        raise Invalid
    columns: dict[str, Any] = {**values.shared(), **values.own()}
    for name, value in columns.items():
        column = values.model._meta.get_field(name)
        if isinstance(value, str) and column.max_length and len(value) > column.max_length:
            raise Invalid(f"{column.verbose_name}は{column.max_length}字までです。いまは{len(value)}字です。")
        if column.choices and value not in dict(column.choices):
            raise Invalid
    if any((columns.get(name) or 0) < 0 for name in ("hours", "fee")):
        raise Invalid


def _check_cells(codes: set[str], by: Actor) -> None:
    """Raise Invalid for a code that no version knows which the actor may see. One query, none without codes."""
    if not codes:
        return
    seen = FrameworkVersion.objects.visible_to(by).filter(pk=OuterRef("version"))
    known = Cell.objects.filter(Exists(seen), code__in=codes).values("code").distinct().count()
    if known < len(codes):
        raise Invalid


def _check_certification(values: CertificationValues, by: Actor, before: EntryValues | None) -> None:
    if values.registered_on is None and (values.registration_number or values.renew_by):
        raise Invalid(NEEDS_REGISTERED)
    if values.registered_on and values.renew_by and values.renew_by < values.registered_on:
        raise Invalid(RENEW_BEFORE_REGISTERED)
    if any(day is not None and day > by.today for day in (values.start, values.registered_on)):
        raise Invalid(FUTURE)
    kept = isinstance(before, CertificationValues) and before.qualification_id == values.qualification_id
    if values.qualification_id is None or kept:
        return
    if not Qualification.objects.register_of(by.municipality_id).filter(pk=values.qualification_id).exists():
        raise NotVisible
