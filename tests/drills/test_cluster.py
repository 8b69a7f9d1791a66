"""The drill of the cluster goes red for an old report, a lost number, a leader that nobody follows; its examples are whole."""

import signal
import subprocess

import pytest
from django.utils import timezone

from bench.results import Figure
from gaps.workflow import CellNeed, Needs, save_needs
from tests import builders as b
from tests.drills import cluster, cluster_heads, cluster_parts
from tests.drills.browser import Answer
from tests.drills.cluster_heads import Head, Looking
from tests.world import make_world

FORM = '<input name="csrfmiddlewaretoken" value="t"><input name="version" value="3">'
REPORT = "\ufeff年度,所属コード,項目コード,必要人数\r\n2026,010100,a.1,{}\r\n2026,010101,a.1,9\r\n"
PLACE = "6a4b7a4c-149d-428b-875b-6a6131fefd14"


def falls_short(figures, name) -> bool:
    found = {one.name: one for one in figures}
    return cluster.FIGURES[name].fails(found[name].value, short=False)


def head(*, shows=lambda sent: sent, saves=lambda: Answer(302)) -> Head:
    """Return somebody whose report shows this of what they sent."""
    sent = []

    def send(method, path, body=None, *, json=False):
        if method == "POST":
            sent.append(int(body["need-a.1"]))
            assert body["version"] == "3"
            return saves()
        return Answer(200, REPORT.format(shows(sent[-1])) if path.endswith(".csv") else FORM)

    return Head(PLACE, "010100", "a.1", send)


def test_a_report_that_shows_what_was_done_is_fresh():
    one = head()
    for _ in range(3):
        one.act()
    assert one.looks == [(1, 1), (2, 2), (3, 3)]
    assert not falls_short(cluster.figures_of_faults(cluster.Struck(), [one]), "cluster.stale_reads")


def test_a_report_that_is_one_write_behind_is_found():
    one = head(shows=lambda sent: sent - 1)
    one.act()
    assert cluster_heads.stale([one]) == [(1, 0)]
    assert falls_short(cluster.figures_of_faults(cluster.Struck(), [one]), "cluster.stale_reads")


@pytest.mark.parametrize("answer", [None, Answer(503), Answer(409)])
def test_what_was_not_acknowledged_is_judged_by_nobody(answer):
    one = head(shows=lambda sent: 0, saves=lambda: answer)
    one.act()
    assert (one.looks, one.known) == ([], None)


def test_looks_that_nobody_took_and_replicas_that_nobody_read_are_found():
    figures = list(cluster.figures_of_faults(cluster.Struck(), []))
    assert {"cluster.reads", "cluster.replica_reads", "cluster.kills", "cluster.cut"} <= {
        one.name for one in figures if cluster.FIGURES[one.name].fails(one.value, short=False)
    }
    assert falls_short(figures, "drill.recovery.leader")
    assert falls_short(figures, "drill.recovery.cut")


def test_a_leader_that_is_missed_for_longer_than_allowed_is_found():
    struck = cluster.Struck(leaders=[20.0, 31.0, 20.0], cuts=[9.0], kills=3, cut=1, replica_reads=50)
    figures: list[Figure] = list(cluster.figures_of_faults(struck, []))
    assert falls_short(figures, "drill.recovery.leader")
    assert not falls_short(figures, "drill.recovery.cut")
    assert not falls_short(figures, "cluster.kills")


def test_somebody_who_cannot_look_any_more_ends_the_drill():
    def broken(*args, **kwargs):
        return Answer(200, "a page without a form")

    with pytest.raises(Exception, match="csrfmiddlewaretoken"), Looking([Head(PLACE, "1", "a.1", broken)]):
        cluster.wait_until(lambda: False, 1)


@pytest.mark.django_db
def test_a_number_that_was_acknowledged_and_is_not_there_is_found():
    world = make_world()
    cell = world.cells[0].code
    mine = Head(str(world.ka.uuid), world.ka.code, cell, lambda *a, **k: None, known=4)
    assert len(cluster_heads.lost([mine], world.cycle)) == 1
    save_needs(
        department=world.ka,
        cycle=world.cycle,
        needs=Needs(cells={cell: CellNeed(4)}),
        by=b.actor_of(world.kacho),
        now=timezone.now(),
    )
    assert cluster_heads.lost([mine], world.cycle) == []
    mine.known = None
    assert cluster_heads.lost([mine], world.cycle) == []


class _Node:
    def __init__(self, name, role, state="running"):
        self.name, self.said = name, {"name": name, "role": role, "state": state}


def told(*nodes) -> cluster_parts.Cluster:
    """Return a cluster of which Patroni says this."""
    made = object.__new__(cluster_parts.Cluster)
    made.machines = list(nodes)
    made.members = lambda: {one.name: one.said for one in nodes}
    return made


def test_a_leader_that_is_back_by_itself_was_no_change_of_leaders():
    first, second = _Node("db1", "leader"), _Node("db2", "sync_standby")
    assert cluster._leads_instead(told(first, second), first) == []
    assert cluster._leads_instead(
        told(_Node("db1", "replica"), changed := _Node("db2", "leader")), first
    ) == [changed]


def test_a_cluster_without_a_second_machine_to_wait_for_is_not_whole():
    leader, waited, other = _Node("db1", "leader"), _Node("db2", "sync_standby"), _Node("db3", "replica")
    assert told(leader, waited, other).is_whole()
    assert not told(leader, _Node("db2", "replica"), other).is_whole()
    assert not told(leader, waited, _Node("db3", "replica", "starting")).is_whole()
    assert not told(_Node("db1", "leader", "crashed"), waited, other).is_whole()


def test_an_address_of_the_examples_has_one_port_and_none_is_left():
    addresses = cluster_parts.Addresses()
    first = addresses.put_into("to 10.20.0.11:5432, 10.20.0.11:5432 and 10.20.0.12:5432")
    assert first.split(" ")[1].rstrip(",") == first.split(" ")[2]
    assert "10.20" not in first
    with pytest.raises(KeyError, match="left"):
        addresses.put_into("listen on 10.20.0.11 as well")


def test_a_file_of_another_machine_has_its_own_name_and_address():
    text = cluster_parts.example("etcd.env", machine=3)
    assert "ETCD_NAME=db3" in text
    assert "ETCD_LISTEN_PEER_URLS=http://10.20.0.13:2380" in text
    assert "db1=http://10.20.0.11:2380,db2=http://10.20.0.12:2380" in text
    patroni = cluster_parts.example("patroni.yml", machine=2)
    assert "hosts: [10.20.0.11:2379, 10.20.0.12:2379, 10.20.0.13:2379]" in patroni
    assert "connect_address: 10.20.0.12:5432" in patroni


def test_a_place_that_a_file_no_longer_has_is_found():
    with pytest.raises(KeyError, match=r"pgbouncer\.ini has no"):
        cluster_parts.example("pgbouncer.ini", superuser="x")


def test_what_an_administrator_copies_is_what_was_decided():
    patroni = cluster_parts.example("patroni.yml")
    assert "synchronous_mode: true" in patroni
    assert "synchronous_mode_strict: true" in patroni
    pool = cluster_parts.example("pgbouncer.ini")
    assert "pool_mode = transaction" in pool
    # What the product says at connecting does not get through, so that it is said here.
    assert "SET statement_timeout = ''30s''; SET lock_timeout = ''10s''" in pool
    environment = cluster_parts.example("skill-cluster.env")
    assert "disable_server_side_cursors=True" in environment


def test_what_patroni_has_started_does_not_outlive_the_drill(tmp_path):
    data = tmp_path / "db1" / "data"
    data.mkdir(parents=True)
    parts = cluster_parts.Parts(tmp_path)
    outlives = subprocess.Popen(["sleep", "300"], cwd=data, start_new_session=True)
    try:
        (data / "postmaster.pid").write_text(f"{outlives.pid}\n")
        # As the drill's end, or the kernel's at its death, closes it.
        parts.close()
        assert outlives.wait(10) == -signal.SIGKILL
    finally:
        outlives.kill()
        outlives.wait()


def test_a_number_in_a_file_that_is_somebody_elses_by_now_ends_nobody(tmp_path):
    other = subprocess.Popen(["sleep", "300"], cwd="/")
    try:
        (tmp_path / "postmaster.pid").write_text(f"{other.pid}\n")
        assert cluster_parts.postgres_of(tmp_path) == []
    finally:
        other.kill()
        other.wait()
