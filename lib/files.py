"""Files on disk that are either there whole or not at all. Knows no model and no setting."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# What a file is called until it is whole.
PART = ".part-"


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its last name only when the block ends well and every byte is on the disk.

    A reader never meets half a file, and after a power cut it is there whole or not at all: the bytes go to a
    nameless neighbour, are synced, and take the name in one step. Raises OSError where the disk refuses.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=PART)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under its last name only when every byte of it is on the disk (`whole_file`)."""
    with whole_file(path) as file:
        file.write(content)


def remove(path: Path) -> None:
    """Remove a file; one that is not there is no error."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
