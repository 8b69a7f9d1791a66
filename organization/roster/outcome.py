"""What the planner says about a line: kinds, changes in words, troubles."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from lib.dates import format_wareki
from lib.intervals import last_day
from organization.roster.lines import EMPLOYMENTS, LEAVE_KINDS, LINE_ROLES, POSTING_KINDS, Line

KIND_WORDS = {code: word for word, code in {**POSTING_KINDS, **LEAVE_KINDS}.items()}
ROLE_WORDS = {code: word for word, code in LINE_ROLES.items()}
EMPLOYMENT_WORDS = {code: word for word, code in EMPLOYMENTS.items()}


class Kind(StrEnum):
    """What a line of the file means against what is there."""

    NEW = "new"
    REHIRED = "rehired"
    TRANSFER = "transfer"
    PROMOTION = "promotion"
    ADDED = "added"
    RENEWED = "renewed"
    RENAMED = "renamed"
    LEAVE = "leave"
    RETURN = "return"
    LEFT = "left"
    CORRECTED = "corrected"
    UNCHANGED = "unchanged"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after, in words for the screen."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a line cannot be taken: the column of ours it stands in, the value, what to do."""

    line: Line
    label: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One reason to look again before applying. `lines` are those of the file that it is about; () is the whole."""

    message: str
    lines: tuple[int, ...] = ()


def say_day(day: datetime.date | None) -> str:
    """Return a day in 和暦, "" for None."""
    return format_wareki(day) if day else ""


def say_last_day(end: datetime.date | None) -> str:
    """Return the last day of a period with this half-open end, "" where it is open."""
    return say_day(last_day(end))
