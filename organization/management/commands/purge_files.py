"""Remove files of long work that have expired, and old rows of the queue."""

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from organization.jobs import give_up_silent, purge

QUEUE_DAYS = 14


class Command(BaseCommand):
    """Purges; run it by hand or once a day. The worker does the first part now and then by itself."""

    help = "Remove expired files of long work, give up jobs of killed workers, prune the queue."

    def handle(self, *args, **options):
        """Say how many."""
        now = timezone.now()
        lost, gone = give_up_silent(now), purge(now)
        call_command(
            "prune_db_task_results",
            min_age_days=QUEUE_DAYS,
            verbosity=0,
            backend="default",
            stdout=self.stdout,
        )
        self.stdout.write(f"消したファイル {gone}件、途中で止まっていた依頼 {lost}件。")
