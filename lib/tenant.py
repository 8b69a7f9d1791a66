"""For which municipality this thread works: what the database is told with every statement (docs/adr/0052).

Nothing here filters anything by itself. On PostgreSQL `lib.postgres` hands the value on, and the policies of
`lib.walls` hide every row of another municipality; SQLite has no such wall.
"""

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Final

# The operator of the installation: commands and migrations. Passes only for the owner of the tables.
OPERATOR: Final = None
# Whoever is not known yet: sees no row of any municipality.
NOBODY: Final = 0

_outside: int | None = OPERATOR
# Empty where nothing was said in this thread: then what holds outside counts.
_current: contextvars.ContextVar[tuple[int | None, ...]] = contextvars.ContextVar("tenant", default=())


def current() -> int | None:
    """Return the id of the municipality, NOBODY or OPERATOR."""
    said = _current.get()
    return said[0] if said else _outside


def set_outside(tenant: int | None) -> None:
    """Say who works outside every `as_…`: a process that serves the web begins as NOBODY, a command as OPERATOR."""
    global _outside
    _outside = tenant


def serves_the_web() -> bool:
    """Say whether this process began as NOBODY: somebody waits for what it asks the database."""
    return _outside is not OPERATOR


def become(municipality_id: int) -> None:
    """Go on as this municipality until the surrounding `as_…` ends; ValueError for what is no id.

    RuntimeError where nothing surrounds it: it would never end.
    """
    if not _current.get():
        raise RuntimeError("outside a request: use as_tenant")
    _current.set((_checked(municipality_id),))


@contextlib.contextmanager
def as_tenant(municipality_id: int) -> Iterator[None]:
    """Work as one municipality; ValueError for what is no id."""
    with _as(_checked(municipality_id)):
        yield


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Work as somebody who is not known yet."""
    with _as(NOBODY):
        yield


@contextlib.contextmanager
def as_operator() -> Iterator[None]:
    """Work as the operator. Never in a request: the plain role of the web process sees nothing by it."""
    with _as(OPERATOR):
        yield


@contextlib.contextmanager
def _as(tenant: int | None) -> Iterator[None]:
    token = _current.set((tenant,))
    try:
        yield
    finally:
        _current.reset(token)


def _checked(municipality_id: int) -> int:
    # It is written into SQL: a number, whatever the caller's annotation says.
    if isinstance(municipality_id, bool) or not isinstance(municipality_id, int) or municipality_id < 1:
        raise ValueError("a municipality's id is a positive number")
    return municipality_id
