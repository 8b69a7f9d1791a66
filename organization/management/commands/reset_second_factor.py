"""Removes the second factor of somebody, by the operator: for the last システム管理 who lost theirs."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access.refusals import Conflict
from organization.models import Staff
from organization.workflow.factors import reset_factors


class Command(BaseCommand):
    """Takes a sign-in name; the trail says that the operator did it, and the person is told."""

    help = "Removes the app, the passkeys and the recovery codes of one account. Make sure first who is asking for it."

    def add_arguments(self, parser):
        """Take the sign-in name."""
        parser.add_argument("username")

    def handle(self, *, username, **options):
        """Remove them, or say why not."""
        staff = Staff.objects.filter(username=username).first()
        if staff is None:
            raise CommandError(f"Nobody signs in as {username}.")
        try:
            count = reset_factors(staff=staff, by=None, now=timezone.now())
        except Conflict:
            raise CommandError(f"{username} has no second factor.") from None
        self.stdout.write(f"{count} removed. The person sets up a new one at the next sign-in.")
