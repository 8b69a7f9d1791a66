"""What a line head of a bench city asks about 1 April."""

from typing import TYPE_CHECKING

from django.utils import timezone

from gaps.models import Scenario, ScenarioMove
from gaps.scenario_form import next_first_of_april

if TYPE_CHECKING:
    from bench.data import City


def add_scenario(city: "City") -> None:
    """Keep one shared scenario in a city: somebody leaves."""
    now = timezone.now()
    common = {"municipality": city.municipality}
    asked = Scenario.objects.create(
        **common, department=city.sections[0], name="4月の案", author=city.persona("kacho"), shared=True,
        on=next_first_of_april(city.today), created_at=now, updated_at=now,
    )  # fmt: skip
    ScenarioMove.objects.create(
        **common, scenario=asked, kind="leave", staff=city.people[3], reason="transfer"
    )
