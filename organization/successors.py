"""Which department goes on with the business of another on a day, asked of the database."""

import datetime
from dataclasses import dataclass

from lib.paths import keys
from organization.models import Department
from organization.succession import home_of


@dataclass(frozen=True)
class _Place:
    """A department as far as succession asks; one that is still there on the day has no successor yet."""

    id: int
    path: str
    successor_id: int | None


class Successors:
    """The departments of a municipality on a day, to ask for many. One query."""

    def __init__(self, municipality_id: int, day: datetime.date) -> None:
        rows = Department.objects.filter(municipality_id=municipality_id).values_list(
            "pk", "path", "successor_id", "valid_from", "valid_to"
        )
        self._known: dict[int, _Place] = {}
        self._there: set[int] = set()
        for pk, path, successor_id, first, end in rows:
            ended = end is not None and end <= day
            if first <= day and not ended:
                self._there.add(pk)
            self._known[pk] = _Place(pk, path, successor_id if ended else None)

    def of(self, pk: int) -> int | None:
        """Return the department itself while it is there, else the one that its business goes on in; None for none."""
        if pk in self._there:
            return pk
        home = home_of(self._known[pk], self._known)
        found = keys(home)[-1] if home else None
        return found if found in self._there else None
