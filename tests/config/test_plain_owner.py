"""The roles of docs/operations/database.md are enough: a plain owner migrates, and the doors open to who is not known yet."""

import os
import subprocess
import sys
from contextlib import closing

import psycopg2
import pytest
from django.db import connection
from psycopg2 import sql

from tests.processes import ROOT

pytestmark = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles")
OWNER, NAME, PASSWORD = "plain_owner", "plain_owners", "only-in-this-test"


def reached(user: str, password: str, name: str):
    place = connection.settings_dict
    return psycopg2.connect(host=place["HOST"], port=place["PORT"], user=user, password=password, dbname=name)


@pytest.fixture
def empty(django_db_setup):
    """An empty database that belongs to a role without any right of its own."""
    place = connection.settings_dict
    with closing(reached(place["USER"], place["PASSWORD"], "postgres")) as admin:
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} NOSUPERUSER NOCREATEDB NOCREATEROLE").format(
                    sql.Identifier(OWNER), sql.Literal(PASSWORD)
                )
            )
            made = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0")
            cursor.execute(made.format(sql.Identifier(NAME), sql.Identifier(OWNER)))
            try:
                yield f"postgres://{OWNER}:{PASSWORD}@{place['HOST']}:{place['PORT']}/{NAME}"
            finally:
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(NAME)))
                cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(OWNER)))


def manage(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": url, "DEBUG": "false"}
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip


def test_a_plain_owner_migrates_and_nothing_is_missing(empty, db):
    done = manage(empty, "migrate", "--verbosity=0")
    assert done.returncode == 0, done.stderr[-1500:]
    done = manage(empty, "create_municipality", "131016", "みほん区", "--band", "100")
    assert done.returncode == 0, done.stderr[-1500:]
    done = manage(empty, "create_admin", "kanri", "管理 太郎", "--municipality", "131016")
    assert done.returncode == 0, done.stderr[-1500:]
    done = manage(empty, "verify")
    assert done.returncode == 0, done.stdout + done.stderr[-1500:]
    with closing(reached(OWNER, PASSWORD, NAME)) as owner, owner, owner.cursor() as cursor:
        # As somebody who is not known yet the table is empty, and the door says where to go on.
        cursor.execute("SELECT set_config('skill.municipality', '0', true)")
        cursor.execute("SELECT count(*) FROM organization_staff")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT skill_municipality_of_username('kanri'), array(SELECT skill_taken_usernames('{kanri,x}'))"
        )
        (found, taken) = cursor.fetchone()
        assert (found is not None, taken) == (True, ["kanri"])
        # And nothing of it stays open behind the door.
        cursor.execute("SELECT current_setting('skill.municipality')")
        assert cursor.fetchone() == ("0",)
        cursor.execute("SELECT count(*) FROM organization_staff")
        assert cursor.fetchone() == (0,)


def test_a_plain_owner_generates_behind_the_wall(empty):
    assert manage(empty, "migrate", "--verbosity=0").returncode == 0
    assert manage(empty, "load_framework", "competency/data/lasdec-2012.yaml").returncode == 0
    done = manage(empty, "generate", "--municipalities=2", "--staff=40")
    assert done.returncode == 0, done.stderr[-1500:]
    done = manage(empty, "verify")
    assert done.returncode == 0, done.stdout + done.stderr[-1500:]
