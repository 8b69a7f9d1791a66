"""dump_framework CODE [--version V] [--format F]: write a common framework, as JSON unless another form is asked for."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from competency.interchange_reads import text_of
from competency.models import FrameworkVersion


class Command(BaseCommand):
    """JSON, YAML and CASE can be loaded again and give the same framework."""

    help = "体系を書き出します。CTDL のほかは、load_framework でそのまま読み込めます。"

    def create_parser(self, prog_name, subcommand, **kwargs):
        """Let our --version stand in place of the one every command has."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser):
        """Take the code, in any case, and the version."""
        parser.add_argument("code", metavar="CODE", help="体系の符号。例 lasdec")
        parser.add_argument(
            "--version", dest="edition", metavar="V", help="版の名前。なければ公開中の新しい版"
        )

        parser.add_argument(
            "--format", dest="form", choices=["json", "yaml", "case", "ctdl"], default="json", help="形式"
        )

    def handle(self, *, code: str, edition: str | None, form: str, **options):
        """Find the version and write it."""
        found = FrameworkVersion.objects.filter(
            framework__municipality__isnull=True, framework__code__iexact=code
        ).select_related("framework")
        if edition:
            version = found.filter(name=edition).first()
        else:
            version = found.published().order_by("-published_at", "-pk").first()
        if version is None:
            raise CommandError(
                f"体系「{code}」の{f'版「{edition}」' if edition else '公開中の版'}はありません。"
            )
        self.stdout.write(text_of(version, form, settings.SITE_URL), ending="")
