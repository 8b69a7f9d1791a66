"""Who is asking: built once per request from dated rows, then passed down as a plain value."""

import datetime
import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from lib.paths import is_within


class Role(StrEnum):
    """The columns of the permission table (permissions.md)."""

    SELF = "S"
    LINE = "M"
    HR = "H"
    EDITOR = "F"
    AUDITOR = "A"
    SYSADMIN = "Y"


# A excludes H, F and Y: who checks does not do.
AUDITOR_EXCLUDES = frozenset({Role.HR, Role.EDITOR, Role.SYSADMIN})


@dataclass(frozen=True)
class Actor:
    """One signed-in person on one day.

    `first_paths` and `head_paths` are the materialised paths of the departments that the person leads today
    as 係長級 and as 所属長; `own_paths` those of every department of theirs. Paths hold for that department
    and all below (lib.paths). Nothing here survives the request: a transfer takes effect at the next one.
    """

    staff_id: int
    staff_uuid: uuid.UUID
    municipality_id: int
    today: datetime.date
    roles: frozenset[Role] = frozenset({Role.SELF})
    first_paths: tuple[str, ...] = ()
    head_paths: tuple[str, ...] = ()
    own_paths: tuple[str, ...] = ()
    name: str = ""
    place: str = ""
    municipality_name: str = ""
    request_id: str = field(default="-", compare=False)
    address: str = field(default="", compare=False)

    @property
    def line_paths(self) -> tuple[str, ...]:
        """Paths of all departments led, in either role."""
        return self.first_paths + self.head_paths

    def has(self, role: Role) -> bool:
        """Say whether the role is held at all, wherever its scope lies."""
        return role in self.roles

    def leads(self, path: str) -> bool:
        """Say whether a department with this path lies in the line's scope."""
        return any(is_within(path, root) for root in self.line_paths)

    def heads(self, path: str) -> bool:
        """Say whether a department with this path lies below one that this person heads as 所属長."""
        return any(is_within(path, root) for root in self.head_paths)

    def belongs_to(self, path: str) -> bool:
        """Say whether this person is posted in exactly the department with this path."""
        return path in self.own_paths
