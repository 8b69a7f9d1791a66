"""研修 of the sample: the courses of みほん市 and who applied for them, through the workflow of the screens."""

import datetime
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from access.actor import Actor
from assessments.workflow.courses import CourseValues, add_course, providers_for
from assessments.workflow.training import Decision, apply_for, decide_trainings
from competency.models import Course
from config.demo.desk import at_noon
from organization.models import Municipality, Staff
from organization.scope import actor_for

FILE = Path(__file__).with_name("courses.yaml")


def teach(municipality: Municipality, *, hr: Callable[[datetime.date], Actor], today: datetime.date) -> None:
    """Add the courses and let people apply; `hr` gives the actor of 人事 on a day. Call it once, on the day `today`."""
    story = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    # Long enough ago for the application that is finished already.
    first = today - datetime.timedelta(days=60)
    providers = dict(providers_for(municipality.pk).values_list("code", "pk"))
    courses = {
        told["code"]: add_course(
            values=_values(told, providers[told["provider"]], today),
            by=hr(first),
            now=at_noon(first),
            key=uuid.uuid4(),
        )
        for told in story["courses"]
    }
    for number, code, ago, state in story["applications"]:
        day = today - datetime.timedelta(days=ago)
        staff = Staff.objects.select_related("municipality").get(
            municipality=municipality, staff_number=number
        )
        course = Course.objects.select_related("provider").get(pk=courses[code].pk)
        entry = apply_for(course=course, by=actor_for(staff, day), now=at_noon(day), key=uuid.uuid4())
        if state != "applied":
            decision = Decision(
                entry.pk, entry.version, state, result="修了" if state == "finished" else None
            )
            decide_trainings(decisions=[decision], by=hr(today), now=at_noon(today))


def _values(told: dict[str, Any], provider_id: int, today: datetime.date) -> CourseValues:
    def day(name: str) -> datetime.date | None:
        return today + datetime.timedelta(days=told[name]) if name in told else None

    start = day("starts")
    lasts = told.get("lasts", 1)
    end = start + datetime.timedelta(days=lasts - 1) if start is not None and lasts > 1 else None
    return CourseValues(
        provider_id=provider_id, name=told["name"], form=told["form"],
        hours=Decimal(str(told["hours"])) if "hours" in told else None,
        fee=told.get("fee"), starts_on=start, ends_on=end, apply_by=day("apply"), place=told.get("place", ""),
        text=told.get("text", ""), steps=told["leads"],
    )  # fmt: skip
