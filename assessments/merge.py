"""Three-way merge of one cell: as it was loaded, as it is posted, as it is stored (docs/adr/0009). Pure."""

import hashlib
import re
from dataclasses import dataclass
from enum import Enum, auto

_TOKEN = re.compile(r"(?P<version>[0-9]{1,9}):(?P<step>[0-4]?):(?P<digest>[0-9a-f]{16})")


@dataclass(frozen=True)
class Value:
    """What somebody says about one cell: a step (None is open) and the evidence, as `clean` leaves it."""

    step: int | None = None
    evidence: str = ""


@dataclass(frozen=True)
class Stored:
    """What is kept of one cell; version 0 where nothing is kept yet.

    `review` says that it was taken over from an earlier version of the matrix, from the cell called `origin`, and not
    looked at since.
    """

    value: Value = Value()
    version: int = 0
    review: bool = False
    origin: str = ""
    origin_id: int | None = None

    @property
    def token(self) -> str:
        """Return what a form carries as `base`: version, step and a digest of the evidence."""
        step = "" if self.value.step is None else self.value.step
        return f"{self.version}:{step}:{_digest(self.value.evidence)}"


@dataclass(frozen=True)
class Base:
    """What a form was loaded with, read back from its token."""

    version: int
    step: int | None
    digest: str

    def is_of(self, value: Value) -> bool:
        """Say whether this is the value that was loaded."""
        return self.step == value.step and self.digest == _digest(value.evidence)


class Outcome(Enum):
    """What becomes of a posted cell."""

    UNTOUCHED = auto()  # as loaded: whatever is stored stays
    AGREED = auto()  # what is stored says the same already, by another tab or an answer that got lost
    SAVE = auto()  # changed here alone
    CONFLICT = auto()  # changed here and elsewhere: nothing is overwritten


def parse_base(token: str) -> Base:
    """Return the Base of a token; ValueError for anything that `Stored.token` never writes."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise ValueError("not a base token")
    return Base(int(match["version"]), int(match["step"]) if match["step"] else None, match["digest"])


def merge(base: Base, posted: Value, stored: Stored) -> Outcome:
    """Decide what becomes of one posted cell, given what it was loaded as and what is stored now."""
    if base.is_of(posted):
        return Outcome.UNTOUCHED
    if posted == stored.value:
        return Outcome.AGREED
    return Outcome.SAVE if base.version == stored.version else Outcome.CONFLICT


def _digest(evidence: str) -> str:
    """Shorten a text so that two different ones never look alike: 64 bits, where a CRC of 32 may collide."""
    return hashlib.blake2b(evidence.encode("utf-8"), digest_size=8).hexdigest()
