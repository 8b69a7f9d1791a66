"""The duties of a public body towards those whose data it keeps."""

from privacy.models.purpose import Purpose, PurposeSeen
from privacy.models.retention import Hold, Permit, RetentionItem, RetentionRun, RetentionYears
from privacy.models.rights import RightsRequest

__all__ = [
    "Hold",
    "Permit",
    "Purpose",
    "PurposeSeen",
    "RetentionItem",
    "RetentionRun",
    "RetentionYears",
    "RightsRequest",
]
