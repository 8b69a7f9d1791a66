"""Reports from a real replica: never older than what was acknowledged, and the primary's wherever it is of no use."""

import time

import pytest
from django.db import OperationalError, connection, connections, router, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import export_job
from assessments.export_files import csv_pieces
from assessments.export_kind import Wish, export_kinds
from audit.models import Event
from lib import replica, tenant
from lib.tabular_write import write_csv
from organization import jobs
from organization.models import Job, Staff
from tests.assessments.sheets import submitted
from tests.builders import actor_of
from tests.processes import missing
from tests.standby import ask, standby_of
from tests.world import make_world

pytestmark = [pytest.mark.django_db(transaction=True)]
needs_postgres = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no replica")


@pytest.fixture(scope="module")
def copy(django_db_setup, django_db_blocker):
    """Return a replica of the cluster of the tests."""
    primary = dict(connections["default"].settings_dict)
    if primary["USER"] != "postgres":
        missing("a PostgreSQL of the tests' own, which can be copied, is needed (scripts/with_postgres)")
    name = primary["NAME"]
    # The cluster of the tests acknowledges before it writes; what stands here is about what was acknowledged.
    ask(primary, f'ALTER DATABASE "{name}" SET synchronous_commit = on')
    with django_db_blocker.unblock():
        connections["default"].close()
        try:
            with standby_of(primary) as made:
                yield made
        finally:
            ask(primary, f'ALTER DATABASE "{name}" RESET synchronous_commit')
            connections["default"].close()


@pytest.fixture
def read(copy, transactional_db, monkeypatch):
    """Return the connection to the replica, which everything here may use from now on."""
    monkeypatch.setattr(replica, "_not_before", 0.0)
    monkeypatch.setattr(replica, "CATCH_UP", 2.0)
    connections.settings["replica"] = {**connections["default"].settings_dict, **copy.settings}
    wrapper = connections["replica"]

    def connect() -> None:
        if wrapper.connection is None:
            with wrapper.wrap_database_errors:
                wrapper.connect()

    # Django's test case knows the databases that there were before.
    wrapper.ensure_connection = connect
    with override_settings(DATABASE_ROUTERS=["lib.replica.Router"]):
        yield wrapper
    wrapper.close()
    del connections["replica"], connections.settings["replica"]


@pytest.fixture
def world(read, copy):
    made = make_world()
    copy.caught_up()
    return made


@pytest.fixture
def report(world):
    """Return what asks for the report of the 課 as its 所属長, and says on how many queries of the replica it rests."""
    browser = Client()
    browser.force_login(world.kacho, backend="organization.backends.StaffBackend")
    address = reverse("gaps:heatmap", args=[world.ka.uuid])

    def ask_for_it() -> tuple[int, str]:
        with CaptureQueriesContext(connections["replica"]) as asked:
            answer = browser.get(address)
        assert answer.status_code == 200
        return sum('FROM "' in one["sql"] for one in asked), answer.content.decode()

    return ask_for_it


def rename(staff: Staff, name: str) -> None:
    Staff.objects.filter(pk=staff.pk).update(name=name)


def test_without_a_replica_nothing_is_asked(django_assert_num_queries):
    assert "replica" not in connections.settings
    with django_assert_num_queries(0):
        assert replica.from_replica(lambda: 7)() == 7
        assert list(replica.steps_from_replica(lambda: iter([1, 2]), list)) == [1, 2]


@needs_postgres
def test_a_report_is_read_from_the_replica_and_the_own_write_is_in_it(world, report):
    for number in range(5):
        rename(world.honnin, f"見本 {number}子")
        asked, page = report()
        assert asked > 5
        assert f"見本 {number}子" in page


@needs_postgres
def test_a_replica_that_lags_is_left_alone_until_it_has_caught_up(world, report, copy, monkeypatch):
    monkeypatch.setattr(replica, "CATCH_UP", 0.1)
    copy.delay("1h")
    try:
        rename(world.honnin, "あとの 名前")
        asked, page = report()
        assert (asked, "あとの 名前" in page) == (0, True)
        # The planted fault: without its question the report would be an old one.
        with monkeypatch.context() as patch:
            patch.setattr(replica, "_REPLAYED", "SELECT true, true WHERE %s > 0 AND %s <> ''")
            asked, page = report()
        assert asked > 5
        assert "あとの 名前" not in page
    finally:
        copy.delay("0")
    copy.caught_up()
    # What is asked in a hurry above may take its time here, on a machine that others use.
    monkeypatch.setattr(replica, "CATCH_UP", 10.0)
    asked, page = report()
    assert asked > 5
    assert "あとの 名前" in page


@needs_postgres
def test_a_replica_of_another_history_is_left_alone(report, monkeypatch):
    lsn, timeline = replica._acknowledged()
    monkeypatch.setattr(replica, "_acknowledged", lambda: (lsn, timeline + 1))
    assert report()[0] == 0


@needs_postgres
def test_what_is_no_replica_is_left_alone(world, report, read):
    read.close()
    read.settings_dict["PORT"] = connection.settings_dict["PORT"]
    assert report()[0] == 0


@needs_postgres
def test_a_replica_that_is_gone_costs_nobody_the_report(world, report, copy, monkeypatch):
    assert report()[0] > 5
    copy.stop()
    try:
        rename(world.honnin, "いまの 名前")
        asked, page = report()
        assert (asked, "いまの 名前" in page) == (0, True)
        assert replica._not_before > time.monotonic()
    finally:
        copy.start()
    # Not asked again at once, for a server that is gone may take seconds to be missed.
    assert report()[0] == 0
    monkeypatch.setattr(replica, "_not_before", 0.0)
    assert report()[0] > 5


@needs_postgres
def test_a_replica_that_hangs_keeps_nobody_waiting(world, report, copy, monkeypatch):
    assert report()[0] > 5
    # Shortened only now: on a busy machine one that answers may take as long.
    monkeypatch.setattr(replica, "ANSWER", 0.5)
    with copy.frozen():
        began = time.monotonic()
        assert "山﨑 美咲" in report()[1]
        assert time.monotonic() - began < 10


@needs_postgres
def test_what_fails_in_the_middle_is_read_once_more_from_the_primary(world, read, copy):
    seen = []

    @replica.from_replica
    def names() -> list[str]:
        place = router.db_for_read(Staff)
        found = list(Staff.objects.values_list("name", flat=True))
        if place == "replica":
            copy.end_sessions()
        seen.append((place, Staff.objects.count()))
        return found

    assert "山﨑 美咲" in names()
    assert [place for place, _ in seen] == ["default"]


@needs_postgres
def test_what_has_written_is_not_repeated_and_reads_its_own_write(world, read):
    tries = []

    @replica.from_replica
    def act() -> None:
        tries.append(router.db_for_read(Staff))
        rename(world.honnin, "書いた 名前")
        assert Staff.objects.get(pk=world.honnin.pk).name == "書いた 名前"
        raise OperationalError

    with pytest.raises(OperationalError):
        act()
    assert tries == ["replica"]


@needs_postgres
def test_transactions_and_locked_rows_are_the_primarys(world, read):
    @replica.from_replica
    def places() -> list[str]:
        found = [router.db_for_read(Staff), router.db_for_read(Job)]
        with transaction.atomic():
            found.append(router.db_for_read(Staff))
            # A replica would refuse the lock.
            assert Staff.objects.select_for_update().filter(pk=world.honnin.pk).exists()
        return found

    assert places() == ["replica", "default", "default"]
    with transaction.atomic():
        assert places() == ["default"] * 3


@needs_postgres
def test_the_second_wall_stands_on_the_replica_as_well(world, read):
    @replica.from_replica
    def municipalities() -> tuple[str, set[int]]:
        place = router.db_for_read(Staff)
        piecewise = {one.municipality_id for one in Staff.objects.iterator(chunk_size=1)}
        return place, piecewise | set(Staff.objects.values_list("municipality_id", flat=True))

    city, other = world.city.pk, world.other_city.pk
    assert municipalities() == ("replica", {city, other})
    with tenant.as_tenant(city):
        assert municipalities() == ("replica", {city})
    with tenant.as_tenant(other):
        assert municipalities() == ("replica", {other})
    with tenant.as_nobody():
        assert municipalities() == ("replica", set())


@needs_postgres
def test_records_are_copied_from_the_replica_within_the_wall(world, read, copy):
    submitted(world.sheet, evidence='="a"')
    copy.caught_up()
    table = export_kinds()["records"].table(actor_of(world.jinji), Wish(world.cycle))

    @replica.from_replica
    def copied() -> bytes:
        return b"".join(piece for piece, _ in csv_pieces(table, "utf-8-sig"))

    with tenant.as_tenant(world.city.pk), CaptureQueriesContext(read) as asked:
        assert copied() == b"".join(write_csv(table.header, table.rows()))
    # Nothing is confirmed, so that the other statement is not sent.
    assert sum(one["sql"].startswith("COPY") for one in asked) == 1
    with tenant.as_tenant(world.other_city.pk):
        assert copied().count(b"\r\n") == 1


@needs_postgres
def test_a_file_is_read_there_and_its_event_written_here(world, read):
    browser = Client()
    browser.force_login(world.jinji, backend="organization.backends.StaffBackend")
    with CaptureQueriesContext(read) as asked:
        answer = browser.get(reverse("gaps:overview_csv"))
    assert (answer.status_code, len(asked) > 5) == (200, True)
    assert Event.objects.filter(action="export.coverage").count() == 1


def order(world) -> Job:
    params = {
        "kind": "unsubmitted", "cycle": world.cycle.pk, "department": None, "state": "",
        "format": "csv", "split": False, "replace": False,
    }  # fmt: skip
    return Job.objects.create(
        municipality=world.city, owner=world.jinji, kind="export-csv", title="x", params=params,
        created_at=timezone.now(),
    )  # fmt: skip


@needs_postgres
@pytest.mark.parametrize("fails", [False, True])
def test_long_work_reads_there_and_begins_anew_where_it_fails(
    world, read, copy, monkeypatch, settings, fails
):
    places, fill = [], export_job.fill

    def watched(file, *args, **kwargs):
        places.append(router.db_for_read(Staff))
        file.write("半分".encode())
        if fails and len(places) == 1:
            yield 0
            copy.end_sessions()
            list(Staff.objects.all())
        file.seek(0)
        file.truncate()
        return (yield from fill(file, *args, **kwargs))

    monkeypatch.setattr(export_job, "fill", watched)
    # Written between two steps, on the primary, which does not end the reading.
    monkeypatch.setattr(jobs, "BEAT", 0.0)
    job = order(world)
    with tenant.as_tenant(world.city.pk):
        jobs.run(job.uuid)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    assert places == (["replica", "default"] if fails else ["replica"])
    assert "山﨑 美咲".encode() in jobs.path_of(job.uuid).read_bytes()
    assert Event.objects.filter(action__startswith="export.").count() == 1
