"""PostgreSQL: a dump and the counting of its rows in one snapshot, and a dump loaded into an empty database."""

import contextlib
import os
import re
import subprocess  # programs of the system, with arguments of ours # nosec B404
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.client import DatabaseClient

from config.backups import BackupError, rows
from config.backups.manifest import Counted
from config.backups.programs import Program, find, major_of

# A migration in progress is waited for no longer.
_LOCK_WAIT = "60s"
# What `migrate` builds itself, for roles that may have other names there: left out of what is loaded.
_BUILT_ANEW = re.compile(
    r"^\d+; \d+ \d+ "
    r"(?:POLICY|ROW SECURITY|ACL|DEFAULT ACL|COMMENT \S+ (?:POLICY|SCHEMA|EXTENSION)|SCHEMA - public) "
)


@dataclass
class Snapshot:
    """One moment of the database, as long as its transaction is open."""

    name: str
    _connection: BaseDatabaseWrapper

    def ask(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query in this moment, some thousand at a time."""
        if not query.startswith("SELECT"):
            raise ValueError("a snapshot is read")
        with self._connection.chunked_cursor() as cursor:
            cursor.execute(query)
            while fetched := cursor.fetchmany(rows.BATCH):
                yield from fetched

    def count(self) -> dict[str, Counted]:
        """Count the rows of every table."""
        return rows.of_postgres(self.ask)


@contextlib.contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[Snapshot]:
    """Hold one moment of the database, for this process and for the dump."""
    with _told(), transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # Limits that are right for pages would end it in the middle.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        # A value is written so that it can be read back exactly, whatever the database has set.
        cursor.execute("SET LOCAL extra_float_digits = 1")
        cursor.execute("SELECT pg_export_snapshot()")
        yield Snapshot(cursor.fetchone()[0], connection)


@dataclass
class Dump:
    """A dump being written."""

    program: Program
    process: subprocess.Popen[str]

    def wait(self) -> None:
        """Wait until it is written. BackupError with what the program said."""
        _, said = self.process.communicate()
        if self.process.returncode:
            raise BackupError(f"pg_dumpが失敗しました。{_said(said)}")


@contextlib.contextmanager
def dumping(connection: BaseDatabaseWrapper, moment: Snapshot, target: Path) -> Iterator[Dump]:
    """Start a dump of this moment into a file; what still runs at the end of the block is stopped."""
    program = find("pg_dump", least=server_major(connection))
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    process = _start(
        connection,
        [
            str(program.path),
            "--format=custom",
            f"--snapshot={moment.name}",
            # The owner is under FORCE; the policy of the operator shows every row, which the caller has asked for.
            "--enable-row-security",
            f"--lock-wait-timeout={_LOCK_WAIT}",
            "--no-password",
            f"--file={target}",
        ],
    )
    try:
        yield Dump(program, process)
    finally:
        _stop(process)


def server_major(connection: BaseDatabaseWrapper) -> int:
    """Return the major version of the server."""
    with _told():
        return int(connection.pg_version) // 10000  # type: ignore[attr-defined]


def passes_policies(connection: BaseDatabaseWrapper) -> bool:
    """Say whether this role sees every row whatever the policies are."""
    with _told(), connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def is_empty(connection: BaseDatabaseWrapper) -> bool:
    """Say whether there is no table of anybody's in the database."""
    with _told(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') "
            "AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema')"
        )
        return bool(cursor.fetchone()[0])


def loader_for(connection: BaseDatabaseWrapper, made_with: str, engine_version: str) -> Program:
    """Return the program that loads a dump into this server. BackupError where the dump is of a later one."""
    server, dumped = server_major(connection), major_of(engine_version)
    if server < dumped:
        raise BackupError(
            f"この控えは PostgreSQL {dumped} のものです。ここの PostgreSQL {server} には戻せません。"
            f"PostgreSQL {dumped} 以上を入れてください。"
        )
    return find("pg_restore", least=max(server, major_of(made_with)))


def check_dump(dump: Path, tables: dict[str, Counted]) -> None:
    """Ask whether a dump can be read and has every table. BackupError."""
    listed = _listed(find("pg_restore", least=0), dump)
    there = {
        words[6] for line in listed if len(words := line.split()) > 6 and words[3:5] == ["TABLE", "DATA"]
    }
    if lacking := [name for name in tables if name.rpartition(".")[2] not in there]:
        raise BackupError(f"pg_dumpの出力に、{len(lacking)}個の表がありません（{lacking[0]}など）。")


def load(connection: BaseDatabaseWrapper, dump: Path, program: Program) -> None:
    """Load a dump into the empty database, in one transaction: all of it or nothing.

    Policies, rights and owners stay out: `migrate` builds them for the roles of this server (lib/wall_install.py).
    """
    wanted = dump.with_suffix(".list")
    wanted.write_text(
        "\n".join(line for line in _listed(program, dump) if not _BUILT_ANEW.match(line)) + "\n"
    )
    connection.close()
    process = _start(
        connection,
        [
            str(program.path),
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            "--no-password",
            f"--use-list={wanted}",
            f"--dbname={connection.settings_dict['NAME']}",
            str(dump),
        ],
    )
    try:
        _, said = process.communicate()
    finally:
        _stop(process)
        wanted.unlink(missing_ok=True)
    if process.returncode:
        raise BackupError(f"pg_restoreが失敗しました。データベースは空のままです。{_said(said)}")
    with _told(), connection.cursor() as cursor:
        # A dump carries no statistics; without them the first day is slow.
        cursor.execute("ANALYZE")


def _listed(program: Program, dump: Path) -> list[str]:
    done = subprocess.run(  # arguments of ours, no shell # noqa: S603 # nosec B603
        [str(program.path), "--list", str(dump)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"pg_dumpの出力が読めません。{_said(done.stderr)}")
    return [line for line in done.stdout.splitlines() if line and not line.startswith(";")]


def _start(connection: BaseDatabaseWrapper, command: list[str]) -> subprocess.Popen[str]:
    """Start a program of PostgreSQL on this database; everybody may read its arguments, and nothing secret is in them.

    It inherits the lock of the workplace: a second run waits for one that outlives ours.
    """
    settings = connection.settings_dict
    _, secret = DatabaseClient.settings_to_cmd_args_env(settings, [])
    place = {"PGHOST": settings["HOST"], "PGPORT": settings["PORT"], "PGUSER": settings["USER"]}
    environment = {
        # Nothing of the product's own secrets goes further.
        **{
            name: value
            for name, value in os.environ.items()
            if name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ")
        },
        **{name: str(value) for name, value in place.items() if value},
        "PGDATABASE": str(settings["NAME"]),
        **{name: str(value) for name, value in (secret or {}).items()},
    }
    return subprocess.Popen(  # arguments of ours, no shell # noqa: S603 # nosec B603
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, errors="replace", close_fds=False,
    )  # fmt: skip


def _stop(process: subprocess.Popen[str]) -> None:
    """End a program that still runs; one that has ended is left as it is."""
    if process.poll() is None:
        process.kill()
        process.wait()
    if process.stderr:
        process.stderr.close()


def _said(text: str) -> str:
    """Return the first error that a program reported; not its details, which may quote a row."""
    errors = [line for line in text.splitlines() if "error:" in line or "ERROR:" in line]
    return (errors or ["理由はわかりません。"])[0][:300]


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn an error of the database into a sentence; its details may quote a row."""
    try:
        yield
    except DatabaseError as failure:
        said = str(failure).partition("\n")[0][:200]
        raise BackupError(f"PostgreSQLを扱えませんでした（{said}）。") from None
