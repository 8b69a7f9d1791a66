"""Health and readiness mean something."""

import errno
import os
import re
import time
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from config import health, maintenance
from lib.guards import lift

WORDS = re.compile(r"(not )?ready\n((maintenance|database|writes|migrations|guards|files) [a-z-]+\n)+")


def test_healthz_touches_no_database(client):
    assert client.get("/healthz").content == b"ok\n"


def test_readyz(client, db):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.content == b"ready\ndatabase ok\nwrites ok\nmigrations ok\nguards ok\nfiles ok\n"


def test_readyz_says_no_while_a_migration_is_missing(client, db):
    last = max(
        name for app, name in MigrationRecorder(connection).applied_migrations() if app == "assessments"
    )
    MigrationRecorder(connection).record_unapplied("assessments", last)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"\nmigrations missing\n" in answer.content


def test_a_migration_that_only_a_later_version_knows_is_no_reason(client, db):
    MigrationRecorder(connection).record_applied("assessments", "9999_later")
    assert client.get("/readyz").status_code == 200


def test_readyz_says_no_where_a_migration_was_cut_off_before_the_guards_came_back(client, db):
    lift(connection)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"\nmigrations ok\nguards missing\n" in answer.content


def test_readyz_costs_little(client, db, django_assert_max_num_queries):
    client.get("/readyz")
    with django_assert_max_num_queries(7):
        client.get("/readyz")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_read_only(client, db, path):
    assert client.post(path).status_code == 405


def said(client) -> str:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    text = answer.content.decode()
    assert WORDS.fullmatch(text), text
    return text


def test_a_database_that_does_not_answer(client, db):
    with (
        patch.object(health, "_database", side_effect=OperationalError("no 山﨑 here")),
        patch.object(connection, "close"),
    ):
        assert "\ndatabase unavailable\nfiles ok\n" in said(client)
        assert client.get("/healthz").status_code == 200


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no read-only transaction")
def test_a_database_that_takes_no_writes(client, db):
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    assert "\nwrites read-only\n" in said(client)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a file of SQLite")
def test_a_file_that_takes_no_writes(client, db, tmp_path, settings):
    file = tmp_path / "db.sqlite3"
    file.touch()
    name = {**connection.settings_dict, "NAME": str(file)}
    with patch.object(connection, "settings_dict", name):
        assert health._sqlite_writes() == "ok"
        with patch.object(os, "access", lambda path, mode: path != file):
            assert "\nwrites read-only\n" in said(client)
        settings.MIN_FREE_MB = 10**9
        assert "\nwrites full\nmigrations ok\nguards ok\nfiles full\n" in said(client)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a file of SQLite")
def test_another_writer_is_a_database_that_takes_writes_and_nobody_waits_long(tmp_path, monkeypatch, db):
    import sqlite3

    from django.db import connections

    made = connections.create_connection("default")
    monkeypatch.setitem(made.settings_dict, "NAME", str(tmp_path / "db.sqlite3"))
    made.ensure_connection()
    other = sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with patch.object(health, "connection", made):
            began = time.monotonic()
            assert health._sqlite_writes() == "ok"
            assert time.monotonic() - began < 15
            with made.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout")
                assert cursor.fetchone() == (20_000,)
    finally:
        other.close()
        made.close()


def test_a_folder_of_files_that_takes_none(client, db, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.FILES_DIR = tmp_path / "file" / "below"
    assert "\nfiles read-only\n" in said(client)
    settings.FILES_DIR = tmp_path
    with patch("tempfile.TemporaryFile", side_effect=OSError(errno.ENOSPC, "x")):
        assert "\nfiles full\n" in said(client)
    settings.MIN_FREE_MB = 10**9
    assert "files full" in said(client)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_maintenance_asks_no_database(client):
    maintenance.begin(until=None, now=timezone.now())
    try:
        assert said(client) == "not ready\nmaintenance on\n"
        assert client.get("/healthz").status_code == 200
    finally:
        maintenance.end()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL alone has such a limit")
def test_a_database_that_hangs_is_not_waited_for(client, db, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 1)

    def hang():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(health, "_migrations", hang)
    began = time.monotonic()
    with transaction.atomic(), patch.object(connection, "close"):
        assert "database unavailable" in said(client)
    assert time.monotonic() - began < 15
