"""Ends what Patroni has started in a folder, once the drill that holds the other end of its input is gone. No drill itself.

Usage: python -m tests.drills.cluster_sweeper FOLDER MEMORY     (started by tests.drills.cluster_parts)

MEMORY is a folder that takes room of the machine's memory, and is taken away.
"""

import shutil
import sys
import time
from pathlib import Path

from tests.drills.serving import children_of, kill


def postgres_of(data: Path) -> list[int]:
    """Return the processes of the PostgreSQL that works on a folder, the first one in front."""
    try:
        first = int((data / "postmaster.pid").read_text().splitlines()[0])
        mine = Path(f"/proc/{first}/cwd").resolve() == data.resolve()
    except (OSError, ValueError, IndexError):
        return []
    return [first, *children_of(first)] if mine else []


def main(folder: Path, memory: Path) -> None:
    """Wait for the end of the input, then kill every PostgreSQL of the folder, twice: Patroni may have been starting one."""
    sys.stdin.read()
    for pause in (1, 0):
        for data in folder.glob("db*/data"):
            for pid in postgres_of(data):
                kill(pid)
        time.sleep(pause)
    shutil.rmtree(memory, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
