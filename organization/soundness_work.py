"""What must hold of imports and of long work with its files and its queue, as `verify` asks it."""

import datetime
import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from lib.soundness import CHUNK, Checks, Scope, in_order, said_of, say
from organization.jobs import path_of
from organization.models import ImportBatch, Job

CHECKS = Checks()
_ENDED = (ImportBatch.State.APPLIED, ImportBatch.State.DISCARDED, ImportBatch.State.UNDONE)
# `purge_files` comes once a day and leaves what is younger than a day.
LEFT_LYING = datetime.timedelta(days=3)


@CHECKS.add("imports.states", "取込みの状態・日時・残している内容は、互いに合う", "state")
def imports(scope: Scope) -> Iterator[str]:
    """What was applied or given up keeps no file; what can be taken back was applied; taken back has its time."""
    rows = scope.of(ImportBatch)
    lying = rows.filter(Q(content__isnull=False) | Q(preview__isnull=False), state__in=_ENDED)
    yield from said_of(lying, "終わった取込みに、ファイルの中身が残っています。")
    undo = rows.filter(undo__isnull=False).exclude(state=ImportBatch.State.APPLIED)
    yield from said_of(undo, "取り込んでいないのに、元に戻す内容があります。")
    undone = Q(state=ImportBatch.State.UNDONE)
    yield from said_of(rows.filter(undone, undone_at__isnull=True), "元に戻した日時がありません。")
    yield from said_of(
        rows.filter(~undone, undone_at__isnull=False), "元に戻していないのに、戻した日時があります。"
    )


@CHECKS.add("imports.bytes", "取り込むファイルの中身は、受け取ったときのまま", "files")
def import_bytes(scope: Scope) -> Iterator[str]:
    """Hash every kept file once more; one at a time, for they may be large."""
    rows = scope.of(ImportBatch).filter(content__isnull=False).order_by("pk")
    for pk, content, digest in rows.values_list("pk", "content", "sha256").iterator(chunk_size=1):
        if hashlib.sha256(bytes(content)).hexdigest() != digest:
            yield say(ImportBatch, pk, "ファイルの中身が、受け取ったときと違います。")


@CHECKS.add("jobs.states", "依頼の状態と日時は、互いに合う", "state")
def jobs(scope: Scope) -> Iterator[str]:
    """What runs was begun and gives signs of life; what is done and has a file says until when it is kept."""
    rows = scope.of(Job)
    begun = Q(started_at__isnull=False)
    yield from said_of(
        rows.filter(begun, state=Job.State.WAITING), "順番待ちなのに、始まったことになっています。"
    )
    running = rows.filter(state=Job.State.RUNNING)
    yield from said_of(
        running.filter(~begun | Q(beat_at__isnull=True)), "作成中なのに、始まった日時がありません。"
    )
    done = rows.filter(state=Job.State.DONE)
    yield from said_of(done.filter(~begun), "できたことになっているのに、始まった日時がありません。")
    yield from said_of(
        done.filter(~Q(file_name=""), expires_at__isnull=True), "ファイルの受取りの期限がありません。"
    )


@CHECKS.add("jobs.queue", "順番を待つ依頼は、処理の列にある", "state", whole=True)
def queue(scope: Scope) -> Iterator[str]:
    """Ask for orders that no worker will ever be given."""
    waiting = dict(Job.objects.filter(state=Job.State.WAITING).values_list("uuid", "pk"))
    if not waiting or settings.IMMEDIATE_TASKS:
        return
    listed = set()
    for kept in DBTaskResult.objects.values_list("args_kwargs", flat=True).iterator(chunk_size=CHUNK):
        listed |= {str(each) for each in kept.get("args", ())}
    for key, pk in sorted(waiting.items(), key=lambda each: each[1]):
        if str(key) not in listed:
            yield say(Job, pk, "順番を待っているのに、処理の列にありません。")


@CHECKS.add("jobs.files", "できた依頼のファイルは、期限まで、その大きさである", "files", outside=True)
def job_files(scope: Scope) -> Iterator[str]:
    """Ask for files that somebody was promised."""
    promised = scope.of(Job).filter(state=Job.State.DONE, expires_at__gt=scope.now).exclude(file_name="")
    for pk, key, size in list(promised.order_by("pk").values_list("pk", "uuid", "size")):
        try:
            there = path_of(key).stat().st_size
        except OSError:
            there = None
        # Looked at again: it may have been erased since it was listed.
        if there != size and promised.filter(pk=pk, size=size).exists():
            words = (
                "できあがったファイルがありません。"
                if there is None
                else "ファイルの大きさが、できたときと違います。"
            )
            yield say(Job, pk, words)


@CHECKS.add("jobs.left", "依頼のファイルには、依頼がある", "files", outside=True, whole=True)
def files_left(scope: Scope) -> Iterator[str]:
    """Ask for files of nobody that the daily tidying has left: half ones too."""
    names = old_files(Path(settings.FILES_DIR) / "jobs", scope.now - LEFT_LYING)
    known = {key.hex for key in Job.objects.filter(uuid__in=_uuids(names)).values_list("uuid", flat=True)}
    for name in sorted(set(names) - known):
        yield f"ファイル jobs/{name} には、依頼がありません。"


def old_files(folder: Path, before: datetime.datetime) -> list[str]:
    """Return the names of the files in and below a folder that were last changed before a moment."""
    found = []
    for file in folder.rglob("*") if folder.is_dir() else ():
        try:
            if file.is_file() and file.stat().st_mtime < before.timestamp():
                found.append(file.name)
        except FileNotFoundError:
            continue
    return found


def _uuids(names: list[str]) -> list[uuid.UUID]:
    return [uuid.UUID(hex=name) for name in names if _is_hex(name)]


def _is_hex(name: str) -> bool:
    return len(name) == 32 and all(each in "0123456789abcdef" for each in name)


@CHECKS.add("work.times", "取込みと依頼の日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for what ended before it began."""
    for model, earlier, later in (
        (ImportBatch, "uploaded_at", "applied_at"),
        (ImportBatch, "applied_at", "undone_at"),
        (Job, "created_at", "started_at"),
        (Job, "started_at", "finished_at"),
    ):
        yield from in_order(scope, model, earlier, later)
