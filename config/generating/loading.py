"""One interface to put batches of rows into a database: by COPY on PostgreSQL, by INSERT on SQLite; the same rows either way."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from config.generating import postgres
from config.generating.rows import COLUMNS, Batch, values
from lib import guards

# Values of one INSERT on PostgreSQL, where nothing but a test takes this way.
_AT_ONCE = 500


class Loader(Protocol):
    """Takes batches one after the other, inside the transaction that is open."""

    def load(self, batch: Batch) -> None:
        """Write a batch, or begin to; an error of an earlier one may surface here."""

    def finish(self) -> None:
        """Wait until everything is written; nothing is loaded after it."""


@contextlib.contextmanager
def loading(connection: BaseDatabaseWrapper) -> Iterator[Loader]:
    """Make ready what the engine needs for much at once, give the loader, and put everything back.

    To be entered inside a transaction, which takes everything back where the block fails.
    """
    if connection.vendor == "postgresql":
        with (
            postgres.stripped(connection, list(COLUMNS)),
            unguarded(connection),
            CopyLoader(connection) as loader,
        ):
            yield loader
            loader.finish()
    else:
        with unguarded(connection):
            yield InsertLoader(connection)


@contextlib.contextmanager
def unguarded(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let the guards that ask about each new row stand back while the rows come in, inside a transaction.

    They hold an order that these rows keep (config.generating.rows.COLUMNS) and that cannot be seen afterwards, at twice the
    price of everything else; `verify` asks what must hold of the rows. Against changing and deleting nothing stands back.
    """
    standing = [one for one in guards.installed_here() if one.event == "INSERT" and one.table in COLUMNS]
    guards.remove(connection, standing)
    yield
    guards.install(connection, standing)


@contextlib.contextmanager
def untied(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let SQLite ask for foreign keys once at the end instead of row by row; PostgreSQL is left as it is.

    SQLite takes the word only outside a transaction; inside one, as in a test, the keys are asked at its end anyway.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    connection.disable_constraint_checking()
    try:
        yield
    finally:
        connection.enable_constraint_checking()


class CopyLoader:
    """PostgreSQL's COPY, by a thread of its own: the next rows are made while the server takes these."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._writing: Future[None] | None = None

    def __enter__(self) -> "CopyLoader":
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="copy")
        self._cursor = self._connection.cursor()
        return self

    def __exit__(self, *failure: object) -> None:
        # Also after an error: the connection is the main thread's again only when the other is done with it.
        self._thread.shutdown(wait=True)
        self._cursor.close()

    def load(self, batch: Batch) -> None:
        """Begin to copy a batch, when the one before is there: two are in memory at most."""
        self.finish()
        self._writing = self._thread.submit(self._copy, batch)

    def finish(self) -> None:
        """Wait for the batch that is on its way."""
        if self._writing is not None:
            self._writing.result()
            self._writing = None

    def _copy(self, batch: Batch) -> None:
        driver: Any = self._cursor.cursor
        for table, text in batch.items():
            columns = ", ".join(f'"{name}"' for name in COLUMNS[table])
            driver.copy_expert(f'COPY "{table}" ({columns}) FROM STDIN', BytesIO(text.encode()), 1 << 20)


class InsertLoader:
    """INSERT with many values: how SQLite loads, and on PostgreSQL what COPY is compared with."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def load(self, batch: Batch) -> None:
        """Write a batch."""
        with self._connection.cursor() as cursor:
            for table, text in batch.items():
                names = COLUMNS[table]
                columns = ", ".join(f'"{name}"' for name in names)
                if self._connection.vendor == "sqlite":
                    marks = ", ".join(["?"] * len(names))
                    # Past Django's cursor, which rewrites the marks of every statement and keeps it for its log.
                    driver: Any = self._connection.connection
                    into = f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'  # our own names # noqa: S608 # nosec B608
                    driver.executemany(into, values(text))
                else:
                    self._insert(cursor, table, columns, list(values(text)))

    def finish(self) -> None:
        """Everything is written already."""

    def _insert(self, cursor: Any, table: str, columns: str, rows: list[tuple[str | None, ...]]) -> None:
        for at in range(0, len(rows), _AT_ONCE):
            part = rows[at : at + _AT_ONCE]
            marks = ", ".join(["(" + ", ".join(["%s"] * len(part[0])) + ")"] * len(part))
            cursor.execute(
                f'INSERT INTO "{table}" ({columns}) VALUES {marks}',  # our own names # noqa: S608 # nosec B608
                [word for row in part for word in row],
            )
