"""What an account, a token, a machine or a file reached, from the command line."""

import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessments.management.commands._municipality import municipality_of
from audit.models import record
from lib.files import write_whole
from lib.tabular import write_csv
from privacy.forms import LeakForm
from privacy.leak import HEADER, rows_of, scope_of

# How it is asked, as in the form, and the option that says it.
_HOWS = {"account": "staff_number", "token": "token", "address": "address", "file": "event"}


class Command(BaseCommand):
    """Writes whose records were reached as CSV."""

    help = "アカウント、連携トークン、端末やファイルが、いつから誰のどの情報に届いたかを、操作の記録からCSVに書き出します。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose, since when and where to."""
        parser.add_argument(
            "--municipality", metavar="CODE", help="6桁の団体コード。団体が1つだけなら省けます"
        )
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--staff-number", help="パスワードが漏れた職員の職員番号")
        whose.add_argument("--token", help="漏れた連携トークンのシステムの名前")
        whose.add_argument("--address", help="他人が使った端末の、接続元のアドレス")
        whose.add_argument("--event", help="なくしたファイルを出力した、操作の記録の番号")
        parser.add_argument("--since", type=datetime.date.fromisoformat, required=True, help="例 2026-04-01")
        parser.add_argument("--until", type=datetime.date.fromisoformat, help="省くと今まで")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")

    def handle(self, *args, **options) -> None:
        """Write the file and say how many."""
        municipality, now = municipality_of(options["municipality"]), timezone.now()
        how = next(name for name in _HOWS if options[_HOWS[name]])
        form = LeakForm(
            {
                "how": how,
                "what": options[_HOWS[how]],
                "since": options["since"],
                "until": options["until"] or "",
            },
            municipality_id=municipality.pk,
        )
        if not form.is_valid():
            raise CommandError(
                "\n".join(problem for problems in form.errors.values() for problem in problems)
            )
        scope = scope_of(
            municipality, acts=form.acts, since=options["since"], until=options["until"], now=now
        )
        write_whole(options["output"], b"".join(write_csv(HEADER, rows_of(scope))))
        record(
            by=None, action="leak.report", now=now, subject_uuid=form.subject_uuid,
            municipality_id=municipality.pk,
            data={"people": len(scope.people), "how": how, "since": options["since"].isoformat(), "file": True},
        )  # fmt: skip
        self.stdout.write(
            f"操作 {scope.acts} 件、届いた職員 {len(scope.people)} 人、人を特定できない出力 {len(scope.unnamed)} 件（要確認）。"
        )
