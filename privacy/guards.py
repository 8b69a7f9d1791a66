"""No permit to delete history without a run that a second person agreed to and whose thirty days are over."""

from lib.guards import PERMIT_TABLE, Guard

GUARDS = (
    Guard(
        name="guard_privacy_permit_insert",
        table=PERMIT_TABLE,
        event="INSERT",
        when="NOT EXISTS (SELECT 1 FROM privacy_retentionrun r WHERE r.id = NEW.run_id AND r.state = 'agreed'"
        " AND r.due_at <= CURRENT_TIMESTAMP)",
        message="nothing is deleted without a run that is agreed and due",
    ),
    Guard(
        name="guard_privacy_permit_update",
        table=PERMIT_TABLE,
        event="UPDATE",
        when="1 = 1",
        message="a permit cannot be changed",
    ),
)
