"""A slice of the random histories in every run, and the drill goes red for each kind of wrong sight."""

import dataclasses
import datetime

import pytest

from access.actor import Role
from organization.scope import actor_for
from tests.drills.histories import live

ONE = datetime.timedelta(days=1)


@pytest.mark.django_db
def test_a_slice_of_the_histories():
    lived, asked, wrong = live(200, seed=20261126)
    assert wrong == []
    assert lived == 200
    assert asked > 10_000


def the_day_before(staff, day):
    """See a day too long: an interval closed at its end."""
    return dataclasses.replace(actor_for(staff, day - ONE), today=day)


def the_day_after(staff, day):
    """See a day too early."""
    return dataclasses.replace(actor_for(staff, day + ONE), today=day)


def listed_yesterday(staff, day):
    """Lead today, but list the people of yesterday: an answer that was kept."""
    return dataclasses.replace(actor_for(staff, day), today=day - ONE)


def who_checks_also_does(staff, day):
    """Let 監査 keep 人事."""
    actor = actor_for(staff, day)
    return dataclasses.replace(actor, roles=actor.roles | {Role.HR}) if actor.has(Role.AUDITOR) else actor


def blind_to_the_first(staff, day):
    """Forget what somebody leads as 係長級."""
    return dataclasses.replace(actor_for(staff, day), first_paths=())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "see", [the_day_before, the_day_after, listed_yesterday, who_checks_also_does, blind_to_the_first]
)
def test_wrong_sight_is_found(see):
    _, _, wrong = live(40, seed=3, see=see)
    assert wrong
