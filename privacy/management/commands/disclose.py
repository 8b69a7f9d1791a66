"""The package for a 開示 from the command line."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.management.commands._municipality import municipality_of
from lib.files import write_whole
from organization.models import Staff
from privacy.workflow.rights import export_package


class Command(BaseCommand):
    """Writes everything that is held about one person into a ZIP."""

    help = "1人の職員について持っているもののすべてを、開示の資料として1つのZIPに書き出します。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person, the 受付番号 and the file."""
        parser.add_argument("staff_number", metavar="STAFF_NUMBER", help="職員番号")
        parser.add_argument(
            "--municipality", metavar="CODE", help="6桁の団体コード。団体が1つだけなら省けます"
        )
        parser.add_argument("--number", default="", help="請求の受付番号")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="書き出すZIPファイル")

    def handle(self, *args, **options) -> None:
        """Write the file, or say that there is no such person."""
        municipality = municipality_of(options["municipality"])
        staff = Staff.objects.filter(municipality=municipality, staff_number=options["staff_number"]).first()
        if staff is None:
            raise CommandError(f"{municipality.name} に職員番号 {options['staff_number']} の職員はいません。")
        package = export_package(staff=staff, number=options["number"], by=None)
        write_whole(options["output"], package.content)
        options["output"].chmod(0o600)
        rows = sum(part.rows for part in package.parts)
        self.stdout.write(
            f"{options['output']} に {rows} 行、添付ファイル {package.files} 個を書き出しました。"
        )
