"""`status`: how it stands, for the operator and for what watches the machine. Ends with 1 where something needs a hand."""

import datetime
from collections.abc import Iterator

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from audit.models import Event
from audit.sealing import OVERLAP
from config import health, heartbeat, maintenance
from gaps.models import TallyChange
from lib.wall_install import sees_everything

# What waits longer than this is not waiting, but forgotten.
LATE = datetime.timedelta(minutes=10)
# More than an hour of a large municipality writes: the timer that counts again does not run.
MANY_CHANGES = 20_000
WORDS = {
    "maintenance": ("メンテナンス", {"on": "中です"}),
    "database": ("データベース", {"ok": "答えています", "unavailable": "答えません"}),
    "writes": (
        "書き込み",
        {"ok": "できます", "read-only": "できません（読み取り専用）", "full": "空きが足りません"},
    ),
    "migrations": ("移行", {"ok": "すみました", "missing": "まだです（manage.py migrate）"}),
    "guards": (
        "履歴の守り",
        {"ok": "そろっています", "missing": "ありません（manage.py migrate をもう一度）"},
    ),
    "files": (
        "ファイルの置き場",
        {"ok": "書けます", "read-only": "書けません", "full": "空きが足りません"},
    ),
}


class Command(BaseCommand):
    """Says what /readyz says, and what it does not: the worker, the queue, the sealing of the trail."""

    help = "動いているかを1行ずつ言います。手当てのいるものがあれば、終了コード1で終わります。"
    requires_system_checks = []

    def handle(self, **options) -> None:
        """Say every line; what needs a hand begins with ＊."""
        wrong = False
        for good, name, words in lines(timezone.now()):
            wrong = wrong or not good
            self.stdout.write(f"{'　' if good else '＊'}{name}：{words}")
        if wrong:
            raise SystemExit(1)


def lines(now: datetime.datetime) -> Iterator[tuple[bool, str, str]]:
    """Yield whether it is well, what it is, and how it stands."""
    found = health.parts()
    for part, word in found.items():
        name, words = WORDS[part]
        yield word == health.OK, name, words[word]
    state = maintenance.current()
    if state is not None:
        # Asked for, and still nothing that the database could be bothered with.
        yield True, "終わる予定", maintenance.when(state.until, now) if state.until else "決めていません"
        return
    yield _worker(now)
    if found["database"] != health.OK or found["migrations"] != health.OK:
        return
    try:
        yield _queue(now)
        yield _seals(now)
        yield _tallies()
    except DatabaseError as failure:
        yield False, "データベース", f"途中で答えなくなりました（{type(failure).__name__}）"


def _worker(now: datetime.datetime) -> tuple[bool, str, str]:
    seen = heartbeat.seen()
    if seen is None:
        return False, "処理係", "一度も動いていません（manage.py db_worker）"
    return now - seen < heartbeat.SILENCE, "処理係", f"最後に見たのは {maintenance.when(seen, now)}"


def _queue(now: datetime.datetime) -> tuple[bool, str, str]:
    waiting = DBTaskResult.objects.ready()
    oldest = waiting.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
    if oldest is None:
        return True, "順番待ち", "ありません"
    return (
        now - oldest < LATE,
        "順番待ち",
        f"{waiting.count()}件、いちばん古いものは {maintenance.when(oldest, now)}",
    )


def _seals(now: datetime.datetime) -> tuple[bool, str, str]:
    name = "操作の記録の封"
    if not sees_everything(connection):
        return True, name, "この役割からは見えません（表の所有者の役割で実行してください）"
    late = Event.objects.unsealed().filter(at__gte=now - OVERLAP, at__lt=now - LATE).exists()
    return (
        not late,
        name,
        "10分より前の記録に、まだ封がありません（manage.py seal_audit）" if late else "遅れていません",
    )


def _tallies() -> tuple[bool, str, str]:
    name = "集計の数え直し"
    if not sees_everything(connection):
        return True, name, "この役割からは見えません（表の所有者の役割で実行してください）"
    waiting = TallyChange.objects.count()
    if waiting < MANY_CHANGES:
        return True, name, f"待っている変更は{waiting:,}件です"
    return False, name, f"{waiting:,}件の変更が待っています（manage.py count_tallies）"
