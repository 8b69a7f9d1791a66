"""What the planner knows about people and places: plain values, loaded by the caller, compared and changed here."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(slots=True)
class PostingState:
    """A posting: half-open [start, end), department by code; `key` is its row, None while it is new."""

    department: str
    kind: str
    position: str
    line_role: str
    start: datetime.date
    end: datetime.date | None
    key: int | None = None

    def covers(self, day: datetime.date) -> bool:
        """Say whether the posting began before `day` and is still in force on it."""
        return self.start < day and (self.end is None or self.end > day)


@dataclass(slots=True)
class LeaveState:
    """A leave: half-open [start, end); `key` is its row, None while it is new."""

    kind: str
    start: datetime.date
    end: datetime.date | None
    key: int | None = None

    def covers(self, day: datetime.date) -> bool:
        """Say whether the leave began before `day` and still lasts on it."""
        return self.start < day and (self.end is None or self.end > day)


@dataclass(slots=True)
class ComingState:
    """What is written about a person from a day on, by the fields of PersonState; `key` is its row, None while new."""

    starts: datetime.date
    values: dict[str, str]
    key: int | None = None


@dataclass(slots=True)
class PersonState:
    """A person with everything dated about them; `key` is the row, None for somebody new."""

    number: str
    name: str = ""
    kana: str = ""
    former_name: str = ""
    employment: str = "regular"
    email: str = ""
    left_on: datetime.date | None = None
    postings: list[PostingState] = field(default_factory=list)
    leaves: list[LeaveState] = field(default_factory=list)
    key: int | None = None
    coming: list[ComingState] = field(default_factory=list)

    def last_name(self) -> str:
        """Return the name that the person has once everything known has come, the name of today for most."""
        return next((c.values["name"] for c in reversed(self.coming) if "name" in c.values), self.name)


@dataclass(frozen=True, slots=True)
class Place:
    """A department as the planner needs it; `valid_to` None means no end."""

    name: str
    valid_from: datetime.date
    valid_to: datetime.date | None = None


@dataclass(frozen=True)
class Known:
    """The municipality before the file.

    `people` by 職員番号, at least those of the file; `departments` by code; `positions` name → line role;
    `numbers` every 職員番号 there is; `in_service` number → name of everybody with a posting in force or to come;
    `others` (number, posting) of such 本務 and 所属長 of people who are not in `people`.
    """

    people: Mapping[str, PersonState]
    departments: Mapping[str, Place]
    positions: Mapping[str, str]
    numbers: frozenset[str]
    in_service: Mapping[str, str]
    others: tuple[tuple[str, PostingState], ...] = ()


def copied(person: PersonState) -> PersonState:
    """Return a person with rows of their own, to be changed while the first one stays."""
    return replace(
        person,
        postings=[replace(posting) for posting in person.postings],
        leaves=[replace(leave) for leave in person.leaves],
        coming=[replace(coming, values=dict(coming.values)) for coming in person.coming],
    )


def same_name(new: str, old: str) -> bool:
    """Say whether two names differ in the kind or number of their spaces only; such a change is no news."""
    return new.split() == old.split()
