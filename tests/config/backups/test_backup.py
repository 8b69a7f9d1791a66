"""`backup`: whole or not at all, never over another file, and old ones go only after a new one is there."""

import datetime
import io
import json
import os
import tarfile

import pytest

from config.backups import archive as archives
from config.backups import attached, postgres, thinning
from config.backups.manifest import product_version
from tests.installation import KEY

pytestmark = pytest.mark.django_db


class Connection:
    """What the programs of PostgreSQL are told of a connection."""

    settings_dict = {
        "HOST": "127.0.0.1", "PORT": 5432, "USER": "skill_owner", "NAME": "skill", "PASSWORD": "geheim-geheim",
        "OPTIONS": {},
    }  # fmt: skip


def members(file) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar.getmembers()}


def written(file, parts: dict[str, bytes], manifest: bytes | None = None) -> None:
    """Write an archive by hand, as nobody should."""
    with tarfile.open(file, "w") as tar:
        for name, content in {**parts, **({"manifest.json": manifest} if manifest else {})}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def test_it_says_what_is_in_it(source, archive):
    parts = members(archive)
    said = json.loads(parts.pop("manifest.json"))
    assert said["product"] == product_version()
    assert said["engine"] == ("sqlite" if source.is_sqlite else "postgresql")
    ((rows,),) = source.execute("SELECT count(*) FROM assessments_rating")
    assert said["tables"]["assessments_rating"]["rows"] == rows > 0
    applied = source.execute("SELECT app, name FROM django_migrations")
    assert said["migrations"] == sorted([app, name] for app, name in applied)
    assert {one["name"]: one["size"] for one in said["files"]} == {
        name: len(content) for name, content in parts.items()
    }
    assert parts["files/audit-anchors.jsonl"] == (source.files / "audit-anchors.jsonl").read_bytes()
    ((attached,),) = source.execute("SELECT count(*) FROM assessments_attachment")
    assert sum(name.startswith("files/attachments/") for name in parts) == attached > 0
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]
    assert "はじめから終わりまで作ったときのまま" in source.manage("backup", "--check", archive)


def test_it_never_writes_over_a_file(source, archive):
    before = archive.read_bytes()
    assert "上書きしません" in source.refused("backup", archive)
    assert archive.read_bytes() == before


def test_with_a_passphrase_nothing_can_be_read_and_the_key_opens_it(source, key_file, tmp_path):
    file = tmp_path / "secret.backup"
    assert "暗号化あり" in source.manage("backup", file, "--passphrase-file", key_file)
    assert b"ustar" not in file.read_bytes()
    assert "合言葉のファイルを指定" in source.refused("backup", "--check", file)
    source.manage("backup", "--check", file, "--passphrase-file", key_file)
    other = tmp_path / "other.key"
    other.write_text("another-Qp2Zt9_vLr4Jm8HsYb3")
    other.chmod(0o600)
    assert "合言葉が違います" in source.refused("backup", "--check", file, "--passphrase-file", other)


def test_a_file_that_was_cut_off_or_changed_is_refused(archive, tmp_path):
    whole = archive.read_bytes()
    for content in (
        whole[: len(whole) // 2], whole[:700], b"", whole[:2000] + b"\x01\x02\x03" + whole[2003:], b"x" * 5000,
        whole[:512], whole + b"more",
    ):  # fmt: skip
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(archives.BackupError):
            archives.read(tmp_path / "x", None)


def test_an_archive_without_its_end_is_refused(archive, tmp_path):
    parts = members(archive)
    parts.pop("manifest.json")
    written(tmp_path / "x", parts)
    with pytest.raises(archives.BackupError, match="終わり"):
        archives.read(tmp_path / "x", None)


@pytest.mark.parametrize(
    "name", ["files/../../etc/passwd", "/etc/passwd", "files/.restore.json", "files/a/../b", "other"]
)
def test_a_name_that_leads_elsewhere_is_refused(archive, tmp_path, name):
    parts = members(archive)
    manifest = parts.pop("manifest.json")
    written(tmp_path / "x", {**parts, name: b"x"}, manifest)
    with pytest.raises(archives.BackupError, match="壊れている"):
        archives.read(tmp_path / "x", None)


def test_a_file_that_is_missing_from_the_archive_is_found(archive, tmp_path):
    parts = members(archive)
    manifest = parts.pop("manifest.json")
    parts.pop("files/audit-anchors.jsonl")
    written(tmp_path / "x", parts, manifest)
    with pytest.raises(archives.BackupError, match="壊れている"):
        archives.read(tmp_path / "x", None)


def test_the_database_file_alone_is_no_backup(source, archive, tmp_path):
    if source.is_sqlite:
        raw, word = source.path, "-wal"
    else:
        raw, word = tmp_path / "dump", "pg_dumpの出力そのもの"
        raw.write_bytes(members(archive)["database.pgdump"])
    assert word in source.refused("backup", "--check", raw)


def test_a_lost_attachment_stops_it_unless_somebody_says_so(restored, tmp_path):
    kept = next(path for path in (restored.files / "attachments").rglob("*") if path.is_file())
    lost = kept.rename(tmp_path / "lost")
    file = tmp_path / "two.backup"
    try:
        assert "添付ファイルのうち1件" in restored.refused("backup", file)
        assert not file.exists()
        restored.manage("backup", file, "--allow-missing")
    finally:
        lost.rename(kept)
    assert json.loads(members(file)["manifest.json"])["missing"] == [
        f"files/{kept.relative_to(restored.files)}"
    ]


def test_a_file_that_was_attached_while_the_database_was_copied_stays_out(restored, tmp_path):
    """Its row is not in the copy: restored, it would belong to nothing."""
    later = restored.files / "attachments" / "ab" / ("ab" * 16)
    later.parent.mkdir(parents=True, exist_ok=True)
    later.write_bytes(b"%PDF-1.4")
    try:
        restored.manage("backup", tmp_path / "two.backup")
    finally:
        later.unlink()
    assert f"files/attachments/ab/{later.name}" not in members(tmp_path / "two.backup")


def test_a_link_among_the_files_stops_it(restored, tmp_path):
    link = restored.files / "attachments" / "link"
    link.symlink_to("/etc/hostname")
    try:
        assert "リンク" in restored.refused("backup", tmp_path / "two.backup")
    finally:
        link.unlink()


def test_what_a_killed_run_left_is_removed(source, tmp_path):
    left = source.files / ".backup" / "database.sqlite3"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"words of everybody")
    source.manage("backup", tmp_path / "one.backup")
    assert not left.parent.exists()


def test_no_password_is_in_the_arguments_or_the_answer_of_pg_dump(monkeypatch):
    seen = {}

    class Noted:
        def __init__(self, command, *, env, **options):
            seen.update(command=command, env=env)

    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setattr(postgres.subprocess, "Popen", Noted)
    postgres._start(Connection, ["pg_dump"])
    assert "geheim" not in " ".join(seen["command"])
    assert seen["env"]["PGPASSWORD"] == "geheim-geheim"
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(seen["env"])
    assert "秘密" not in postgres._said('pg_dump: error: COPY failed\nCONTEXT: COPY staff, line 3: "秘密"')


def test_a_dump_program_that_is_older_than_the_server_is_a_sentence(tmp_path, monkeypatch):
    from config.backups import programs

    for major in (13, 16, 17):
        folder = tmp_path / str(major) / "bin"
        folder.mkdir(parents=True)
        (folder / "pg_dump").write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {major}.4'\n")
        (folder / "pg_dump").chmod(0o755)
    monkeypatch.setattr(programs, "DEBIAN", tmp_path)
    monkeypatch.setattr(programs.shutil, "which", lambda name: None)
    assert programs.find("pg_dump", least=15).major == 16
    with pytest.raises(programs.BackupError, match="postgresql-client-18"):
        programs.find("pg_dump", least=18)
    monkeypatch.setattr(programs, "DEBIAN", tmp_path / "none")
    with pytest.raises(programs.BackupError, match="がありません"):
        programs.find("pg_dump", least=15)


def test_the_plain_role_of_the_server_makes_none(source, tmp_path):
    if source.is_sqlite:
        pytest.skip("PostgreSQL alone")
    plain = source.url.replace("postgres://postgres:", "postgres://rirekisho_app:")
    source.execute("ALTER ROLE rirekisho_app LOGIN")
    password = plain.split(":")[2].split("@")[0]
    source.execute(f"ALTER ROLE rirekisho_app PASSWORD '{password}'")
    asked = type(source)(source.folder, plain)
    assert "所有者の役割" in asked.refused("backup", tmp_path / "x.backup")


def test_a_folder_keeps_the_newest_and_the_last_of_each_day(source, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in (
        "skill-20250101-000000.backup",
        "skill-20250101-120000.backup",
        "skill-20250102-000000.backup",
        "mine.txt",
    ):
        (folder / name).write_text("old")
    (folder / "skill-20250102-001000.backup.part").write_text("half")
    os.utime(folder / "skill-20250102-001000.backup.part", (0, 0))
    said = source.manage("backup", folder, "--keep", "1", "--keep-days", "2")
    assert "skill-20250101-120000.backup を消しました" in said
    left = sorted(path.name for path in folder.iterdir())
    assert left[:2] == ["mine.txt", "skill-20250102-000000.backup"]
    assert len(left) == 3


def test_old_ones_stay_where_the_new_one_failed(source, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "skill-20250101-000000.backup").write_text("old")
    broken = type(source)(source.folder, source.url.rpartition("/")[0] + "/none-there")
    done = broken.run("manage.py", "backup", folder, "--keep", "1")
    assert done.returncode != 0
    assert [path.name for path in folder.iterdir()] == ["skill-20250101-000000.backup"]


def test_keep_asks_for_a_folder(source, tmp_path):
    assert "--keep" in source.refused("backup", tmp_path / "x.backup", "--keep", "3")
    assert "フォルダー" in source.refused("backup", tmp_path / "none" / "x.backup")


def test_which_ones_go():
    names = [f"skill-202611{day:02d}-{hour:02d}0000.backup" for day in (1, 2, 3) for hour in (1, 2, 3)]
    left = set(names) - set(thinning.superfluous([*names, "skill-x.backup"], keep=2, keep_days=2))
    assert left == {names[-1], names[-2], names[5]}
    assert thinning.superfluous(names, keep=99, keep_days=0) == []
    now = datetime.datetime(2026, 4, 1, 0, 30, tzinfo=datetime.UTC)
    assert thinning.name_for(now) == "skill-20260401-093000.backup"


def test_only_one_runs_at_a_time(source, tmp_path):
    from fcntl import LOCK_EX, flock

    with (source.files / ".backup.lock").open("w") as held:
        flock(held, LOCK_EX)
        assert "動いています" in source.refused("backup", tmp_path / "x.backup")
    assert list(tmp_path.glob("x.backup*")) == []


def test_a_program_that_outlives_a_killed_run_keeps_the_next_one_out(tmp_path, settings):
    settings.FILES_DIR = tmp_path / "files"
    with attached.workplace():
        orphan = postgres._start(Connection, ["sleep", "60"])
    try:
        with pytest.raises(archives.BackupError, match="動いています"), attached.workplace():
            pass
    finally:
        postgres._stop(orphan)
    with attached.workplace():
        pass
