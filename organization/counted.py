"""Numbers that are kept beside people and their records, counted again in the transaction that changes these.

`gaps` stands above and keeps them (docs/adr/0073); whoever changes postings, leaves or what is confirmed says so here,
as the last thing of the transaction.
"""

import datetime
from collections.abc import Callable
from typing import Any

# Called with the municipality's id and the day, by keyword.
Count = Callable[..., Any]
_counts: list[Count] = []


def count_with(count: Count) -> None:
    """Let this function count again; called once, when the apps are ready."""
    _counts[:] = [count]


def count_again(municipality_id: int, on: datetime.date) -> None:
    """Count again what this transaction has changed in a municipality, as of a day.

    Call it last: it takes rows that others wait for until the transaction ends.
    """
    for count in _counts:
        count(municipality_id=municipality_id, on=on)
