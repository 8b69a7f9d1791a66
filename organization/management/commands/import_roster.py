"""`import_roster FILE [--apply]`: the roster import of the screen, for the operator."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access.refusals import Refusal
from lib.tabular import Problem
from organization.import_preview import Preview, unpack
from organization.import_words import kind_label
from organization.models import ImportBatch, Municipality
from organization.workflow import apply_import, upload_import
from organization.workflow.import_checks import compare, read_file

KIND = ImportBatch.Kind.ROSTER


class Command(BaseCommand):
    """Prints what a roster would change, and with --apply changes it; exits with 1 where the file is refused."""

    help = "Show what a roster file (CSV, XLSX) would change; with --apply import it, all or nothing."

    def add_arguments(self, parser):
        """File, municipality, and whether to write."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="write; without it nothing is changed")
        parser.add_argument(
            "--municipality", default="", help="団体コード; may be left out where there is one"
        )
        parser.add_argument(
            "--full", action="store_true", help="全件名簿: list those whom the file does not name"
        )

    def handle(self, *args, **options):
        """Check, print, and write if asked."""
        municipality = self._municipality(options["municipality"])
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"ファイルを読めません：{error.strerror}") from None
        now = timezone.now()
        wishes = {"full": options["full"]}
        if not options["apply"]:
            read = read_file(municipality=municipality, kind=KIND, file_name=path.name, content=content)
            today = timezone.localdate(now)
            checked = compare(read, municipality=municipality, kind=KIND, options=wishes, today=today)
            self._show(checked.preview, checked.counts)
            self.stdout.write("まだ何も取り込んでいません。取り込むには --apply を付けてください。")
            return
        batch = upload_import(
            by=None,
            kind=KIND,
            file_name=path.name,
            content=content,
            now=now,
            options=wishes,
            municipality=municipality,
        )
        self._show(unpack(batch.preview), batch.counts)
        try:
            apply_import(by=None, batch=batch, key=None, version=batch.version, now=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write("取り込みました。")

    def _municipality(self, code: str) -> Municipality:
        found = Municipality.objects.filter(code=code) if code else Municipality.objects.all()
        if len(found) != 1:
            raise CommandError(
                "この団体コードの団体はありません。"
                if code
                else "団体が1つではありません。--municipality で選んでください。"
            )
        return found[0]

    def _show(self, preview: Preview, counts: dict) -> None:
        """Print counts, warnings and changes; raise CommandError with every problem where there is one."""
        if preview.problems:
            lines = [self._sentence(problem) for problem in preview.problems]
            raise CommandError(
                "\n".join([f"直すところが{len(lines)}件あるため、1行も取り込みません。", *lines]),
                returncode=1,
            )
        for suspicion in preview.suspicions:
            place = "、".join(f"{line}行目" for line in suspicion.lines)
            self.stdout.write(f"注意：{place} {suspicion.message}" if place else f"注意：{suspicion.message}")
        for warning in preview.warnings:
            self.stdout.write(f"注意：{self._sentence(warning)}")
        for outcome in preview.outcomes:
            if "unchanged" in outcome.kinds:
                continue
            words = "・".join(kind_label(KIND, kind) for kind in outcome.kinds)
            changes = "、".join(f"{c.label} {c.old or '—'} → {c.new or '—'}" for c in outcome.changes)
            place = "" if outcome.line is None else f"{outcome.line}行目 "
            self.stdout.write(f"{place}{outcome.number} {outcome.name}：{words} {changes}".rstrip())
        for position, lines in preview.new_positions.items():
            self.stdout.write(f"新しい職位：{position}（{lines}行）")
        self.stdout.write(f"{counts['rows']}行")
        for kind, lines in counts["kinds"].items():
            self.stdout.write(f"  {kind_label(KIND, kind)} {lines}")

    def _sentence(self, problem: Problem) -> str:
        place = "" if problem.line is None else f"{problem.line}行目 "
        value = f"「{problem.value}」" if problem.value else ""
        return f"{place}{problem.column}{value}：{problem.message}"
