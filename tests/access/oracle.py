"""Who sees whom on a day, worked out from the permission document alone: no model, no query, nothing of the product.

A `Life` is what happened to one person; places are chains of department keys from the root. Two wrong answers that
agree would be needed for a mistake to stay: this is the second writing of organization.scope and of every `visible_to`.
"""

import datetime
from dataclasses import dataclass, field

Place = tuple[int, ...]
EXCLUDED = frozenset("HFY")  # A excludes them


@dataclass(frozen=True)
class Post:
    """One 発令, half-open."""

    place: Place
    role: str  # none, first, head
    start: datetime.date
    end: datetime.date | None = None
    kind: str = "main"

    def holds(self, day: datetime.date) -> bool:
        """Say whether it is in force on a day: the first day is inside, the end is not."""
        return not (day < self.start or (self.end is not None and not day < self.end))


@dataclass
class Life:
    """One person: where they were, what they were granted (role, withdrawn?), and when they left."""

    key: int
    city: int
    posts: list[Post] = field(default_factory=list)
    grants: list[tuple[str, bool]] = field(default_factory=list)
    away: list[tuple[datetime.date, datetime.date | None]] = field(default_factory=list)
    left_on: datetime.date | None = None
    closed: bool = False

    def places(self, day: datetime.date, *roles: str) -> set[Place]:
        """Return where the person is on a day, or where they have one of these line roles."""
        return {post.place for post in self.posts if post.holds(day) and (not roles or post.role in roles)}

    def roles(self, day: datetime.date) -> set[str]:
        """Return the columns of the document that are this person's on a day."""
        held = {role for role, withdrawn in self.grants if not withdrawn}
        if "A" in held:
            held -= EXCLUDED
        if self.places(day, "first", "head"):
            held.add("M")
        return held | {"S"}

    def may_enter(self, day: datetime.date) -> bool:
        """Say whether the account is open (P29): refused from the date."""
        return not self.closed and (self.left_on is None or day < self.left_on)


def below(place: Place, root: Place) -> bool:
    """Say whether a department is another or below it."""
    return place[: len(root)] == root


def leads(viewer: Life, other: Life, day: datetime.date, *roles: str) -> bool:
    """Say whether somebody is posted, by any 発令, in or below what the viewer leads on a day.

    Nobody is outside for being on leave, for having left, or for having their 本務 elsewhere.
    """
    roots = viewer.places(day, *(roles or ("first", "head")))
    return viewer.city == other.city and any(
        below(place, root) for place in other.places(day) for root in roots
    )


def sees_card(viewer: Life, other: Life, day: datetime.date) -> bool:
    """P01."""
    roles = viewer.roles(day)
    if viewer.city != other.city:
        return False
    return viewer.key == other.key or bool(roles & {"H", "A"}) or leads(viewer, other, day)


def sees_record(viewer: Life, other: Life, day: datetime.date) -> bool:
    """P04, P07: the same without 監査."""
    if viewer.city != other.city:
        return False
    return viewer.key == other.key or "H" in viewer.roles(day) or leads(viewer, other, day)


def sees_sheet(viewer: Life, other: Life, day: datetime.date, *, closed: bool, state: str) -> bool:
    """P07 and P14: of earlier years the line sees what was confirmed."""
    if not sees_record(viewer, other, day):
        return False
    settled = not closed or state == "confirmed"
    return settled or viewer.key == other.key or "H" in viewer.roles(day)


def sees_department(viewer: Life, city: int, place: Place, day: datetime.date) -> bool:
    """P16: own department, the line's scope, everything for 人事, and figures of everything for editors and auditors."""
    if viewer.city != city:
        return False
    if viewer.roles(day) & {"H", "F", "A"} or place in viewer.places(day):
        return True
    return any(below(place, root) for root in viewer.places(day, "first", "head"))


def reaches(
    word: str | None, viewer: Life, day: datetime.date, *, own: bool, places: set[Place], city: int
) -> bool:
    """Say whether one word of the document reaches an object in these places, or one's own."""
    if word is None or viewer.city != city:
        return False
    if word == "all":
        return True
    if word == "own":
        return own
    if own and word in ("first", "head"):
        return False
    wanted = {"scope": ("first", "head"), "first": ("first",), "head": ("head",)}.get(word)
    if wanted is None:
        return False
    return any(below(place, root) for place in places for root in viewer.places(day, *wanted))
