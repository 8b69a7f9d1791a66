"""Files with an entry: taken by content, kept under a name of ours, never deleted once their row is there (P03)."""

import hashlib
import uuid

from django.db import transaction

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from access.table import may
from assessments import files
from assessments.file_check import type_of
from assessments.models import Attachment, Entry
from audit.models import record

MOST = 5
TOO_MANY = (
    f"1つの記録に添えられるファイルは{MOST}つまでです。使わないものを取り消してから、もう一度選んでください。"
)
ENTRY_REMOVED = "この記録は取り消されています。元に戻してから、ファイルを添えてください。"


def add_file(*, entry: Entry, label: str, content: bytes, by: Actor, now) -> Attachment:
    """Keep a file with an entry and return its row; the same bytes again are the file that is there already.

    The bytes lie on the disk before the row is committed, so that no row ever points at nothing, and are taken
    away again where the transaction fails. Raises NotAccepted with a sentence, Forbidden, and Conflict for an
    entry that was removed or has enough files.
    """
    if not may(by, "P03", own=entry.staff_id == by.staff_id):
        raise Forbidden
    content_type = type_of(content)
    digest = hashlib.sha256(content).hexdigest()
    key = uuid.uuid4()
    files.keep(key, content)
    try:
        with transaction.atomic():
            entry = Entry.objects.select_for_update(of=("self",)).select_related("staff").get(pk=entry.pk)
            if entry.removed_at:
                raise Conflict(ENTRY_REMOVED)
            standing = list(Attachment.objects.filter(entry=entry, removed_at__isnull=True))
            same = next((one for one in standing if one.sha256 == digest), None)
            if same is None and len(standing) >= MOST:
                raise Conflict(TOO_MANY)
            kept = same or Attachment.objects.create(
                uuid=key, municipality_id=entry.municipality_id, entry=entry, label=label,
                content_type=content_type, size=len(content), sha256=digest, added_at=now, added_by_id=by.staff_id,
            )  # fmt: skip
            if same is None:
                _touch(entry, by, now)
                _report("file.add", kept, entry, by, now)
    except BaseException:
        files.forget(key)
        raise
    if kept.uuid != key:
        files.forget(key)
    return kept


@transaction.atomic
def remove_file(*, file: Attachment, by: Actor, now) -> None:
    """Take a file off its entry; its row and its bytes stay, for a rating was confirmed with it. Again: nothing."""
    entry = Entry.objects.select_for_update(of=("self",)).select_related("staff").get(pk=file.entry_id)
    if not may(by, "P03", own=entry.staff_id == by.staff_id):
        raise Forbidden
    if Attachment.objects.filter(pk=file.pk, removed_at__isnull=True).update(removed_at=now):
        _touch(entry, by, now)
        _report("file.remove", file, entry, by, now)


def _touch(entry: Entry, by: Actor, now) -> None:
    """Say who was at the entry last, so that the person is told; its text and its version stay as they are."""
    Entry.objects.filter(pk=entry.pk).update(updated_at=now, updated_by_id=by.staff_id)


def _report(action: str, file: Attachment, entry: Entry, by: Actor, now) -> None:
    record(
        by=by, action=action, now=now, subject_uuid=entry.staff.uuid, target=file,
        data={"entry": str(entry.uuid), "type": file.content_type, "size": file.size},
    )  # fmt: skip
