"""`backup`: everything of one moment in one file, read through once more before it takes its name."""

import datetime
import sqlite3
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.backups import BackupError, archive, attached, postgres, sqlite
from config.backups.archive import DATABASES, Writing
from config.backups.manifest import Counted, Manifest, product_version
from lib.wall_install import faults, sees_everything

# The erasure of somebody's data may take files away under our hands; it does not go on for ever.
ATTEMPTS = 3

NOT_THE_OWNER = "表の所有者の役割で実行してください。いまの役割からは、団体の記録が見えません。"
BROKEN_WALL = (
    "行の分離のしかけが壊れていて、見えない行があるかもしれません。控えは作りませんでした。"
    "migrate を実行して直してから、もう一度実行してください。"
)
NOT_COMPLETE = (
    "添付ファイルのうち{count}件が、FILES_DIR（{root}）にありません。控えは作りませんでした。FILES_DIRの指定を確かめてください。"
    "すでに失われたとわかっているときは、--allow-missing を付けると、残りの控えを取れます。"
)


@dataclass(frozen=True)
class Copied:
    """The copy of the database: the file for the archive, and what it holds."""

    file: Path
    tables: dict[str, Counted]
    migrations: list[list[str]]
    attached: list[str]
    engine_version: str
    made_with: str


def make(
    path: Path, *, passphrase: bytes | None, now: datetime.datetime, allow_missing: bool = False
) -> Manifest:
    """Write an archive and return its manifest. BackupError where it cannot be complete: then there is none."""
    if not path.parent.is_dir():
        raise BackupError(f"フォルダー {path.parent} がありません。")
    if not sees_everything(connection):
        raise BackupError(NOT_THE_OWNER)
    try:
        with attached.workplace() as work:
            for attempt in range(ATTEMPTS):
                try:
                    return _attempt(path, work, passphrase, now, allow_missing=allow_missing)
                except attached.Vanished:
                    for left in work.iterdir():
                        left.unlink()
                    if attempt + 1 == ATTEMPTS:
                        raise BackupError(
                            "添付ファイルが、控えを作っている間に何度も消されました。消去の処理が終わってから、もう一度実行してください。"
                        ) from None
    except OSError as failure:
        raise BackupError(
            f"読み書きに失敗しました（{failure.strerror}）。控えは作りませんでした。空き容量を確かめてください。"
        ) from None
    raise AssertionError("the last attempt returns or raises")


def _attempt(
    path: Path, work: Path, passphrase: bytes | None, now: datetime.datetime, *, allow_missing: bool
) -> Manifest:
    with archive.new_file(path) as file:
        writing = Writing(file, passphrase)
        # The anchors first: they may not know more than the database.
        anchors = attached.take_anchors(work)
        copied = _COPY[connection.vendor](work)
        with copied.file.open("rb") as database:
            writing.add(DATABASES[connection.vendor], database, copied.file.stat().st_size)
        # The files after it: a row of the copy whose file came later there is none.
        attached.put_in(writing, anchors, copied.attached)
        missing = sorted(set(copied.attached) - {one.name for one in writing.kept})
        if missing and not allow_missing:
            raise BackupError(NOT_COMPLETE.format(count=len(missing), root=attached.root()))
        manifest = Manifest(
            product=product_version(),
            made_at=now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
            engine=connection.vendor,
            engine_version=copied.engine_version,
            made_with=copied.made_with,
            migrations=copied.migrations,
            tables=copied.tables,
            files=writing.kept,
            missing=missing,
        )
        writing.end(manifest.as_bytes())
        archive.synced(file)
        # What was written is not what can be read, on a disk that is about to fail.
        if archive.read(archive.part_of(path), passphrase) != manifest:
            raise BackupError(
                "作った控えを読み直したところ、書いたものと違いました。ディスクを確かめてください。"
            )
        return manifest


def _copy_sqlite(work: Path) -> Copied:
    whole, packed = work / "database.sqlite3", work / DATABASES["sqlite"]
    sqlite.copy(sqlite.path_of(connection), whole)
    sqlite.pack(whole, packed)
    copied = Copied(
        file=packed,
        tables=sqlite.count(whole),
        migrations=_migrations(partial(sqlite.ask, whole)),
        attached=attached.wanted(partial(sqlite.ask, whole)),
        engine_version=sqlite3.sqlite_version,
        made_with="Connection.backup",
    )
    whole.unlink()
    return copied


def _copy_postgres(work: Path) -> Copied:
    if not postgres.passes_policies(connection) and faults(connection):
        raise BackupError(BROKEN_WALL)
    file = work / DATABASES["postgresql"]
    with postgres.snapshot(connection) as moment, postgres.dumping(connection, moment, file) as dump:
        copied = Copied(
            file=file,
            tables=moment.count(),
            migrations=_migrations(moment.ask),
            attached=attached.wanted(moment.ask),
            engine_version=str(postgres.server_major(connection)),
            made_with=dump.program.version,
        )
        dump.wait()
    postgres.check_dump(file, copied.tables)
    return copied


_COPY = {"sqlite": _copy_sqlite, "postgresql": _copy_postgres}


def _migrations(ask: attached.Ask) -> list[list[str]]:
    """Return the migrations of the copied moment, sorted."""
    table = MigrationRecorder.Migration._meta.db_table
    query = f"SELECT app, name FROM {table}"  # Django's own table # noqa: S608 # nosec B608
    return sorted([str(app), str(name)] for app, name in ask(query))
