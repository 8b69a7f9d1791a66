"""Signing in by name, and a section of people with records."""

import pytest
from django.utils import timezone

from gaps.scenario_form import next_first_of_april
from tests import builders as b
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, RUNNING, TALKING, confirmed, need

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def sign_in(client, world):
    def as_(name):
        client.force_login(getattr(world, name), backend=BACKEND)
        return client

    return as_


@pytest.fixture
def section(world):
    """デジタル推進課 with records: 𠮷田 alone writes policy, three people analyse, nobody plans, needs are set.

    In the 課 and below stand kacho, kakari, honnin, dourei, henshu and sysadmin: six people.
    """
    confirmed(world.kakari, world.cycle, {POLICY: 4, ANALYSIS: 3, RUNNING: 3, TALKING: 3})
    confirmed(world.kacho, world.cycle, {POLICY: 2, ANALYSIS: 3, TALKING: 3})
    confirmed(world.dourei, world.cycle, {ANALYSIS: 3, RUNNING: 2, TALKING: 3})
    need(
        world.ka,
        world.cycle,
        {POLICY: 2, ANALYSIS: 2, "internal-it.2": 1, RUNNING: 0, "system-operations.2": 1, TALKING: 4},
    )
    return world


@pytest.fixture
def last_cycle(world):
    """The year before."""
    return b.make_cycle(world.city, world.version, fiscal_year=2025, state="closed")


@pytest.fixture
def office(world):
    """Nobody plans, policy and running rest on 𠮷田 alone, analysis is covered; everybody else is near to something."""
    confirmed(world.kakari, world.cycle, {POLICY: 3, ANALYSIS: 3, RUNNING: 3, PLANNING: 1})
    confirmed(world.kacho, world.cycle, {POLICY: 2, ANALYSIS: 3, PLANNING: 2})
    confirmed(world.dourei, world.cycle, {POLICY: 2, ANALYSIS: 1, RUNNING: 2, PLANNING: 2})
    confirmed(world.honnin, world.cycle, {POLICY: 1, RUNNING: 1})
    need(
        world.ka,
        world.cycle,
        {POLICY: 2, ANALYSIS: 2, PLANNING: 1, RUNNING: 1, TALKING: 0, "system-operations.2": 0},
    )
    return world


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def day(today):
    return next_first_of_april(today)
