"""Remove files of long work that have expired, old rows of the queue, sessions and attempts that are over."""

import datetime

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from organization.attempts import FORGOTTEN
from organization.jobs import give_up_silent, purge
from organization.models import Attempt

QUEUE_KEPT = datetime.timedelta(days=14)


class Command(BaseCommand):
    """Purges; run it by hand or once a day. The worker does the first part now and then by itself."""

    help = "Remove expired files of long work, give up jobs of killed workers, prune the queue, sessions and attempts."

    def handle(self, *args, **options):
        """Say how many."""
        now = timezone.now()
        lost, gone = give_up_silent(now), purge(now)
        Attempt.objects.filter(last_at__lt=now - FORGOTTEN).delete()
        Session.objects.filter(expire_date__lte=now).delete()
        DBTaskResult.objects.finished().filter(finished_at__lt=now - QUEUE_KEPT).delete()
        self.stdout.write(f"消したファイル {gone}件、途中で止まっていた依頼 {lost}件。")
