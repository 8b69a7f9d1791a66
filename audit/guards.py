"""The trail and the receipts are append-only in the database itself (P28)."""

from lib.guards import Guard

GUARDS = tuple(
    Guard(
        name=f"guard_{table}_{event.lower()}",
        table=table,
        event=event,
        when="1 = 1",
        message=f"{table} is append-only",
    )
    for table in ("audit_event", "audit_receipt")
    for event in ("UPDATE", "DELETE")
)
