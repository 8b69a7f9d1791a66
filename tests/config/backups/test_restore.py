"""`restore`: into an empty place alone, every row proven, and gone on with where it was interrupted."""

import gzip
import json
import sqlite3
from contextlib import closing

import psycopg2
import pytest

from config.backups import archive as archives
from config.backups import sqlite
from tests.config.backups.test_backup import members, written

pytestmark = pytest.mark.django_db
# Interrupts the process at a step of the restore, as a power cut does: nothing is tidied up.
KILLED = """
import os, sys, django
django.setup()
from django.core.management import call_command
from config.backups import {module}
setattr({module}, {name!r}, lambda *given, **named: os._exit(9))
call_command("restore", sys.argv[1])
"""

# A database of before the last migration of gaps, as an earlier version had it.
EARLIER = """
import django
django.setup()
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
for app in sorted(MigrationLoader(None).migrated_apps):
    call_command("migrate", app, *(["0001"] if app == "gaps" else []), verbosity=0)
"""


def restore_interrupted(place, archive, module: str, name: str) -> None:
    assert place.run("-c", KILLED.format(module=module, name=name), archive).returncode == 9


def test_every_row_and_every_file_is_back_with_all_that_guards_them(source, restored):
    assert "すべてが控えと同じ" in restored.said
    assert "次にすること" in restored.said
    for path in source.files.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            assert (restored.files / path.relative_to(source.files)).read_bytes() == path.read_bytes()
    assert "違いはありません" in restored.manage("verify")
    with pytest.raises((sqlite3.IntegrityError, psycopg2.IntegrityError)):
        restored.execute("DELETE FROM audit_event")
    assert not (restored.files / ".restore.json").exists()
    ((told,),) = restored.execute("SELECT count(*) FROM audit_event WHERE action = 'system.restore'")
    assert told == 1


def test_one_of_a_restored_database_has_the_same_rows_and_ends_what_was_under_way(
    archive, restored, empty, tmp_path
):
    restored.execute(
        "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('abc', 'x', '2099-01-01 00:00:00+00:00')"
    )
    restored.manage("backup", tmp_path / "again.backup")
    first, second = (
        json.loads(members(file)["manifest.json"])["tables"] for file in (archive, tmp_path / "again.backup")
    )
    # The restore itself is in the trail, and ended what was under way.
    differing = {name for name in first if first[name] != second[name]}
    assert differing <= {"audit_event", "organization_job", "organization_staffsession", "django_session"}
    assert "ログイン1件" in empty.manage("restore", tmp_path / "again.backup")
    assert empty.execute("SELECT count(*) FROM django_session") == [(0,)]
    assert empty.execute("SELECT count(*) FROM organization_job WHERE state IN ('waiting', 'running')") == [
        (0,)
    ]


def test_an_encrypted_one_needs_its_key(source, key_file, empty, tmp_path):
    file = tmp_path / "secret.backup"
    source.manage("backup", file, "--passphrase-file", key_file)
    assert "合言葉のファイルを指定" in empty.refused("restore", file)
    empty.environment["BACKUP_KEY_FILE"] = str(key_file)
    empty.manage("restore", file)


def test_a_database_with_tables_is_left_alone(source, archive, empty):
    empty.execute("CREATE TABLE mine (id int)")
    assert "空のデータベースにだけ" in empty.refused("restore", archive)
    assert not any(path.is_file() and not path.name.startswith(".") for path in empty.files.rglob("*"))
    assert "すでに" in source.refused("restore", archive)


def test_a_folder_with_files_is_left_alone(archive, empty):
    empty.files.mkdir(parents=True)
    (empty.files / "mine").write_text("x")
    assert "空のフォルダー" in empty.refused("restore", archive)


def test_a_damaged_one_writes_nothing(archive, empty, tmp_path):
    whole = archive.read_bytes()
    (tmp_path / "cut.backup").write_bytes(whole[: len(whole) - 30_000])
    empty.refused("restore", tmp_path / "cut.backup")
    assert not empty.files.exists() or list(empty.files.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("attached", "put_back"),
        ("restoring", "_compare"),
        ("restoring", "_make_ready"),
        ("restoring", "key_ring"),
    ],
)
def test_an_interrupted_one_is_gone_on_with(archive, empty, module, name):
    restore_interrupted(empty, archive, module, name)
    assert "すべてが控えと同じ" in empty.manage("restore", archive)


def test_an_interrupted_one_is_gone_on_with_by_its_own_archive_alone(restored, archive, empty, tmp_path):
    restore_interrupted(empty, archive, "restoring", "_compare")
    restored.manage("backup", tmp_path / "other.backup")
    assert "途中で止まっています" in empty.refused("restore", tmp_path / "other.backup")
    empty.manage("restore", archive)
    assert "違いはありません" in empty.manage("verify")


def test_a_killed_load_leaves_an_empty_database(archive, empty):
    if empty.is_sqlite:
        restore_interrupted(empty, archive, "sqlite", "put")
    else:
        restore_interrupted(empty, archive, "postgres", "load")
    assert "すべてが控えと同じ" in empty.manage("restore", archive)


def test_a_row_that_was_changed_after_the_load_is_found(archive, empty):
    restore_interrupted(empty, archive, "restoring", "_compare")
    empty.unguarded(
        "UPDATE assessments_rating SET step = 4 - step WHERE id = (SELECT min(id) FROM assessments_rating WHERE step <> 2)"
    )
    said = empty.refused("restore", archive)
    assert "assessments_rating: 行の数は同じですが、内容が違います。" in said


def test_a_dump_of_another_moment_than_its_manifest_is_found(archive, restored, empty, tmp_path):
    """The planted fault: what a dump outside the snapshot of the counting would be."""
    restored.manage("backup", tmp_path / "later.backup")
    old, new = members(archive), members(tmp_path / "later.backup")
    said, other = json.loads(old.pop("manifest.json")), json.loads(new["manifest.json"])
    name = archives.DATABASES[said["engine"]]
    said["files"] = [
        next(two for two in other["files"] if two["name"] == name) if one["name"] == name else one
        for one in said["files"]
    ]
    written(tmp_path / "mixed.backup", {**old, name: new[name]}, json.dumps(said).encode())
    assert "audit_event: " in empty.refused("restore", tmp_path / "mixed.backup")


def test_a_newer_version_is_refused(archive, empty, tmp_path):
    parts = members(archive)
    said = json.loads(parts.pop("manifest.json"))
    said["migrations"].append(["assessments", "9999_of_next_year"])
    said["product"] = "9.0.0"
    written(tmp_path / "newer.backup", parts, json.dumps(said).encode())
    assert "9.0.0" in empty.refused("restore", tmp_path / "newer.backup")


def test_an_older_version_is_brought_up_to_date(others, tmp_path):
    before, after = others(), others()
    assert before.run("-c", EARLIER).returncode == 0
    before.manage("backup", tmp_path / "older.backup")
    assert "いまのバージョンの形に直しました" in after.manage("restore", tmp_path / "older.backup")
    assert "[ ]" not in after.manage("showmigrations")


def test_another_engine_and_a_later_form_are_sentences(archive, empty, tmp_path):
    parts = members(archive)
    said = json.loads(parts.pop("manifest.json"))
    name = archives.DATABASES[said["engine"]]
    other = "postgresql" if said["engine"] == "sqlite" else "sqlite"
    moved = {
        **{key: value for key, value in parts.items() if key != name},
        archives.DATABASES[other]: parts[name],
    }
    files = [
        {**one, "name": archives.DATABASES[other]} if one["name"] == name else one for one in said["files"]
    ]
    moved = {one["name"]: moved[one["name"]] for one in files}
    written(tmp_path / "other.backup", moved, json.dumps({**said, "engine": other, "files": files}).encode())
    assert "同じ種類のデータベース" in empty.refused("restore", tmp_path / "other.backup")
    written(tmp_path / "later.backup", parts, json.dumps({**said, "format": 2}).encode())
    assert "新しい形" in empty.refused("restore", tmp_path / "later.backup")


def test_copying_only_the_main_file_of_a_wal_database_loses_rows_unseen(tmp_path):
    """Why a raw file is refused: the copy opens, says that it is well, and lacks what was acknowledged."""
    path, copied = tmp_path / "db.sqlite3", tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as live:
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY)")
        live.executemany("INSERT INTO answer VALUES (?)", [(number,) for number in range(250)])
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        live.executemany("INSERT INTO answer VALUES (?)", [(number,) for number in range(250, 324)])
        copied.write_bytes(path.read_bytes())
        with closing(sqlite3.connect(copied)) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert copy.execute("SELECT count(*) FROM answer").fetchone() == (250,)
            sqlite.copy(path, tmp_path / "whole.sqlite3")
    assert sqlite.count(tmp_path / "whole.sqlite3")["answer"].rows == 324
    with pytest.raises(archives.BackupError, match="-wal"):
        archives.read(copied, None)


def test_a_restored_file_does_not_take_over_an_open_database(archive, empty):
    if not empty.is_sqlite:
        pytest.skip("SQLite alone")
    with closing(sqlite3.connect(empty.path)) as server:
        server.execute("PRAGMA journal_mode=WAL")
        server.execute("BEGIN")
        server.execute("SELECT * FROM sqlite_master").fetchall()
        said = empty.refused("restore", archive)
        assert "サーバーと処理係を止めて" in said
    empty.manage("restore", archive)


def test_a_database_that_is_damaged_is_not_copied_in_silence(tmp_path):
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY, words TEXT)")
        database.executemany("INSERT INTO answer (words) VALUES (?)", [("x" * 500,)] * 500)
        database.commit()
    data = bytearray(path.read_bytes())
    # A page in the middle of the file, as a failing disk leaves it.
    data[40 * 4096 : 41 * 4096] = b"\xa5" * 4096
    path.write_bytes(bytes(data))
    with pytest.raises(archives.BackupError, match="壊れています"):
        sqlite.copy(path, tmp_path / "copy.sqlite3")


def test_gzip_that_ends_early_is_a_sentence(tmp_path):
    packed = tmp_path / "x.gz"
    packed.write_bytes(gzip.compress(b"x" * 100_000)[:-8])
    with packed.open("rb") as source, pytest.raises(archives.BackupError, match="読めません"):
        sqlite.unpack(source, tmp_path / "y")
