"""The drill of the database goes red for one that forgets what it acknowledged, and for one that stays away."""

import shutil
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from scripts.temporary_postgres import find_programs
from tests.drills import crowd, restarts
from tests.drills.databases import NoDatabaseError
from tests.drills.postgres import Cluster
from tests.drills.serving import UNIT, seconds_to_restart
from tests.drills.written import PAGES
from tests.processes import missing


@pytest.fixture
def cluster():
    """Return what makes clusters; all are stopped afterwards."""
    if find_programs() is None:
        missing("PostgreSQL is not installed")
    made = []

    def make(**settings):
        folder = Path(tempfile.mkdtemp(prefix="skill-durable-"))
        made.append((Cluster(folder, settings=settings), folder))
        return made[-1][0]

    yield make
    for one, folder in made:
        one.close()
        shutil.rmtree(folder, ignore_errors=True)


def acknowledged(cluster) -> int:
    """Write rows one by one, each acknowledged, and return how many."""
    with closing(psycopg2.connect(cluster.url)) as connected:
        connected.autocommit = True
        cursor = connected.cursor()
        cursor.execute("CREATE TABLE told (number int)")
        cursor.execute("CHECKPOINT")
        for number in range(20):
            cursor.execute("INSERT INTO told VALUES (%s)", [number])
    return 20


def there(cluster) -> int:
    with closing(psycopg2.connect(cluster.url)) as connected:
        cursor = connected.cursor()
        cursor.execute("SELECT count(*) FROM told")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("fault", [Cluster.kill_postmaster, Cluster.stop_immediately])
def test_what_was_acknowledged_is_there_after_a_kill_that_nobody_mended(cluster, fault):
    made = cluster()
    number = acknowledged(made)
    fault(made)
    time.sleep(0.5)
    made.wait_ready()
    assert made.supervisor.starts >= 2
    assert there(made) == number


def test_a_database_that_acknowledges_before_it_writes_is_found(cluster):
    """The planted fault: `synchronous_commit = off`."""
    made = cluster(synchronous_commit="off", wal_writer_delay="10s")
    number = acknowledged(made)
    made.stop_immediately()
    time.sleep(0.5)
    made.wait_ready()
    assert there(made) < number


def test_a_database_that_nobody_begins_again_is_found(cluster):
    made = cluster()
    with made.supervisor.held():
        made.stop_immediately()
        time.sleep(0.5)
        with pytest.raises(NoDatabaseError):
            made.wait_ready(2)
        nobody = crowd.Crowd([], 1)
        assert restarts.FIGURES["drill.recovery.postgres"].fails(
            crowd.recovered(nobody, 0.0, within=0), short=True
        )
    made.wait_ready()


def test_a_drill_in_which_the_database_was_never_away_is_found():
    assert restarts.FIGURES["restarts.http503"].fails(0, short=True)


def test_how_long_a_drill_waits_before_it_begins_anew_is_what_the_units_say():
    assert seconds_to_restart(UNIT.read_text()) <= 2
    assert seconds_to_restart(PAGES["reliability"].read_text(encoding="utf-8")) == 1
    with pytest.raises(ValueError, match="begun again"):
        seconds_to_restart("[Service]\nRestartSec=1\n")
