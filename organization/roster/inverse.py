"""What it takes to take a roster back: what the rows it changed held before and hold now, as plain JSON. Pure."""

import datetime
from collections.abc import Mapping
from typing import Any

from organization.roster.people import PersonState
from organization.roster.plan import Plan, Write


def inverse(plan: Plan) -> list[dict[str, Any]]:
    """Return a step for every row that the plan changes: model, key, number, and its values `before` and `after`.

    New rows have no step: whoever writes the plan knows their keys, and they go.
    """
    return [
        {
            "model": write.model,
            "key": write.key,
            "number": write.number,
            "before": _values(write, plan.before[write.number]),
            "after": {name: plain(value) for name, value in write.values},
        }
        for write in plan.writes
        if write.key is not None
    ]


def changed_since(step: Mapping[str, Any], now: Mapping[str, Any] | None) -> bool:
    """Say whether a row no longer holds what the roster wrote; `now` None means that it is gone."""
    return now is None or any(plain(now[name]) != value for name, value in step["after"].items())


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it."""
    return value.isoformat() if isinstance(value, datetime.date) else value


def restored(name: str, value: Any) -> Any:
    """Return a value that JSON kept as a row of the database wants it."""
    return datetime.date.fromisoformat(value) if name in _DATES and value else value


def _values(write: Write, person: PersonState) -> dict[str, Any]:
    rows = {"person": [person], "posting": person.postings, "leave": person.leaves}[write.model]
    row = next(row for row in rows if row.key == write.key)
    return {name: plain(getattr(row, name)) for name, _ in write.values}


_DATES = frozenset({"start", "end", "left_on"})
