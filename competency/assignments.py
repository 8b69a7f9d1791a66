"""事務分掌 as plain values: who has which duty of a department, and what changes between two states. No ORM."""

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

MAIN = "main"
DEPUTY = "deputy"
ROLES = {MAIN: "主担当", DEPUTY: "副担当"}

# {(primary key of the duty, of the person): role}. A pair that is not there has nothing to do with each other.
Shares = Mapping[tuple[int, int], str]


@dataclass(frozen=True)
class Person:
    """Somebody posted in the department or below, or who has a duty of it and has left."""

    id: int
    uuid: uuid.UUID
    number: str
    name: str
    position: str = ""
    on_leave: bool = False
    former_name: str = ""


@dataclass(frozen=True)
class DutyLine:
    """A duty of the department, or of the catalogue, that somebody may have.

    `root` is the common duty a municipality's copy came from, or its own key: it stays the same over the years.
    """

    id: int
    uuid: uuid.UUID
    code: str
    name: str
    root: int
    outsourced: bool = False
    done_by: str = ""


class Kind(StrEnum):
    """What happens to one share."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Change:
    """One share before and after; "" is none."""

    duty_id: int
    staff_id: int
    before: str
    after: str

    @property
    def kind(self) -> Kind:
        """Return what happens to the share."""
        if self.before == self.after:
            return Kind.UNCHANGED
        if not self.before:
            return Kind.NEW
        return Kind.CHANGED if self.after else Kind.REMOVED


def changes(before: Shares, after: Shares) -> list[Change]:
    """Return one change for each pair that stands in either state, ordered by duty and person."""
    pairs = sorted({*before, *after})
    return [Change(*pair, before.get(pair, ""), after.get(pair, "")) for pair in pairs]


def replaced(stored: Shares, wanted: Shares, *, duties: Collection[int], people: Collection[int]) -> Shares:
    """Return `stored` with what a file says: all of it for its `duties`, among the `people` posted today.

    A duty that the file does not name, and the share of somebody who has left, stay as they are.
    """
    kept = {pair: role for pair, role in stored.items() if pair[0] not in duties or pair[1] not in people}
    return {**kept, **wanted}


def copied(
    earlier: Mapping[tuple[int, int], str], duties: Iterable[DutyLine], people: Collection[int]
) -> Shares:
    """Return the shares of another year for the duties and people that are still there.

    `earlier` is {(root of the duty, person): role}: between two years a municipality may have taken a copy of
    the common duty.
    """
    by_root = {duty.root: duty.id for duty in duties}
    return {
        (by_root[root], staff): role
        for (root, staff), role in earlier.items()
        if root in by_root and staff in people
    }


def without_main(shares: Shares, duties: Iterable[DutyLine]) -> list[DutyLine]:
    """Return the duties done in-house that nobody has as 主担当."""
    led = {duty_id for (duty_id, _), role in shares.items() if role == MAIN}
    return [duty for duty in duties if not duty.outsourced and duty.id not in led]


def without_duty(shares: Shares, people: Iterable[Person]) -> list[Person]:
    """Return the people at work who have no duty at all; who is on leave is not asked for one."""
    busy = {staff_id for _, staff_id in shares}
    return [person for person in people if not person.on_leave and person.id not in busy]


@dataclass(frozen=True)
class Board:
    """Everything of a department's 事務分掌 in a year. `version` 0: it has no plan yet.

    `people` are posted there or below today; `left` have a duty of it and are not.
    """

    version: int
    duties: tuple[DutyLine, ...]
    shares: Shares
    people: tuple[Person, ...]
    left: tuple[Person, ...] = ()
    plan_id: int | None = None


@dataclass(frozen=True)
class ImportPlan:
    """What a file would do to a board: duties that join it, every share before and after."""

    added: tuple[DutyLine, ...]
    named: tuple[DutyLine, ...]
    changes: tuple[Change, ...]
    after: Shares
    fingerprint: str

    @property
    def is_empty(self) -> bool:
        """Say whether everything stands as the file says already."""
        return not self.added and all(each.kind is Kind.UNCHANGED for each in self.changes)


def plan_import(board: Board, named: Iterable[DutyLine], wanted: Shares) -> ImportPlan:
    """Return what happens if the file, which names these duties, is taken.

    The file has the last word on the duties that it names, among the people posted today.
    """
    named = tuple(named)
    here = {duty.id for duty in board.duties}
    duties = {duty.id for duty in named}
    people = {person.id for person in board.people}
    added = tuple(duty for duty in named if duty.id not in here)
    after = replaced(board.shares, wanted, duties=duties, people=people)
    moved = tuple(
        each for each in changes(board.shares, after) if each.duty_id in duties and each.staff_id in people
    )
    return ImportPlan(added, named, moved, after, _fingerprint(board.version, added, moved))


def _fingerprint(version: int, added: Iterable[DutyLine], plan: Iterable[Change]) -> str:
    """Return a short text that differs when anything of a plan that was shown differs."""
    moved = [(each.duty_id, each.staff_id, each.before, each.after) for each in plan]
    told = json.dumps([version, sorted(duty.id for duty in added), sorted(moved)])
    return hashlib.sha256(told.encode()).hexdigest()
