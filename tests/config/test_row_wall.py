"""The second wall: with the application's own filters off, no row of another municipality is seen or touched."""

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction

from config.checks import second_wall
from lib import tenant
from lib.postgres import APP_ROLE
from lib.wall_install import faults, install, let_owners_in, role_faults, sees_everything
from lib.walls import open_tables, walls
from tests.config.wall_rows import EVERYBODYS, NEW, OURS, THEIRS, fill, insert, primary_key

postgres_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no second wall")
WALLS = {wall.table: wall for wall in walls()}


@pytest.fixture
def filled(db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no second wall")
    fill()


def seen(table: str) -> set[int]:
    wall = WALLS[table]
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{primary_key(wall)}" FROM "{table}" WHERE "{primary_key(wall)}" > 900000')
        return {row[0] for row in cursor.fetchall()}


def touched(sql: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


@postgres_only
def test_a_step_of_data_sees_the_rows_of_tables_that_were_another_owners(db):
    """A wall that still names the owner of before would hide every row from `migrate`, which would pass them by."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER POLICY wall_operator ON organization_staff TO {APP_ROLE}")
        let_owners_in(connection)
        cursor.execute(
            "SELECT c.relowner = ANY(p.polroles) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
            "WHERE p.polname = 'wall_operator'"
        )
        assert {right for (right,) in cursor.fetchall()} == {True}


def test_every_table_is_walled_or_says_why_it_is_nobodys():
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert tables == WALLS.keys() | open_tables().keys()
    assert not WALLS.keys() & open_tables().keys()
    assert all(reason for _, reason in open_tables().values())


def test_a_municipality_sees_its_own_rows_and_everybodys(filled):
    with tenant.as_tenant(OURS):
        shown = {table: seen(table) for table in WALLS}
    wanted = {table: {OURS} | ({EVERYBODYS} if wall.shares else set()) for table, wall in WALLS.items()}
    assert shown == wanted


def test_every_model_asked_for_everything_holds_no_foreign_row(filled):
    with tenant.as_tenant(OURS):
        for model in apps.get_models():
            if model._meta.db_table in WALLS:
                keys = set(model._base_manager.filter(pk__gt=900_000).values_list("pk", flat=True))
                assert OURS in keys, model
                assert THEIRS not in keys, model


def test_nobody_sees_no_row_of_any_municipality(filled):
    with tenant.as_nobody():
        shown = {table: seen(table) for table in WALLS}
    assert {table: keys for table, keys in shown.items() if keys} == {
        table: {EVERYBODYS} for table, wall in WALLS.items() if wall.nobody
    }


def test_the_operator_sees_every_row(filled):
    with tenant.as_tenant(OURS):
        seen("organization_staff")
    # In the same transaction, which was the municipality's a moment ago.
    assert all({OURS, THEIRS} <= seen(table) for table in WALLS)


@pytest.mark.parametrize("act", ["UPDATE", "DELETE"])
def test_a_foreign_or_common_row_is_neither_changed_nor_deleted(filled, act):
    for wall in WALLS.values():
        key = primary_key(wall)
        sql = {
            "UPDATE": f'UPDATE "{wall.table}" SET "{key}" = "{key}" WHERE "{key}" IN ({THEIRS}, {EVERYBODYS})',
            "DELETE": f'DELETE FROM "{wall.table}" WHERE "{key}" IN ({THEIRS}, {EVERYBODYS})',
        }[act]
        with tenant.as_tenant(OURS):
            if wall.append_only:
                with pytest.raises(ProgrammingError, match="permission denied"):
                    touched(sql)
            else:
                assert touched(sql) == 0, wall.table
        assert THEIRS in seen(wall.table)


def test_a_row_is_neither_written_for_another_municipality_nor_handed_to_it(filled):
    for wall in WALLS.values():
        for belongs_to in (THEIRS, EVERYBODYS) if wall.common or wall.nobody else (THEIRS,):
            refused = pytest.raises(ProgrammingError, match="row-level security")
            with refused, transaction.atomic(), tenant.as_tenant(OURS):
                insert(wall, NEW, None if belongs_to == EVERYBODYS else belongs_to)
        if not wall.append_only:
            with tenant.as_tenant(OURS), pytest.raises(ProgrammingError, match="row-level security"):
                touched(
                    f'UPDATE "{wall.table}" SET "{wall.column}" = {THEIRS} WHERE "{primary_key(wall)}" = {OURS}'
                )
    with tenant.as_nobody(), pytest.raises(ProgrammingError, match="row-level security"):
        insert(WALLS["organization_staff"], NEW, OURS)


def test_a_row_cannot_point_at_what_its_writer_does_not_see(filled):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'origin'")
    for table, column in (("competency_course", "provider_id"), ("assessments_handover", "successor_id")):
        key = primary_key(WALLS[table])
        for other, allowed in ((OURS, True), (THEIRS, False)):
            sql = f'UPDATE "{table}" SET "{column}" = {other} WHERE "{key}" = {OURS}'
            with tenant.as_tenant(OURS):
                if allowed:
                    assert touched(sql) == 1
                else:
                    with pytest.raises(DatabaseError, match="row-level security"):
                        touched(sql)


@postgres_only
@pytest.mark.django_db
def test_the_plain_role_cannot_change_the_database():
    for sql in (
        "TRUNCATE gaps_scenariostep",
        "CREATE TABLE public.own (id int)",
        "ALTER TABLE organization_staff DISABLE ROW LEVEL SECURITY",
        "DROP POLICY wall_own ON organization_staff",
        "DELETE FROM django_migrations",
        "INSERT INTO auth_group (name) VALUES ('x')",
    ):
        with tenant.as_nobody(), pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            touched(sql)


@postgres_only
@pytest.mark.django_db
def test_the_wall_stands_and_is_built_once():
    assert faults(connection) == []
    install(connection)
    assert faults(connection) == []
    assert "スーパーユーザー" in role_faults(connection)[0]


@postgres_only
@pytest.mark.django_db
@pytest.mark.parametrize(
    "fault",
    [
        "DROP POLICY wall_own ON organization_staff",
        "ALTER TABLE assessments_rating NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE assessments_rating DISABLE ROW LEVEL SECURITY",
        "ALTER POLICY wall_own ON assessments_sheet USING (true)",
        "CREATE POLICY open_house ON assessments_sheet USING (true)",
        "ALTER TABLE assessments_sheet DROP CONSTRAINT wall_assessments_sheet_staff_id",
        "DROP FUNCTION skill_municipality_of_username(text)",
    ],
)
def test_what_was_taken_down_is_found_and_built_again(fault):
    with connection.cursor() as cursor:
        cursor.execute(fault)
    assert len(faults(connection)) == 1
    install(connection)
    assert faults(connection) == []


@postgres_only
@pytest.mark.django_db
def test_an_owner_who_is_no_superuser_passes_for_the_operator_alone(world):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE ROLE skill_owner; GRANT USAGE ON SCHEMA public TO skill_owner")
        cursor.execute("ALTER TABLE organization_staff OWNER TO skill_owner")
    install(connection)
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE skill_owner")
        for asking in ("", "0", str(world.city.pk), str(world.other_city.pk)):
            cursor.execute("SELECT set_config('skill.municipality', %s, true)", [asking])
            cursor.execute("SELECT DISTINCT municipality_id FROM organization_staff")
            found[asking] = {row[0] for row in cursor.fetchall()}
        cursor.execute("SET LOCAL ROLE NONE; SET LOCAL skill.municipality = ''")
    city, other = world.city.pk, world.other_city.pk
    assert found == {"": {city, other}, "0": set(), str(city): {city}, str(other): {other}}


@pytest.mark.django_db(transaction=True)
def test_the_plain_role_connects_with_the_password_it_was_given(monkeypatch, world):
    if connection.vendor != "postgresql":
        with pytest.raises(CommandError, match="SQLite"):
            call_command("create_app_role")
        return
    # The driver of PostgreSQL alone: SQLite may run without it.
    from lib.postgres.base import DatabaseWrapper

    password = "x" * 20
    monkeypatch.setenv("APP_ROLE_PASSWORD", password)
    call_command("create_app_role")
    plain = DatabaseWrapper({**connection.settings_dict, "USER": APP_ROLE, "PASSWORD": password}, "default")
    staff = "SELECT DISTINCT municipality_id FROM organization_staff"
    try:
        assert role_faults(plain) == []
        assert faults(plain) == []
        assert not sees_everything(plain)
        with plain.cursor() as cursor:
            cursor.execute(staff)
            assert cursor.fetchall() == []
            with tenant.as_tenant(world.city.pk):
                cursor.execute(staff)
            assert cursor.fetchall() == [(world.city.pk,)]
            cursor.execute("SELECT skill_municipality_of_username('yoso')")
            assert cursor.fetchall() == [(world.other_city.pk,)]
    finally:
        plain.close()


@postgres_only
@pytest.mark.django_db
def test_the_check_before_a_start_says_who_passes():
    said = second_wall(None, databases=["default"])
    assert [one.id for one in said] == ["wall.W002"]
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY wall_own ON organization_staff")
    assert [one.id for one in second_wall(None, databases=["default"])] == ["wall.W001", "wall.W002"]
