"""dump_survey CODE: write a common survey or statistic as JSON."""

from django.core.management.base import BaseCommand, CommandError

from competency.exports import survey_file_of
from competency.models import ReferenceSurvey
from competency.survey_file import dumps


class Command(BaseCommand):
    """The JSON can be loaded again and gives the same survey."""

    help = "共通の調査か統計を JSON で書き出します。load_survey でそのまま読み込めます。"

    def add_arguments(self, parser):
        """Take the code."""
        parser.add_argument("code", metavar="CODE", help="符号。例 survey-2019")

    def handle(self, *, code: str, **options):
        """Find it and write it."""
        found = ReferenceSurvey.objects.filter(municipality__isnull=True, code=code).first()
        if found is None:
            raise CommandError(f"共通の調査「{code}」はありません。")
        self.stdout.write(dumps(survey_file_of(found)), ending="")
