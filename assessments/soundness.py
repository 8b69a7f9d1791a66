"""What must hold of years, sheets, entries and their trail, as `verify` asks it. Takes no request.

The database keeps each row right; these are the ties between rows that no constraint of both engines can say.
"""

from assessments.soundness_entries import CHECKS as ENTRIES
from assessments.soundness_replies import CHECKS as REPLIES
from assessments.soundness_sheets import CHECKS as SHEETS
from assessments.soundness_trail import CHECKS as TRAIL
from assessments.soundness_years import CHECKS as YEARS

CHECKS = [*YEARS, *SHEETS, *REPLIES, *TRAIL, *ENTRIES]
