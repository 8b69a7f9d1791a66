"""load_framework FILE: store a framework from a YAML, JSON or CASE file, and publish it."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access.refusals import Conflict
from competency import workflow
from competency.interchange import read
from competency.management.commands._files import content_of
from competency.models import FrameworkVersion


class Command(BaseCommand):
    """Re-runnable: what is stored already is left alone."""

    help = "体系のファイル（YAML、JSON、CASE）を読み込み、公開します。同じ内容なら何も変えません。"

    def add_arguments(self, parser):
        """Take the file, and whether to stop before publishing."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--draft", action="store_true", help="公開せず、下書きのまま残します。")

    def handle(self, *, file: Path, draft: bool, **options):
        """Load, publish, say what happened."""
        now = timezone.now()
        parsed, notes = content_of(file, read)
        try:
            with transaction.atomic():
                version, changed = workflow.load_framework(parsed=parsed, by=None, now=now)
                published = version.state == FrameworkVersion.State.DRAFT and not draft
                if published:
                    version = workflow.publish(version=version, by=None, now=now)
        except Conflict as refusal:
            raise CommandError(refusal.message) from refusal
        for note in notes:
            self.stdout.write(note)
        done = [word for word, did in (("読み込み", changed), ("公開", published)) if did]
        said = f"{'、'.join(done)}をしました" if done else "変わりありません"
        self.stdout.write(
            f"{version.framework.name} {version.name}（{version.get_state_display()}）：{said}。"
        )
