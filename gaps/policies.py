"""Who sees how much of a coverage report (P16, Small numbers), and who sets needs (P17)."""

from enum import StrEnum

from access.actor import Actor
from access.table import Reach, may, reach
from lib.paths import is_within

# No number of people under this is shown to those who see figures only.
SMALL = 5


class Sight(StrEnum):
    """How much of one department's coverage is disclosed."""

    NAMES = "names"
    COUNTS = "counts"
    WORDS = "words"
    BANDS = "bands"


def sight_of(actor: Actor, path: str, people: int) -> Sight | None:
    """Return how the actor sees the department with this path, in which `people` count; None for not at all.

    NAMES: 人事, and the line below what it leads. COUNTS: staff of that very department, without names; WORDS:
    the same where fewer than five count, status words alone. BANDS: editors and auditors, see `banded`, in a large
    department of their own too: its exact count, taken from the band of the department above, would tell the rest.
    """
    if may(actor, "P16", path=path):
        return Sight.NAMES
    in_bands = any(reach("P16", role) is Reach.COUNTS for role in actor.roles)
    if may(actor, "P16", path=path, own=actor.belongs_to(path)):
        if people < SMALL:
            return Sight.WORDS
        return Sight.BANDS if in_bands else Sight.COUNTS
    return Sight.BANDS if in_bands else None


def may_see_words(actor: Actor, path: str) -> bool:
    """Say whether the actor may read status words of this department: their own, or one that it belongs to (P16)."""
    return any(may(actor, "P16", path=path, own=is_within(own, path)) for own in actor.own_paths)


def may_edit_needs(actor: Actor, path: str) -> bool:
    """Say whether the actor sets 必要人数 of this department: its 所属長 and those above, or 人事 (P17)."""
    return may(actor, "P17", path=path)


def may_see_measures(actor: Actor, path: str) -> bool:
    """Say whether the actor sees 対応方針 of this department, which name people: the line and 人事 (P16, NAMES)."""
    return may(actor, "P16", path=path)


def may_edit_measures(actor: Actor, path: str) -> bool:
    """Say whether the actor decides 対応方針 of this department: its 所属長 and those above, or 人事 (P17)."""
    return may(actor, "P17", path=path)


def may_see_experienced(actor: Actor, path: str) -> bool:
    """Say whether the actor sees who once worked in this department and is elsewhere now: line and 人事 (P19)."""
    return may(actor, "P19", path=path)


def may_edit_assignments(actor: Actor, path: str) -> bool:
    """Say whether the actor says who has which duty of this department: its 所属長 and those above, or 人事 (P17)."""
    return may(actor, "P17", path=path)


def may_import_assignments(actor: Actor, path: str) -> bool:
    """Say whether the actor takes 事務分掌 of this department from a file: the same people (P17d)."""
    return may(actor, "P17d", path=path)


def may_see_overview(actor: Actor) -> bool:
    """Say whether the actor sees 全庁のようす: 人事 alone."""
    return may(actor, "P33o")


def may_simulate(actor: Actor, path: str) -> bool:
    """Say whether the actor tries moves of this department: the line that leads it, or 人事 (P18)."""
    return may(actor, "P18", path=path)


def may_bundle_resumes(actor: Actor, path: str) -> bool:
    """Say whether the actor gets everybody's résumé of this department as one file: its line, or 人事 (P20d)."""
    return may(actor, "P20d", path=path)
