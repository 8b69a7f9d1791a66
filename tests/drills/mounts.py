"""A disk that is small enough to be filled and may become read-only: a tmpfs of its own. No drill itself."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PIECES = (1024 * 1024, 4096, 1)
_BUSY_SECONDS = 10


class NoMountError(Exception):
    """No file system may be mounted here; the text says what is needed."""


class SmallDisk:
    """A mounted folder; `path` is where."""

    def __init__(self, path: Path):
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        """Leave not a byte free."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in _PIECES:
                with contextlib.suppress(OSError):
                    while file.write(b"\0" * size) == size:
                        pass

    def make_room(self) -> None:
        """Give the room back."""
        self._ballast.unlink()

    def set_writable(self, *, writable: bool) -> None:
        """Mount it again, for reading alone or for writing too; nobody may have a file open for writing."""
        end = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                return _as_root("mount", "-o", f"remount,{'rw' if writable else 'ro'}", str(self.path))
            except NoMountError:
                # Processes killed a moment ago are still on their way out.
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Yield a small disk of our own, which is gone afterwards; NoMountError where that is not allowed."""
    path = Path(tempfile.mkdtemp(prefix="skill-disk-"))
    try:
        owner = f"uid={os.geteuid()},gid={os.getegid()},mode=0755"
        _as_root("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,{owner}", "skill-drill", str(path))
        try:
            yield SmallDisk(path)
        finally:
            # Lazily: a process that was killed a moment ago may still be on its way out.
            _as_root("umount", "--lazy", str(path))
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _as_root(*command: str) -> None:
    before = [] if os.geteuid() == 0 else ["sudo", "-n"]
    try:
        done = subprocess.run([*before, *command], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NoMountError(f"{error.filename} is not there: a small disk needs root") from error
    if done.returncode:
        raise NoMountError(f"a small disk needs root, who may mount: {done.stderr.strip()}")
