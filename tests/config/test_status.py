"""`manage.py status`: what needs a hand is said, and ends with 1."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from audit.models import record
from config import health, heartbeat, maintenance
from config.management.commands import status as status_command
from gaps.models import TallyChange


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.MAINTENANCE_FILE = tmp_path / "maintenance.json"


def status() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("status", stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def waiting(now) -> DBTaskResult:
    row = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, task_path="organization.jobs.make", backend_name="default",
        priority=0, run_after=None,
    )  # fmt: skip
    DBTaskResult.objects.filter(pk=row.pk).update(enqueued_at=now)
    return row


def test_all_is_well(db):
    with heartbeat.beating():
        pass
    code, said = status()
    assert code == 0, said
    assert "＊" not in said
    assert "順番待ち：ありません" in said


def test_a_worker_that_never_was_or_is_gone(db, monkeypatch):
    assert status()[0] == 1
    with heartbeat.beating():
        pass
    gone = timezone.now() + heartbeat.SILENCE
    monkeypatch.setattr(timezone, "now", lambda: gone)
    code, said = status()
    assert code == 1
    assert "＊処理係：最後に見たのは" in said


def test_it_beats_until_the_end(monkeypatch):
    seen = []
    monkeypatch.setattr(heartbeat.Path, "touch", lambda path: seen.append(path))
    with heartbeat.beating(every=0.01):
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=20)
        while len(seen) < 3 and datetime.datetime.now(datetime.UTC) < end:
            pass
    beats = len(seen)
    assert beats >= 3
    assert len(seen) == beats


def test_a_folder_that_refuses_stops_no_worker(settings, tmp_path, caplog):
    (tmp_path / "files").touch()
    settings.FILES_DIR = tmp_path / "files" / "below"
    with heartbeat.beating():
        pass
    assert heartbeat.seen() is None
    assert "no sign of life" in caplog.text


def test_an_order_that_nobody_takes(db):
    with heartbeat.beating():
        pass
    now = timezone.now()
    waiting(now)
    assert status()[0] == 0
    waiting(now - datetime.timedelta(minutes=11))
    code, said = status()
    assert code == 1
    assert "＊順番待ち：2件" in said


def test_a_trail_that_nobody_seals(db):
    with heartbeat.beating():
        pass
    record(by=None, action="test.done", now=timezone.now())
    assert status()[0] == 0
    record(by=None, action="test.done", now=timezone.now() - datetime.timedelta(minutes=11))
    code, said = status()
    assert code == 1
    assert "＊操作の記録の封" in said


def test_maintenance_and_a_database_that_is_away(db, monkeypatch):
    monkeypatch.setattr(health, "_database", lambda: {"writes": "read-only", "migrations": "missing"})
    code, said = status()
    assert code == 1
    assert "＊書き込み：できません（読み取り専用）" in said
    assert "＊移行：まだです" in said
    assert "順番待ち" not in said
    maintenance.begin(until=None, now=timezone.now())
    code, said = status()
    assert code == 1
    assert said.startswith("＊メンテナンス：中です\n　終わる予定：決めていません")


def test_the_worker_of_the_product_is_the_one_that_is_seen():
    from django.core.management import get_commands

    assert get_commands()["db_worker"] == "config"


def test_changes_that_nobody_counts(world, monkeypatch):
    with heartbeat.beating():
        pass
    TallyChange.objects.create(municipality=world.city, department=world.ka)
    waiting_now = TallyChange.objects.count()
    assert f"　集計の数え直し：待っている変更は{waiting_now}件です" in status()[1]
    monkeypatch.setattr(status_command, "MANY_CHANGES", waiting_now)
    code, said = status()
    assert code == 1
    assert f"＊集計の数え直し：{waiting_now}件の変更が待っています" in said
