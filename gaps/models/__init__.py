"""What a department needs, lacks and does about it."""

from gaps.models.four_way import FourWayAnswer, FourWayOverride
from gaps.models.measures import Measure, MeasurePerson
from gaps.models.needs import CountingRule, ExternalCover, Need
from gaps.models.scenarios import Scenario, ScenarioMove, ScenarioStep
from gaps.models.tallies import CellTally, Tally, TallyChange

__all__ = [
    "CellTally",
    "CountingRule",
    "ExternalCover",
    "FourWayAnswer",
    "FourWayOverride",
    "Measure",
    "MeasurePerson",
    "Need",
    "Scenario",
    "ScenarioMove",
    "ScenarioStep",
    "Tally",
    "TallyChange",
]
