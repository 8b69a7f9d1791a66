"""load_survey FILE…: bring common surveys and statistics to the content of files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access.refusals import Conflict
from competency import workflow
from competency.management.commands._files import content_of
from competency.survey_file import parse_survey


class Command(BaseCommand):
    """Re-runnable: a survey is known by its code; what a municipality has made of it stays as it is."""

    help = (
        "共通の調査と統計のファイル（YAML か JSON）を読み込み、使うようにします。同じ内容なら何も変えません。"
    )

    def add_arguments(self, parser):
        """Take the files."""
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")

    def handle(self, *, files: list[Path], **options):
        """Read all of them before any is loaded, and say what happened."""
        for survey in [content_of(file, parse_survey) for file in files]:
            try:
                changed = workflow.load_survey(survey=survey, now=timezone.now())
            except Conflict as refusal:
                raise CommandError(f"{survey.code}：{refusal.message}") from refusal
            self.stdout.write(f"{survey.name}：{'読み込みました' if changed else '変わりありません'}。")
