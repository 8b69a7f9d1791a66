"""`generate`: synthetic municipalities of any size, into an empty database only (docs/adr/0072)."""

import sys
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from config.generating import Refused, generate
from lib.passwords import normalised


class Command(BaseCommand):
    """Writes everything or nothing; says on stderr how far it came."""

    help = (
        "架空の団体・職員・年度票を、空のデータベースに大量に作ります（性能の測定と試用のため）。"
        "同じ引数なら、同じ内容になります。--staff は1団体の人数ではなく、全団体の職員の合計です。"
    )

    def add_arguments(self, parser):
        """Take how many of each, the seed, and a password where somebody is to sign in."""
        parser.add_argument(
            "--municipalities", type=int, metavar="N", default=1, help="団体の数。1から1,788まで（既定は1）"
        )
        parser.add_argument(
            "--staff", type=int, metavar="N", required=True,
            help="全団体の職員の合計。退職した職員も含みます。団体ごとの人数は、実際のように偏らせます",
        )  # fmt: skip
        parser.add_argument(
            "--years",
            type=int,
            metavar="N",
            default=1,
            help="年度の数。最後が今年度で、受付中です（既定は1）",
        )
        parser.add_argument("--seed", type=int, metavar="N", default=1, help="乱数の種（既定は1）")
        parser.add_argument(
            "--password-file", type=Path, metavar="FILE",
            help="全員のパスワードを書いたファイル（- は標準入力）。なければ、だれもパスワードではログインできません",
        )  # fmt: skip

    def handle(self, *, municipalities: int, staff: int, years: int, seed: int, password_file, **options):
        """Generate, and say how many rows there are."""
        try:
            done = generate(
                municipalities=municipalities, staff=staff, years=years, seed=seed,
                password=_hash_of(password_file), say=self._say,
            )  # fmt: skip
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        sheets = done.rows["assessments_sheet"]
        ratings = done.rows["assessments_rating"]
        self.stdout.write(
            f"{municipalities}団体、{staff:,}人、年度票{sheets:,}件、記入{ratings:,}件など、{done.total:,}行を作りました"
            f"（{done.seconds:.0f}秒、うち行の書込み{done.loading:.0f}秒）。"
        )

    def _say(self, sentence: str) -> None:
        # As it is: stderr would be red, and nothing is wrong.
        self.stderr.write(sentence, str)


def _hash_of(file: Path | None) -> str:
    """Return the hash of the first line of a file, "" without one. CommandError for a password that nobody might choose."""
    if file is None:
        return ""
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise CommandError("パスワードのファイルを読めません。") from None
    password = text.split("\n")[0].rstrip("\r")
    try:
        validate_password(password)
    except ValidationError as refusal:
        raise CommandError(f"このパスワードは使えません。{''.join(refusal.messages)}") from None
    return make_password(normalised(password))
