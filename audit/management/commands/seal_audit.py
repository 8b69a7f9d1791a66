"""`seal_audit`: put new events into the chain, note its end outside the database, raise alarms. Run it every minute."""

import time

from django.core.management.base import BaseCommand
from django.utils import timezone

from audit import anchors
from audit.alarms import raise_alarms, tell
from audit.models import Seal
from audit.sealing import seal


class Command(BaseCommand):
    """Seals what was written since. Two of it at once wait for each other."""

    help = "操作の記録に封をし、封の控えをファイルに残し、普段と違う操作があれば知らせます。1分ごとに動かしてください。"

    def add_arguments(self, parser):
        """Take whether to look at the whole trail, and whether to go on."""
        parser.add_argument("--all", action="store_true", help="封のないものを、はじめからすべて探す")
        parser.add_argument("--every", type=int, metavar="秒", help="終わらずに、この秒数ごとに繰り返す")

    def handle(self, *, all: bool, every: int | None, **options):
        """Seal once, or again and again."""
        while True:
            count = self._once(everything=all)
            if not every:
                self.stdout.write(f"{count}件に封をしました。")
                return
            time.sleep(every)

    def _once(self, *, everything: bool) -> int:
        count = 0
        touched = set()
        # The first time there may be years to seal; afterwards the last hours are enough.
        everything = everything or not Seal.objects.exists()
        while sealed := seal(now=timezone.now(), everything=everything):
            count += len(sealed)
            touched |= {event.chain for event in sealed}
            raise_alarms(sealed)
        anchors.note(touched, timezone.now())
        tell(timezone.now())
        return count
