"""What a job did and that it did it are one commit: nothing stands between the two in which a worker could be killed."""

import uuid

import pytest
from django.utils import timezone

from assessments.export_files import CSV, export_of
from assessments.export_kind import Wish, export_kinds
from assessments.workflow.exporting import order_export
from audit.models import Event
from organization import jobs
from organization.models import ImportBatch, Job, Staff
from organization.workflow import order_apply, take_import
from organization.workflow.import_checks import compare_again
from tests import builders as b
from tests.organization.files import row
from tests.organization.rosters import roster

State = ImportBatch.State


class Killed(BaseException):
    """The worker is gone at this moment."""


@pytest.fixture(autouse=True)
def _everything_is_large(settings, tmp_path):
    settings.IMPORT_AT_ONCE_BYTES = 10
    settings.FILES_DIR = tmp_path


def taken(world):
    return take_import(
        by=b.actor_of(world.jinji), kind="roster", file_name="meibo.csv",
        content=roster(row("0009001", "髙橋 新", "010101")), now=timezone.now(), options={},
    )  # fmt: skip


def ordered_import(world):
    batch = taken(world)
    jobs.run(batch.job.uuid)
    batch.refresh_from_db()
    by, now = b.actor_of(world.jinji), timezone.now()
    return order_apply(by=by, batch=batch, key=uuid.uuid4(), version=batch.version, now=now)


def ordered_file(world):
    name, by = "records", b.actor_of(world.jinji)
    export = export_of(
        name,
        export_kinds()[name],
        by,
        Wish(world.cycle),
        format=CSV,
        split=False,
        replace=False,
        reason="資料",
    )
    return order_export(export=export, job_kind="export-csv", rows=1, by=by, now=timezone.now())


def die_over(job, monkeypatch):
    """Let the worker of a job die at the moment at which it would write down how its work ended."""

    def die(*args):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_finish", die)
        patch.setattr(jobs, "_fail", lambda *args: None)
        with pytest.raises(Killed):
            jobs.run(job.uuid)
    job.refresh_from_db()
    return job


def test_rows_that_are_there_are_those_of_a_job_that_is_done(world, monkeypatch):
    batch = ordered_import(world)
    job = die_over(batch.job, monkeypatch)
    batch.refresh_from_db()
    assert Staff.objects.filter(staff_number="0009001").exists()
    assert (batch.state, job.state, job.message) == (State.APPLIED, Job.State.DONE, "1行を取り込みました。")


def test_a_checked_file_is_that_of_a_job_that_is_done(world, monkeypatch):
    batch = taken(world)
    job = die_over(batch.job, monkeypatch)
    batch.refresh_from_db()
    assert (batch.state, job.state, job.message) == (State.PREVIEWED, Job.State.DONE, "1行を確かめました。")


def test_a_file_that_nobody_can_fetch_has_no_event(world, monkeypatch):
    job = die_over(ordered_file(world), monkeypatch)
    assert job.state == Job.State.RUNNING
    assert not Event.objects.filter(action="export.records").exists()


def test_a_file_whose_event_cannot_be_written_is_not_there(world, monkeypatch):
    job = ordered_file(world)

    def full(**_):
        raise OSError(28, "No space left")

    monkeypatch.setattr("assessments.export_job.report", full)
    jobs.run(job.uuid)
    job.refresh_from_db()
    assert (job.state, job.message) == (Job.State.FAILED, jobs.DISK)
    assert not jobs.path_of(job.uuid).exists()


def test_the_file_and_its_event_come_together(world):
    job = ordered_file(world)
    jobs.run(job.uuid)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    event = Event.objects.get(action="export.records")
    assert event.data["job"] == str(job.uuid)
    assert jobs.path_of(job.uuid).exists()


def test_a_check_that_was_given_up_meanwhile_changes_nothing(world, monkeypatch):
    batch = taken(world)
    job = batch.job

    def given_up(*args):
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.FAILED, finished_at=timezone.now(), message=jobs.STOPPED
        )
        return compare_again(*args)

    monkeypatch.setattr("organization.workflow.import_jobs.compare_again", given_up)
    jobs.run(job.uuid)
    batch.refresh_from_db()
    job.refresh_from_db()
    assert (batch.state, job.state) == (State.CHECKING, Job.State.FAILED)
