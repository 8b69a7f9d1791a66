"""load_duties FILE: bring the common duties of the catalogue to a file's content."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from competency import workflow
from competency.duty_file import parse_duties
from competency.management.commands._files import content_of
from competency.models import Cell, FrameworkVersion


class Command(BaseCommand):
    """Re-runnable: duties are matched by code; what a municipality has made of them stays as it is."""

    help = "共通の業務のファイル（YAML か JSON）を読み込みます。同じ内容なら何も変えません。"

    def add_arguments(self, parser):
        """Take the file."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file: Path, **options):
        """Load, say what happened."""
        known = Cell.objects.filter(version__framework__municipality__isnull=True).exclude(
            version__state=FrameworkVersion.State.DRAFT
        )
        codes = set(known.values_list("code", flat=True))
        if not codes:
            raise CommandError("先に load_framework competency/data/lasdec-2012.yaml を実行してください。")
        duties = content_of(file, lambda text: parse_duties(text, codes))
        done = workflow.load_duties(duties=duties, now=timezone.now())
        words = [
            f"{word}{count}件"
            for word, count in (("追加", done.made), ("変更", done.changed), ("使用終了", done.retired))
            if count
        ]
        self.stdout.write(f"共通の業務 {len(duties)}件：{'、'.join(words) or '変わりありません'}。")
