"""The drill of signing in goes red for a server that refuses, for a name that is told, and for tries that are not counted."""

import pytest
from django.db import connection

from organization import attempts
from organization.attempts import FREE
from organization.backends import StaffBackend
from organization.models import Attempt
from tests.drills import signin


@pytest.mark.django_db
def test_no_name_is_told_from_another():
    _, differing = signin.tell_apart(signin.names_alike(), rounds=2)
    assert differing == 0


@pytest.mark.django_db
def test_a_hash_that_is_saved_for_unknown_names_is_found(monkeypatch):
    """The planted fault: no work is thrown away for a name that nobody has."""
    honest = StaffBackend._check
    monkeypatch.setattr(
        StaffBackend,
        "_check",
        lambda self, given, encoded: encoded is not None and honest(self, given, encoded),
    )
    medians, _ = signin.tell_apart(signin.names_alike(), rounds=9)
    assert (
        max(medians.values()) / min(medians.values()) > signin.FIGURES["signin.enumeration.ratio"].limit * 1.5
    )


@pytest.mark.django_db
def test_a_page_that_says_more_for_one_name_is_found(monkeypatch):
    honest = attempts.begin

    def talkative(*, name, **given):
        if "left" in name:
            raise attempts.Held(given["now"])
        return honest(name=name, **given)

    monkeypatch.setattr(attempts, "begin", talkative)
    _, differing = signin.tell_apart(signin.names_alike(), rounds=1)
    assert differing > 0


@pytest.mark.django_db(transaction=True)
def test_tries_that_are_not_counted_are_found(monkeypatch):
    (name,) = signin.make_people(1)
    assert signin.tried_at_once(name, FREE + 1) <= FREE
    monkeypatch.setattr(attempts, "wait_after", lambda failures, free: attempts.datetime.timedelta())
    assert signin.tried_at_once(name, FREE + 1) == FREE + 1
    assert Attempt.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, with a lock or without")
def test_counting_without_the_lock_of_the_row_is_found(monkeypatch):
    (name,) = signin.make_people(1)
    assert signin.tried_at_once(name, signin.AT_ONCE) == FREE

    def unlocked(key, now, *, name_hash=""):
        row = Attempt(key_hash=key, name_hash=name_hash, last_at=now)
        Attempt.objects.bulk_create([row], ignore_conflicts=True)
        return Attempt.objects.get(key_hash=key)

    monkeypatch.setattr(attempts, "_locked", unlocked)
    assert max(signin.tried_at_once(name, signin.AT_ONCE) for _ in range(6)) > FREE


def test_a_server_that_turns_people_away_is_found(monkeypatch):
    answers = iter([(200, 'name="csrfmiddlewaretoken" value="t"'), (429, "")] * 40)
    monkeypatch.setattr(signin, "_ask", lambda *given: next(answers))
    entered = signin.rush(1, ["a", "b"], over=0)
    bound = signin.FIGURES["signin.rush.succeeded"]
    assert bound.fails(sum(one.opened for one in entered), short=True)
