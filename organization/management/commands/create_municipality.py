"""`create_municipality`: the first step of a new installation."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from organization.models import Municipality


class Command(BaseCommand):
    """Creates a 団体."""

    help = "Create a municipality (団体). Example: create_municipality 011002 札幌市 --band 500"

    def add_arguments(self, parser):
        """Code, name, kind, band, contact line."""
        parser.add_argument("code", help="6-digit 団体コード with check digit")
        parser.add_argument("name", help="団体名")
        parser.add_argument("--kind", choices=Municipality.Kind.values, default=Municipality.Kind.CITY)
        parser.add_argument(
            "--band", choices=Municipality.Band.values, required=True, help="人口段階, lower bound in 千人"
        )
        parser.add_argument("--contact", default="", help="shown at the foot of each page")

    def handle(self, *args, **options):
        """Save it, or say what is wrong."""
        municipality = Municipality(
            code=options["code"],
            name=options["name"],
            kind=options["kind"],
            population_band=options["band"],
            contact=options["contact"],
        )
        try:
            municipality.full_clean()
        except ValidationError as error:
            raise CommandError(" / ".join(error.messages)) from None
        municipality.save(force_insert=True)
        self.stdout.write(f"{municipality.name}（{municipality.code}）を作りました。次は create_admin です。")
