"""`demo`: the sample municipality みほん市, into an empty database only."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from competency.models import Crosswalk, Duty, FrameworkVersion, Provider, ReferenceSurvey
from competency.reference import RULE
from config.demo import story
from config.demo.build import Demo
from organization.models import Municipality


class Command(BaseCommand):
    """Builds みほん市 through the same workflow functions that the screens use."""

    help = "Load the sample municipality みほん市 (fictional) into an empty database."

    def handle(self, *args, **options):
        """Refuse a database that holds anybody, then build all or nothing."""
        if Municipality.objects.exists():
            raise CommandError(
                "このデータベースには、すでに団体があります。見本は空のデータベースにだけ入れられます。"
            )
        version = FrameworkVersion.objects.published().filter(
            framework__code="lasdec", framework__municipality__isnull=True
        ).order_by("-published_at").first()  # fmt: skip
        if version is None:
            raise CommandError("先に load_framework competency/data/lasdec-2012.yaml を実行してください。")
        if not Duty.objects.filter(municipality__isnull=True).exists():
            raise CommandError("先に load_duties competency/data/duties.yaml を実行してください。")
        if not Provider.objects.filter(municipality__isnull=True).exists():
            raise CommandError("先に load_catalogue を実行してください。")
        if not ReferenceSurvey.objects.filter(municipality__isnull=True).exists():
            raise CommandError(
                "先に load_survey competency/data/survey-2019.yaml competency/data/staffing-2018.yaml を実行してください。"
            )
        if not Crosswalk.objects.filter(municipality__isnull=True, code=RULE).exists():
            raise CommandError("先に load_crosswalk competency/data/crosswalk-q3-1.yaml を実行してください。")
        began = time.monotonic()
        with transaction.atomic():
            municipality = Demo(version, timezone.localdate()).build()
        seconds = time.monotonic() - began
        self.stdout.write(
            f"{municipality.name}を作りました（{seconds:.1f}秒）。パスワードはどれも {story.PASSWORD} です。"
        )
