"""A large city with its trail, written in bulk: what `verify` takes its time for."""

from collections.abc import Iterator

from django.utils import timezone

from assessments.models import Cycle, Revision, Sheet
from audit.models import Event
from bench.data import City, build_city
from bench.records import signed
from competency.models import FrameworkVersion
from tests.drills.corruptions.world import sealed_and_noted

_BATCH = 2000
# What the trail tells of a sheet of a year, beside its submission and its 確定.
_READ = ("sheet.start", "sheet.view", "sheet.confirmations_saved", "sheet.confirm_first")


def large_city(version: FrameworkVersion, people: int, years: int) -> City:
    """Make it, and seal its trail."""
    city = build_city(version, number=3, people=people, years=years)
    Event.objects.bulk_create(_events(city), batch_size=_BATCH)
    sealed_and_noted()
    return city


def _events(city: City) -> Iterator[Event]:
    now = timezone.now()
    common = {"at": now, "municipality_id": city.municipality.pk, "kind": Event.Kind.PEOPLE}
    for cycle in Cycle.objects.filter(municipality=city.municipality).order_by("fiscal_year"):
        yield signed(
            Event(**common, action="cycle.open", object_type="assessments.cycle", object_uuid=cycle.uuid)
        )
    revisions = Revision.objects.filter(municipality=city.municipality).order_by("pk")
    rows = revisions.values_list("number", "sheet__uuid", "sheet__staff__uuid", "sheet__state")
    for number, sheet, person, state in rows.iterator(chunk_size=_BATCH):
        about = {
            **common, "actor_uuid": person, "subject_uuid": person, "object_type": "assessments.sheet",
            "object_uuid": sheet,
        }  # fmt: skip
        for action in _READ:
            yield signed(Event(**about, action=action, data={"revision_id": number}))
        yield signed(Event(**about, action="sheet.submit", data={"number": number, "cells": 17}))
        if state == Sheet.State.CONFIRMED:
            yield signed(Event(**about, action="sheet.confirm", data={"revision_id": number}))
