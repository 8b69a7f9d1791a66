"""Close a year from the command line."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from access.refusals import Refusal
from assessments.management.commands._municipality import add_arguments, cycle_of, municipality_of
from assessments.workflow.closing import NotAccepted, close_cycle, decide_rest, unfinished_sheets


class Command(BaseCommand):
    """Ends a year for good."""

    help = "年度を終えます。記入と確認はもうできなくなり、元には戻せません。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the year and the acceptance of what is not 確定."""
        add_arguments(parser)
        parser.add_argument(
            "--accept-unfinished",
            action="store_true",
            help="確定していない年度票は、休職・退職・未提出・確認なしのどれかを記録して終えます",
        )

    def handle(self, *args, **options) -> None:
        """Close, or say what is not finished."""
        municipality = municipality_of(options["municipality"])
        cycle = cycle_of(municipality, options["year"])
        if cycle is None:
            raise CommandError(f"{municipality.name} に {options['year']} 年度はありません。")
        now, accepted = timezone.now(), 0
        try:
            with transaction.atomic():
                if options["accept_unfinished"]:
                    decide_rest(cycle=cycle, by=None, now=now, today=timezone.localdate(now))
                    accepted = unfinished_sheets(cycle).count()
                cycle = close_cycle(cycle=cycle, version=cycle.version, accepted=accepted, by=None, now=now)
        except NotAccepted as refusal:
            raise CommandError(
                f"確定していない年度票が {refusal.unfinished} 件あります。"
                "そのままにして終えるなら --accept-unfinished を付けてください。"
            ) from refusal
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{municipality.name} {cycle} を終えました。確定していない年度票 {accepted} 件。")
