"""Give the plain role of the web process a password, so that it can connect (docs/operations/database.md)."""

import getpass
import os

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from lib.postgres import APP_ROLE
from lib.wall_install import faults, install

VARIABLE = "APP_ROLE_PASSWORD"


class Command(BaseCommand):
    """Run it as the owner of the tables, who may make roles. A second run sets another password."""

    help = f"PostgreSQL: 画面を動かす役割 {APP_ROLE} を作り、パスワードを決めます。"

    def handle(self, *args, **options):
        """Make the role, build the wall once more, say how to connect."""
        if connection.vendor != "postgresql":
            raise CommandError("SQLiteには役割がありません。PostgreSQLで使うコマンドです。")
        password = os.environ.get(VARIABLE) or getpass.getpass("パスワード: ")
        if len(password) < 16:
            raise CommandError("パスワードは16文字以上にしてください。")
        try:
            install(connection)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"ALTER ROLE {APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD %s",
                    [password],
                )
        except DatabaseError as failure:
            raise CommandError(
                f"役割を作れませんでした（{type(failure).__name__}）。役割を作れる役割で実行してください。"
            ) from None
        if found := faults(connection):
            raise CommandError("\n".join(found))
        self.stdout.write(
            f"{APP_ROLE} を用意しました。画面と処理係のDATABASE_URLを、この役割に替えてください。"
        )
