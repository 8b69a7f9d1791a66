"""作成の依頼: long work outside the request, in the queue of our own database (docs/adr/0027).

A kind of work is a `Kind`, named in settings.JOB_KINDS by where it stands, for this app imports nothing above it.
Whoever asks gets a `Job` row; a worker (`manage.py db_worker`) makes the file. Nothing of what people wrote
reaches a log or the queue: the queue holds the job's uuid alone.
"""

import datetime
import logging
import time
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from access.actor import Actor
from access.refusals import Conflict
from lib import tenant
from lib.files import remove, whole_file
from lib.replica import steps_from_replica
from organization.models import Job, Staff
from organization.scope import actor_for

log = logging.getLogger(__name__)

BEAT = 1.0  # seconds between two notes of progress, at least
SILENCE = datetime.timedelta(minutes=10)  # a worker that has written nothing for so long is gone
FORGOTTEN = datetime.timedelta(days=1)  # no worker has taken it
KEPT = datetime.timedelta(days=7)
AT_ONCE = 5

NO_RIGHT = "この内容を受け取る権限がなくなったため、作成を止めました。"
STOPPED = "作成の途中で処理が止まりました。もう一度、作成を頼んでください。"
BROKEN = "作成の途中で誤りが起きました。もう一度頼んでも同じときは、システム管理者に知らせてください。"
DISK = "ファイルを書き込めませんでした。システム管理者に、空き容量を確かめるよう知らせてください。"
TOO_MANY = f"作成の依頼は、同時に{AT_ONCE}件までです。前の依頼ができあがってから、もう一度頼んでください。"


@dataclass(frozen=True)
class Made:
    """What came of it: a sentence for the person, and ids that the question at the fetch needs.

    `along` writes what stands and falls with the end of the job, as the event of a file does; it is called in the transaction
    of that end, when the file has its name. Work that is one transaction ends the job in it itself instead, by `end_in`. Between
    two commits a worker may be killed, and would have done what its job says was not done.
    """

    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    along: Callable[[], object] | None = None


# Writes the file (None for a kind without one) and yields (done, total) after each piece.
Work = Callable[[Job, Actor, Any], Generator[tuple[int, int], None, Made]]


@dataclass(frozen=True)
class Kind:
    """One kind of long work. `file_name` is the same for everybody: no name of a person, no place.

    A kind with an empty `file_name` makes no file; `page` then says, from the job's params, at which URL its result
    is to be seen. `allowed` is asked with the owner's rights of that day: when the work begins, and whenever the file is fetched.
    `unit` is what the progress counts. `reads` is a kind whose file is made of what it reads, from a replica where there is
    one; what it writes, it writes at the end.
    """

    file_name: str
    content_type: str
    allowed: Callable[[Actor, dict[str, Any]], bool]
    make: Work
    page: Callable[[dict[str, Any]], str] | None = None
    unit: str = "件"
    reads: bool = False


class Refused(Exception):
    """The work cannot be done; the message is a plain sentence of ours for the person who asked."""


class NotWrittenDown(Exception):
    """A task of the queue failed outside the work itself; the message is the type of what failed."""


class Abandoned(Exception):
    """Somebody has given the job up in the meantime: nothing of it may stay."""


def kind_of(name: str) -> Kind:
    """Return the kind of this name. KeyError for none."""
    return import_string(settings.JOB_KINDS[name])


def path_of(job_uuid: uuid.UUID) -> Path:
    """Return where the file of a job lies; nothing that anybody typed is part of it."""
    return _folder() / uuid.UUID(str(job_uuid)).hex


@transaction.atomic
def start_job(*, kind: str, title: str, params: dict[str, Any], by: Actor, now) -> Job:
    """Take an order and queue it; the same order that is still being made is returned instead of a second one.

    The row and its place in the queue are committed together. Raises Conflict for too many at once.
    """
    # One at a time for one person, so that a double click finds the first order.
    Staff.objects.select_for_update().get(pk=by.staff_id)
    unfinished = list(Job.objects.of(by).exclude(state__in=Job.ENDED))
    for job in unfinished:
        if (job.kind, job.params) == (kind, params) and not is_silent(job, now):
            return job
    if len(unfinished) >= AT_ONCE:
        raise Conflict(TOO_MANY)
    job = Job.objects.create(
        municipality_id=by.municipality_id, owner_id=by.staff_id, kind=kind, title=title, params=params,
        created_at=now,
    )  # fmt: skip
    enqueue = partial(make.enqueue, str(job.uuid), by.municipality_id)
    if settings.IMMEDIATE_TASKS:
        transaction.on_commit(enqueue)
    else:
        enqueue()
    return job


@task()
def make(job_uuid: str, municipality_id: int) -> None:
    """Do one job of the queue, for its municipality; a second worker that is given the same one leaves it alone.

    The queue keeps the traceback of what a task raises in a table of its own: it gets the type alone, for the message
    may quote a row (a database says which value was refused).
    """
    try:
        with tenant.as_tenant(municipality_id):
            run(uuid.UUID(job_uuid))
    except Exception as failure:
        log.error("job %s could not be written down: %s", job_uuid, type(failure).__name__)
        broken = type(failure).__name__
    else:
        return
    raise NotWrittenDown(broken)


def run(job_uuid: uuid.UUID) -> None:
    """Claim a waiting job, make its file, and write down how it ended. Never raises what the work raised.

    Tidies up first, for the municipality that the worker works for.
    """
    now = timezone.now()
    give_up_silent(now)
    purge(now)
    # The workflow orders long work itself, so that this cannot be imported above.
    from organization.workflow.coming import apply_due

    apply_due(now)
    waiting = Job.objects.filter(uuid=job_uuid, state=Job.State.WAITING)
    if not waiting.update(state=Job.State.RUNNING, started_at=now, beat_at=now):
        return
    job = Job.objects.select_related("owner__municipality").get(uuid=job_uuid)
    # Written down outside the handlers, so that no error of the database carries the first one into the queue's row.
    message = _attempt(job)
    if message:
        _fail(job, message)


def _attempt(job: Job) -> str:
    """Make the file; return why it could not be made, "" where it is there or was given up."""
    try:
        kind = kind_of(job.kind)
        actor = _owner_today(job)
        if actor is None or not kind.allowed(actor, job.params):
            return NO_RIGHT
        if kind.file_name:
            with whole_file(path_of(job.uuid)) as file:
                made = _beaten(job, _steps(kind, job, actor, file))
        else:
            made = _beaten(job, kind.make(job, actor, None))
        _finish(job, kind, made)
    except Refused as refusal:
        return str(refusal)
    except Abandoned:
        log.warning("job %s was given up while it ran", job.uuid)
    except OSError as failure:
        log.error("job %s failed: %s", job.uuid, type(failure).__name__)
        return DISK
    except Exception as failure:
        log.error("job %s failed: %s", job.uuid, type(failure).__name__)
        return BROKEN
    except BaseException:
        # The worker is being stopped in the middle.
        _fail(job, STOPPED)
        raise
    return ""


def give_up_silent(now) -> int:
    """Fail the jobs whose worker was killed, or that no worker has taken for a day; return how many. One query."""
    silent = Q(state=Job.State.RUNNING, beat_at__lt=now - SILENCE)
    forgotten = Q(state=Job.State.WAITING, created_at__lt=now - FORGOTTEN)
    lost = Job.objects.filter(silent | forgotten)
    return lost.update(state=Job.State.FAILED, finished_at=now, message=STOPPED)


def purge(now) -> int:
    """Remove the files that have expired, and what no job stands for; return how many. The rows stay.

    The folder is everybody's: for one municipality only the files of its own jobs go, and what no job stands for is
    left to the operator (`purge_files`), who alone sees that there is none.
    """
    folder = _folder()
    if not folder.is_dir():
        return 0
    # Half a file of a killed worker has no job; one that is a day old is nobody's work any more.
    old = [file for file in folder.iterdir() if _changed_before(file, now - datetime.timedelta(days=1))]
    if not old:
        return 0
    kept = Job.objects.filter(state=Job.State.DONE, expires_at__gt=now)
    names = {each.hex for each in kept.values_list("uuid", flat=True)}
    gone = [file for file in old if file.name not in names]
    if tenant.current() is not tenant.OPERATOR:
        # Its own, asked for by the municipality as well: SQLite has no second wall.
        mine = Job.objects.filter(municipality_id=tenant.current()).values_list("uuid", flat=True)
        ended = {each.hex for each in mine}
        gone = [file for file in gone if file.name in ended]
    for file in gone:
        remove(file)
    return len(gone)


def _folder() -> Path:
    return Path(settings.FILES_DIR) / "jobs"


def _changed_before(file: Path, moment: datetime.datetime) -> bool:
    try:
        return file.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False


def is_silent(job: Job, now) -> bool:
    """Say whether the worker of a job was killed."""
    return job.state == Job.State.RUNNING and job.beat_at < now - SILENCE


def is_lost(job: Job, now) -> bool:
    """Say whether give_up_silent would give a job up: its worker was killed, or none has taken it for a day."""
    forgotten = job.state == Job.State.WAITING and job.created_at < now - FORGOTTEN
    return forgotten or is_silent(job, now)


def _owner_today(job: Job) -> Actor | None:
    """Return the owner with the rights of today, None for somebody who has no account any more. Two queries."""
    owner, today = job.owner, timezone.localdate()
    if not owner.is_active or owner.has_left(today):
        return None
    return actor_for(owner, today, request_id=f"job-{job.uuid.hex[:12]}")


def _steps(kind: Kind, job: Job, actor: Actor, file: Any) -> Generator[tuple[int, int], None, Made]:
    if not kind.reads:
        return kind.make(job, actor, file)

    def again() -> None:
        file.seek(0)
        file.truncate()

    return steps_from_replica(lambda: kind.make(job, actor, file), again)


def _beaten(job: Job, work: Generator[tuple[int, int], None, Made]) -> Made:
    """Go through the work and note its progress, at most once a second."""
    noted = 0.0
    while True:
        try:
            done, total = next(work)
        except StopIteration as end:
            return end.value
        if time.monotonic() - noted >= BEAT:
            noted = time.monotonic()
            if not _running(job).update(done=done, total=total, beat_at=timezone.now()):
                raise Abandoned


def end_in(job: Job, message: str) -> None:
    """End a job without a file as done, in the transaction of what it wrote. Raises Abandoned where it was given up."""
    if not _running(job).update(state=Job.State.DONE, finished_at=timezone.now(), message=message):
        raise Abandoned


def _running(job: Job):
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)


def _finish(job: Job, kind: Kind, made: Made) -> None:
    if Job.objects.filter(pk=job.pk, state=Job.State.DONE).exists():
        return
    now, path = timezone.now(), path_of(job.uuid)
    kept = {"expires_at": now + KEPT, "size": path.stat().st_size} if kind.file_name else {}
    try:
        with transaction.atomic():
            if not _running(job).update(
                state=Job.State.DONE, finished_at=now, message=made.message, file_name=kind.file_name,
                content_type=kind.content_type, params={**job.params, **made.params}, **kept,
            ):  # fmt: skip
                raise Abandoned
            if made.along is not None:
                made.along()
    except BaseException:
        remove(path)
        raise


def _fail(job: Job, message: str) -> None:
    remove(path_of(job.uuid))
    _running(job).update(state=Job.State.FAILED, finished_at=timezone.now(), message=message)
