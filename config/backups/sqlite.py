"""SQLite: a copy of one moment while others write, and a copy put into an empty place."""

import contextlib
import gzip
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from django.db.backends.base.base import BaseDatabaseWrapper

from config.backups import BackupError, rows
from config.backups.manifest import Counted

# Little slower than not at all, and a quarter of the size.
_LEVEL = 3
_PIECE = 1 << 20


def path_of(connection: BaseDatabaseWrapper) -> Path:
    """Return where the database lies. BackupError for one in memory."""
    name = str(connection.settings_dict["NAME"])
    if name == ":memory:" or "mode=memory" in name:
        raise BackupError("メモリー上のデータベースは、控えを取れません。DATABASE_URLを確かめてください。")
    return Path(name)


def copy(source: Path, target: Path) -> None:
    """Copy the database of one moment, with all that is in its WAL, while others write.

    All pages in one step, under one reading transaction: in several, each write of another process would begin the copy
    anew, and under steady writing it never ends. VACUUM INTO is as consistent and takes three times as long, during
    which the WAL grows (docs/adr/0064).
    """
    if not source.exists():
        raise BackupError(f"データベース {source} がありません。DATABASE_URLを確かめてください。")
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        _told(),
        closing(sqlite3.connect(source, timeout=20)) as live,
        closing(sqlite3.connect(target)) as made,
    ):
        live.backup(made)
        # One file that stands alone, with nothing beside it.
        made.execute("PRAGMA journal_mode=DELETE")
        if (said := made.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise BackupError(
                f"データベースのファイルが壊れています（{said}）。控えは作りませんでした。"
                "このファイルを残したまま、最後に取れた控えの復元を考えてください。"
            )


def pack(source: Path, target: Path) -> None:
    """Compress a file into another."""
    with source.open("rb") as plain, gzip.open(target, "wb", compresslevel=_LEVEL) as packed:
        shutil.copyfileobj(plain, packed, _PIECE)


def copy_file(source: BinaryIO, target: Path) -> None:
    """Write what a file holds to another, down to the disk."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(source, file, _PIECE)
        file.flush()
        os.fsync(file.fileno())


def unpack(source: Any, target: Path) -> None:
    """Write the database that a compressed stream holds."""
    try:
        with gzip.GzipFile(fileobj=_Readable(source)) as packed:  # type: ignore[call-overload]
            copy_file(packed, target)
    except (gzip.BadGzipFile, EOFError):
        raise BackupError("控えの中のデータベースが読めません。ほかの控えを使ってください。") from None


class _Readable:
    """What gzip asks of a file, over one that only reads."""

    def __init__(self, source: Any) -> None:
        self.read = source.read

    def seekable(self) -> bool:
        """Nothing goes back."""
        return False


def count(path: Path) -> dict[str, Counted]:
    """Count the rows of a database that nobody writes to."""
    with _told(), closing(sqlite3.connect(path, timeout=5)) as database:
        return rows.of_sqlite(database.execute)


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of one query on a database that nobody writes to."""
    with _told(), closing(sqlite3.connect(path, timeout=5)) as database:
        return database.execute(query).fetchall()


def is_empty(path: Path) -> bool:
    """Say whether there is no table in the place of a database, nor the file itself."""
    if not path.exists():
        return True
    with _told(), closing(sqlite3.connect(path, timeout=5)) as database:
        return not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def put(source: Path, target: Path) -> None:
    """Give a whole database its last name, in one step; the empty one that may be there goes. BackupError where it is open."""
    if target.exists():
        with closing(sqlite3.connect(target, timeout=5)) as empty:
            try:
                # Refused while another process has it open, which would go on with a file that nobody sees any more.
                empty.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError:
                raise BackupError(
                    f"{target} を、ほかのプロセスが使っています。サーバーと処理係を止めて、もう一度実行してください。"
                ) from None
    for suffix in ("-wal", "-shm", "-journal"):
        # One of another database would be played into this one.
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what SQLite says into a sentence."""
    try:
        yield
    except sqlite3.Error as failure:
        raise BackupError(f"SQLiteのデータベースを扱えませんでした（{failure}）。") from None
