"""What contradicts itself in the tree, in 発令, accounts, imports and long work."""

import uuid
from datetime import timedelta
from os import utime
from pathlib import Path
from time import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY as STAFF_KEY
from django.utils import timezone

from organization import sessions
from organization.jobs import path_of
from organization.models import ComingChange, Job
from tests.drills.corruptions.plant import World, on_postgres, plant, run, without

_POSTING = (
    "INSERT INTO organization_posting (uuid, municipality_id, staff_id, department_id, kind, position, line_role, "
    "start, \"end\", version) SELECT '{uuid}', municipality_id, staff_id, department_id, kind, position, line_role, "
    "{start}, {end}, 1 FROM organization_posting WHERE id = {posting}"
)


def _posting(which: str, start: str, end: str = "NULL"):
    """Return a step that writes a posting again with another time."""
    return lambda world: run(
        _POSTING.replace("{start}", start).replace("{end}", end).replace("{posting}", str(world[which])),
        world,
    )


def _half_known_coming(world: World) -> None:
    ComingChange.objects.filter(pk=world["coming"]).update(values={"salary": "1"})


def _seen_by_nobody(world: World) -> None:
    store = sessions.SessionStore()
    store[STAFF_KEY] = str(world["staff"])
    store[sessions.KEY] = str(uuid.uuid4())
    store[sessions.BEGAN] = store[sessions.SEEN] = int(time())
    store.create()


def _file_gone(world: World) -> None:
    path_of(Job.objects.get(pk=world["job"]).uuid).rename(_aside(world))


def _file_cut(world: World) -> None:
    path = path_of(Job.objects.get(pk=world["job"]).uuid)
    path.rename(_aside(world))
    path.write_bytes(b"half")


def _aside(world: World) -> Path:
    return Path(world["aside"]) / "job"


def _file_of_nobody(world: World) -> None:
    path = Path(settings.FILES_DIR) / "jobs" / uuid.uuid4().hex
    path.write_bytes(b"names of many people")
    old = (timezone.now() - timedelta(days=9)).timestamp()
    utime(path, (old, old))


PLANTS = (
    # --- the tree
    plant(
        "code of a municipality changed", "organization.codes",
        "UPDATE organization_municipality SET code = '999017' WHERE id = {city}",
    ),
    plant(
        "department below itself", "organization.circles",
        "UPDATE organization_department SET parent_id = {section} WHERE id = {department}",
    ),
    plant(
        "path of another department", "organization.paths",
        "UPDATE organization_department SET path = (SELECT path FROM organization_department WHERE id "
        "= {sibling}) WHERE id = {section}",
    ),
    plant(
        "path as it was before a move", "organization.paths",
        "UPDATE organization_department SET parent_id = {sibling} WHERE id = {section}",
    ),
    plant(
        "path cut off", "organization.paths",
        "UPDATE organization_department SET path = '' WHERE id = {section}",
    ),
    plant(
        "succession in a circle", "organization.successors",
        "UPDATE organization_department SET valid_to = '2030-04-01', successor_id = {sibling} WHERE id "
        "= {section}",
        "UPDATE organization_department SET valid_to = '2030-04-01', successor_id = {section} WHERE id "
        "= {sibling}",
    ),
    # --- 発令
    plant("two 本務 on one day", "organization.main", _posting("posting", "'2001-04-01'", "'2099-04-01'")),
    plant(
        "two 本務 without an end", "rows.duplicates", "DROP INDEX posting_one_open_main",
        _posting("posting", "'2001-04-01'"),
    ),
    plant(
        "the same 兼務 twice", "organization.postings",
        _posting("additional", "'2001-04-01'", "'2099-04-01'"),
    ),
    plant(
        "two leaves on one day", "organization.leaves",
        "INSERT INTO organization_leave (uuid, municipality_id, staff_id, kind, start, \"end\", "
        "version) SELECT '{uuid}', municipality_id, staff_id, kind, '2001-04-01', '2099-04-01', 1 FROM "
        "organization_leave WHERE id = {leave}",
    ),
    plant(
        "posting that goes on after leaving", "organization.left",
        "UPDATE organization_staff SET left_on = '2020-04-02' WHERE id = {staff}",
    ),
    plant(
        "posting that ends before it begins", "rows.conditions",
        without("organization_posting", "posting_interval"),
        "UPDATE organization_posting SET \"end\" = '1990-04-01' WHERE id = {posting}",
    ),
    plant(
        "grant withdrawn before it was given", "organization.times",
        "UPDATE organization_grant SET withdrawn_at = '2001-04-01 00:00:00+00' WHERE id = {grant}",
    ),
    # --- people
    plant(
        "search key of another name", "organization.search",
        "UPDATE organization_staff SET search = 'somebody' WHERE id = {staff}",
    ),
    plant(
        "name changed past the search key", "organization.search",
        "UPDATE organization_staff SET name = 'another' WHERE id = {staff}",
    ),
    plant(
        "unknown 職員区分", "rows.choices",
        "UPDATE organization_staff SET employment = 'guest' WHERE id = {staff}",
    ),
    plant(
        "coming change applied and called off", "organization.coming",
        "UPDATE organization_comingchange SET applied_at = created_at, cancelled_at = created_at WHERE "
        "id = {coming}",
    ),
    plant("coming change of an unknown column", "organization.coming", _half_known_coming),
    # --- accounts
    plant(
        "監査 beside 人事", "accounts.grants",
        "UPDATE organization_grant SET role = 'A' WHERE id = {grant}",
        "INSERT INTO organization_grant (uuid, municipality_id, staff_id, role, granted_at) SELECT "
        "'{uuid}', municipality_id, staff_id, 'H', granted_at FROM organization_grant WHERE id = "
        "{grant}",
    ),
    plant(
        "grant withdrawn at no time", "accounts.grants",
        "UPDATE organization_grant SET withdrawn_by_id = {staff} WHERE id = {grant}",
    ),
    plant(
        "two sign-in codes that both open", "accounts.codes",
        "UPDATE organization_signincode SET revoked_at = NULL WHERE staff_id = {coded}",
    ),
    plant(
        "code used and revoked", "accounts.codes",
        "UPDATE organization_signincode SET used_at = revoked_at WHERE revoked_at IS NOT NULL",
    ),
    plant(
        "secret of the app that no key opens", "accounts.secrets",
        lambda world: _garble("organization_authenticatorapp", "sealed"),
    ),
    plant(
        "ended session that keeps its key", "accounts.sessions",
        "UPDATE organization_staffsession SET ended_at = seen_at, ended_how = 'own' WHERE id = {session}",
    ),
    plant(
        "open session of a closed account", "accounts.sessions",
        "UPDATE organization_staff SET is_active = {false} WHERE id = {seated}",
    ),
    plant("session that nobody can see", "accounts.orphans", _seen_by_nobody),
    plant(
        "session ended in the list alone", "accounts.orphans",
        "UPDATE organization_staffsession SET ended_at = seen_at, ended_how = 'own', session_key = '' "
        "WHERE id = {session}",
    ),
    plant(
        "token revoked at no time", "accounts.tokens",
        "UPDATE organization_apitoken SET revoked_by_id = {staff}",
    ),
    plant(
        "token that ended before it was issued", "accounts.times",
        "UPDATE organization_apitoken SET expires_at = '2001-04-01 00:00:00+00'",
    ),
    on_postgres(
        "one sign-in name twice", "rows.duplicates", "DROP INDEX IF EXISTS organization_staff_username_like",
        "ALTER TABLE organization_staff DROP CONSTRAINT organization_staff_username_key",
        "UPDATE organization_staff SET username = 'jinji' WHERE id = {staff}",
    ),
    # --- files that are brought in
    plant(
        "applied import that keeps the file", "imports.states",
        "UPDATE organization_importbatch SET content = (SELECT content FROM organization_importbatch "
        "WHERE id = {waiting}) WHERE id = {applied}",
    ),
    plant(
        "way back of an import that was discarded", "imports.states",
        "UPDATE organization_importbatch SET undo = content WHERE id = {waiting}",
    ),
    plant(
        "import taken back at no time", "imports.states",
        "UPDATE organization_importbatch SET state = 'undone', undo = NULL WHERE id = {applied}",
    ),
    plant(
        "applied import with no time", "rows.conditions",
        without("organization_importbatch", "import_applied_when"),
        "UPDATE organization_importbatch SET applied_at = NULL WHERE id = {applied}",
    ),
    plant(
        "bytes of a waiting import changed", "imports.bytes",
        lambda world: _garble("organization_importbatch", "content", world["waiting"]),
    ),
    plant(
        "import applied before it was uploaded", "work.times",
        "UPDATE organization_importbatch SET applied_at = '2001-04-01 00:00:00+00' WHERE id = {applied}",
    ),
    # --- long work
    plant(
        "running job that never began", "jobs.states",
        "UPDATE organization_job SET state = 'running', finished_at = NULL, started_at = NULL WHERE id "
        "= {job}",
    ),
    plant(
        "finished job without a deadline", "jobs.states",
        "UPDATE organization_job SET expires_at = NULL WHERE id = {job}",
    ),
    plant(
        "finished job that is not finished", "rows.conditions",
        without("organization_job", "job_finished_when"),
        "UPDATE organization_job SET finished_at = NULL WHERE id = {job}",
    ),
    plant(
        "waiting job that is in no queue", "jobs.queue",
        "UPDATE organization_job SET state = 'waiting', finished_at = NULL, started_at = NULL WHERE id "
        "= {job}",
    ),
    plant("file of a finished job gone", "jobs.files", _file_gone),
    plant("file of a finished job cut off", "jobs.files", _file_cut),
    plant("file of no job", "jobs.left", _file_of_nobody),
)  # fmt: skip


def _garble(table: str, column: str, pk: int | None = None) -> None:
    from django.db import connection

    where = "" if pk is None else f" WHERE id = {pk:d}"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s{where}", [b"garbled"])
        if not cursor.rowcount:
            raise AssertionError(f"{table} has no row")
