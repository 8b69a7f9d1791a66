"""Deleting what is past its period, by the operator, after 人事 has looked at it for thirty days."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from access.refusals import Refusal
from assessments.management.commands._municipality import municipality_of
from privacy.models import RetentionRun
from privacy.workflow import erasure

# How the command ends where there is nothing to do: nothing past its period, too early, not agreed to, a list open already.
NOT_YET = 3


class Command(BaseCommand):
    """Without --apply it only says what is past its period, and puts it before 人事."""

    help = "保存期間を過ぎたものを一覧にして人事に見せます。--apply は、30日がたち、人事が同意した一覧を消します。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the municipality and whether to delete."""
        parser.add_argument(
            "--municipality", metavar="CODE", help="6桁の団体コード。団体が1つだけなら省けます"
        )
        parser.add_argument("--apply", action="store_true", help="同意ずみで、30日がたった一覧を消します")

    def handle(self, *args, **options) -> None:
        """Propose, or delete what is agreed and due."""
        municipality, now = municipality_of(options["municipality"]), timezone.now()
        try:
            if options["apply"]:
                self._apply(municipality, now)
            else:
                run = erasure.propose(municipality=municipality, by=None, now=now)
                due = timezone.localtime(run.due_at)
                self.stdout.write(
                    f"{municipality.name}: {run.items.count()} 行の消去の予定を作りました。"
                    f"{due:%Y-%m-%d %H:%M} から、人事が同意していれば消せます。"
                )
        except Refusal as refusal:
            # A code of its own: a timer that asks every day tells "not yet" from a failure.
            raise CommandError(refusal.message, returncode=NOT_YET) from refusal

    def _apply(self, municipality, now) -> None:
        run = RetentionRun.objects.filter(municipality=municipality, state__in=("proposed", "agreed")).first()
        if run is None:
            raise CommandError(f"{municipality.name} に消去の予定はありません。", returncode=NOT_YET)
        deleted = erasure.purge(run=run, now=now)
        if not transaction.get_connection().in_atomic_block:
            erasure.wipe_traces()
        for name, rows in sorted(deleted.items()):
            self.stdout.write(f"{name} {rows}")
