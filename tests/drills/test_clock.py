"""The drill of the clock goes red for a wait that grows with it, and for a trail that stays unsealed."""

import datetime

import pytest
from django.utils import timezone

from organization import attempts
from tests import builders as b
from tests.drills import clock
from tests.drills.browser import Seen
from tests.drills.in_process import make_person
from tests.drills.ledger import breaches, judge


@pytest.fixture
def own_folder(tmp_path, settings):
    settings.FILES_DIR = tmp_path


def held_after(back) -> int:
    with clock.moved() as moving:
        staff = clock._who_mistypes(moving, "kensa")
        moving.off = -back
        return clock.still_held(staff)


@pytest.mark.django_db
def test_nobody_is_held_after_the_wait_that_was_said():
    b.make_staff(b.make_municipality())
    assert held_after(clock.HOUR) == 0


@pytest.mark.django_db
def test_a_wait_that_goes_by_a_moment_to_come_is_found(monkeypatch):
    """The planted fault: any moment to come is believed."""
    b.make_staff(b.make_municipality())
    monkeypatch.setattr(attempts, "SKEW", datetime.timedelta(days=9))
    assert held_after(clock.HOUR) == 1


def test_the_clock_is_set_right_afterwards():
    before = timezone.now
    with clock.moved() as moving:
        moving.off = clock.DAY
        assert timezone.now() - before() > clock.HOUR
    assert timezone.now is before


@pytest.mark.django_db
def test_a_person_works_on_whatever_the_clock_shows(own_folder):
    one = make_person()
    with clock.moved() as moving:
        for off in clock.MOVES:
            moving.off = off
            clock.work(one)
    verdict = judge([one])
    assert verdict.acknowledged > len(clock.MOVES)
    assert (verdict.lost, verdict.duplicates, verdict.half, one.refusals, breaches()) == ([], [], [], [], [])
    assert isinstance(one._seen, Seen)
