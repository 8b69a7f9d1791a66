"""`maintenance on|off|show|page`: the page 「メンテナンス中です」 in place of every other, without a database."""

import datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string
from django.utils import timezone

from config import maintenance
from lib.files import write_whole


class Command(BaseCommand):
    """Switches the page on and off, says how it stands, or writes it down for the web server in front."""

    help = "メンテナンス中の画面を出し、やめ、いまのようすを言います。データベースが止まっていても使えます。"
    # Nothing of the database may be asked: it is away while this is needed.
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        """Take what to do, until when, and a file."""
        parser.add_argument(
            "action",
            choices=("on", "off", "show", "page"),
            help="on 出す、off やめる、show いまのようす、page ウェブサーバー用のファイルを書く",
        )
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="page で書くファイル")
        parser.add_argument(
            "--until", metavar="HH:MM", help="on で、終わる予定の時刻。過ぎた時刻は、翌日のものです"
        )

    def handle(self, *, action: str, file: Path | None, until: str | None, **options) -> None:
        """Do it, and say how it stands now."""
        if until and action != "on":
            raise CommandError("--until は on と使います。")
        if (file is None) == (action == "page"):
            raise CommandError("page には書くファイルを、ほかには何も付けません。")
        now = timezone.now()
        try:
            if action == "page":
                self._write(file)
                return
            if action == "on":
                maintenance.begin(until=_moment(until, now) if until else None, now=now)
            elif action == "off":
                maintenance.end()
        except OSError as failure:
            raise CommandError(
                f"{failure.filename or settings.MAINTENANCE_FILE} に書けませんでした（{type(failure).__name__}）。"
                "画面を動かす利用者で実行してください。"
            ) from None
        state = maintenance.current()
        if state is None:
            self.stdout.write("メンテナンス中ではありません。")
        elif state.until is None:
            self.stdout.write("メンテナンス中です。終わる予定は決めていません。")
        else:
            self.stdout.write(
                f"メンテナンス中です。{maintenance.when(state.until, now)}ごろに終わる予定です。"
            )

    def _write(self, file: Path) -> None:
        """Write the page with the names of today's static files, for a web server to read."""
        ctx = {
            "says": maintenance.Maintenance().sentence(timezone.now()),
            # Whoever is shown it may have sent something.
            "sent": "何かを送ったところだったときは、",
            "again": "/",
            "written": [],
        }
        # Unlike what `write_whole` makes, this folder is for the web server, which is another user.
        for folder in (one for one in reversed(file.parents) if not one.exists()):
            folder.mkdir()
            folder.chmod(0o755)
        write_whole(file, render_to_string("errors/maintenance.html", ctx).encode())
        file.chmod(0o644)
        self.stdout.write(f"{file} に書きました。")


def _moment(text: str, now: datetime.datetime) -> datetime.datetime:
    try:
        clock = datetime.datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day
    except ValueError:
        raise CommandError(f"「{text}」は時刻ではありません。18:00 のように書いてください。") from None
    moment = timezone.localtime(now).replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return moment if moment > now else moment + datetime.timedelta(days=1)
