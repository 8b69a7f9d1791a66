"""pg_dump and pg_restore of the version that is needed."""

import re
import shutil
import subprocess  # programs of the system, with arguments of ours # nosec B404
from dataclasses import dataclass
from pathlib import Path

from config.backups import BackupError

# Debian keeps those of each version in a folder of their own; what lies on the PATH may be of another.
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Program:
    """One program of PostgreSQL, with what it says of its version."""

    path: Path
    version: str

    @property
    def major(self) -> int:
        """Return its major version."""
        return major_of(self.version)


def find(name: str, *, least: int) -> Program:
    """Return the oldest of a name that is not older than `least`. BackupError where there is none."""
    paths = [*DEBIAN.glob(f"*/bin/{name}")]
    if on_path := shutil.which(name):
        paths.append(Path(on_path))
    there = [program for path in paths if (program := _asked(path))]
    good = sorted((one for one in there if one.major >= least), key=lambda one: one.major)
    if good:
        return good[0]
    if there:
        newest = max(one.major for one in there)
        raise BackupError(
            f"{name} のバージョンが {newest} で、PostgreSQL {least} より古いため使えません。"
            f"postgresql-client-{least} を入れてください。"
        )
    raise BackupError(
        f"{name} がありません。postgresql-client を入れてください（apt-get install postgresql-client）。"
    )


def major_of(version: str) -> int:
    """Return the major version in what a program or a server says, 0 where it says none."""
    found = re.search(r"(\d+)(?:\.\d+)?", version)
    return int(found[1]) if found else 0


def _asked(path: Path) -> Program | None:
    done = subprocess.run(  # arguments of ours, no shell # noqa: S603 # nosec B603
        [str(path), "--version"], capture_output=True, text=True, check=False
    )
    return Program(path, done.stdout.strip()) if done.returncode == 0 else None
