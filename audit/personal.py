"""What this app holds about people (lib/personal.py)."""

from lib.personal import Gone, Keep, table

TABLES = (
    # The chain goes over it: the row stays until the trail itself ends; it holds ids and counts.
    table(
        "audit.Event", "操作の記録", Keep.AUDIT, people="subject_uuid actor_uuid", gone=Gone.STAYS, since="at",
        plain="id uuid at municipality_id kind action subject_uuid object_type object_uuid data request_id address "
        "payload_digest mac",
        other="actor_uuid",
    ),
    # Erased by audit.payloads.erase, which the trail notes; the event keeps the digest alone.
    table(
        "audit.EventPayload", "操作の前後の値", Keep.AUDIT, people="event__subject_uuid", gone=Gone.STAYS,
        since="event__at", plain="event municipality_id", words="before after",
        hidden="salt",
    ),
    table(
        "audit.Seal", "記録の封", Keep.NOBODY, plain="event_id municipality_id number mac at",
    ),
    table(
        "audit.ChainStart", "記録の始まり", Keep.NOBODY, plain="id municipality_id number previous mac at",
    ),
    table(
        "audit.Alarm", "知らせ", Keep.AUDIT, people="actor_uuid", gone=Gone.BLANK, since="at",
        plain="id uuid municipality_id kind actor_uuid since at count mailed_at settled_at settled_by",
        words="note",
    ),
    table(
        "audit.Receipt", "二重に押したときの受付", Keep.AUDIT, people="actor_uuid", gone=Gone.STAYS, since="at",
        plain="id municipality_id actor_uuid action key object_uuid result at",
    ),
)  # fmt: skip
