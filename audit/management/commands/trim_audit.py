"""`trim_audit`: remove events older than the years of settings (AUDIT_RETENTION_YEARS), the chain staying whole."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.retention import due_until, trim
from audit.verification import breaches, chains


class Command(BaseCommand):
    """Says what would go; removes it with --apply, and only from a trail without a breach."""

    help = "保存の年数（AUDIT_RETENTION_YEARS）を過ぎた操作の記録を、--applyで消します。なければ件数だけを示します。"

    def add_arguments(self, parser):
        """Take whether to remove, and other years than the settings say."""
        parser.add_argument("--apply", action="store_true", help="実際に消す")
        parser.add_argument("--years", type=int, default=settings.AUDIT_RETENTION_YEARS, help="保存の年数")

    def handle(self, *, apply: bool, years: int, **options):
        """Go through the chains one by one."""
        now = timezone.now()
        for chain in chains():
            try:
                through = due_until(chain, years=years, now=now)
            except ValueError as error:
                raise CommandError(str(error)) from error
            if not through:
                continue
            if not apply:
                self.stdout.write(f"団体{chain}: 封{through}までが{years}年を過ぎています。")
                continue
            if found := list(breaches(chain)):
                raise CommandError(
                    f"団体{chain}の記録に{len(found)}件の違いがあります。先にverifyで確かめてください。"
                )
            self.stdout.write(f"団体{chain}: {trim(chain, years=years, now=now)}件を消しました。")
