"""`create_admin`: the first account of a municipality, which makes the others."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access.actor import Role
from lib.text import half_width
from organization.models import Municipality, Staff
from organization.workflow import create_account, grant_role, issue_codes


class Command(BaseCommand):
    """Creates an account with システム管理 and prints its one-time code."""

    help = "Create an account with the role システム管理 and print its one-time sign-in code."

    def add_arguments(self, parser):
        """Municipality, sign-in name, name, number."""
        parser.add_argument("username", help="ログイン名")
        parser.add_argument("name", help="氏名")
        parser.add_argument("--municipality", required=True, help="団体コード")
        parser.add_argument("--number", default="", help="職員番号 (default: the sign-in name)")
        parser.add_argument("--hr", action="store_true", help="also grant 人事")

    @transaction.atomic
    def handle(self, *args, **options):
        """Create, grant, print the code once."""
        municipality = Municipality.objects.filter(code=options["municipality"]).first()
        if municipality is None:
            raise CommandError(
                "この団体コードの団体はありません。先に create_municipality を実行してください。"
            )
        if half_width(options["username"]) != options["username"]:
            raise CommandError("ログイン名は、半角の英数字で、前後に空白を入れずに指定してください。")
        number = options["number"] or options["username"]
        if Staff.objects.filter(username=options["username"]).exists():
            raise CommandError("このログイン名は、すでに使われています。")
        if Staff.objects.filter(municipality=municipality, staff_number=number).exists():
            raise CommandError(
                "この職員番号は、すでに使われています。--number で別の番号を指定してください。"
            )
        now = timezone.now()
        staff = create_account(
            municipality=municipality,
            username=options["username"],
            staff_number=number,
            name=options["name"],
            by=None,
            now=now,
        )
        for role in [Role.SYSADMIN, *([Role.HR] if options["hr"] else [])]:
            grant_role(staff=staff, role=role, by=None, now=now)
        (slip,) = issue_codes(people=[staff], by=None, now=now)
        self.stdout.write(f"ログイン名 {staff.username}\n初回ログインの番号 {slip.code}（14日間、1回だけ）")
