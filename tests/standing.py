"""The world stands once for many tests (a pytest plugin): made in a transaction around them, each test in a savepoint of its own.

Making it costs more than most tests that look at it. Tests that want it come first; whichever wants an empty database, or
transactions of its own, finds it gone. What is handed out is a fresh copy of the rows, as if made for that test alone.
"""

import pickle

import pytest
from django.db import connection, transaction
from django.utils import timezone

# So many tests share one: a database keeps what they took back until the end of the transaction.
SHARED = 100


class Standing:
    """The world of this process, while it stands."""

    def __init__(self):
        self._atomic, self._rows, self._day, self._used = None, b"", None, 0

    def make_ready(self, *, wanted):
        """Let it stand where it is wanted, and be gone where it is not."""
        if self._atomic is not None and not (wanted and self._is_sound()):
            self.fall()
        if wanted and self._atomic is None:
            self._rise()
        if self._atomic is not None and hasattr(connection, "_narrowed"):
            # For whom the test before asked was taken back with its savepoint; the backend minds whole transactions.
            connection._narrowed = False
        self._used += 1

    def fresh_copy(self):
        """Return the namespace of rows, None where it does not stand."""
        if self._atomic is None:
            return None
        # A test that moves the clock must do so when it has the world: what is dated in it would be of another day.
        assert timezone.localdate() == self._day, "move the clock after the world was made"
        return pickle.loads(self._rows)

    def fall(self):
        """Take it back."""
        atomic, self._atomic = self._atomic, None
        if connection.in_atomic_block:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)

    def _rise(self):
        # Imported here: a plugin is loaded before the settings are.
        from tests.world import make_world

        self._atomic = transaction.atomic()
        # As of Django's own tests: what is durable may be nested in it.
        self._atomic._from_testcase = True
        self._atomic.__enter__()
        try:
            self._rows, self._day, self._used = pickle.dumps(make_world()), timezone.localdate(), 0
        except BaseException:
            self.fall()
            raise

    def _is_sound(self):
        return (
            self._used < SHARED
            and self._day == timezone.localdate()
            and connection.in_atomic_block
            and not connection.needs_rollback
            and not connection.closed_in_transaction
        )


_standing = Standing()
fresh_copy = _standing.fresh_copy


def make_room():
    """Take the world back for rows that stand for a whole module; call it unblocked, before these are written."""
    _standing.make_ready(wanted=False)


@pytest.fixture(scope="session")
def _world_falls_at_the_end(django_db_setup, django_db_blocker):
    yield
    with django_db_blocker.unblock():
        _standing.make_ready(wanted=False)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef, request):
    """Look after the world at the moment before pytest-django begins the transaction of a test."""
    if fixturedef.argname == "_django_db_helper":
        request.getfixturevalue("_world_falls_at_the_end")
        with request.getfixturevalue("django_db_blocker").unblock():
            _standing.make_ready(wanted=_wants_it(request.node))
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put the tests that want the world first, and leave their order."""
    items.sort(key=lambda item: not _wants_it(item))


def _wants_it(item):
    names = set(getattr(item, "fixturenames", ()))
    marker = item.get_closest_marker("django_db")
    own = {"transactional_db", "django_db_reset_sequences", "live_server"} & names
    return "world" in names and not own and not (marker and (marker.kwargs or marker.args))
