"""The worker is killed in the middle of an import, an export, a bundle: done once and whole, or not at all and it says so.

`manage.py db_worker` runs as its unit runs it. Each order is taken up, its worker is killed (`kill -9`) at a moment left to
chance, another worker begins, and the same is ordered again. What the two orders left behind is read from the tables and from
the folder of files, by `judge`. The ten minutes after which a silent job is given up are not waited for: its last sign of life
is put back by as much.
"""

import io
import os
import random
import signal
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from assessments import pdf
from assessments.export_files import CSV, XLSX, export_of
from assessments.export_job import job_kind_of
from assessments.export_kind import Wish, export_kinds
from assessments.workflow.exporting import order_export
from audit.models import Event
from bench.bounds import Bound
from bench.data import City, build_city, load_lasdec
from bench.results import Figure
from gaps.workflow.resumes import ask_resumes
from organization import jobs
from organization.models import Department, ImportBatch, Job, Staff
from organization.workflow import order_apply, order_check, take_import
from tests import builders as b
from tests.drills.crowd import wait_until
from tests.organization.files import row
from tests.organization.rosters import roster
from tests.processes import ROOT

FIGURES = {
    "jobs.killed": Bound(60, "kills", at_least=True, short_limit=4),
    "jobs.half": Bound(0, "orders"),
    "jobs.twice": Bound(0, "orders"),
    "jobs.hung": Bound(0, "orders"),
    "jobs.lost": Bound(0, "orders"),
}
PEOPLE, SHORT_PEOPLE = 400, 40
ROUNDS, SHORT_ROUNDS = 15, 1
ROWS = 50
BUNDLED, SMALL = 2, "小さな課"
PATIENCE = 90
State = ImportBatch.State
FILE_EVENTS = {"export.records", "export.resumes"}


@dataclass
class Order:
    """One thing that somebody wants: how it is ordered, and every job that came of it, the newest last."""

    kind: str
    ask: Callable[[], Job]
    batch: ImportBatch | None = None
    numbers: list[str] = field(default_factory=list)
    made: list[uuid.UUID] = field(default_factory=list)

    def place(self) -> Job:
        """Order it, and return the job."""
        job = self.ask()
        if job.uuid not in self.made:
            self.made.append(job.uuid)
        return job


@dataclass
class Findings:
    """What is wrong, a sentence each."""

    half: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of workers killed in the middle of every kind of long work."""
    city = build_city(load_lasdec(), number=1, people=SHORT_PEOPLE if short else PEOPLE, years=2)
    findings, killed, midway = Findings(), 0, 0
    chance = random.Random(11)
    # Everything is long work here, whatever its size; the queue waits for a worker, as in production.
    queue = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    worker = Worker()
    with override_settings(TASKS=queue, IMMEDIATE_TASKS=False, IMPORT_AT_ONCE_BYTES=10):
        try:
            worker.begin()
            makers = orders_of(city)
            seconds = {kind: undisturbed(make(), findings) for kind, make in makers.items()}
            for kind, make in makers.items():
                for _ in range(SHORT_ROUNDS if short else ROUNDS):
                    order = make()
                    midway += struck(order, worker, chance.uniform(0, 1.2 * seconds[kind]))
                    killed += 1
                    silenced()
                    worker.begin()
                    again(order)
                    judge(order, findings)
        finally:
            worker.kill()
    behind = f"{midway} of {killed} were still at it; seconds when left alone: " + ", ".join(
        f"{kind} {one:.2f}" for kind, one in seconds.items()
    )
    yield Figure("jobs.killed", killed, behind)
    for name in ("half", "twice", "hung", "lost"):
        said = getattr(findings, name)
        yield Figure(f"jobs.{name}", len(said), "; ".join(said[:5]) or behind)


# --- what is ordered


def orders_of(city: City) -> dict[str, Callable[[], Order]]:
    """Return how an order of each kind of long work is made; a bundle only where PDF can be made."""
    makers = {
        "check": lambda: _import(city, apply=False),
        "apply": lambda: _import(city, apply=True),
        "csv": lambda: _export(city, CSV),
        "xlsx": lambda: _export(city, XLSX),
    }
    if pdf.available():
        makers["bundle"] = lambda: _bundle(city)
    return makers


def _import(city: City, *, apply: bool) -> Order:
    first = 9_000_000 + 1000 * ImportBatch.objects.count()
    numbers = [f"{first + place:07d}" for place in range(ROWS)]
    content = roster(*(row(number, f"見本 {number}", city.sections[0].code) for number in numbers))
    by, key, now = b.actor_of(city.persona("jinji")), uuid.uuid4(), timezone.now
    batch = take_import(by=by, kind="roster", file_name="meibo.csv", content=content, now=now(), options={})
    first_check = batch.job

    def ask() -> Job:
        fresh = ImportBatch.objects.light().select_related("job").get(pk=batch.pk)
        if fresh.state == State.CHECKING and fresh.job.state not in Job.ENDED:
            return fresh.job
        if fresh.state == State.CHECKING:
            return order_check(by=by, batch=fresh, version=fresh.version, now=now()).job
        if fresh.state == State.PREVIEWED and apply:
            return order_apply(by=by, batch=fresh, key=key, version=fresh.version, now=now()).job
        # It is done: the screen orders nothing more, and shows what there is.
        return Job.objects.get(uuid=order.made[-1])

    if apply:
        ended(first_check)
    order = Order("apply" if apply else "check", ask, batch=batch, numbers=numbers)
    return order


def _export(city: City, format: str) -> Order:
    by = b.actor_of(city.persona("jinji"))
    export = export_of(
        "records", export_kinds()["records"], by, Wish(city.cycle), format=format, split=False,
        replace=False, reason="研修計画の資料",
    )  # fmt: skip

    def ask() -> Job:
        return order_export(
            export=export, job_kind=job_kind_of(export), rows=export.table.count(), by=by, now=timezone.now()
        )

    return Order(format, ask)


def _bundle(city: City) -> Order:
    by = b.actor_of(city.persona("jinji"))
    team = Department.objects.filter(municipality=city.municipality, name=SMALL).first()
    if team is None:
        team = b.make_department(city.municipality, SMALL)
        for number in range(BUNDLED):
            person = b.make_staff(city.municipality, f"見本 第{number}", staff_number=f"8800{number:03d}")
            b.make_posting(person, team)

    def ask() -> Job:
        return ask_resumes(department=team, people=BUNDLED, reason="異動の資料", by=by, now=timezone.now())

    return Order("bundle", ask)


# --- the worker


class Worker:
    """`manage.py db_worker` in a process of its own, begun anew by `begin` where it was killed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def begin(self) -> None:
        """Let one run."""
        if self._process is not None:
            return
        variables = {**os.environ, "IMMEDIATE_TASKS": "false", "FILES_DIR": str(settings.FILES_DIR)}
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "db_worker", "--interval", "0.05", "--no-startup-delay"],
            cwd=ROOT, env={**variables, "SECRET_KEY": settings.SECRET_KEY},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """Kill it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


def state_of(job: Job) -> str:
    """Return where a job stands."""
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def ended(job: Job) -> bool:
    """Wait until a job has ended; returns whether it did."""
    return wait_until(lambda: state_of(job) in Job.ENDED, PATIENCE)


def undisturbed(order: Order, findings: Findings) -> float:
    """Let an order be done in peace; returns its seconds."""
    job = order.place()
    ended(job)
    judge(order, findings)
    job.refresh_from_db()
    return (job.finished_at - job.started_at).total_seconds() if job.finished_at else 1.0


def struck(order: Order, worker: Worker, after: float) -> bool:
    """Kill the worker some seconds after it began with an order; returns whether it was still at it."""
    job = order.place()
    end = time.monotonic() + PATIENCE
    while state_of(job) == Job.State.WAITING and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(after)
    worker.kill()
    return state_of(job) == Job.State.RUNNING


def silenced() -> None:
    """Put the last sign of life of what still runs back by as long as a silent job is waited for."""
    long_ago = timezone.now() - jobs.SILENCE * 2
    Job.objects.filter(state=Job.State.RUNNING).update(beat_at=long_ago)


def again(order: Order) -> None:
    """Order the same again, as its owner would who finds it failed, and wait until it is done."""
    jobs.give_up_silent(timezone.now())
    ended(order.place())


# --- what came of it


def judge(order: Order, findings: Findings) -> None:
    """Look at what all jobs of an order left behind, and write down what cannot be."""
    rows = list(Job.objects.filter(uuid__in=order.made).order_by("pk"))
    done = [job for job in rows if job.state == Job.State.DONE]
    for job in rows:
        if job.state not in Job.ENDED:
            findings.hung.append(f"{order.kind}: a job is {job.state}")
        if job.state == Job.State.FAILED and job.message != jobs.STOPPED:
            findings.lost.append(f"{order.kind}: {job.message}")
    if not done:
        findings.lost.append(f"{order.kind}: never done")
    if order.batch is not None:
        _judge_import(order, done, findings)
    if order.kind not in ("check", "apply"):
        for job in rows:
            _judge_file(order, job, findings)


def _judge_import(order: Order, done: list[Job], findings: Findings) -> None:
    batch = ImportBatch.objects.light().get(pk=order.batch.pk)
    there = Staff.objects.filter(staff_number__in=order.numbers).count()
    wanted = State.APPLIED if order.kind == "apply" else State.PREVIEWED
    if batch.state != wanted:
        findings.lost.append(f"{order.kind}: the file is {batch.state}")
    if there not in (0, ROWS) or (there == ROWS) != (batch.state == State.APPLIED):
        findings.half.append(f"{order.kind}: {there} of {ROWS} people, the file is {batch.state}")
    applied = Event.objects.filter(action="import.apply", object_uuid=batch.uuid).count()
    for what, number in (("jobs done", len(done)), ("events", applied)):
        if order.kind == "apply" and number > 1:
            findings.twice.append(f"apply: {number} {what}")
    if order.kind == "apply" and (applied == 1) != (batch.state == State.APPLIED):
        findings.half.append(f"apply: {applied} events, the file is {batch.state}")


def _judge_file(order: Order, job: Job, findings: Findings) -> None:
    events = Event.objects.filter(action__in=FILE_EVENTS, data__job=str(job.uuid)).count()
    if events > 1:
        findings.twice.append(f"{order.kind}: {events} events of one file")
    if (events == 1) != (job.state == Job.State.DONE):
        findings.half.append(f"{order.kind}: {events} events, the job is {job.state}")
    if job.state == Job.State.DONE and (fault := broken(jobs.path_of(job.uuid), job, order.kind)):
        findings.half.append(f"{order.kind}: {fault}")


def broken(path: Path, job: Job, kind: str) -> str:
    """Return what is wrong with a file that its job says is there, "" where nothing is."""
    if not path.exists():
        return "the file is not there"
    content = path.read_bytes()
    if len(content) != job.size:
        return f"{len(content)} bytes of {job.size}"
    if kind == CSV:
        lines = content.decode("utf-8-sig").count("\r\n") - 1
        return "" if f"{lines:,}行" in job.message else f"{lines} lines, said was: {job.message}"
    fault = zipfile.ZipFile(io.BytesIO(content)).testzip()
    return f"{fault} in the archive is broken" if fault else ""
