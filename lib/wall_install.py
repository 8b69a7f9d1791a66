"""Builds the second wall after every migrate, and says what of it is missing (docs/adr/0052)."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate, pre_migrate

from lib import quiet, wall_ties
from lib.postgres import APP_ROLE, SETTING
from lib.walls import Door, Policy, Wall, doors, open_tables, policies, walls

_OPERATOR = "wall_operator"


def install_after_migrate(sender: Any) -> None:
    """Build the wall whenever the migrations of all apps have run; `sender` is the last app to say so.

    Before they run, let the owners of the tables through the wall that stands: a step of data must see its rows.
    """
    pre_migrate.connect(_open, sender=sender, weak=False, dispatch_uid="lib.walls")
    post_migrate.connect(_build, sender=sender, weak=False, dispatch_uid="lib.walls")


def _open(sender: Any, using: str, **kwargs: Any) -> None:
    if connections[using].vendor == "postgresql":
        let_owners_in(connections[using])


def let_owners_in(connection: BaseDatabaseWrapper) -> None:
    """Name the owner of each table in its wall, where that names another role still: the tables were another owner's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
            "WHERE p.polname = %s AND c.relnamespace = current_schema()::regnamespace AND c.relowner <> ALL(p.polroles)",
            [_OPERATOR],
        )
        for table, owner in cursor.fetchall():
            cursor.execute(f'ALTER POLICY {_OPERATOR} ON "{table}" TO "{owner}"')


def _build(sender: Any, using: str, apps: Any = None, **kwargs: Any) -> None:
    # A flush says so too, and leaves every policy.
    if apps is not None and connections[using].vendor == "postgresql":
        install(connections[using])


def install(connection: BaseDatabaseWrapper) -> None:
    """Build what is missing or differs; tables that are not there yet are left out.

    Each table in a transaction of its own: it is walled at every moment, and locked for one only (docs/adr/0079).
    """
    from django.db.transaction import atomic

    with connection.cursor() as cursor:
        owners = _owners(cursor)
        there = [wall for wall in walls() if wall.table in owners]
        _ensure_role(cursor)
        for wall in there:
            with atomic(using=connection.alias):
                wanted = _wanted(wall, owners[wall.table], owners)
                if list(_faults_of(cursor, wall, wanted)):
                    _wall_in(cursor, wall, wanted)
        if len(there) == len(walls()):
            _tie(connection, cursor)
            for door in doors():
                with atomic(using=connection.alias):
                    _cut(cursor, door)
        with atomic(using=connection.alias):
            _grant(cursor, there, owners)


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Return a sentence for each thing of the wall that is missing or was changed; [] on SQLite, which has none."""
    if connection.vendor != "postgresql":
        return []
    found: list[str] = []
    with connection.cursor() as cursor:
        owners = _owners(cursor)
        for wall in walls():
            if wall.table not in owners:
                found.append(f"{wall.table}: 表がありません。")
                continue
            found += _faults_of(cursor, wall, _wanted(wall, owners[wall.table], owners))
        held = _names(cursor, "SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated")
        missing = [tie.name for tie in wall_ties.ties() if tie.whole and tie.name not in held]
        found += [f"{name}: 団体と組にした外部キーがありません。" for name in missing]
        ways = _names(cursor, "SELECT proname FROM pg_proc WHERE prosecdef")
        found += [f"{door.name}: 関数がありません。" for door in doors() if door.name not in ways]
    return found


def role_faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Return why the role that this process connects as would pass the wall, or could take it down; [] for a plain one."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, EXISTS (SELECT 1 FROM pg_class c WHERE c.relkind = 'r' "
            "AND c.relnamespace = current_schema()::regnamespace AND pg_has_role(session_user, c.relowner, 'MEMBER')) "
            "FROM pg_roles WHERE rolname = session_user"
        )
        superuser, bypass, creates, owns = cursor.fetchone()
    said = [
        (superuser, "スーパーユーザーで接続しています。行の分離は、どの役割にも及びません。"),
        (bypass and not superuser, "BYPASSRLSの役割で接続しています。行の分離が効きません。"),
        (creates and not superuser, "CREATEROLEの役割で接続しています。"),
        (owns and not superuser, "表の所有者で接続しています。行の分離を外せる役割です。"),
    ]
    return [sentence for holds, sentence in said if holds]


def sees_everything(connection: BaseDatabaseWrapper) -> bool:
    """Say whether a command may count for the whole installation; the plain role would find nothing and no fault."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s", [APP_ROLE])
        return not cursor.fetchone()[0]


def _wanted(wall: Wall, owner: str, owners: Iterable[str]) -> list[Policy]:
    there = [(column, table) for column, table in wall_ties.references(wall.table) if table in owners]
    return list(policies(wall, owner, tuple(there)))


def _wall_in(cursor: Any, wall: Wall, wanted: list[Policy]) -> None:
    cursor.execute("SELECT polname FROM pg_policy WHERE polrelid = %s::regclass", [f'"{wall.table}"'])
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP POLICY "{name}" ON "{wall.table}"')
    cursor.execute(f'ALTER TABLE "{wall.table}" ENABLE ROW LEVEL SECURITY')
    cursor.execute(f'ALTER TABLE "{wall.table}" FORCE ROW LEVEL SECURITY')
    for policy in wanted:
        cursor.execute(policy.sql())
    for name, _, read in list(_standing(cursor, wall)):
        policy = next(one for one in wanted if one.name == name)
        cursor.execute(f'COMMENT ON POLICY {name} ON "{wall.table}" IS %s', [f"{_mark(policy.sql())} {read}"])


def _faults_of(cursor: Any, wall: Wall, wanted: list[Policy]) -> Iterator[str]:
    cursor.execute(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
        [f'"{wall.table}"'],
    )
    enabled, forced = cursor.fetchone()
    if not enabled:
        yield f"{wall.table}: 行の分離が働いていません（ENABLE ROW LEVEL SECURITY）。"
    if not forced:
        yield f"{wall.table}: 行の分離が所有者に及びません（FORCE ROW LEVEL SECURITY）。"
    standing = {name: (comment, read) for name, comment, read in _standing(cursor, wall)}
    for policy in wanted:
        comment, read = standing.pop(policy.name, (None, ""))
        if comment is None and not read:
            yield f"{wall.table}: ポリシー {policy.name} がありません。"
        elif comment != f"{_mark(policy.sql())} {read}":
            yield f"{wall.table}: ポリシー {policy.name} が、作ったときと違います。"
    for name in standing:
        yield f"{wall.table}: 知らないポリシー {name} があります。"


def _standing(cursor: Any, wall: Wall) -> list[tuple[str, str | None, str]]:
    """Return (name, comment, mark of what it says) of the policies in the database.

    PostgreSQL writes a condition down in its own words, so that only a mark taken right after the making can be compared.
    """
    cursor.execute(
        "SELECT polname, obj_description(oid, 'pg_policy'), md5(concat_ws('|', polcmd, polpermissive, polroles::text, "
        "pg_get_expr(polqual, polrelid), '/', pg_get_expr(polwithcheck, polrelid))) "
        "FROM pg_policy WHERE polrelid = %s::regclass",
        [f'"{wall.table}"'],
    )
    return cursor.fetchall()


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _tie(connection: BaseDatabaseWrapper, cursor: Any) -> None:
    """Add the keys of (municipality, id) that are missing."""
    there = _names(cursor, "SELECT conname FROM pg_constraint WHERE convalidated")
    for tie in wall_ties.ties():
        if not tie.whole:
            continue
        parent = tie.parent._meta.db_table
        if (unique := f"wall_{parent}") not in there:
            quiet.add_unique(connection, cursor, parent, unique, "municipality_id, id")
            there.add(unique)
        if tie.name not in there:
            quiet.add_foreign_key(
                connection, cursor, tie.model._meta.db_table, tie.name,
                columns=f'municipality_id, "{tie.column}"', parent=parent, there="municipality_id, id",
            )  # fmt: skip


def _cut(cursor: Any, door: Door) -> None:
    """Make a function that asks as the owner, in a search path that nobody can put anything into."""
    cursor.execute("SELECT quote_ident(current_schema())")
    (schema,) = cursor.fetchone()
    types = ", ".join(argument.split(" ", 1)[1] for argument in door.arguments.split(", ") if argument)
    # Said inside, and taken back: a SET of the function itself is a superuser's alone since PostgreSQL 15.
    several = door.returns.startswith("SETOF ")
    kept = "" if several else f"answer {door.returns}; "
    ask = f"RETURN QUERY {door.query};" if several else f"answer := ({door.query});"
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {door.name}({door.arguments}) RETURNS {door.returns} LANGUAGE plpgsql STABLE "
        f"SECURITY DEFINER SET search_path = {schema}, pg_catalog, pg_temp AS $door$ "
        f"DECLARE said text := coalesce(current_setting('{SETTING}', true), ''); {kept}"
        f"BEGIN PERFORM set_config('{SETTING}', '', true); {ask} PERFORM set_config('{SETTING}', said, true); "
        f"RETURN{'' if several else ' answer'}; END $door$"
    )
    cursor.execute(f"REVOKE ALL ON FUNCTION {door.name}({types}) FROM PUBLIC")
    cursor.execute(f"GRANT EXECUTE ON FUNCTION {door.name}({types}) TO {APP_ROLE}")


def _ensure_role(cursor: Any) -> None:
    """Make the plain role where it is missing and may be made; it cannot connect before it is given a password."""
    cursor.execute(
        f"DO $role$ BEGIN CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE; "
        # Another migrate has just made it, or the operator has.
        "EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL; END $role$"
    )


def _grant(cursor: Any, there: list[Wall], owners: dict[str, str]) -> None:
    """Give the plain role what it needs in each table that is listed, and nothing in any other."""
    cursor.execute("SELECT quote_ident(current_schema())")
    (schema,) = cursor.fetchone()
    statements = [
        f"GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {APP_ROLE}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {APP_ROLE}",
    ]
    for wall in there:
        rights = "SELECT, INSERT" if wall.append_only else "SELECT, INSERT, UPDATE, DELETE"
        statements.append(f'GRANT {rights} ON "{wall.table}" TO {APP_ROLE}')
    for table, (writes, _) in {**open_tables(), "django_migrations": (False, "")}.items():
        if table in owners:
            rights = "SELECT, INSERT, UPDATE, DELETE" if writes else "SELECT"
            statements.append(f'GRANT {rights} ON "{table}" TO {APP_ROLE}')
    cursor.execute("; ".join(statements))


def _owners(cursor: Any) -> dict[str, str]:
    cursor.execute(
        "SELECT relname, pg_get_userbyid(relowner) FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    )
    return dict(cursor.fetchall())


def _names(cursor: Any, query: str) -> set[str]:
    cursor.execute(query)
    return {row[0] for row in cursor.fetchall()}
