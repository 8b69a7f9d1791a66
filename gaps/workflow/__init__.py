"""Changes of several models of the app, one module a noun."""

from gaps.workflow.four_way import StaleAnswer, override_four_way
from gaps.workflow.measures import (
    MEASURE_STALE,
    NEEDS_DUE,
    NEEDS_PEOPLE,
    NEEDS_REASON,
    NEEDS_TEXT,
    YEAR_ENDED,
    Goal,
    MeasureValues,
    StaleMeasure,
    change_measure,
    decide_measures,
)
from gaps.workflow.needs import ENDED, STALE, CellNeed, Needs, Stale, load_needs, load_years, save_needs

__all__ = [
    "ENDED",
    "MEASURE_STALE",
    "NEEDS_DUE",
    "NEEDS_PEOPLE",
    "NEEDS_REASON",
    "NEEDS_TEXT",
    "STALE",
    "YEAR_ENDED",
    "CellNeed",
    "Goal",
    "MeasureValues",
    "Needs",
    "Stale",
    "StaleAnswer",
    "StaleMeasure",
    "change_measure",
    "decide_measures",
    "load_needs",
    "load_years",
    "override_four_way",
    "save_needs",
]
