"""People × matrix × year, and the résumé of each person."""

from assessments.models.confirmation import Confirmation, Remark
from assessments.models.cycle import Cycle
from assessments.models.entries import (
    Attachment,
    Career,
    Certification,
    Entry,
    EntryCell,
    Experience,
    Handover,
    RatingEvidence,
    Training,
)
from assessments.models.sheet import Draft, Rating, Revision, Sheet, Target
from assessments.models.statements import Statement, TransferWish
from assessments.models.travel import ForeignLevel, ForeignRecord, SigningKey, TrustedIssuer

__all__ = [
    "Attachment",
    "Career",
    "Certification",
    "Confirmation",
    "Cycle",
    "Draft",
    "Entry",
    "EntryCell",
    "Experience",
    "ForeignLevel",
    "ForeignRecord",
    "Handover",
    "Rating",
    "RatingEvidence",
    "Remark",
    "Revision",
    "Sheet",
    "SigningKey",
    "Statement",
    "Target",
    "Training",
    "TransferWish",
    "TrustedIssuer",
]
