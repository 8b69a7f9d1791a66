"""Make the search keys of people anew."""

from django.core.management.base import BaseCommand

from organization.models import Staff
from organization.search import rebuild


class Command(BaseCommand):
    """Rebuilds; `migrate` does the same at its end, so that this is for a restored or edited database."""

    help = "Rebuild what people are found by (name, reading and 旧姓 in one 字体); writes only what differs."

    def handle(self, *args, **options):
        """Say how many were written."""
        self.stdout.write(f"さがす鍵を作り直した職員 {rebuild(Staff)}人。")
