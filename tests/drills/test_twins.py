"""The drill of the twins goes red for a view that looks an object up without its scope and then refuses."""

import pytest

from access.refusals import Forbidden, NotVisible
from assessments.views import resume
from organization.models import Staff
from tests.drills import twins as drill

pytestmark = pytest.mark.django_db
RESUME = ("assessments:resume", "GET")


@pytest.fixture
def door(world, targets):
    world.targets = targets
    return drill.Door(world)


@pytest.fixture
def of_the_resume(door):
    return [twin for twin in drill.twins_of(door.world) if (twin.route, twin.method) == RESUME]


def test_foreign_and_outside_are_as_nothing(door, of_the_resume):
    assert {twin.kind for twin in of_the_resume} == {"foreign", "outside"}
    assert drill.differing(door, of_the_resume) == (len(of_the_resume), [])


def test_every_kind_of_object_has_a_twin(door, targets):
    asked = {drill.ROUTES[twin.route].target for twin in drill.twins_of(door.world)}
    foreign = {kind for kind, (_, there) in targets.items() if there is not None}
    by_token = {route.target for route in drill.ROUTES.values() if route.get == drill.TOKEN}
    assert asked == foreign - by_token


def test_a_refusal_after_a_look_without_scope_is_found(door, of_the_resume, monkeypatch):
    def unscoped(actor, staff_uuid):
        if Staff.objects.filter(uuid=staff_uuid).exists():
            raise Forbidden
        raise NotVisible

    monkeypatch.setattr(resume, "record_owner_for", unscoped)
    asked, told = drill.differing(door, of_the_resume)
    assert asked == len(told) == len(of_the_resume)
    assert "status" in told[0]
    assert "bytes" in told[0]


def test_the_same_answer_after_more_work_is_found(door, of_the_resume, monkeypatch):
    (twin,) = drill.to_time(door, of_the_resume)

    def slow(actor, staff_uuid):
        if Staff.objects.filter(uuid=staff_uuid).exists():
            for _ in range(60):
                Staff.objects.filter(name=str(actor)).first()
        raise NotVisible

    monkeypatch.setattr(resume, "record_owner_for", slow)
    count, worst, whose = drill.furthest(door, [twin], 5)
    assert count == 1
    assert not drill.FIGURES["authz.twin.ratio"].keeps(worst)
    assert whose.startswith("GET assessments:resume, foreign")
    # The other way round is as far from one.
    ticks = iter([0, 1, 1, 3, 3, 4, 4, 6])
    assert drill.ratio_of(door, twin, 2, clock=lambda: next(ticks)) > 0
