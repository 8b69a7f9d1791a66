"""load_crosswalk FILE…: bring common crosswalks and tags to the content of files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access.refusals import Conflict
from competency import workflow
from competency.crosswalk_file import parse_crosswalk
from competency.management.commands._files import content_of


class Command(BaseCommand):
    """Re-runnable: a crosswalk is known by its code; what a municipality has made of it stays as it is."""

    help = "共通の対応表とタグのファイル（YAML か JSON）を読み込みます。同じ内容なら何も変えません。"

    def add_arguments(self, parser):
        """Take the files."""
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")

    def handle(self, *, files: list[Path], **options):
        """Read all of them before any is loaded, and say what happened."""
        for read in [content_of(file, parse_crosswalk) for file in files]:
            try:
                changed = workflow.load_crosswalk(file=read, now=timezone.now())
            except Conflict as refusal:
                raise CommandError(f"{read.code}：{refusal.message}") from refusal
            self.stdout.write(f"{read.name}：{'読み込みました' if changed else '変わりありません'}。")
