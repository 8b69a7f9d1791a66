"""A folder of archives with the time in their names: what a new one is called, and which old ones go."""

import datetime
import re
from collections.abc import Iterable
from pathlib import Path

from django.utils import timezone

_FORM = "skill-%Y%m%d-%H%M%S.backup"
_NAME = re.compile(r"skill-(\d{8})-(\d{6})\.backup")
# Half an archive of a run that was killed; a run that is still going on is younger.
STALE = datetime.timedelta(days=1)


def name_for(now: datetime.datetime) -> str:
    """Return what an archive made now is called, by the clock on the wall."""
    return timezone.localtime(now).strftime(_FORM)


def superfluous(names: Iterable[str], *, keep: int, keep_days: int) -> list[str]:
    """Return which archives go: neither among the newest `keep`, nor the last of one of the newest `keep_days` days.

    Whatever has not the name of an archive stays.
    """
    found = sorted((name for name in names if _NAME.fullmatch(name)), reverse=True)
    last_of_day: dict[str, str] = {}
    for name in found:
        last_of_day.setdefault(name.split("-")[1], name)
    kept = {*found[:keep], *list(last_of_day.values())[:keep_days]}
    return sorted(name for name in found if name not in kept)


def thin(folder: Path, *, keep: int, keep_days: int) -> list[str]:
    """Remove what is superfluous in a folder, and return the names."""
    gone = superfluous((path.name for path in folder.iterdir()), keep=keep, keep_days=keep_days)
    for name in gone:
        (folder / name).unlink()
    return gone


def sweep(folder: Path, now: datetime.datetime) -> None:
    """Remove halves of archives that runs which were killed have left in a folder."""
    for path in folder.iterdir():
        if path.suffix == ".part" and _NAME.fullmatch(path.stem):
            changed = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
            if changed < now - STALE:
                path.unlink()
