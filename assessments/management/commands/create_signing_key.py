"""`create_signing_key`: the key under a municipality's records, the first or a new one."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments.travel.multikey import fingerprint
from assessments.workflow.signing_keys import make_key
from organization.models import Municipality


class Command(BaseCommand):
    """Makes a signing key; where there is one already, it is retired and signs no more."""

    help = "Create the signing key of a municipality, or a new one in place of the one in use (団体コード)."

    def add_arguments(self, parser):
        """The municipality."""
        parser.add_argument("code", help="団体コード")

    def handle(self, *args, **options):
        """Make it, and print what has to reach the other municipalities."""
        municipality = Municipality.objects.filter(code=options["code"]).first()
        if municipality is None:
            raise CommandError(
                "この団体コードの団体はありません。先に create_municipality を実行してください。"
            )
        key = make_key(municipality=municipality, by=None, now=timezone.now(), anew=True)
        self.stdout.write(
            f"{municipality.name}の署名の鍵を作りました。\n公開鍵 {key.public_key}\n指紋 {fingerprint(key.public_key)}\n"
            "前の鍵があれば、もう署名しません。相手の団体の人事に、新しい公開鍵と指紋を伝えてください。"
        )
