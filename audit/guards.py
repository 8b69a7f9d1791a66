"""The trail and the receipts are append-only in the database itself (P28)."""

from lib.guards import Guard

TRAIL = tuple(
    Guard(
        name=f"guard_{table}_{event.lower()}",
        table=table,
        event=event,
        when="1 = 1",
        message=f"{table} is append-only",
    )
    for table in ("audit_event", "audit_eventpayload", "audit_seal", "audit_chainstart")
    for event in ("UPDATE", "DELETE")
)
RECEIPTS = tuple(
    Guard(
        name=f"guard_audit_receipt_{event.lower()}",
        table="audit_receipt",
        event=event,
        when="1 = 1",
        message="audit_receipt is append-only",
    )
    for event in ("UPDATE", "DELETE")
)
GUARDS = TRAIL + RECEIPTS
