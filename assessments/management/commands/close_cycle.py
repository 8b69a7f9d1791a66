"""Close a year from the command line."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from access.refusals import Refusal
from assessments.management.commands._municipality import add_arguments, cycle_of, municipality_of
from assessments.workflow.cycles import NotAccepted, close_cycle, unfinished_sheets


class Command(BaseCommand):
    """Ends a year for good."""

    help = "年度を終えます。記入と確認はもうできなくなり、元には戻せません。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the year and the acceptance of what is not 確定."""
        add_arguments(parser)
        parser.add_argument(
            "--accept-unfinished", action="store_true", help="確定していない年度票を、そのままにして終えます"
        )

    def handle(self, *args, **options) -> None:
        """Close, or say what is not finished."""
        municipality = municipality_of(options["municipality"])
        cycle = cycle_of(municipality, options["year"])
        if cycle is None:
            raise CommandError(f"{municipality.name} に {options['year']} 年度はありません。")
        accepted = unfinished_sheets(cycle).count() if options["accept_unfinished"] else 0
        try:
            cycle = close_cycle(
                cycle=cycle, version=cycle.version, accepted=accepted, by=None, now=timezone.now()
            )
        except NotAccepted as refusal:
            raise CommandError(
                f"確定していない年度票が {refusal.unfinished} 件あります。"
                "そのままにして終えるなら --accept-unfinished を付けてください。"
            ) from refusal
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{municipality.name} {cycle} を終えました。確定していない年度票 {accepted} 件。")
