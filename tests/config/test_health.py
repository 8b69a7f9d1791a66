"""Health and readiness mean something."""

import pytest

from config import health


def test_healthz_touches_no_database(client):
    assert client.get("/healthz").content == b"ok\n"


def test_readyz(client, db):
    assert client.get("/readyz").status_code == 200


def test_readyz_says_no_while_a_migration_is_missing(client, db, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_read_only(client, db, path):
    assert client.post(path).status_code == 405
