"""People × matrix × year."""

from assessments.models.confirmation import Confirmation, Remark
from assessments.models.cycle import Cycle
from assessments.models.sheet import Draft, Rating, Revision, Sheet, Target

__all__ = ["Confirmation", "Cycle", "Draft", "Rating", "Remark", "Revision", "Sheet", "Target"]
