"""Two who change the same department at the same time: the one who counts later sees what the other did."""

import threading

import pytest
from django.db import connection, connections, transaction

from gaps.models import TallyChange
from gaps.models.tallies import TallyQuerySet
from gaps.recount import breaches
from gaps.tally_reads import counted_departments
from gaps.workflow import tallies
from organization.models import Posting
from tests.gaps.tallied import TODAY, count

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time"),
]
assert connection


@pytest.fixture
def at_once(monkeypatch):
    """Return a function that lets two people move to one department at once: the first has counted, and not written it yet."""
    has_counted, may_write = threading.Event(), threading.Event()

    def counting(*asked):
        found = counted_departments(*asked)
        if threading.current_thread().name == "first":
            has_counted.set()
            may_write.wait(5)
        return found

    monkeypatch.setattr(tallies, "counted_departments", counting)

    def move(world, person, faults):
        try:
            with transaction.atomic():
                Posting.objects.filter(staff=person, kind="main").update(department=world.jinjika)
                tallies.count_changed(municipality_id=world.city.pk, on=TODAY)
        except Exception as fault:  # a thread's fault is seen nowhere else
            faults.append(fault)
        finally:
            connections.close_all()

    def run(world, first, second):
        faults = []
        threads = [
            threading.Thread(target=move, args=(world, person, faults), name=name)
            for person, name in ((first, "first"), (second, "second"))
        ]
        threads[0].start()
        assert has_counted.wait(10)
        threads[1].start()
        # It waits for the first, or is done before the first has written.
        threads[1].join(1)
        may_write.set()
        for thread in threads:
            thread.join(20)
        assert not faults

    return run


@pytest.fixture
def counted(section):
    """The section with tallies."""
    count(section.city)
    return section


def test_nobody_is_lost_between_two(counted, at_once):
    at_once(counted, counted.kakari, counted.dourei)
    assert not TallyChange.objects.filter(municipality=counted.city).exists()
    assert list(breaches(counted.city, TODAY)) == []


def test_without_the_row_somebody_is(counted, at_once, monkeypatch):
    monkeypatch.setattr(TallyQuerySet, "select_for_update", lambda self, **options: self)
    at_once(counted, counted.kakari, counted.dourei)
    assert list(breaches(counted.city, TODAY)) != []
