"""`backup`: the database, the attached files and the anchors of the trail in one file, while people write."""

import os
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backups import BackupError, archive, making, thinning
from config.backups.encryption import read_passphrase

KEY_VARIABLE = "BACKUP_KEY_FILE"


def passphrase_of(file: str | None) -> bytes | None:
    """Return the passphrase of the option, else of BACKUP_KEY_FILE, None without either. BackupError for a bad one."""
    named = file or os.environ.get(KEY_VARIABLE)
    return read_passphrase(Path(named)) if named else None


class Command(BaseCommand):
    """Makes one, or checks one; never changes the database."""

    help = "データベース、添付ファイル、操作の記録の控えを、1つのファイルにまとめます。使っている間に実行できます。"
    requires_system_checks = []

    def add_arguments(self, parser):
        """Take where to, with which key, and what to keep."""
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="作るファイル。フォルダーなら、日時を名前にします"
        )
        parser.add_argument(
            "--check", action="store_true", help="作らずに、このファイルを終わりまで読んで確かめる"
        )
        parser.add_argument(
            "--passphrase-file",
            metavar="FILE",
            help=f"暗号化の合言葉が入ったファイル。なければ {KEY_VARIABLE}",
        )
        parser.add_argument(
            "--keep", type=int, metavar="N", help="フォルダーの控えを、新しいものからN個残して消す"
        )
        parser.add_argument(
            "--keep-days",
            type=int,
            metavar="N",
            default=0,
            help="--keepのほかに、新しいN日の、その日の最後のものを残す",
        )
        parser.add_argument(
            "--allow-missing", action="store_true", help="失われた添付ファイルがあっても、残りの控えを作る"
        )

    def handle(self, *, file: Path, check: bool, passphrase_file: str | None, **options):
        """Make or check, and say what is in it."""
        try:
            passphrase = passphrase_of(passphrase_file)
            if check:
                self._check(file, passphrase)
            else:
                self._make(file, passphrase, **options)
        except BackupError as failure:
            raise CommandError(str(failure)) from None

    def _check(self, file: Path, passphrase: bytes | None) -> None:
        manifest = archive.read(file, passphrase)
        self.stdout.write(
            f"{file} は、はじめから終わりまで作ったときのままです。\n"
            f"{manifest.made_at}、{manifest.engine}、スキル履歴書 {manifest.product}、"
            f"{len(manifest.tables)}表 {manifest.rows}行、ファイル{len(manifest.files)}個"
        )

    def _make(
        self,
        file: Path,
        passphrase: bytes | None,
        *,
        keep: int | None,
        keep_days: int,
        allow_missing: bool,
        **options,
    ) -> None:
        now, began = timezone.now(), time.monotonic()
        folder = file if file.is_dir() else None
        if keep is not None and (folder is None or keep < 1 or keep_days < 0):
            raise CommandError("--keep は、FILEがフォルダーのときに、1以上の数で指定します。")
        if folder:
            thinning.sweep(folder, now)
            file = folder / thinning.name_for(now)
        manifest = making.make(file, passphrase=passphrase, now=now, allow_missing=allow_missing)
        self.stdout.write(
            f"{file}（{file.stat().st_size / 1e6:.1f} MB、{'暗号化あり' if passphrase else '暗号化なし'}）を作り、"
            f"読み直して確かめました。{len(manifest.tables)}表 {manifest.rows}行、"
            f"ファイル{len(manifest.files)}個、{time.monotonic() - began:.0f}秒"
        )
        if manifest.missing:
            self.stderr.write(
                f"失われていた添付ファイルが{len(manifest.missing)}件あり、控えに入っていません。"
            )
        if keep is not None and folder:
            for name in thinning.thin(folder, keep=keep, keep_days=keep_days):
                self.stdout.write(f"古い控え {name} を消しました。")
