"""Rosters: read into lines, compared with what is there, planned. Nothing here touches the database."""

from organization.roster.coming import OF_THE_NAME, PERSON_FIELDS
from organization.roster.lines import COLUMNS, Line, Parsed, parse_lines
from organization.roster.outcome import Change, Kind, Suspicion
from organization.roster.people import ComingState, Known, LeaveState, PersonState, Place, PostingState
from organization.roster.plan import ComingWrite, Outcome, Plan, Write, plan_roster
from organization.roster.suspicions import suspicions

__all__ = [
    "COLUMNS",
    "OF_THE_NAME",
    "PERSON_FIELDS",
    "Change",
    "ComingState",
    "ComingWrite",
    "Kind",
    "Known",
    "LeaveState",
    "Line",
    "Outcome",
    "Parsed",
    "PersonState",
    "Place",
    "Plan",
    "PostingState",
    "Suspicion",
    "Write",
    "parse_lines",
    "plan_roster",
    "suspicions",
]
