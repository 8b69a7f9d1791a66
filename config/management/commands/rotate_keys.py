"""`rotate_keys`: seal under today's SECRET_KEY what was sealed under a former one, and say what still hangs on it."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.module_loading import import_string

from audit.recording import key_ring
from audit.verification import keys_in_use
from lib.wall_install import sees_everything


class Command(BaseCommand):
    """Goes through settings.SEALED and the trail; changes nothing when it is run again."""

    help = "SECRET_KEYを変えた後に、データベースに暗号化してある鍵を、いまのSECRET_KEYで暗号化し直します。"

    def handle(self, *args, **options) -> None:
        """Seal anew and count; CommandError where something cannot be opened by any key."""
        if not sees_everything(connection):
            raise CommandError(
                "表の所有者の役割で実行してください。いまの役割からは、暗号化してあるものが見えません。"
            )
        done = unreadable = 0
        for name in settings.SEALED:
            made, closed = import_string(name)()
            done, unreadable = done + made, unreadable + closed
        self.stdout.write(f"暗号化し直したもの：{done}件")
        ring = key_ring()
        lost = 0
        for name, events in keys_in_use().items():
            if ring.named(name) is None:
                lost += events
            elif name != ring.signing.name:
                self.stdout.write(
                    f"操作の記録のうち{events}件は、前の鍵（{name}）の署名です。その鍵をAUDIT_KEYSに残してください。"
                )
        if unreadable:
            raise CommandError(
                f"開けないものが{unreadable}件あります。前のSECRET_KEYをSECRET_KEY_FALLBACKSに入れて、もう一度実行してください。"
            )
        if lost:
            raise CommandError(
                f"操作の記録のうち{lost}件は、設定にない鍵の署名です。その鍵をAUDIT_KEYSに加えてください。"
            )
