"""The database backend: Django's own, and one more way to open the file.

A file in WAL mode needs two more beside it, even to be read. The last connection removes them; on a disk that the kernel has
made read-only since, nobody can make them again, and nothing could be read. There nobody can write either: the file is opened
as one that does not change. What waits in a WAL that is still there would be left out, so then it is refused.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that opens a file on a read-only disk too."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; Django closes the connection with the request, so that a disk made writable again is noticed."""
        try:
            return super().get_new_connection(conn_params)
        except sqlite3.OperationalError:
            path = Path(self.settings_dict["NAME"]).absolute()
            if not _cannot_change(path):
                raise
            found = f"file:{quote(str(path))}?immutable=1"
            return super().get_new_connection({**conn_params, "database": found, "uri": True})


def _cannot_change(path: Path) -> bool:
    """Say whether a file lies whole on a disk that is mounted for reading alone."""
    try:
        waiting = Path(f"{path}-wal").stat().st_size
    except FileNotFoundError:
        waiting = 0
    except OSError:
        return False
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY) and not waiting
    except (AttributeError, OSError):
        # No such thing as statvfs, or no such file.
        return False
