"""That a worker lives: the age of a file beside the files of long work, which server and worker share.

A thread touches it, so that it goes on while a long job is being done; that jobs are taken is said by the queue.
"""

import contextlib
import datetime
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

log = logging.getLogger(__name__)
EVERY = 20.0  # seconds
# A worker that has not been seen for so long is gone; systemd has started it again three times by then.
SILENCE = datetime.timedelta(minutes=2)


@contextlib.contextmanager
def beating(every: float = EVERY) -> Iterator[None]:
    """Note again and again that this process lives, until the block ends."""
    ended = threading.Event()

    def beat() -> None:
        while True:
            try:
                _file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _file().touch()
            except OSError as failure:
                log.warning("no sign of life could be written: %s", type(failure).__name__)
            if ended.wait(every):
                return

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def seen() -> datetime.datetime | None:
    """Return when a worker was seen last, None where none ever was."""
    try:
        return datetime.datetime.fromtimestamp(_file().stat().st_mtime, tz=timezone.get_current_timezone())
    except OSError:
        return None


def _file() -> Path:
    return Path(settings.FILES_DIR) / "worker-seen"
