"""`restore`: an archive of `backup` into an empty database, and the proof that every row is there."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from config.backups import BackupError, restoring
from config.management.commands.backup import KEY_VARIABLE, passphrase_of
from lib.wall_install import sees_everything


class Command(BaseCommand):
    """Refuses anything but an empty database; run again after an interruption, it goes on."""

    help = "backup で作った控えを、空のデータベースに復元し、すべての行が控えと同じかを確かめます。"
    requires_system_checks = []

    def add_arguments(self, parser):
        """Take the archive and its key."""
        parser.add_argument("file", type=Path, metavar="FILE", help="backup で作った控え")
        parser.add_argument(
            "--passphrase-file",
            metavar="FILE",
            help=f"暗号化の合言葉が入ったファイル。なければ {KEY_VARIABLE}",
        )

    def handle(self, *, file: Path, passphrase_file: str | None, **options):
        """Restore, and say what to do next."""
        began = time.monotonic()
        if not sees_everything(connection):
            raise CommandError("データベースの所有者の役割で実行してください。")
        try:
            done = restoring.restore(
                file, passphrase=passphrase_of(passphrase_file), now=timezone.now(), say=self.stdout.write
            )
        except BackupError as failure:
            raise CommandError(str(failure)) from None
        manifest = done.manifest
        self.stdout.write(
            f"{manifest.made_at} の控えを復元しました。{len(manifest.tables)}表 {manifest.rows}行のすべてが控えと同じです"
            f"（{time.monotonic() - began:.0f}秒）。"
        )
        if done.migrated:
            self.stdout.write(f"スキル履歴書 {manifest.product} の控えを、いまのバージョンの形に直しました。")
        self.stdout.write(
            f"その日に続いていたログイン{done.sessions}件と、途中だった作成の依頼{done.jobs}件を終わらせました。"
        )
        if manifest.missing:
            self.stdout.write(
                f"添付ファイル{len(manifest.missing)}件は、控えを取ったときにすでに失われていました。"
            )
        if done.foreign_keys:
            self.stderr.write(
                f"操作の記録に、設定にない鍵（{'、'.join(done.foreign_keys)}）の署名があります。"
                "その日のAUDIT_KEYS（なければSECRET_KEY）を、AUDIT_KEYSに加えてください。"
            )
        self.stdout.write(
            "次にすること：\n"
            "1. その日のSECRET_KEYとAUDIT_KEYSが設定にあることを確かめる"
            "（変えていれば、前のものをSECRET_KEY_FALLBACKSとAUDIT_KEYSに足す）。\n"
            "2. manage.py verify で、記録のつながりを確かめる。\n"
            "3. manage.py purge --municipality CODE --apply で、控えの後に消した個人の情報を、もう一度消す。\n"
            "4. 控えの後に止めたアカウント、取り消した権限、変えたパスワードを、もう一度そうする。\n"
            "5. サーバーと処理係を始める。"
        )
