"""Records that travel: records issued, taken in and taken back, issuers trusted or not (P20s, P21t)."""

import datetime
import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict
from assessments.models import (
    Career,
    Certification,
    Entry,
    EntryCell,
    Experience,
    ForeignLevel,
    ForeignRecord,
    Sheet,
    Training,
    TrustedIssuer,
)
from assessments.travel.badge import Level, make_badge
from assessments.travel.reading import MAX_BYTES, Record
from assessments.travel.record import as_file, sign_record
from assessments.travel_reads import content_of, known_issuers
from assessments.workflow.signing_keys import signer_of
from audit.models import record
from competency.models import Qualification
from organization.models import Staff

TOO_LONG = "記録が長すぎるため、1つのファイルに書き出せません。使わない記録を取り消してから、もう一度お試しください。"
ALREADY = "この記録は、もう取り込んであります。"
GONE = "この記録は、もう取り消してあります。"


@transaction.atomic
def issue_record(*, staff: Staff, by: Actor, now: datetime.datetime) -> bytes:
    """Return the signed record of the actor as a file; the event is written with it."""
    municipality = staff.municipality
    signer = signer_of(municipality, by=by, now=now)
    content = content_of(staff, municipality, by.today)
    record_id = uuid.uuid4()
    file = as_file(sign_record(content, record_id=record_id, signer=signer, now=now))
    if len(file) > MAX_BYTES or len(content.entries) > 1000:
        raise Conflict(TOO_LONG)
    record(
        by=by, action="travel.issue", now=now, subject_uuid=staff.uuid, target=staff,
        data={
            "record": str(record_id), "entries": len(content.entries), "years": len(content.levels),
            "sha256": hashlib.sha256(file).hexdigest(),
        },
    )  # fmt: skip
    return file


@transaction.atomic
def issue_badge(*, level: Level, sheet: Sheet, by: Actor, now: datetime.datetime) -> dict[str, Any]:
    """Return a confirmed level of the actor as a signed Open Badge; the event is written with it."""
    municipality = sheet.municipality
    signer = signer_of(municipality, by=by, now=now)
    badge = make_badge(level, holder=sheet.staff.name, issuer_name=municipality.name, signer=signer, now=now)
    record(
        by=by, action="travel.badge", now=now, subject_uuid=sheet.staff.uuid, target=sheet,
        data={"fiscal_year": level.fiscal_year, "cell": level.code, "step": level.step},
    )  # fmt: skip
    return badge


def new_entries(taken: Record, staff_id: int) -> list[dict[str, Any]]:
    """Return the entries of a record that the person does not have yet; a list in the order of the file. One query.

    The same kind, name and days are the same entry: who brings a later record of one issuer gets nothing twice.
    """
    standing = set(Entry.objects.of(staff_id).values_list("kind", "title", "start", "end"))
    found = []
    for entry in taken.entries:
        mark = (entry["kind"], entry["title"], entry.get("start"), entry.get("end"))
        if mark not in standing:
            standing.add(mark)
            found.append(entry)
    return found


@transaction.atomic
def import_record(
    *, taken: Record, staff: Staff, confirmed_other_name: bool, by: Actor, now: datetime.datetime
) -> ForeignRecord:
    """Take a checked record in: its entries become the person's own, its levels stand beside as what they are.

    The caller has asked for consent, and checked signature and issuer. Raises Conflict where it was taken in before.
    """
    try:
        with transaction.atomic():
            foreign = ForeignRecord.objects.create(
                municipality_id=by.municipality_id, staff=staff, issuer_name=taken.issuer_name,
                public_key=taken.key, record_id=taken.id, issued_at=taken.issued, imported_at=now,
                sha256=taken.sha256,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(ALREADY) from None
    entries = new_entries(taken, staff.pk)
    rows = Entry.objects.bulk_create(_entry(one, foreign, by, now) for one in entries)
    codes = {one["qualification"] for one in entries if "qualification" in one}
    register = {
        row.code: row for row in Qualification.objects.register_of(by.municipality_id).filter(code__in=codes)
    }
    for row, one in zip(rows, entries, strict=True):
        # The rows that the kinds share are there already: only the kind's own is written.
        _detail(row, one, register).save_base(raw=True, force_insert=True)
    EntryCell.objects.bulk_create(
        EntryCell(entry_id=row.pk, cell_code=code)
        for row, one in zip(rows, entries, strict=True)
        for code in one["cells"]
    )
    ForeignLevel.objects.bulk_create(
        ForeignLevel(
            record=foreign, fiscal_year=level.fiscal_year, framework=level.framework, cell_code=level.code,
            cell_name=level.name, step=level.step, confirmed_on=level.confirmed_on,
        )
        for level in taken.levels
    )  # fmt: skip
    record(
        by=by, action="travel.import", now=now, subject_uuid=staff.uuid, target=foreign,
        data={
            "record": str(taken.id), "key": taken.key, "entries": len(rows), "levels": len(taken.levels),
            "other_name": confirmed_other_name,
        },
    )  # fmt: skip
    return foreign


@transaction.atomic
def remove_record(*, foreign: ForeignRecord, by: Actor, now: datetime.datetime) -> int:
    """Take a record back: its entries go with it, its levels are shown no more. Returns how many entries went."""
    if not ForeignRecord.objects.filter(pk=foreign.pk, removed_at__isnull=True).update(removed_at=now):
        raise Conflict(GONE)
    gone = (
        Entry.objects.standing()
        .filter(foreign_record=foreign)
        .update(removed_at=now, updated_at=now, updated_by=by.staff_id, version=F("version") + 1)
    )
    record(
        by=by,
        action="travel.remove",
        now=now,
        subject_uuid=by.staff_uuid,
        target=foreign,
        data={"entries": gone},
    )
    return gone


@transaction.atomic
def add_issuer(*, name: str, key: str, by: Actor, now: datetime.datetime) -> TrustedIssuer:
    """Trust a key from now on; Conflict where it is trusted already, or this municipality's own."""
    known = [one for one in known_issuers(by.municipality_id) if one.key == key]
    if any(one.own for one in known):
        raise Conflict("この団体の鍵です。ほかの団体の鍵を入れてください。")
    try:
        with transaction.atomic():
            issuer = TrustedIssuer.objects.create(
                municipality_id=by.municipality_id,
                name=name,
                public_key=key,
                added_at=now,
                added_by_id=by.staff_id,
            )
    except IntegrityError:
        raise Conflict("この鍵は、もう登録してあります。") from None
    record(by=by, action="travel.trust", now=now, target=issuer, data={"key": key})
    return issuer


@transaction.atomic
def withdraw_issuer(*, issuer: TrustedIssuer, by: Actor, now: datetime.datetime) -> None:
    """Trust a key no more. What was taken in stands: it was trusted then. Conflict where it was withdrawn before."""
    if not TrustedIssuer.objects.filter(pk=issuer.pk, withdrawn_at__isnull=True).update(withdrawn_at=now):
        raise Conflict("この発行元は、もう取り消してあります。")
    record(by=by, action="travel.distrust", now=now, target=issuer, data={"key": issuer.public_key})


def _entry(one: Mapping[str, Any], foreign: ForeignRecord, by: Actor, now: datetime.datetime) -> Entry:
    return Entry(
        municipality_id=by.municipality_id, staff_id=foreign.staff_id, kind=one["kind"], title=one["title"],
        start=one.get("start"), end=one.get("end"), text=one.get("text", ""), foreign_record=foreign,
        created_at=now, updated_at=now, created_by_id=by.staff_id, updated_by_id=by.staff_id,
    )  # fmt: skip


def _detail(row: Entry, one: Mapping[str, Any], register: Mapping[str, Qualification]) -> Entry:
    """Return the row of an entry's own kind, over the row that was written."""
    if row.kind == Entry.Kind.EXPERIENCE:
        words = {name: one.get(name, "") for name in ("role", "size", "result")}
        return Experience(entry_ptr_id=row.pk, category=one["category"], **words)
    if row.kind == Entry.Kind.TRAINING:
        words = {name: one.get(name, "") for name in ("provider", "result")}
        return Training(entry_ptr_id=row.pk, form=one["form"], hours=one.get("hours"), **words)
    if row.kind == Entry.Kind.CAREER:
        return Career(entry_ptr_id=row.pk, role=one.get("role", ""))
    known = register.get(one.get("qualification", ""))
    if known is not None and row.start is not None and not known.is_held_on(row.start):
        # The same letters for another examination: the name in the record says what it was.
        known = None
    return Certification(
        entry_ptr_id=row.pk, qualification=known, registered_on=one.get("registeredOn"),
        registration_number=one.get("registrationNumber", ""), renew_by=one.get("renewBy"),
    )  # fmt: skip
