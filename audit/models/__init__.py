"""The trail: events, their personal values apart, the seals that chain them, alarms, and receipts."""

from audit.models.alarm import Alarm
from audit.models.event import Event
from audit.models.payload import EventPayload
from audit.models.receipt import Receipt, issue_receipt, object_of_click, receipt_for
from audit.models.seal import ChainStart, Seal
from audit.recording import differing, record, role_of, sides_of, touches_record

__all__ = [
    "Alarm",
    "ChainStart",
    "Event",
    "EventPayload",
    "Receipt",
    "Seal",
    "differing",
    "issue_receipt",
    "object_of_click",
    "receipt_for",
    "record",
    "role_of",
    "sides_of",
    "touches_record",
]
