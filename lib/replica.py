"""Reports and exports read from a replica where there is one, never older than what was acknowledged (docs/adr/0070).

`from_replica` says of a function that it only reads. Its queries then go to DATABASES["replica"], once that has replayed
everything the primary had acknowledged when the function began; otherwise, and wherever the replica does not
answer, to the primary. Without DATABASE_REPLICA_URL nothing here asks anything.
"""

import contextlib
import contextvars
import functools
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

REPLICA = "replica"
# What belongs to a request or a worker, and not to a report.
_PRIMARY_APPS = ("sessions", "django_tasks_database")
_PRIMARY_MODELS = ("organization.staffsession", "organization.job", "organization.attempt")
# Seconds: for a replica to catch up, for it to answer at all, and before one that did not is asked again.
CATCH_UP, ANSWER, ASK_AGAIN = 0.25, 2.0, 15.0
_PAUSES = (0.002, 0.01, 0.03)
_ERRORS = (DatabaseError, InterfaceError)
# What is flushed is what may have been acknowledged. The timeline tells one history of the cluster from another.
_ACKNOWLEDGED = """
    SELECT pg_current_wal_flush_lsn()::text, ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int
"""
_REPLAYED = """
    SELECT pg_is_in_recovery() AND greatest(timeline_id, min_recovery_end_timeline) = %s,
        pg_last_wal_replay_lsn() >= %s::pg_lsn
    FROM pg_control_checkpoint(), pg_control_recovery()
"""

log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_R = TypeVar("_R")
# When this process may ask the replica again; each finds out for itself.
_not_before = 0.0


class _Reading:
    """One function that reads from the replica; over once it has written something."""

    over = False


_reading: contextvars.ContextVar[_Reading | None] = contextvars.ContextVar("reading", default=None)


class Router:
    """Sends what is read inside `from_replica` to the replica, everything else to the primary.

    Inside a transaction, and after the first write, the primary alone knows what is true.
    """

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Return where to read; an object that came from the replica is no reason to go there again."""
        reading = _reading.get()
        if reading is None or reading.over or connections[DEFAULT_DB_ALIAS].in_atomic_block:
            return DEFAULT_DB_ALIAS
        if model._meta.app_label in _PRIMARY_APPS or model._meta.label_lower in _PRIMARY_MODELS:
            return DEFAULT_DB_ALIAS
        return REPLICA

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Return the primary; what is read from now on has to see it."""
        if (reading := _reading.get()) is not None:
            reading.over = True
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Allow all: both are the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Leave a replica alone: it is given everything."""
        return False if db == REPLICA else None


def from_replica(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a function that only reads do so from the replica.

    It is done a second time, by the primary, where the replica fails in the middle; so nothing that cannot be done
    twice may stand in front of its reads. What it writes, such as an event, goes to the primary and ends the
    reading: from there on it reads the primary and is not repeated.
    """

    @functools.wraps(function)
    def read(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if not _is_there():
            return function(*args, **kwargs)
        with _held() as usable:
            if usable:
                reading = _Reading()
                token = _reading.set(reading)
                try:
                    return function(*args, **kwargs)
                except _ERRORS as failure:
                    if reading.over:
                        raise
                    _give_up(failure)
                finally:
                    _reading.reset(token)
        return function(*args, **kwargs)

    return read


def steps_from_replica(
    begin: Callable[[], Generator[_R, None, Any]], again: Callable[[], None]
) -> Generator[_R, None, Any]:
    """Go through work that yields its progress, reading from the replica; return what it returns.

    Whoever takes a step writes its own notes between two of them, on the primary, and does not end the reading by it.
    Where the replica fails before the work has written anything, `again` undoes what it made (half a file), and it begins anew.
    """
    if not _is_there():
        return (yield from begin())
    with _held() as usable:
        if usable:
            reading, work = _Reading(), begin()
            while True:
                token = _reading.set(reading)
                try:
                    step = next(work)
                except StopIteration as end:
                    return end.value
                except _ERRORS as failure:
                    if reading.over:
                        raise
                    _give_up(failure)
                    break
                finally:
                    _reading.reset(token)
                yield step
    again()
    return (yield from begin())


def _is_there() -> bool:
    """Say whether to ask a replica: there is one, nothing surrounds that only the primary knows, and it answered lately."""
    return (
        REPLICA in connections.settings
        and _reading.get() is None
        and not connections[DEFAULT_DB_ALIAS].in_atomic_block
        and time.monotonic() >= _not_before
    )


@contextlib.contextmanager
def _held() -> Iterator[bool]:
    """Yield whether the replica may be read, in one transaction: behind a pooler that is one server, the one that was asked.

    READ COMMITTED, so that each statement sees at least what the question has seen.
    """
    acknowledged = _acknowledged()
    connection = connections[REPLICA]
    try:
        usable = _fresh(connection, acknowledged)
    except _ERRORS as failure:
        _give_up(failure)
        usable = False
    try:
        yield usable
    finally:
        _end(connection)


def _acknowledged() -> tuple[str, int]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_ACKNOWLEDGED)
        return cursor.fetchone()


def _fresh(connection: BaseDatabaseWrapper, acknowledged: tuple[str, int]) -> bool:
    """Begin the transaction and say whether the replica has replayed as much; waits a moment for it."""
    lsn, timeline = acknowledged
    end, pauses = time.monotonic() + CATCH_UP, iter(_PAUSES)
    with _cut_off_after(connection, ANSWER):
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            while True:
                cursor.execute(_REPLAYED, [timeline, lsn])
                same_history, has_it = cursor.fetchone()
                if not same_history or has_it:
                    return bool(same_history)
                if time.monotonic() >= end:
                    return False
                time.sleep(next(pauses, _PAUSES[-1]))


@contextlib.contextmanager
def _cut_off_after(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Break the connection where the block takes longer: a server that was frozen ends no statement by itself."""
    timer = threading.Timer(seconds, _cut_off, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut_off(connection: BaseDatabaseWrapper) -> None:
    with contextlib.suppress(Exception), socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def _end(connection: BaseDatabaseWrapper) -> None:
    """End the transaction; one that cannot be ended takes its connection along, and no answer with it."""
    try:
        if connection.connection is not None and not connection.get_autocommit():
            connection.rollback()
            connection.set_autocommit(True)
    except _ERRORS:
        connection.close()


def _give_up(failure: Exception) -> None:
    """Read from the primary for a while."""
    global _not_before
    _not_before = time.monotonic() + ASK_AGAIN
    log.warning("the replica failed (%s): the primary is read", type(failure).__name__)
