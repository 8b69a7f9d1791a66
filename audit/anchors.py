"""Anchors: how far each chain had come, kept outside the database.

Whoever owns the database can cut the end off a chain, seals and all, or bring back the state of last week. What
was noted elsewhere tells. The lines also go to the log, which a log server may keep.
"""

import datetime
import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from audit.models import Seal

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Anchor:
    """The last seal of a chain at a time: its number and its hash."""

    chain: int
    number: int
    mac: str
    at: str


def path() -> Path:
    """Return where the anchors are kept."""
    return Path(settings.FILES_DIR) / "audit-anchors.jsonl"


def note(chains: Iterable[int], now: datetime.datetime) -> None:
    """Note the ends of these chains, in the file and in the log. One query a chain."""
    lines = []
    for chain in sorted(set(chains)):
        last = Seal.objects.of_chain(chain).last()
        if last is not None:
            lines.append(Anchor(chain, last.number, last.mac, now.isoformat(timespec="seconds")))
    if not lines:
        return
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("a", encoding="utf-8") as file:
        for anchor in lines:
            file.write(json.dumps(asdict(anchor)) + "\n")
            log.info("audit anchor chain=%d number=%d mac=%s", anchor.chain, anchor.number, anchor.mac)


def of_chain(chain: int) -> list[Anchor] | None:
    """Return the anchors of a chain in their order, None where there is no file at all. ValueError for a broken line."""
    if not path().exists():
        return None
    found = []
    for line in path().read_text(encoding="utf-8").splitlines():
        try:
            anchor = Anchor(**json.loads(line))
        except TypeError as error:
            raise ValueError(str(error)) from error
        if anchor.chain == chain:
            found.append(anchor)
    return found
