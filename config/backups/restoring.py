"""`restore`: an archive into an empty database and an empty folder, and the proof that every row is there.

First the files, then the database in one step, which is the moment from which the restore has happened; then the count of every
table. A note beside the files says how far it came, so that the same archive can be gone on with (docs/adr/0064).
"""

import datetime
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from audit.models import Event, record
from audit.recording import key_ring
from audit.verification import keys_in_use
from config.backups import BackupError, archive, attached, postgres, sqlite
from config.backups.archive import DATABASES
from config.backups.manifest import Counted, Manifest, differences, product_version
from lib.files import write_whole
from organization.jobs import STOPPED
from organization.models import Job, StaffSession

NOTE = ".restore.json"
FILES, DATABASE, EQUAL = "files", "database", "equal"

NOT_EMPTY = (
    "データベースに、すでに表があります。復元は空のデータベースにだけできます（migrate も実行しないでください）。"
    "今のデータベースを残したまま別の名前に変え、空のものを用意してから、もう一度実行してください。"
)
FILES_NOT_EMPTY = (
    "FILES_DIR（{root}）に、すでにファイルがあります。復元は空のフォルダーにだけできます。"
    "別の名前に変えてから、もう一度実行してください。"
)
OTHER_BEGUN = (
    "別の控え（{made_at}のもの）の復元が、途中で止まっています。続けるときは、その控えを指定してください。"
    "この控えに替えるときは、データベースと、FILES_DIR（{root}）の中身（{note} も）を空にしてから、もう一度実行してください。"
)
DIFFERENT = (
    "復元したデータベースが、控えの目録と違います。使わないでください。\n{differences}\n"
    "復元の後でサーバーか処理係が動いたか、控えが作られたときに壊れていました。データベースとFILES_DIRを空にして、もう一度"
    "復元するか、ほかの控えを使ってください。"
)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Restored:
    """What came of it."""

    manifest: Manifest
    tables: dict[str, Counted]
    sessions: int
    jobs: int
    migrated: bool
    foreign_keys: list[str]


def restore(path: Path, *, passphrase: bytes | None, now: datetime.datetime, say: Say) -> Restored:
    """Restore an archive, or go on with a restore of it that was interrupted. BackupError; every step can be repeated."""
    say("控えを、はじめから終わりまで確かめています。")
    manifest = archive.read(path, passphrase)
    _check_fits(manifest)
    try:
        with attached.workplace() as work:
            came = _begin(manifest)
            if came == FILES:
                _put(path, passphrase, manifest, work, say)
            tables = {} if came == EQUAL else _compare(manifest, say)
            return _make_ready(manifest, tables, now, say)
    except OSError as failure:
        raise BackupError(
            f"読み書きに失敗しました（{failure.strerror}）。空き容量を確かめて、同じ控えでもう一度実行してください。続きから始めます。"
        ) from None


def _check_fits(manifest: Manifest) -> None:
    """BackupError for an archive of another engine, or of a later version of the product."""
    if manifest.engine != connection.vendor:
        raise BackupError(
            f"この控えは {manifest.engine} のもので、DATABASE_URL は {connection.vendor} です。"
            "同じ種類のデータベースに復元してください。"
        )
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    if any((app, name) not in known for app, name in manifest.migrations):
        raise BackupError(
            f"この控えは、スキル履歴書 {manifest.product} のもので、ここにある {product_version()} より新しい状態です。"
            f"バージョン {manifest.product} を入れてから復元してください。"
        )


def _begin(manifest: Manifest) -> str:
    """Return from which step to go on; what is there must be empty, or ours."""
    mark = hashlib.sha256(manifest.as_bytes()).hexdigest()
    try:
        note = json.loads(_note().read_bytes())
    except FileNotFoundError:
        if not attached.is_empty():
            raise BackupError(FILES_NOT_EMPTY.format(root=attached.root())) from None
        if not _database_is_empty():
            raise BackupError(NOT_EMPTY) from None
        _keep_note(manifest, FILES)
        return FILES
    if note["archive"] != mark:
        raise BackupError(OTHER_BEGUN.format(made_at=note["made_at"], root=attached.root(), note=NOTE))
    # Between the database and its note there is a moment; the database tells.
    if note["step"] == FILES and not _database_is_empty():
        return DATABASE
    if note["step"] != FILES and _database_is_empty():
        return FILES
    return str(note["step"])


def _put(path: Path, passphrase: bytes | None, manifest: Manifest, work: Path, say: Say) -> None:
    """Write every file to its place, and the database last, in one step."""
    dump = work / "database"
    say(f"{len(manifest.files)}個のファイルを書き込んでいます。")

    def take(name: str, source) -> None:
        if name == DATABASES["sqlite"]:
            sqlite.unpack(source, dump)
        elif name == DATABASES["postgresql"]:
            with dump.open("wb") as file:
                while piece := source.read(1 << 20):
                    file.write(piece)
        else:
            attached.put_back(name, source)

    if archive.read(path, passphrase, take) != manifest:
        raise BackupError("控えのファイルが、復元の途中で変わりました。")
    say("データベースを書き込んでいます。")
    if connection.vendor == "sqlite":
        _put_sqlite(dump, manifest)
    else:
        program = postgres.loader_for(connection, manifest.made_with, manifest.engine_version)
        postgres.load(connection, dump, program)
    _keep_note(manifest, DATABASE)


def _put_sqlite(dump: Path, manifest: Manifest) -> None:
    if found := differences(manifest.tables, sqlite.count(dump)):
        raise BackupError(DIFFERENT.format(differences="\n".join(found)))
    target = sqlite.path_of(connection)
    connection.close()
    # Beside its place, for only within one disk is it one step.
    beside = target.with_name(f"{target.name}.restoring")
    with dump.open("rb") as source:
        sqlite.copy_file(source, beside)
    sqlite.put(beside, target)


def _compare(manifest: Manifest, say: Say) -> dict[str, Counted]:
    """Count every row of the restored database, and return the count. BackupError where one differs."""
    say("復元した行を、表ごとに控えと比べています。")
    if connection.vendor == "sqlite":
        connection.close()
        found = sqlite.count(sqlite.path_of(connection))
    else:
        with postgres.snapshot(connection) as moment:
            found = moment.count()
    if different := differences(manifest.tables, found):
        raise BackupError(DIFFERENT.format(differences="\n".join(different)))
    _keep_note(manifest, EQUAL)
    return found


def _make_ready(manifest: Manifest, tables: dict[str, Counted], now: datetime.datetime, say: Say) -> Restored:
    """Bring it to this version with all that guards it, and end what was under way on the day of the archive."""
    say("書き換えを止めるしかけと、行の分離を入れ直しています。")
    call_command("migrate", verbosity=0, interactive=False)
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    with transaction.atomic():
        # Whoever was signed in that day might have been shut out since; what was ordered that day has been done since.
        sessions = Session.objects.count()
        Session.objects.all().delete()
        StaffSession.objects.filter(ended_at__isnull=True).update(
            ended_at=now, ended_how=StaffSession.Ended.TOO_OLD, session_key=""
        )
        unfinished = Job.objects.exclude(state__in=Job.ENDED)
        jobs = unfinished.update(state=Job.State.FAILED, finished_at=now, message=STOPPED)
        record(
            by=None, action="system.restore", now=now, kind=Event.Kind.TECHNICAL,
            data={"made_at": manifest.made_at, "rows": manifest.rows, "sessions": sessions, "jobs": jobs},
        )  # fmt: skip
    ring = key_ring()
    _note().unlink(missing_ok=True)
    return Restored(
        manifest=manifest,
        tables=tables,
        sessions=sessions,
        jobs=jobs,
        migrated=len(known) > len(manifest.migrations),
        foreign_keys=[name for name in keys_in_use() if ring.named(name) is None],
    )


def _database_is_empty() -> bool:
    if connection.vendor == "sqlite":
        connection.close()
        return sqlite.is_empty(sqlite.path_of(connection))
    return postgres.is_empty(connection)


def _note() -> Path:
    return attached.root() / NOTE


def _keep_note(manifest: Manifest, step: str) -> None:
    mark = hashlib.sha256(manifest.as_bytes()).hexdigest()
    write_whole(_note(), json.dumps({"archive": mark, "made_at": manifest.made_at, "step": step}).encode())
