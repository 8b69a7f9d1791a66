"""dump_crosswalk CODE: write a common crosswalk or set of tags as JSON."""

from django.core.management.base import BaseCommand, CommandError

from competency.crosswalk_file import dumps
from competency.crosswalk_reads import stored_content
from competency.models import Crosswalk


class Command(BaseCommand):
    """The JSON can be loaded again and gives the same crosswalk."""

    help = "共通の対応表かタグを JSON で書き出します。load_crosswalk でそのまま読み込めます。"

    def add_arguments(self, parser):
        """Take the code."""
        parser.add_argument("code", metavar="CODE", help="符号。例 q3-1")

    def handle(self, *, code: str, **options):
        """Find it and write it."""
        found = Crosswalk.objects.filter(municipality__isnull=True, code=code).first()
        if found is None:
            raise CommandError(f"共通の対応表「{code}」はありません。")
        self.stdout.write(dumps(stored_content(found)), ending="")
