"""What a load balancer asks: is the process alive, may it take requests.

`/healthz` is for whoever would start the process again, `/readyz` for whoever sends requests to it. Each part of the second is
one plain word; nothing in it is of a person, a place or a name of ours.
"""

import errno
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from config import errors, maintenance
from lib import guards

OK = "ok"
# Whoever asks, asks every few seconds: what takes longer than this is no good answer.
PATIENCE = 2
RETRY_SECONDS = "10"


@login_not_required
@require_safe
def healthz(request):
    """Answer 200 while the process runs; touches nothing."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def readyz(request):
    """Answer 200 where a request would be served and what it writes be kept, else 503; a line for each part."""
    found = parts()
    ready = set(found.values()) == {OK}
    lines = ["ready" if ready else "not ready", *(f"{name} {word}" for name, word in found.items())]
    response = HttpResponse(
        "\n".join([*lines, ""]),
        content_type="text/plain; charset=utf-8",
        status=200 if ready else 503,
    )
    if not ready:
        response["Retry-After"] = RETRY_SECONDS
    return response


def parts() -> dict[str, str]:
    """Return each part that serving stands on and a word for it, "ok" or what is wrong.

    A database that is not asked any more, because maintenance is on or it did not answer, is not in it.
    """
    if maintenance.current():
        return {"maintenance": "on"}
    try:
        found = {"database": OK, **_database()}
    except errors.DATABASE_ERRORS:
        # The next request must not meet the broken connection.
        connection.close()
        found = {"database": "unavailable"}
    return {**found, "files": files_word(Path(settings.FILES_DIR))}


def files_word(folder: Path) -> str:
    """Return whether files can be written where they lie: "ok", "full" or "read-only"."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ready")
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as failure:
        return "full" if failure.errno in (errno.ENOSPC, errno.EDQUOT) else "read-only"
    return OK if free >= settings.MIN_FREE_MB * 1024 * 1024 else "full"


def _database() -> dict[str, str]:
    if connection.vendor == "sqlite":
        return {"writes": _sqlite_writes(), "migrations": _migrations(), "guards": _guards()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}s'")
        # On in a replica, and where an administrator has made the database or the role read-only.
        cursor.execute("SHOW transaction_read_only")
        writes = OK if cursor.fetchone() == ("off",) else "read-only"
        return {"writes": writes, "migrations": _migrations(), "guards": _guards()}


def _sqlite_writes() -> str:
    """Return whether the file takes writes; asked by beginning one that is not made."""
    name = str(connection.settings_dict["NAME"])
    if "memory" not in name:
        file = Path(name)
        if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
            return "read-only"
        if shutil.disk_usage(file.parent).free < settings.MIN_FREE_MB * 1024 * 1024:
            return "full"
    if connection.in_atomic_block:
        return OK
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (before,) = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
        try:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
        except OperationalError as failure:
            # Somebody else is writing, which is what was asked.
            return OK if "locked" in str(failure) else "read-only"
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {before}")
    return OK


def _guards() -> str:
    """Return whether what guards history stands: it does not where a `migrate` was cut off (lib/guards.py)."""
    return "missing" if guards.missing(connection, guards.installed_here()) else OK


def _migrations() -> str:
    """Return whether every migration is applied: one query where it is so, the long way where it seems not."""
    if _on_disk() <= set(MigrationRecorder(connection).applied_migrations()):
        return OK
    executor = MigrationExecutor(connection)
    return "missing" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else OK


@cache
def _on_disk() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
