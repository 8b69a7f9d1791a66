"""A cluster loses its leader three times and is cut off from a replica, while everybody works: nothing acknowledged is lost."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from django.db import connection

from assessments.models import Cycle
from bench.bounds import Bound
from bench.results import Figure
from competency.models import Cell
from tests.drills.cluster_heads import Head, Looking, lost, make_heads, stale
from tests.drills.cluster_parts import Cluster, Machine
from tests.drills.crowd import (
    Crowd,
    at_work,
    figures_of,
    let_work,
    make_accounts,
    owed,
    recovered,
    wait_until,
)
from tests.drills.databases import NoDatabaseError, migrate
from tests.drills.postgres import lead_to
from tests.drills.serving import Server

FIGURES = {
    **owed("cluster", answers=1000, short=None, per_database=False),
    "cluster.stale_reads": Bound(0, "reports", per_database=False),
    "cluster.reads": Bound(50, "reports", at_least=True, per_database=False),
    # Scans of the table by replicas: reports that the primary gave would be fresh without any merit.
    "cluster.replica_reads": Bound(20, "scans", at_least=True, per_database=False),
    "cluster.kills": Bound(3, "leaders", at_least=True, per_database=False),
    "cluster.cut": Bound(1, "replicas", at_least=True, per_database=False),
    "drill.recovery.leader": Bound(30, "s", timed=True, per_database=False),
    "drill.recovery.cut": Bound(30, "s", timed=True, per_database=False),
}
DATABASES = ("postgres",)
LONG = True
SECONDS = 2400
KILLS = 3
PEOPLE, BETWEEN, APART = 24, 200, 0.4
# Reports between two faults.
LOOKS = 12
# Seconds: how long a write may stay away before the drill goes on, and a replica stays cut off.
WAITED, CUT_OFF = 120, 20
_READ = "SELECT coalesce(sum(seq_scan + idx_scan), 0) FROM pg_stat_user_tables WHERE relname = 'gaps_need'"


@dataclass
class Struck:
    """What the faults did: seconds until a write was acknowledged again, and whether each was one."""

    leaders: list[float] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)
    kills: int = 0
    cut: int = 0
    replica_reads: int = 0


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of three kills and a cut."""
    with running() as (cluster, web):
        accounts = make_accounts(PEOPLE)
        cycle = Cycle.objects.get()
        cell = Cell.objects.of_version(cycle.framework_version_id).first()
        connection.close()
        with at_work(accounts, web, apart=APART) as crowd:
            heads = make_heads(cell.code, web, crowd.seen)
            connection.close()
            with Looking(heads):
                struck = strike(cluster, crowd, heads)
        cluster.wait_whole()
        gone = lost(heads, cycle)
        for name, value, behind in figures_of("cluster", crowd):
            more = len(gone) if name == "cluster.lost" else 0
            yield Figure(name, value + more, f"{gone[:3]} {behind}" if more else behind)
    yield from figures_of_faults(struck, heads)


def figures_of_faults(struck: Struck, heads: Iterable[Head]) -> Iterable[Figure]:
    """Yield what the faults and the looks come to."""
    heads = list(heads)
    old = stale(heads)
    yield Figure("cluster.stale_reads", len(old), f"{old[:5]}")
    yield Figure("cluster.reads", _looks(heads), f"by {len(heads)} people")
    yield Figure("cluster.replica_reads", struck.replica_reads)
    yield Figure("cluster.kills", struck.kills)
    yield Figure("cluster.cut", struck.cut)
    never = [float("inf")]
    told = f"after each: {[round(one, 1) for one in struck.leaders]}"
    yield Figure("drill.recovery.leader", max(struck.leaders or never), told)
    yield Figure("drill.recovery.cut", max(struck.cuts or never), "the replica that every write waited for")


@contextlib.contextmanager
def running() -> Iterator[tuple[Cluster, int]]:
    """Yield the cluster, migrated and with two app servers, and the port that browsers come to."""
    folder = Path(tempfile.mkdtemp(prefix="skill-cluster-"))
    folder.chmod(0o755)
    with contextlib.ExitStack() as ending:
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        cluster = Cluster(folder)
        ending.callback(cluster.close)
        servers, pools = [], []
        for number in (1, 2):
            pools.append(cluster.start_pool(number))
            pool = f"postgres://rirekisho_app:{cluster.app_password}@127.0.0.1:{pools[-1]}"
            environment = {
                "DATABASE_REPLICA_URL": f"{pool}/skill_replica",
                "FILES_DIR": str(folder / "files"),
            }
            server = Server(f"{pool}/skill?disable_server_side_cursors=True", environment=environment)
            ending.callback(server.close)
            cluster.addresses.is_at(f"10.20.0.2{number}:8000", server.port)
            servers.append(server)
        cluster.start()
        owner = _prepare(cluster)
        before = os.environ["DATABASE_URL"]
        ending.callback(lead_to, before)
        lead_to(owner)
        for port in pools:
            _check_limits(cluster, port)
        for server in servers:
            server.wait_ready()
        yield cluster, cluster.web_port


def strike(cluster: Cluster, crowd: Crowd, heads: list[Head]) -> Struck:
    """Kill the leader three times and cut off the replica that writes wait for, amid work."""
    struck = Struck()
    for _ in range(KILLS):
        _work_on(cluster, crowd, heads, struck)
        (leader,) = cluster.with_role("leader")
        leader.kill()
        struck.leaders.append(recovered(crowd, time.monotonic(), within=WAITED))
        struck.kills += bool(_leads_instead(cluster, leader))
        leader.start_etcd()
        leader.start_patroni()
        cluster.wait_whole()
    _work_on(cluster, crowd, heads, struck)
    (leader,), (standby,) = cluster.with_role("leader"), cluster.with_role("sync_standby")[:1]
    with standby.frozen():
        moment = time.monotonic()
        struck.cuts.append(recovered(crowd, moment, within=WAITED))
        wait_until(lambda: time.monotonic() - moment >= CUT_OFF, CUT_OFF)
        struck.cut += not _follows(cluster, leader, standby)
    cluster.wait_whole()
    _work_on(cluster, crowd, heads, struck)
    return struck


def _work_on(cluster: Cluster, crowd: Crowd, heads: list[Head], struck: Struck) -> None:
    """Let people work until the cluster is whole, and replicas are read again: after a failover they are left alone at first."""
    cluster.wait_whole()
    before, looks = _scans(cluster), _looks(heads)
    let_work(crowd, BETWEEN)
    wait_until(lambda: _scans(cluster) >= before + 10 and _looks(heads) >= looks + LOOKS, WAITED)
    struck.replica_reads += max(0, _scans(cluster) - before)


def _looks(heads: Iterable[Head]) -> int:
    return sum(len(one.looks) for one in heads)


def _scans(cluster: Cluster) -> int:
    return sum(
        int(_asked(cluster, one.port, _READ)[0][0]) for one in cluster.with_role("sync_standby", "replica")
    )


def _leads_instead(cluster: Cluster, before: Machine) -> list[Machine]:
    return [one for one in cluster.with_role("leader") if one is not before]


def _follows(cluster: Cluster, leader: Machine, standby: Machine) -> bool:
    """Say whether the leader still sends its log to a machine."""
    names = _asked(cluster, leader.port, "SELECT application_name FROM pg_stat_replication")
    return (standby.name,) in names


def _asked(cluster: Cluster, port: int, statement: str, database: str = "skill") -> list[tuple]:
    """Return the rows of a statement of the superuser."""
    with contextlib.closing(
        psycopg2.connect(
            host="127.0.0.1",
            port=port,
            dbname=database,
            user="postgres",
            password=cluster.secret["superuser"],
            connect_timeout=3,
        )
    ) as asked:
        asked.autocommit = True
        cursor = asked.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _check_limits(cluster: Cluster, pool: int) -> None:
    """Fail where a pooler swallows the time limits of the server, or gives them to the worker as well."""
    for database, limit in (("skill", "30s"), ("skill_replica", "30s"), ("skill_jobs", "0")):
        with contextlib.closing(
            psycopg2.connect(
                host="127.0.0.1",
                port=pool,
                dbname=database,
                user="rirekisho_app",
                password=cluster.app_password,
                options="-c statement_timeout=1s",
            )
        ) as asked:
            cursor = asked.cursor()
            cursor.execute("SHOW statement_timeout")
            if (found := cursor.fetchone()[0]) != limit:
                raise NoDatabaseError(f"{database} through PgBouncer: statement_timeout is {found}")


def _prepare(cluster: Cluster) -> str:
    """Make the roles and the database as docs/operations/database.md says, and migrate; returns the owner's URL."""
    password = cluster.secret["rewind"]
    for statement in (
        f"CREATE ROLE skill_owner LOGIN PASSWORD '{password}' NOSUPERUSER",
        f"CREATE ROLE rirekisho_app LOGIN PASSWORD '{cluster.app_password}'"
        " NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE",
        "CREATE DATABASE skill OWNER skill_owner ENCODING 'UTF8' TEMPLATE template0",
        "GRANT SET ON PARAMETER skill.municipality TO skill_owner",
        "REVOKE CONNECT ON DATABASE skill FROM PUBLIC",
        "GRANT CONNECT ON DATABASE skill TO rirekisho_app",
    ):
        _asked(cluster, cluster.leader_port, statement, "postgres")
    owner = f"postgres://skill_owner:{password}@127.0.0.1:{cluster.leader_port}/skill"
    migrate(owner)
    return owner
