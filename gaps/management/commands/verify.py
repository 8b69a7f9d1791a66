"""`verify`: recount what the reports say, ask whether entries hang together, and exit 1 where something differs."""

import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments import soundness
from gaps.recount import breaches
from organization.models import Municipality


class Command(BaseCommand):
    """Reads only. A large installation takes minutes: it counts every confirmation one by one."""

    help = "集計の数字を確認の記録から1つずつ数え直し、記録どうしのつながりも確かめます。違いがあれば終了コード1です。"

    def add_arguments(self, parser):
        """Take one municipality, and the day."""
        parser.add_argument("--municipality", metavar="CODE", help="団体コード。なければすべての団体")
        parser.add_argument(
            "--on", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD", help="集計の日。なければ今日"
        )

    def handle(self, *, municipality: str | None, on: datetime.date | None, **options):
        """Recount, print every breach, end with 1 where there is one."""
        asked = Municipality.objects.order_by("code")
        if municipality:
            asked = asked.filter(code=municipality)
            if not asked:
                raise CommandError(f"団体コード {municipality} の団体はありません。")
        day = on or timezone.localdate()
        found = 0
        for one in asked:
            for sentence in (*breaches(one, day), *soundness.breaches(one)):
                found += 1
                self.stdout.write(sentence)
        if found:
            raise CommandError(f"{found}件の違いがあります。", returncode=1)
        self.stdout.write(
            f"{len(asked)}団体の集計を数え直し、記録のつながりを確かめました。違いはありません。"
        )
