"""The search key of people, kept right: derived from names, so it may be made anew at any time (docs/adr/0039)."""

from typing import Any

from django.db import transaction

from lib.variants import person_key

# The column holds so much; names that need more are found by their beginning.
LENGTH = 200
_CHUNK = 1000


def search_text(name: str, kana: str, former_name: str) -> str:
    """Return the folded text of one person that search looks in; bulk writers set `search` with it."""
    return person_key(name, kana, former_name)[:LENGTH]


def rebuild(model: Any, *, using: str | None = None) -> int:
    """Write the search key of everybody who has another one, and return how many; a second run writes none.

    `model` is Staff, or what migrations know as Staff. One query, and one for 1,000 people that change.
    """
    # The historical model has a plain manager of its own, the living one that of the users.
    people = model._base_manager.using(using)
    changed = []
    for staff in people.only("name", "kana", "former_name", "search").iterator(_CHUNK):
        wanted = search_text(staff.name, staff.kana, staff.former_name)
        if staff.search != wanted:
            staff.search = wanted
            changed.append(staff)
    with transaction.atomic(using=using):
        people.bulk_update(changed, ["search"], batch_size=_CHUNK)
    return len(changed)
