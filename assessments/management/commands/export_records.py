"""Write the records of a year to a file or to standard output."""

import shutil
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessments.export_files import CP932, CSV, XLSX, export_of
from assessments.export_kind import Wish, export_kinds
from assessments.management.commands._municipality import add_arguments, cycle_of, municipality_of
from assessments.workflow.exporting import export_now
from organization.models import Department

_SHOWN = 20
_FORMS = {"long": "records", "wide": "records-wide"}


class Command(BaseCommand):
    """Exports records; written to the audit trail as done by the operator."""

    help = "年度の記録を、CSVかExcelで書き出します。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to export and how."""
        add_arguments(parser)
        parser.add_argument("--department", metavar="CODE", help="所属コード。下の所属も含みます")
        parser.add_argument("--format", choices=["csv", "xlsx"], required=True)
        parser.add_argument(
            "--encoding", choices=["utf-8-sig", "cp932"], default="utf-8-sig", help="CSVの文字コード"
        )
        parser.add_argument("--form", choices=list(_FORMS), default="long", help="long=1項目1行、wide=1人1行")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="CP932で書けない文字を〓などに置き換え、一覧とともにZIPで出します",
        )
        parser.add_argument("--reason", default="", help="記録に残す理由")
        parser.add_argument("--output", default="-", metavar="FILE", help="出力先。- は標準出力（既定）")

    def handle(self, *args, **options) -> None:
        """Write the file, or say what CP932 cannot carry."""
        municipality = municipality_of(options["municipality"])
        cycle = cycle_of(municipality, options["year"])
        if cycle is None:
            raise CommandError(f"{municipality.name} に {options['year']} 年度はありません。")
        department = None
        if options["department"]:
            department = Department.objects.filter(
                municipality=municipality, code=options["department"]
            ).first()
            if department is None:
                raise CommandError(f"所属コード {options['department']} の所属はありません。")
        name = _FORMS[options["form"]]
        form = XLSX if options["format"] == "xlsx" else CP932 if options["encoding"] == "cp932" else CSV
        export = export_of(
            name, export_kinds()[name], None, Wish(cycle, department), format=form, reason=options["reason"],
            replace=options["replace"],
        )  # fmt: skip
        findings = export.findings() if form == CP932 else []
        if findings and not options["replace"]:
            for each in findings[:_SHOWN]:
                self.stderr.write(
                    f"{each.staff_number} {each.name} {each.column} {each.char} {each.codepoint}"
                )
            raise CommandError(
                f"CP932で書けない文字が {len(findings)} 件あります。--encoding utf-8-sig で出すか、--replace を付けてください。"
            )
        written = export_now(export=export, by=None, now=timezone.now())
        with written.file:
            if options["output"] == "-":
                shutil.copyfileobj(written.file, sys.stdout.buffer)
            else:
                with Path(options["output"]).open("wb") as target:
                    shutil.copyfileobj(written.file, target)
        self.stderr.write(f"{written.rows} 行を書き出しました。")
