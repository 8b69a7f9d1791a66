"""長い処理: one's own orders, their progress and their files; killed workers, two workers, rights that end."""

import datetime
import os
import threading
import time
import uuid

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict
from organization import jobs
from organization.models import Job, Posting, Staff
from tests import builders as b

HOUR = datetime.timedelta(hours=1)
calls = []
may_fetch = [True]


def _allowed(actor, params):
    return may_fetch[0] and not params.get("refused")


def _three(job, actor, file):
    calls.append(actor.staff_id)
    for number in range(3):
        file.write(b"x")
        yield number + 1, 3
    return jobs.Made("3件を作りました。", {"seen": 3})


def _breaks(job, actor, file):
    file.write(b"half")
    yield 1, 2
    raise ValueError("山﨑 美咲 の秘密")


def _stopped(job, actor, file):
    file.write(b"half")
    yield 1, 2
    raise SystemExit(1)


def _full(job, actor, file):
    yield 1, 2
    raise OSError(28, "No space left")


def _given_up(job, actor, file):
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.FAILED, finished_at=timezone.now(), message=jobs.STOPPED
    )
    file.write(b"late")
    yield 1, 2
    return jobs.Made()


def _slow(job, actor, file):
    calls.append(job.pk)
    time.sleep(0.3)
    file.write(b"x")
    yield 1, 1
    return jobs.Made()


def _kind(make):
    return jobs.Kind(file_name="まとめ.zip", content_type="application/zip", allowed=_allowed, make=make)


THREE, BREAKS, STOPPED, FULL, GIVEN_UP, SLOW = map(
    _kind, [_three, _breaks, _stopped, _full, _given_up, _slow]
)
KINDS = {
    name.lower(): f"{__name__}.{name}" for name in ("THREE", "BREAKS", "STOPPED", "FULL", "GIVEN_UP", "SLOW")
}


@pytest.fixture(autouse=True)
def _kinds(settings, tmp_path):
    settings.JOB_KINDS = KINDS
    settings.FILES_DIR = tmp_path
    calls.clear()
    may_fetch[0] = True


@pytest.fixture
def sign_in(client, world):
    def as_(name):
        client.force_login(getattr(world, name), backend="organization.backends.StaffBackend")
        return client

    return as_


def ordered(staff, kind="three", **params):
    return jobs.start_job(kind=kind, title="まとめ", params=params, by=b.actor_of(staff), now=timezone.now())


def done(staff, kind="three", **params):
    job = ordered(staff, kind, **params)
    jobs.run(job.uuid)
    job.refresh_from_db()
    return job


def page(job):
    return reverse("organization:job", args=[job.uuid])


def file_of(job):
    return reverse("organization:job_file", args=[job.uuid])


def test_from_the_order_to_the_file(world, sign_in, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = ordered(world.kacho)
    job.refresh_from_db()
    assert (job.state, job.message, job.size) == (Job.State.DONE, "3件を作りました。", 3)
    assert job.expires_at - job.finished_at == jobs.KEPT
    assert job.params == {"seen": 3}
    client = sign_in("kacho")
    shown = client.get(page(job))
    assert "Refresh" not in shown
    assert "3件を作りました。" in shown.content.decode()
    sent = client.get(file_of(job))
    assert b"".join(sent.streaming_content) == b"xxx"
    assert sent["Content-Disposition"].startswith("attachment; ")
    assert "no-store" in sent["Cache-Control"]
    assert "まとめ" in client.get("/jobs/").content.decode()


def test_while_it_runs_the_page_asks_again_without_a_script(world, sign_in):
    job = ordered(world.kacho)
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, started_at=now, beat_at=now, done=12, total=32
    )
    shown = sign_in("kacho").get(page(job))
    assert shown["Refresh"] == "3"
    text = shown.content.decode()
    assert "32件中12件が済みました。" in text
    assert '<progress max="32" value="12"' in text
    assert "Refresh" not in sign_in("kacho").get(page(job) + "?still=1")
    # The file is not there yet: back to the page that says how far it is.
    assert sign_in("kacho").get(file_of(job))["Location"] == page(job)


def test_nobody_sees_anothers(world, sign_in):
    job = done(world.kacho)
    for name in ("bucho", "jinji", "sysadmin"):
        client = sign_in(name)
        assert client.get(page(job)).status_code == 404
        assert client.get(file_of(job)).status_code == 404
        assert "まとめ" not in client.get("/jobs/").content.decode()


def test_the_right_is_asked_again_when_the_work_begins(world):
    job = ordered(world.kacho, refused=True)
    jobs.run(job.uuid)
    job.refresh_from_db()
    assert (job.state, job.message) == (Job.State.FAILED, jobs.NO_RIGHT)
    assert not calls


def test_the_right_is_asked_again_when_the_file_is_fetched(world, sign_in):
    job = done(world.kacho)
    may_fetch[0] = False
    refused = sign_in("kacho").get(file_of(job))
    assert refused.status_code == 403
    assert "いまは見ることができません" in refused.content.decode()


def test_who_has_left_gets_nothing(world):
    job = ordered(world.kacho)
    Staff.objects.filter(pk=world.kacho.pk).update(left_on=timezone.localdate())
    jobs.run(job.uuid)
    job.refresh_from_db()
    assert (job.state, job.message) == (Job.State.FAILED, jobs.NO_RIGHT)


def test_the_rights_are_those_of_the_day_it_runs(world):
    seen = []

    def allowed(actor, params):
        seen.append(actor.head_paths)
        return True

    job = ordered(world.kacho)
    Posting.objects.filter(staff=world.kacho).update(end=timezone.localdate())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "kind_of", lambda name: jobs.Kind("x", "y", allowed, _three))
        jobs.run(job.uuid)
    assert seen == [()]


def test_a_job_is_made_once(world):
    job = done(world.kacho)
    jobs.run(job.uuid)
    assert len(calls) == 1
    jobs.run(uuid.uuid4())


def test_what_breaks_says_so_and_leaves_no_text_in_the_log(world, sign_in, caplog):
    job = done(world.kacho, "breaks")
    assert (job.state, job.message) == (Job.State.FAILED, jobs.BROKEN)
    assert not jobs.path_of(job.uuid).exists()
    assert not list(jobs.path_of(job.uuid).parent.iterdir())
    assert "ValueError" in caplog.text
    assert "秘密" not in caplog.text
    assert jobs.BROKEN in sign_in("kacho").get(page(job)).content.decode()


def test_a_full_disk_says_so(world):
    assert done(world.kacho, "full").message == jobs.DISK


def test_a_worker_that_is_told_to_stop_fails_its_job(world):
    job = ordered(world.kacho, "stopped")
    with pytest.raises(SystemExit):
        jobs.run(job.uuid)
    job.refresh_from_db()
    assert (job.state, job.message) == (Job.State.FAILED, jobs.STOPPED)
    assert not list(jobs.path_of(job.uuid).parent.iterdir())


def killed(staff):
    job = ordered(staff)
    long_ago = timezone.now() - jobs.SILENCE - HOUR
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, started_at=long_ago, beat_at=long_ago)
    return job


@pytest.mark.parametrize("where", ["page", "list", "next"])
def test_a_job_of_a_killed_worker_is_given_up(world, sign_in, where):
    job = killed(world.kacho)
    if where == "page":
        assert jobs.STOPPED in sign_in("kacho").get(page(job)).content.decode()
    elif where == "list":
        assert "できませんでした" in sign_in("kacho").get("/jobs/").content.decode()
    else:
        done(world.bucho)
    job.refresh_from_db()
    assert (job.state, job.message) == (Job.State.FAILED, jobs.STOPPED)


def test_a_worker_that_comes_back_late_does_not_overwrite(world):
    job = done(world.kacho, "given_up")
    assert (job.state, job.message) == (Job.State.FAILED, jobs.STOPPED)
    assert not jobs.path_of(job.uuid).exists()


def test_without_a_worker_the_page_says_so(world, sign_in):
    job = ordered(world.kacho)
    assert "10分たっても" not in sign_in("kacho").get(page(job)).content.decode()
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - HOUR)
    assert "10分たっても始まりません" in sign_in("kacho").get(page(job)).content.decode()
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - 2 * jobs.FORGOTTEN)
    assert jobs.give_up_silent(timezone.now()) == 1


def test_the_same_order_is_taken_once_and_too_many_are_refused(world):
    first = ordered(world.kacho, place=1)
    assert ordered(world.kacho, place=1) == first
    for place in range(2, jobs.AT_ONCE + 1):
        ordered(world.kacho, place=place)
    with pytest.raises(Conflict, match="同時に"):
        ordered(world.kacho, place=99)
    assert ordered(world.bucho, place=1) != first


def test_after_its_time_the_file_is_gone(world, sign_in):
    job, fresh = done(world.kacho), done(world.kacho, n=2)
    client = sign_in("kacho")
    Job.objects.filter(pk=job.pk).update(expires_at=timezone.now())
    gone = client.get(file_of(job))
    assert gone.status_code == 410
    assert "期限が過ぎた" in gone.content.decode()
    assert "期限が過ぎました" in client.get(page(job)).content.decode()
    for each in (job, fresh):
        old = time.time() - 3 * 86400
        os.utime(jobs.path_of(each.uuid), (old, old))
    call_command("purge_files")
    assert not jobs.path_of(job.uuid).exists()
    assert jobs.path_of(fresh.uuid).exists()


def test_a_file_that_was_lost_is_said_to_be_gone(world, sign_in, caplog):
    job = done(world.kacho)
    jobs.path_of(job.uuid).unlink()
    assert sign_in("kacho").get(file_of(job)).status_code == 410
    assert "has no file" in caplog.text


def test_half_a_file_of_a_killed_worker_is_purged(world):
    job = done(world.kacho)
    half = jobs.path_of(job.uuid).parent / ".part-abc"
    half.write_bytes(b"half")
    assert jobs.purge(timezone.now()) == 0
    os.utime(half, (0, 0))
    assert jobs.purge(timezone.now()) == 1


@pytest.mark.parametrize("count", [1, 40])
def test_pages_cost_the_same_at_any_number(world, sign_in, django_assert_max_num_queries, count):
    job = done(world.kacho)
    Job.objects.bulk_create(
        Job(municipality=world.city, owner=world.kacho, kind="three", title="x", created_at=timezone.now())
        for _ in range(count)
    )
    client = sign_in("kacho")
    with django_assert_max_num_queries(15):
        client.get("/jobs/")
    with django_assert_max_num_queries(15):
        client.get(page(job))
    with django_assert_max_num_queries(15):
        b"".join(client.get(file_of(job)).streaming_content)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_it_once(world):
    job = ordered(world.kacho, "slow")
    start = threading.Barrier(2)

    def work():
        start.wait()
        try:
            jobs.run(job.uuid)
        finally:
            connections.close_all()

    both = [threading.Thread(target=work) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    job.refresh_from_db()
    assert calls == [job.pk]
    assert job.state == Job.State.DONE


@pytest.mark.django_db(transaction=True)
def test_the_queue_of_the_database_hands_it_to_the_worker(world, settings):
    from django_tasks_db.models import DBTaskResult

    queue = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    with override_settings(TASKS=queue, IMMEDIATE_TASKS=False):
        job, broken = ordered(world.kacho), ordered(world.kacho, "breaks")
        assert job.state == Job.State.WAITING
        call_command("db_worker", batch=True, startup_delay=False, interval=0, reload=False, verbosity=0)
        job.refresh_from_db()
        broken.refresh_from_db()
        rows = list(DBTaskResult.objects.values_list("status", "args_kwargs", "traceback"))
    assert (job.state, broken.state) == (Job.State.DONE, Job.State.FAILED)
    assert connection.in_atomic_block is False
    assert {status for status, _, _ in rows} == {"SUCCESSFUL"}
    assert all(not trace for _, _, trace in rows)
    assert {args["args"][0] for _, args, _ in rows} == {str(job.uuid), str(broken.uuid)}


@pytest.mark.django_db(transaction=True)
def test_an_order_that_is_taken_back_is_not_in_the_queue(world):
    from django_tasks_db.models import DBTaskResult

    queue = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    with override_settings(TASKS=queue, IMMEDIATE_TASKS=False):
        with transaction.atomic():
            ordered(world.kacho)
            transaction.set_rollback(True)
        assert not DBTaskResult.objects.exists()
    assert not Job.objects.exists()
