"""メンテナンス: a file that says so, seen by every process of the machine and read without any database.

It is there while the database is being upgraded. Where several servers serve one installation, MAINTENANCE_FILE lies in
a folder that they share.
"""

import datetime
import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lib.files import remove, write_whole

# When to come back where no end was said, or the end that was said is over.
SOON = datetime.timedelta(minutes=5)
AT_LEAST = datetime.timedelta(minutes=1)


@dataclass(frozen=True)
class Maintenance:
    """It is on: until when, if the operator said so."""

    until: datetime.datetime | None = None

    def retry_seconds(self, now: datetime.datetime) -> int:
        """Return when it is worth asking again."""
        left = SOON if self.until is None or self.until <= now else self.until - now
        return int(max(left, AT_LEAST).total_seconds())

    def sentence(self, now: datetime.datetime) -> str:
        """Return until when, in words."""
        if self.until is None:
            return "しばらくしてから、もう一度開いてください。"
        if self.until <= now:
            return "予定より長くかかっています。しばらくしてから、もう一度開いてください。"
        return f"{when(self.until, now)}ごろに終わる予定です。そのころに、もう一度開いてください。"


def current() -> Maintenance | None:
    """Return what is on, None for nothing. A file that cannot be read is on all the same: somebody has put it there."""
    try:
        said = json.loads(_file().read_text(encoding="utf-8"))
        until = said.get("until")
        return Maintenance(parse_datetime(until) if until else None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError, TypeError):
        return Maintenance() if _is_there() else None


def begin(*, until: datetime.datetime | None, now: datetime.datetime) -> None:
    """Switch it on, or change its end. Raises OSError where the file cannot be written."""
    said = {"since": now.isoformat(), "until": until.isoformat() if until else None}
    write_whole(_file(), json.dumps(said).encode())
    # Whoever switched it on, the server must be able to read it; there is nothing of anybody in it.
    _file().chmod(0o644)


def end() -> None:
    """Switch it off; nothing where it is off."""
    remove(_file())


def when(moment: datetime.datetime, now: datetime.datetime) -> str:
    """Return a time of day, with its day where that is not today's."""
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    clock = f"{local.hour}:{local.minute:02d}"
    return clock if local.date() == today else f"{local.month}月{local.day}日 {clock}"


def _file() -> Path:
    return Path(settings.MAINTENANCE_FILE)


def _is_there() -> bool:
    try:
        return _file().exists()
    except OSError:
        return False
