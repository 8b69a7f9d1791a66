"""Bring in what waited for today."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from organization.workflow import apply_due


class Command(BaseCommand):
    """For a timer just after midnight; without one, the first sign-in and the first job of the day do the same."""

    help = "Bring in names, 職員区分 and the like that a roster told of for a day that has come."

    def handle(self, *args, **options):
        """Say how many were brought in."""
        self.stdout.write(f"先の日付の変更を反映した件数 {apply_due(timezone.now())}件。")
