"""The drill of killed workers goes red: rows without a job that is done, a file without its event or broken, one that hangs."""

import uuid
from types import SimpleNamespace

import pytest
from django.utils import timezone

from audit.models import Event
from organization import jobs
from organization.models import Job
from organization.workflow import take_import
from tests import builders as b
from tests.drills import jobs as drill
from tests.organization.files import row
from tests.organization.rosters import roster
from tests.organization.test_job_ends import ordered_file


@pytest.fixture(autouse=True)
def _everything_is_large(settings, tmp_path):
    settings.IMPORT_AT_ONCE_BYTES = 10
    settings.FILES_DIR = tmp_path


@pytest.fixture
def export(world):
    """Return an order of a file that was made in peace."""
    order = drill.Order("csv", lambda: ordered_file(world))
    jobs.run(order.place().uuid)
    return order


@pytest.fixture
def applied(world, monkeypatch):
    """Return an order of an import that was applied in peace, of one person."""
    monkeypatch.setattr(drill, "ROWS", 1)
    batch = take_import(
        by=b.actor_of(world.jinji), kind="roster", file_name="meibo.csv",
        content=roster(row("0009001", "髙橋 新", "010101")), now=timezone.now(), options={},
    )  # fmt: skip
    jobs.run(batch.job.uuid)
    city = SimpleNamespace(
        sections=[SimpleNamespace(code="010101")], persona=lambda name: world.jinji, municipality=world.city
    )
    monkeypatch.setattr(drill, "ended", lambda job: jobs.run(job.uuid))
    order = drill._import(city, apply=True)
    jobs.run(order.place().uuid)
    return order


def judged(order):
    findings = drill.Findings()
    drill.judge(order, findings)
    return findings


def job_of(order):
    return Job.objects.filter(uuid=order.made[-1])


def test_what_is_done_in_peace_is_well(export, applied):
    assert judged(export) == drill.Findings()
    assert judged(applied) == drill.Findings()


def test_an_event_without_a_file_is_half(export):
    job_of(export).update(state=Job.State.FAILED, message=jobs.STOPPED)
    findings = judged(export)
    assert findings.half == ["csv: 1 events, the job is failed"]
    assert findings.lost == ["csv: never done"]


def test_a_file_without_an_event_is_half(export):
    # As if its worker had died between the two: the trail keeps what it has, the job is another.
    job = job_of(export).get()
    other = uuid.uuid4()
    jobs.path_of(job.uuid).rename(jobs.path_of(other))
    job_of(export).update(uuid=other)
    export.made = [other]
    assert judged(export).half == ["csv: 0 events, the job is done"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "not there"), (b"", "bytes of"), (b"x", "bytes of")],
    ids=["gone", "empty", "cut"],
)
def test_a_file_that_is_not_whole_is_half(export, content, fault):
    path = jobs.path_of(export.made[-1])
    path.unlink() if content is None else path.write_bytes(content)
    assert fault in judged(export).half[0]


def test_fewer_lines_than_were_said_are_half(export):
    path = jobs.path_of(export.made[-1])
    lines = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join([*lines[:-2], b""]))
    job_of(export).update(size=path.stat().st_size)
    assert "said was" in judged(export).half[0]


def test_two_events_of_one_file_are_twice(export):
    event = Event.objects.get(action="export.records")
    Event.objects.create(at=event.at, kind=event.kind, action=event.action, data=event.data)
    assert judged(export).twice == ["csv: 2 events of one file"]


def test_a_job_that_never_ends_hangs(export):
    job_of(export).update(state=Job.State.RUNNING, finished_at=None)
    assert judged(export).hung == ["csv: a job is running"]


def test_rows_whose_job_says_that_none_are_there_are_found(applied):
    # The two commits of before: the file is applied, its job was given up.
    job_of(applied).update(state=Job.State.FAILED, message=jobs.STOPPED)
    assert judged(applied).lost == ["apply: never done"]


def test_rows_that_are_missing_are_half(applied, monkeypatch):
    monkeypatch.setattr(drill, "ROWS", 2)
    assert judged(applied).half == ["apply: 1 of 2 people, the file is applied"]


def test_a_file_applied_twice_is_twice(applied):
    first = job_of(applied).get()
    second = Job.objects.get(pk=first.pk)
    second.pk, second.uuid = None, uuid.uuid4()
    second.save()
    applied.made.append(second.uuid)
    assert judged(applied).twice == ["apply: 2 jobs done"]


def test_another_reason_than_the_kill_is_told(export):
    job_of(export).update(state=Job.State.FAILED, message=jobs.BROKEN)
    assert f"csv: {jobs.BROKEN}" in judged(export).lost
