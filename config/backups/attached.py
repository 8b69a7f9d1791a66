"""The files beside the database: what people attached, finished orders, the anchors of the trail."""

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any

from django.conf import settings

from assessments.files import path_of
from assessments.models import Attachment
from audit import anchors
from config.backups import BackupError
from config.backups.archive import FILES, Writing
from lib.files import PART, whole_file

# Where work in progress lies: as well kept as what it is made of, and on the same disk.
WORK = ".backup"
BUSY = "別の backup か restore が動いています。終わってから、もう一度実行してください。"
ATTACHMENTS = f"{FILES}attachments/"
# Asks the moment that was copied.
Ask = Callable[[str], Any]


class Vanished(Exception):
    """A file was removed between being listed and being read."""


@contextmanager
def workplace() -> Iterator[Path]:
    """Yield an empty folder of ours, one process at a time; what a killed one left there is removed."""
    folder = root() / WORK
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(root() / f"{WORK}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
        # A program that was started here holds it too, should this process be killed: it may still be loading.
        os.set_inheritable(lock, True)
    except OSError as failure:
        raise BackupError(f"FILES_DIR（{root()}）に書き込めません（{failure.strerror}）。") from None
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except OSError:
        os.close(lock)
        raise BackupError(BUSY) from None
    try:
        shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def root() -> Path:
    """Return where the files lie."""
    return Path(settings.FILES_DIR)


def take_anchors(work: Path) -> Path | None:
    """Copy the anchors, before the database: one that is later than the copy would say that its end was cut off."""
    if not anchors.path().exists():
        return None
    return Path(shutil.copyfile(anchors.path(), work / "anchors"))


def put_in(archive: Writing, taken: Path | None, attached: Collection[str]) -> None:
    """Put the files into an archive, and the anchors as they were taken. Vanished; BackupError for what is no file.

    Of what people attached, that of the copied moment: what came while it was copied would belong to nothing.
    """
    ours = set(attached)
    for path in listed():
        if path == anchors.path() or (_name(path).startswith(ATTACHMENTS) and _name(path) not in ours):
            continue
        try:
            with path.open("rb") as file:
                archive.add(_name(path), file, os.fstat(file.fileno()).st_size)
        except FileNotFoundError:
            # An order that has expired, or the erasure of somebody's data: the caller decides.
            raise Vanished from None
    if taken:
        with taken.open("rb") as file:
            archive.add(_name(anchors.path()), file, taken.stat().st_size)


def listed() -> list[Path]:
    """Return the files that people and the product keep. BackupError for what is neither a file nor a folder."""
    found = []
    for folder, folders, names in os.walk(root()):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            # Half a file, and what is ours alone.
            if name.startswith((PART, ".")):
                continue
            if path.is_symlink():
                raise BackupError(
                    f"FILES_DIRにリンク（{path}）があります。ファイルそのものに替えてください。"
                )
            found.append(path)
    return found


def wanted(ask: Ask) -> list[str]:
    """Return the names that the attached files of the copied moment have in an archive."""
    table = Attachment._meta.db_table
    return [_name(path_of(row[0])) for row in ask(f"SELECT uuid FROM {table}")]  # names of our own tables # noqa: S608 # nosec B608


def is_empty() -> bool:
    """Say whether nothing lies here yet."""
    return not root().exists() or not listed()


def put_back(name: str, source: Any) -> None:
    """Write one file of an archive to its place."""
    with whole_file(root() / name.removeprefix(FILES)) as file:
        shutil.copyfileobj(source, file, 1 << 20)


def _name(path: Path) -> str:
    return FILES + path.relative_to(root()).as_posix()
