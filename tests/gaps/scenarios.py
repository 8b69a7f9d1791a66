"""What the tests of scenarios share: addresses, what a form sends, keeping one."""

import datetime
import uuid

from django.urls import reverse
from django.utils import timezone

from gaps.workflow import (
    MoveValues,
    ScenarioValues,
    save_scenario,
)
from organization.models import Grant, Leave, Posting, Staff
from tests import builders as b

NEW, LIST, COMPARE = "gaps:scenario_new", "gaps:scenarios", "gaps:scenario_compare"
LATER = datetime.date(2127, 4, 1)


def new(department, query=""):
    return f"{reverse(NEW)}?department={department.uuid}{query}"


def at(scenario):
    return reverse("gaps:scenario", args=[scenario.uuid])


def sent(day, *, leave=(), join=(), do="try", **more):
    """Return what the form sends."""
    return {
        "on": day.isoformat(),
        "leave": [str(person.uuid) for person in leave],
        "join": [str(person.uuid) for person in join],
        "do": do,
        "key": str(uuid.uuid4()),
        **more,
    }


def keep(department, day, *moves, by, name="4月の案", shared=False, key=None):
    values = ScenarioValues(name, day, shared=shared, moves=moves)
    return save_scenario(
        department=department, values=values, by=b.actor_of(by), now=timezone.now(), key=key or uuid.uuid4()
    )


def leaving(person, reason="transfer"):
    return MoveValues("leave", person.pk, reason)


def rows_of_people():
    return {model: list(model.objects.order_by("pk").values()) for model in (Posting, Leave, Grant, Staff)}
