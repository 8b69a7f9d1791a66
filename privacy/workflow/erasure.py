"""Deleting what is past its period: proposed, looked at for thirty days, agreed to by a second person, then done.

Nothing of it can be done in one step or by one person (docs/adr/0054). The walls of history step back for a `Permit`,
inside one transaction, and only for a run that is agreed and due: the database asks.
"""

import datetime
from collections import Counter
from collections.abc import Callable
from functools import partial

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from access.table import may
from audit.models import Event, record
from lib.files import remove
from lib.personal import Gone, Keep, Table, Treat
from organization import jobs
from organization.counted import count_again
from organization.models import ImportBatch, Municipality, Staff
from privacy import inventory, periods
from privacy.models import Hold, Permit, RetentionItem, RetentionRun

PREVIEW = datetime.timedelta(days=30)
OPEN_ALREADY = "前の消去の予定が残っています。消すか、取りやめてから、もう一度作ってください。"
NOTHING = "保存期間を過ぎたものはありません。"
OWN = "自分で作った予定には同意できません。人事のほかの人が確かめてください。"
NOT_OPEN = "この予定は、もう確かめる段階にありません。"
TOO_EARLY = "確認の30日が終わっていません。"
NOT_AGREED = "人事の同意がまだありません。"


@transaction.atomic
def propose(*, municipality: Municipality, by: Actor | None, now) -> RetentionRun:
    """Write down what is past its period today, by person and class. Deletes nothing. Conflict for none, or one open."""
    _ask(by)
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    if RetentionRun.objects.filter(municipality=municipality, state__in=("proposed", "agreed")).exists():
        raise Conflict(OPEN_ALREADY)
    day = timezone.localdate(now)
    found = periods.due(municipality, day)
    if not found:
        raise Conflict(NOTHING)
    run = RetentionRun.objects.create(
        municipality=municipality, day=day, proposed_at=now, due_at=now + PREVIEW,
        proposed_by_id=by.staff_id if by else None,
    )  # fmt: skip
    RetentionItem.objects.bulk_create(
        RetentionItem(run=run, staff_id=person, keep=keep, limit=limit, rows=rows)
        for (person, keep), (limit, rows) in found.items()
    )
    _report("retention.propose", run, by, now, {"items": len(found)})
    return run


@transaction.atomic
def agree(*, run: RetentionRun, by: Actor, now) -> None:
    """Let a second person say that the list may go. Conflict for one's own, or one that is not open."""
    _ask(by)
    run = _locked(run, RetentionRun.State.PROPOSED)
    if run.proposed_by_id == by.staff_id:
        raise Conflict(OWN)
    run.state, run.agreed_by_id, run.agreed_at = RetentionRun.State.AGREED, by.staff_id, now
    run.version += 1
    run.save(update_fields=["state", "agreed_by", "agreed_at", "version"])
    _report("retention.agree", run, by, now)


@transaction.atomic
def cancel(*, run: RetentionRun, by: Actor | None, now) -> None:
    """Give a run up; nothing is deleted."""
    _ask(by)
    run = _locked(run, RetentionRun.State.PROPOSED, RetentionRun.State.AGREED)
    run.state, run.version = RetentionRun.State.CANCELLED, run.version + 1
    run.save(update_fields=["state", "version"])
    _report("retention.cancel", run, by, now)


@transaction.atomic
def hold(*, staff: Staff, reason: str, by: Actor, now) -> Hold:
    """Keep everything of one person beyond its period, with the reason; again: the hold that stands."""
    _ask(by)
    Staff.objects.select_for_update().get(pk=staff.pk)
    standing = Hold.objects.filter(staff=staff, ended_at=None).first()
    if standing is not None:
        return standing
    made = Hold.objects.create(
        municipality_id=staff.municipality_id, staff=staff, reason=reason, at=now, by_id=by.staff_id
    )
    record(by=by, action="retention.hold", now=now, subject_uuid=staff.uuid, target=made)
    return made


@transaction.atomic
def release(*, hold: Hold, by: Actor, now) -> None:
    """End a hold."""
    _ask(by)
    if Hold.objects.filter(pk=hold.pk, ended_at=None).update(ended_at=now):
        record(by=by, action="retention.release", now=now, subject_uuid=hold.staff.uuid, target=hold)


def purge(*, run: RetentionRun, now) -> dict[str, int]:
    """Delete what a run lists and return the rows by table. A command's alone: no URL leads here.

    All or nothing, with its event first. Who is held back since, is in service again or has a longer period by now is
    passed over. Conflict for a run that is not agreed or not due. Files go once the rows are gone for good.
    """
    with transaction.atomic():
        run = RetentionRun.objects.select_for_update().get(pk=run.pk)
        if run.state != RetentionRun.State.AGREED:
            raise Conflict(NOT_AGREED if run.state == RetentionRun.State.PROPOSED else NOT_OPEN)
        if now < run.due_at:
            raise Conflict(TOO_EARLY)
        items = list(run.items.select_related("staff").order_by("keep", "pk"))
        planned = Counter[str]()
        for item in items:
            planned[item.keep] += item.rows
        _report("retention.purge", run, None, now, {"planned": dict(planned)})
        permit = Permit.objects.create(run=run, never_id=0)
        deleted: Counter[str] = Counter()
        for item in items:
            _erase(item, run, now, deleted)
        Permit.objects.filter(pk=permit.pk)._raw_delete(Permit.objects.db)
        run.state, run.done_at, run.counts = RetentionRun.State.DONE, now, dict(deleted)
        run.version += 1
        run.save(update_fields=["state", "done_at", "counts", "version"])
        _report("retention.done", run, None, now, {"deleted": dict(deleted)})
        count_again(run.municipality_id, timezone.localdate(now))
    jobs.purge(now)
    return dict(deleted)


def wipe_traces() -> None:
    """Let the database give up the pages that deleted rows lay on. Not inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _erase(item: RetentionItem, run: RetentionRun, now, deleted: Counter[str]) -> None:
    years = periods.years_of(run.municipality)[item.keep]
    limit = min(item.limit, periods.limit_of(years, timezone.localdate(now)))
    if item.staff is None:
        _blank_files(periods.files_past(run.municipality, limit), deleted)
        return
    if Hold.objects.filter(staff=item.staff, ended_at=None).exists():
        return
    whole = item.keep == Keep.STAFF
    left = periods.gone_by(run.municipality, limit).filter(pk=item.staff_id)
    if whole and not left.exists():
        return
    person = Staff.objects.filter(pk=item.staff_id)
    # All are found before any goes: the way to a row of a table leads over rows of others.
    keys = [
        (line, list(periods.due_rows(line, item.keep, person, limit).values_list("pk", flat=True)))
        for line in periods.lines_of(item.keep)
        if line.gone is Gone.ROW and (line.since or left.exists())
    ]
    for line, of_line in keys:
        _delete(line, of_line, deleted)
    if whole:
        # What was uploaded names many and cannot be cut.
        uploads = ImportBatch.objects.filter(municipality=run.municipality, uploaded_at__lt=run.proposed_at)
        _blank_files(uploads, deleted)
        _make_stub(item.staff, now)
        deleted["organization.Staff"] += 1


def _delete(line: Table, keys: list, deleted: Counter[str]) -> None:
    """Delete rows and their files. The foreign keys are asked at the end of the transaction, so that the order is free."""
    if not keys:
        return
    model = inventory.model_of(line)
    if line.file:
        where: Callable = import_string(line.file)
        for key in model._base_manager.filter(pk__in=keys).values_list("uuid", flat=True):
            transaction.on_commit(partial(remove, where(key)))
    for relation in model._meta.get_fields(include_hidden=True):
        # What stays and only mentions the row forgets it.
        if (
            isinstance(relation, models.ManyToOneRel)
            and relation.field.null
            and _stays(relation.related_model)
        ):
            others = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": keys})
            others.update(**{relation.field.name: None})
    for start in range(0, len(keys), 500):
        model._base_manager.filter(pk__in=keys[start : start + 500])._raw_delete(model._base_manager.db)
    deleted[line.model] += len(keys)


def _stays(model: type[models.Model]) -> bool:
    return any(line.model == model._meta.label and not line.people for line in inventory.tables())


def _blank_files(files, deleted: Counter[str]) -> None:
    deleted["organization.ImportBatch"] += files.update(
        content=None, undo=None, preview=None, file_name=periods.STUB
    )


def _make_stub(staff: Staff, now) -> None:
    """Empty the person's own row: others' records point at it, and show the stub from now on."""
    line = inventory.line_of("organization.Staff")
    for name in line.treated(Treat.WORDS):
        setattr(staff, name, "")
    staff.name, staff.username = periods.STUB, f"erased-{staff.uuid.hex}"
    staff.staff_number, staff.is_active = f"x{staff.uuid.hex[:19]}", False
    staff.set_unusable_password()
    staff.last_login = None
    staff.save()
    _erase_trail(staff, now)


def _erase_trail(staff: Staff, now) -> None:
    """Empty what the trail holds of the person beside ids and counts; the chain goes over its digest and stays whole."""
    try:
        erase = import_string("audit.payloads.erase")
    except ImportError:
        return
    erase(staff_uuids=[staff.uuid], municipality_id=staff.municipality_id, by=None, now=now)


def _locked(run: RetentionRun, *states: str) -> RetentionRun:
    run = RetentionRun.objects.select_for_update().get(pk=run.pk)
    if run.state not in states:
        raise Conflict(NOT_OPEN)
    return run


def _ask(by: Actor | None) -> None:
    if by is not None and not may(by, "P20r"):
        raise Forbidden


def _report(action: str, run: RetentionRun, by: Actor | None, now, data: dict | None = None) -> None:
    record(
        by=by, action=action, now=now, target=run, municipality_id=run.municipality_id, data=data,
        kind=Event.Kind.PEOPLE,
    )  # fmt: skip
