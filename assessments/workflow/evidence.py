"""What ratings rest on: the cells that entries show, and the rows that a submission freezes (ADR 0025)."""

from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Forbidden, Invalid
from access.table import may
from assessments.evidence_reads import counts_as_evidence
from assessments.models import Entry, EntryCell, Revision
from audit.models import record
from competency.models import HOLDER_STEP
from organization.models import Staff

_COLUMNS = "INSERT INTO assessments_ratingevidence (municipality_id, revision_id, cell_id, entry_id, title)"
# The conditions are those of evidence_reads.counts_as_evidence; a test holds the two together.
_FREEZE = f"""{_COLUMNS}
SELECT r.municipality_id, r.revision_id, r.cell_id, e.id, e.title
FROM assessments_rating r
JOIN competency_cell c ON c.id = r.cell_id
JOIN assessments_entrycell s ON s.cell_code = c.code
JOIN assessments_entry e ON e.id = s.entry_id
LEFT JOIN assessments_training t ON t.entry_ptr_id = e.id
WHERE r.revision_id = %s AND r.step >= %s AND e.staff_id = %s AND e.removed_at IS NULL
AND (e.kind IN ('experience', 'certification') OR (e.kind = 'training' AND t.state = 'finished'))
ORDER BY c.rank, e.start DESC, e.id DESC"""  # constants alone # noqa: S608 # nosec B608
_COPY = f"""{_COLUMNS}
SELECT x.municipality_id, r.revision_id, x.cell_id, x.entry_id, x.title
FROM assessments_ratingevidence x
JOIN assessments_rating r ON r.cell_id = x.cell_id
WHERE x.revision_id = %s AND r.revision_id = %s AND r.step >= %s
ORDER BY x.id"""  # constants alone # noqa: S608 # nosec B608


def freeze_evidence(*, revision: Revision, staff_id: int) -> int:
    """Write what the ratings of 3 or 4 rest on today, and return how many rows. One statement.

    Call it after the ratings and before the revision becomes current: afterwards the database takes no more.
    """
    return _run(_FREEZE, [revision.pk, HOLDER_STEP, staff_id])


def copy_evidence(*, before: int, revision: Revision) -> int:
    """Write for a correction what the revision `before` (its id) rested on, where the step still is 3 or 4."""
    return _run(_COPY, [before, revision.pk, HOLDER_STEP])


@transaction.atomic
def choose_evidence(*, staff: Staff, cell_code: str, seen: Mapping, chosen: set, by: Actor, now) -> int:
    """Say which of a person's entries show a cell, and return how many changed.

    `seen` says by entry uuid whether the page showed it as chosen; what the person did not touch is left as it
    is by now, so that two tabs never undo each other. An entry that was removed in the meantime is left alone.
    Raises Forbidden for anyone but the person and 人事 (P03), and Invalid for entries that are not the person's.
    """
    if not may(by, "P03", own=staff.pk == by.staff_id):
        raise Forbidden
    touched = {key for key, was in seen.items() if was != (key in chosen)}
    if not chosen <= set(seen):
        raise Invalid
    entries = {
        entry.uuid: entry
        for entry in Entry.objects.select_for_update(of=("self",))
        .filter(staff=staff, municipality_id=by.municipality_id, uuid__in=touched)
        .order_by("pk")
    }
    if entries.keys() != touched:
        raise Invalid
    able = set(Entry.objects.filter(counts_as_evidence(), uuid__in=touched).values_list("uuid", flat=True))
    with_cell = set(
        EntryCell.objects.filter(entry__uuid__in=able, cell_code=cell_code).values_list(
            "entry__uuid", flat=True
        )
    )
    more = [entries[key].pk for key in able & chosen - with_cell]
    less = [entries[key].pk for key in (able - chosen) & with_cell]
    EntryCell.objects.bulk_create(EntryCell(entry_id=pk, cell_code=cell_code) for pk in more)
    if less:
        EntryCell.objects.filter(entry__in=less, cell_code=cell_code).delete()
    if more or less:
        # Cells are part of what an entry says: a form of it that is open elsewhere must not undo this.
        Entry.objects.filter(pk__in=[*more, *less]).update(
            version=F("version") + 1, updated_at=now, updated_by_id=by.staff_id
        )
        record(
            by=by, action="entry.evidence", now=now, subject_uuid=staff.uuid,
            data={"cell": cell_code, "more": len(more), "less": len(less)},
        )  # fmt: skip
    return len(more) + len(less)


def _run(sql: str, values: list) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount
