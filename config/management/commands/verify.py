"""`verify`: ask every check of every app in one state of the database, and exit 1 where something does not hold."""

import datetime
import time

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from lib.snapshot import snapshot
from lib.soundness import SHOWN, Check, Scope, all_checks, asked
from lib.wall_install import sees_everything
from organization.models import Municipality

PAGE = "docs/operations/verify.md"


class Command(BaseCommand):
    """Reads only, also while others write. The checks stand in each app's soundness.py (settings.SOUNDNESS)."""

    help = "データが正しいかを、はじめから終わりまで確かめます。1つでも違いがあれば終了コード1です。"

    def add_arguments(self, parser):
        """Take one municipality, the day of the reports, and which checks."""
        parser.add_argument(
            "--municipality", metavar="CODE", help="団体コード。なければすべての団体と、データベースそのもの"
        )
        parser.add_argument(
            "--on", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD", help="集計の日。なければ今日"
        )
        parser.add_argument(
            "--only", metavar="NAME", action="append", help="この名前の確認だけ。何回でも書けます"
        )
        parser.add_argument("--list", action="store_true", help="確認の一覧を出して終わります")

    def handle(
        self, *, municipality: str | None, on: datetime.date | None, only: list[str] | None, **options
    ):
        """Ask, print every breach, end with 1 where there is one."""
        checks = self._chosen(only)
        if options["list"]:
            for check in checks:
                self.stdout.write(f"{check.name}\t{check.group}\t{check.title}")
            return
        if not sees_everything(connection):
            raise CommandError("表の所有者の役割で実行してください。この役割には、団体の記録が見えません。")
        scope = Scope(on or timezone.localdate(), timezone.now(), self._key_of(municipality))
        checks = [check for check in checks if scope.municipality is None or not check.whole]
        began = time.monotonic()
        with snapshot(connection):
            found = sum(
                self._ask(check, scope, options["verbosity"]) for check in checks if not check.outside
            )
        found += sum(self._ask(check, scope, options["verbosity"]) for check in checks if check.outside)
        if found:
            raise CommandError(
                f"{found}件の違いがあります。どうするかは、確認の名前ごとに {PAGE} にあります。", returncode=1
            )
        seconds = time.monotonic() - began
        self.stdout.write(f"{len(checks)}種類を確かめました（{seconds:.0f}秒）。違いはありません。")

    def _chosen(self, only: list[str] | None) -> list[Check]:
        checks = all_checks()
        if unknown := set(only or ()) - {check.name for check in checks}:
            raise CommandError(f"知らない確認の名前です：{'、'.join(sorted(unknown))}")
        return [check for check in checks if not only or check.name in only]

    def _key_of(self, code: str | None) -> int | None:
        if code is None:
            return None
        found = Municipality.objects.filter(code=code).values_list("pk", flat=True).first()
        if found is None:
            raise CommandError(f"団体コード {code} の団体はありません。")
        return found

    def _ask(self, check: Check, scope: Scope, verbosity: int) -> int:
        outcome = asked(check, scope)
        if verbosity > 1:
            self.stdout.write(f"{outcome.seconds:7.2f}秒 {check.name}（{check.title}）{outcome.count}件")
        for sentence in outcome.sentences:
            self.stdout.write(f"[{check.name}] {sentence}")
        if outcome.count > SHOWN:
            self.stdout.write(f"[{check.name}] ほかに{outcome.count - SHOWN}件あります。")
        return outcome.count
