"""What was submitted or confirmed cannot be changed by any code path, on either engine (design, 4).

A new revision is written whole (revision, ratings, in a correction its confirmations too) and only then becomes
the sheet's `current_revision`; from that moment its ratings are closed, and after 確定 its confirmations as well.
"""

from lib.guards import Guard

_CLOSED_FOR_RATINGS = (
    "EXISTS (SELECT 1 FROM assessments_revision r JOIN assessments_sheet s ON s.id = r.sheet_id"
    " WHERE r.id = NEW.revision_id AND s.current_revision_id >= r.id)"
)
_CLOSED_FOR_CONFIRMATIONS = (
    "EXISTS (SELECT 1 FROM assessments_revision r JOIN assessments_sheet s ON s.id = r.sheet_id"
    " WHERE r.id = {row}.revision_id AND (r.id < s.current_revision_id OR (r.id = s.current_revision_id"
    " AND s.state NOT IN ('submitted', 'first_confirmed'))))"
)
_CONFIRMED = (
    "EXISTS (SELECT 1 FROM assessments_sheet s WHERE s.id = {row}.sheet_id AND s.state = 'confirmed')"
)
# What is answered is the 確定 that stands, not one that a 訂正 has replaced meanwhile.
_NOT_STANDING = (
    "NOT EXISTS (SELECT 1 FROM assessments_sheet s WHERE s.current_revision_id = NEW.revision_id"
    " AND s.state = 'confirmed'{more})"
)
_FROZEN_COLUMNS = (
    "uuid",
    "municipality_id",
    "staff_id",
    "cycle_id",
    "fiscal_year",
    "department_id",
    "department_path",
    "position",
    "employment",
    "state",
    "submitted_at",
    "confirmed_at",
    "without_confirmer",
)


def _always(table: str, event: str) -> Guard:
    return Guard(
        name=f"guard_assessments_{table}_{event.lower()}",
        table=f"assessments_{table}",
        event=event,
        when="1 = 1",
        message=f"assessments_{table} is immutable",
        erasable=event == "DELETE",
    )


GUARDS = (
    *(
        _always(table, event)
        for table in ("revision", "rating", "remark", "ratingevidence", "foreignlevel", "reply")
        for event in ("UPDATE", "DELETE")
    ),
    Guard(
        name="guard_assessments_rating_insert",
        table="assessments_rating",
        event="INSERT",
        when=_CLOSED_FOR_RATINGS,
        message="a submitted revision takes no more ratings",
    ),
    Guard(
        name="guard_assessments_ratingevidence_insert",
        table="assessments_ratingevidence",
        event="INSERT",
        when=_CLOSED_FOR_RATINGS,
        message="a submitted revision takes no more evidence",
    ),
    *(
        Guard(
            name=f"guard_assessments_confirmation_{event.lower()}",
            table="assessments_confirmation",
            event=event,
            when=" OR ".join(_CLOSED_FOR_CONFIRMATIONS.format(row=row) for row in rows),
            message="confirmations of this revision are frozen",
            erasable=event == "DELETE",
        )
        for event, rows in {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}.items()
    ),
    *(
        Guard(
            name=f"guard_assessments_target_{event.lower()}",
            table="assessments_target",
            event=event,
            when=" OR ".join(_CONFIRMED.format(row=row) for row in rows),
            message="targets of a confirmed sheet are frozen",
            erasable=event == "DELETE",
        )
        for event, rows in {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}.items()
    ),
    Guard(
        name="guard_assessments_reply_insert",
        table="assessments_reply",
        event="INSERT",
        when=_NOT_STANDING.format(more=""),
        message="a reply answers a confirmed sheet",
    ),
    Guard(
        name="guard_assessments_reconfirmation_insert",
        table="assessments_reconfirmation",
        event="INSERT",
        when="NEW.state <> 'asked' OR " + _NOT_STANDING.format(more=" AND s.id = NEW.sheet_id"),
        message="a reconfirmation is asked for a confirmed sheet",
    ),
    Guard(
        name="guard_assessments_reconfirmation_update",
        table="assessments_reconfirmation",
        event="UPDATE",
        when="OLD.state IN ('kept', 'corrected') OR NEW.state = 'asked' OR NEW.sheet_id <> OLD.sheet_id"
        " OR NEW.revision_id <> OLD.revision_id OR NEW.asked_at <> OLD.asked_at"
        " OR (OLD.state = 'referred' AND NEW.referral <> OLD.referral)",
        message="a reconfirmation goes on to its end and stays there",
    ),
    _always("reconfirmation", "DELETE"),
    Guard(
        name="guard_assessments_sheet_update",
        table="assessments_sheet",
        event="UPDATE",
        when="OLD.state = 'confirmed' AND ("
        + " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _FROZEN_COLUMNS)
        + " OR NEW.current_revision_id IS NULL OR NEW.current_revision_id < OLD.current_revision_id)",
        message="a confirmed sheet cannot be changed",
    ),
    Guard(
        name="guard_assessments_sheet_revision",
        table="assessments_sheet",
        event="UPDATE",
        when="NEW.current_revision_id <> COALESCE(OLD.current_revision_id, 0) AND NOT EXISTS (SELECT 1"
        " FROM assessments_revision r WHERE r.id = NEW.current_revision_id AND r.sheet_id = NEW.id)",
        message="the revision of another sheet",
    ),
    Guard(
        name="guard_assessments_sheet_delete",
        table="assessments_sheet",
        event="DELETE",
        when="OLD.current_revision_id IS NOT NULL",
        message="a submitted sheet cannot be deleted",
        erasable=True,
    ),
)
