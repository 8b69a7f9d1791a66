"""`count_tallies [--anew]`: count again what large municipalities' reports are read from."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from gaps.models import Tally
from gaps.workflow.tallies import TALLIED_FROM, count_all
from organization.models import Municipality


class Command(BaseCommand):
    """For a timer by the hour. Until it has run, what has changed is read person by person: slower, and never wrong."""

    help = "Count again the tallies (集計の控え) of municipalities that are large enough for them."

    def add_arguments(self, parser):
        """Take whether those that hold are counted again as well."""
        parser.add_argument("--anew", action="store_true", help="drop all tallies first")

    def handle(self, *args, **options):
        """Say how many departments were counted; one municipality after the other."""
        if options["anew"]:
            Tally.objects.all().delete()
        today = timezone.localdate()
        counted = sum(
            count_all(municipality=one, on=today, tallied_from=TALLIED_FROM)
            for one in Municipality.objects.order_by("code")
        )
        self.stdout.write(f"集計の控えを数え直した所属 {counted}件。")
