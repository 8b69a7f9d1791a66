"""How long anything may wait for the database, and what somebody reads whose statement was cut off."""

from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.databases import databases
from lib import tenant

POSTGRES = "postgres://somebody:x@127.0.0.1:5432/skill"
needs_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one time limit alone"
)


def read(monkeypatch, tmp_path, **given: str) -> dict:
    monkeypatch.setattr(environ.Env, "ENVIRON", {"DATABASE_URL": POSTGRES, **given})
    return databases(environ.Env(), tmp_path)["default"]


def test_limits_have_sane_values(monkeypatch, tmp_path):
    found = read(monkeypatch, tmp_path)
    assert found["OPTIONS"]["connect_timeout"] == 5
    assert found["WEB_LIMITS"] == {
        "statement_timeout": "30s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    }


def test_a_report_of_twelve_tables_is_planned_whole_and_compiled_for_nobody(monkeypatch, tmp_path):
    assert read(monkeypatch, tmp_path)["PLANNER"] == {
        "join_collapse_limit": 14,
        "from_collapse_limit": 14,
        "jit": "off",
    }
    pooler = Path("docs/operations/examples/cluster/pgbouncer.ini").read_text(encoding="utf-8")
    databases_ = [line for line in pooler.splitlines() if " dbname=" in line]
    assert len(databases_) == 4
    for line in databases_:
        assert "SET join_collapse_limit = 14; SET from_collapse_limit = 14; SET jit = off" in line


@needs_postgres
def test_every_connection_plans_so(db):
    with connection.cursor() as cursor:
        for name, value in connection.settings_dict["PLANNER"].items():
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (str(value),)


@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_one_statement_is_planned_as_it_is_written():
    with connection.as_written(), CaptureQueriesContext(connection) as sent:
        assert joined_at_once() == "1"
        with transaction.atomic():
            # It would hold to the end of the transaction.
            assert joined_at_once() == "14"
    assert joined_at_once() == "14"
    assert sent[0]["sql"] == "SELECT current_setting('join_collapse_limit')"


def joined_at_once():
    """Return among how many tables the planner of a statement looks for the best order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('join_collapse_limit')")
        return cursor.fetchone()[0]


def test_limits_are_changed_and_taken_away(monkeypatch, tmp_path):
    found = read(
        monkeypatch,
        tmp_path,
        DATABASE_STATEMENT_TIMEOUT="7",
        DATABASE_LOCK_TIMEOUT="0",
        DATABASE_IDLE_TIMEOUT="0",
        DATABASE_CONNECT_TIMEOUT="2",
    )
    assert found["WEB_LIMITS"] == {"statement_timeout": "7s"}
    assert found["OPTIONS"]["connect_timeout"] == 2
    with pytest.raises(ImproperlyConfigured, match="DATABASE_LOCK_TIMEOUT"):
        read(monkeypatch, tmp_path, DATABASE_LOCK_TIMEOUT="-1")


def test_sqlite_waits_as_before_and_the_folder_is_made_for_the_default_alone(monkeypatch, tmp_path):
    found = read(monkeypatch, tmp_path / "var", DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite3")
    assert found["OPTIONS"]["timeout"] == 20
    assert not (tmp_path / "var").exists()


def test_a_replica_is_asked_briefly_and_with_the_same_limits(monkeypatch, tmp_path):
    given = {"DATABASE_URL": f"{POSTGRES}?disable_server_side_cursors=True", "DATABASE_REPLICA_URL": POSTGRES}
    monkeypatch.setattr(environ.Env, "ENVIRON", given)
    found = databases(environ.Env(), tmp_path)
    assert found["default"]["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert found["replica"]["ENGINE"] == "lib.postgres"
    assert found["replica"]["OPTIONS"]["connect_timeout"] == 2
    assert found["replica"]["WEB_LIMITS"] == found["default"]["WEB_LIMITS"]
    assert found["replica"]["TEST"] == {"MIRROR": "default"}


@pytest.mark.parametrize(
    ("primary", "replica"), [("sqlite:///x.sqlite3", POSTGRES), (POSTGRES, "sqlite:///x.sqlite3")]
)
def test_a_replica_that_is_none_stops_the_start(monkeypatch, tmp_path, primary, replica):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_REPLICA_URL"):
        read(monkeypatch, tmp_path, DATABASE_URL=primary, DATABASE_REPLICA_URL=replica)


@pytest.fixture
def fresh(monkeypatch):
    """A connection of its own with limits that a test can wait for."""
    made = connections.create_connection("default")
    monkeypatch.setitem(
        made.settings_dict, "WEB_LIMITS", {"statement_timeout": "200ms", "lock_timeout": "200ms"}
    )
    yield made
    made.close()


@needs_postgres
def test_a_process_of_the_web_is_limited_and_a_command_is_not(db, fresh, monkeypatch):
    with fresh.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
    fresh.close()
    monkeypatch.setattr(tenant, "_outside", tenant.NOBODY)
    with fresh.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("200ms",)
        with pytest.raises(OperationalError):
            cursor.execute("SELECT pg_sleep(5)")


@needs_postgres
def test_a_statement_that_is_cut_off_is_503(world, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(world.kacho, backend="organization.backends.StaffBackend")

    def too_long(*args, **kwargs):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '50ms'")
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr("assessments.views.confirming.sheet_for", too_long)
    answer = client.post(f"/sheets/{world.sheet.uuid}/send-back/", {"reason": "消えない理由"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "消えない理由" in answer.content.decode()


@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_a_lock_that_somebody_holds_is_503(fresh, monkeypatch, transactional_db):
    """Two sign-ins for one name wait for the row of its attempts."""
    with fresh.cursor() as cursor:
        fresh.set_autocommit(False)
        cursor.execute("LOCK TABLE organization_attempt IN ACCESS EXCLUSIVE MODE")
        with connection.cursor() as other:
            other.execute("SET lock_timeout = '100ms'")
        try:
            answer = Client(raise_request_exception=False).post("/login/", {"username": "x", "password": "y"})
        finally:
            with connection.cursor() as other:
                other.execute("RESET lock_timeout")
            fresh.rollback()
            fresh.set_autocommit(True)
    assert answer.status_code == 503
    assert answer["Retry-After"]
