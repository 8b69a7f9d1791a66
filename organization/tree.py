"""The departments in the order in which people read a tree."""

from collections import defaultdict
from collections.abc import Iterable

from organization.models import Department


def in_order(departments: Iterable[Department]) -> list[Department]:
    """Return the departments, parents before children, siblings by rank and code; a list.

    A department whose parent is not among them stands at the top.
    """
    rows = list(departments)
    there = {row.pk for row in rows}
    children: dict[int | None, list[Department]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.rank, row.code)):
        children[row.parent_id if row.parent_id in there else None].append(row)
    ordered: list[Department] = []
    waiting = list(reversed(children[None]))
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting += reversed(children[row.pk])
    return ordered
