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
from assessments.models.exporting import SavedExport
from assessments.models.proxy import Proxy
from assessments.models.reply import Reconfirmation, Reply
from assessments.models.sheet import Draft, Rating, Revision, Sheet, Target
from assessments.models.statements import Statement, TransferWish
from assessments.models.travel import ForeignLevel, ForeignRecord, SigningKey, TrustedIssuer
from assessments.models.version_change import VersionChange
from assessments.models.year import Exclusion, Extension, Leftover, Reminder

__all__ = [
    "Attachment",
    "Career",
    "Certification",
    "Confirmation",
    "Cycle",
    "Draft",
    "Entry",
    "EntryCell",
    "Exclusion",
    "Experience",
    "Extension",
    "ForeignLevel",
    "ForeignRecord",
    "Handover",
    "Leftover",
    "Proxy",
    "Rating",
    "RatingEvidence",
    "Reconfirmation",
    "Remark",
    "Reminder",
    "Reply",
    "Revision",
    "SavedExport",
    "Sheet",
    "SigningKey",
    "Statement",
    "Target",
    "Training",
    "TransferWish",
    "TrustedIssuer",
    "VersionChange",
]
