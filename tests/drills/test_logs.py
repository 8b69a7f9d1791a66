"""The drill of the logs hears what it is there for: each weakening makes it red."""

import json
import sys
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from config import middleware
from config.logs import JsonFormatter, OwnWordsFilter, QuietFormatter
from organization import jobs
from tests.canaries import word
from tests.drills import logs

pytestmark = pytest.mark.django_db


def test_a_path_in_a_log_line_is_heard():
    said = word()
    with logs.listening() as ear:
        Client().get(f"/{said}/")
        assert "404 GET /…" in ear.stream.getvalue()
        ear.check("path", said)
        assert ear.found == []
        with patch.object(OwnWordsFilter, "filter", return_value=True):
            Client().get(f"/{said}/")
        ear.check("path", said)
    assert ear.found == [f"path: {said}"]
    assert ear.probes == 2


def test_a_json_line_that_says_the_path_is_heard(settings):
    settings.REQUEST_LOG, said = True, word()
    with logs.listening(JsonFormatter()) as ear:
        Client().get(f"/{said}/?q={said}")
        heard = [json.loads(line) for line in ear.stream.getvalue().splitlines()]
        ear.check("path", said)
        assert ear.found == []
        planted = {"status": 404, "method": "GET", "route": f"/{said}/"}
        with patch.object(middleware, "of_request", lambda request, status: dict(planted)):
            Client().get(f"/{said}/")
        ear.check("path", said)
    assert ear.found == [f"path: {said}"]
    assert {one["logger"] for one in heard} == {"config.requests", "django.request"}
    assert {one["route"] for one in heard} == {"/…"}


@pytest.mark.parametrize("headers", [{"Host": "{}_.example"}, {"User-Agent": "{}", "X-Request-Id": "{}"}])
def test_a_header_stays_outside(headers):
    said = word()
    with logs.listening() as ear:
        Client().get("/people/", headers={name: text.format(said) for name, text in headers.items()})
        assert ear.stream.getvalue() == "" or said not in ear.stream.getvalue()


def test_the_message_of_an_exception_is_heard(world):
    with (
        logs.listening() as ear,
        patch.object(QuietFormatter, "formatException", lambda self, ei: str(ei[1])),
    ):
        logs.through_errors(ear, world)
    assert ear.found
    with logs.listening() as ear:
        logs.through_errors(ear, world)
    assert ear.found == []
    assert ear.probes == len(logs.PLACES) * len(logs.errors_of(""))


def test_the_queue_keeps_no_message(world, targets):
    world.targets = targets
    with logs.listening() as ear:
        logs.through_jobs(ear, world)
    assert ear.found == []
    with (
        logs.listening() as ear,
        patch.object(jobs, "make", type("Bare", (), {"func": staticmethod(lambda job, _: jobs.run(job))})),
    ):
        logs.through_jobs(ear, world)
    assert any("give_up_silent" in one for one in ear.found)


def test_what_the_database_refuses_stays_inside(world, targets):
    """PostgreSQL quotes the values of the row that it refuses."""
    world.targets = targets
    for kind, refused in logs.constraints_of(world).items():
        with pytest.raises(DatabaseError), transaction.atomic():
            refused(word())
        assert kind
    with logs.listening() as ear:
        logs.through_constraints(ear, world)
    assert ear.found == []
    assert ear.probes == len(logs.constraints_of(world)) * len(logs.REFUSING)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite quotes no values")
def test_a_line_that_quotes_the_database_is_heard(world, targets):
    world.targets, said = targets, middleware.log.error
    with (
        logs.listening() as ear,
        patch.object(middleware.log, "error", lambda *_, **__: said("%s", sys.exc_info()[1])),
    ):
        logs.through_constraints(ear, world)
    # Of a key that is there twice it says nothing: row-level security keeps it back.
    assert any("no number" in one for one in ear.found)
