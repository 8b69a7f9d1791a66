"""Open a year from the command line, preparing it first where it is not there yet."""

import argparse
import datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from access.refusals import Refusal
from assessments.management.commands._municipality import add_arguments, cycle_of, municipality_of
from assessments.models import Cycle
from assessments.workflow.cycles import Plan, open_cycle, prepare_cycle
from competency.models import FrameworkVersion
from lib.dates import parse_date
from organization.models import Municipality


def _date(text: str) -> datetime.date:
    try:
        return parse_date(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


class Command(BaseCommand):
    """Hands out a sheet to everyone posted on the reference date."""

    help = "年度の受付を始めます。準備していない年度は、締切を付けて作ってから始めます。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the year, and what a year that is not prepared needs."""
        add_arguments(parser)
        parser.add_argument(
            "--framework", default="lasdec", help="体系の符号（既定 lasdec）。公開された最新の版を使います"
        )
        parser.add_argument("--reference-date", type=_date, help="基準日。既定は年度の4月1日")
        parser.add_argument("--starts-on", type=_date, help="記入開始日。既定は基準日")
        parser.add_argument("--submit-by", type=_date, help="提出の締切")
        parser.add_argument("--confirm-by", type=_date, help="確認の締切")

    def handle(self, *args, **options) -> None:
        """Prepare and open, or open what is prepared."""
        municipality = municipality_of(options["municipality"])
        now = timezone.now()
        cycle = cycle_of(municipality, options["year"])
        try:
            cycle = cycle or self._prepared(municipality, options, now)
            cycle, made = open_cycle(cycle=cycle, version=cycle.version, by=None, now=now)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{municipality.name} {cycle} の受付を始めました。年度票 {made} 件。")

    def _prepared(self, municipality: Municipality, options: dict, now) -> Cycle:
        if not options["submit_by"] or not options["confirm_by"]:
            raise CommandError(
                "この年度はまだ準備されていません。--submit-by と --confirm-by を付けてください。"
            )
        reference = options["reference_date"] or datetime.date(options["year"], 4, 1)
        version = (
            FrameworkVersion.objects.published()
            .filter(framework__code=options["framework"], framework__municipality=municipality)
            .order_by("-published_at", "-pk")
            .first()
            or FrameworkVersion.objects.published()
            .filter(framework__code=options["framework"], framework__municipality__isnull=True)
            .order_by("-published_at", "-pk")
            .first()
        )
        if version is None:
            raise CommandError(f"体系 {options['framework']} に公開された版がありません。")
        plan = Plan(
            reference_date=reference,
            starts_on=options["starts_on"] or reference,
            submit_by=options["submit_by"],
            confirm_by=options["confirm_by"],
        )
        return prepare_cycle(
            municipality=municipality, fiscal_year=options["year"], framework_version=version, plan=plan, by=None,
            now=now,
        )  # fmt: skip
