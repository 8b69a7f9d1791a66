"""load_catalogue: bring the common 資格 register and the 実施機関 of 研修 to the content of two files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from competency import catalogue_file, workflow
from lib.tabular import TableError, read_table

DATA = Path(catalogue_file.__file__).parent / "data"


class Command(BaseCommand):
    """Re-runnable: rows are matched by code; what a municipality has made its own stays as it is."""

    help = "共通の資格の登録表と研修の実施機関（CSV）を読み込みます。同じ内容なら何も変えません。"

    def add_arguments(self, parser):
        """Take other files than the shipped ones."""
        parser.add_argument(
            "--qualifications", type=Path, default=DATA / "qualifications.csv", metavar="FILE"
        )
        parser.add_argument("--providers", type=Path, default=DATA / "providers.csv", metavar="FILE")

    def handle(self, *, qualifications: Path, providers: Path, **options):
        """Read both before either is loaded, and say what happened."""
        exams = _read(qualifications, catalogue_file.parse_register)
        offering = _read(providers, catalogue_file.parse_providers)
        now = timezone.now()
        self._told("資格", len(exams), workflow.load_qualifications(rows=exams, now=now))
        self._told("研修の実施機関", len(offering), workflow.load_providers(rows=offering, now=now))

    def _told(self, what: str, count: int, done: workflow.Loaded) -> None:
        words = [
            f"{word}{number}件"
            for word, number in (("追加", done.made), ("変更", done.changed), ("使用終了", done.retired))
            if number
        ]
        self.stdout.write(f"{what} {count}件：{'、'.join(words) or '変わりありません'}。")


def _read(file: Path, parse):
    try:
        rows, problems = parse(read_table(file.read_bytes(), file.name))
    except OSError as fault:
        raise CommandError(f"{file} を開けません（{fault.strerror}）。") from fault
    except TableError as fault:
        raise CommandError(f"{file} は読み込めません。\n{fault}") from fault
    if problems:
        told = [
            f"{'全体' if each.line is None else f'{each.line}行目'} {each.column}「{each.value}」：{each.message}"
            for each in problems
        ]
        raise CommandError("\n".join([f"{file} は読み込めません。", *told]))
    return rows
