"""The drill of the last evening goes red for a server that is slow, that fails, or that saves nothing."""

import time
from types import SimpleNamespace

from tests.drills import declared, evening


def visitors(answer, takes=0.0):
    def act(what, number):
        time.sleep(takes)
        return answer(what)

    return [SimpleNamespace(act=act)]


def spent(answer, takes=0.0):
    return evening.spent(visitors(answer, takes), seconds=1, rate=100)


def test_a_server_that_answers_at_once_is_fine():
    told = spent(lambda what: 200)
    assert (len(told.seconds), told.failures) == (100, 0)
    assert told.saved > 20
    assert not evening.FIGURES["evening.p99"].fails(told.p99, short=True)


def test_a_server_that_cannot_keep_up_is_found_by_those_who_wait():
    """Each answer alone is quick; the queue before it is what people wait in."""
    told = evening.spent(slow_one(), seconds=4, rate=100)
    assert max(told.seconds) > 2
    assert evening.FIGURES["evening.p99"].keeps(told.p99) is False


def slow_one():
    one = evening.Visitor(SimpleNamespace(sheet_uuid="7f1a4f1c-7d5b-4d3e-9a55-0d4d0b3a8f10"), 1, "")
    one.save = lambda number: time.sleep(0.02) or 200
    one.open = lambda: time.sleep(0.02) or 200
    one.ask = lambda *given: (time.sleep(0.02) or 200, "")
    return [one]


def test_answers_5xx_and_broken_ones_are_counted_as_failures():
    for status in (500, 502, 503, 0):
        told = spent(lambda what, status=status: status if what == "home" else 200)
        assert evening.FIGURES["evening.http5xx"].fails(told.failures, short=True)


def test_a_server_that_saves_nothing_is_found():
    told = spent(lambda what: 409 if what == "save" else 200)
    assert evening.FIGURES["evening.saved"].fails(told.saved, short=True)


def test_a_whole_evening_is_not_stopped_before_it_is_over():
    drill, _ = declared.load("evening")
    assert drill.seconds[False] > evening.LASTS + 60
    assert drill.seconds[True] > evening.SHORT_LASTS
