"""Rows of one shape, so that everything of one person's own comes by one query. Takes no request."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import CharField, DateField, IntegerField, UUIDField, Value
from django.db.models.functions import Cast


class Row(NamedTuple):
    """One row of the union; what the columns hold depends on the leg, one that it has no use for is empty."""

    leg: str
    title: str
    detail: str
    day: datetime.date | None
    key: uuid.UUID | None
    year: int | None
    step: int | None
    other: int | None
    version: int | None


Rows = dict[str, list[Row]]


def leg(queryset, name: str, title: Any, detail: Any, **columns: Any):
    """Return a queryset as rows of the union; numbers are given by column or expression."""
    chosen = {
        "leg": text(name),
        "title": title,
        "detail": detail,
        "day": columns.get("day", Cast(Value(None), DateField())),
        "key": columns.get("key", Cast(Value(None), UUIDField())),
    }
    for number in ("year", "step", "other", "version"):
        chosen[number] = Cast(columns.get(number, Value(None, IntegerField())), IntegerField())
    # Named apart from the models' own fields, which no annotation may hide.
    named = {f"row_{column}": value for column, value in chosen.items()}
    return queryset.order_by().annotate(**named).values_list(*named)


def read(legs: Iterable[Any]) -> Rows:
    """Return the rows of all legs, by the name of the leg. One query."""
    first, *others = legs
    found: Rows = defaultdict(list)
    for row in first.union(*others, all=True) if others else first:
        one = Row(*row)
        found[one.leg].append(one._replace(key=_uuid(one.key)))
    return found


def text(words: str) -> Value:
    """Return a constant text as a column."""
    return Value(words, output_field=CharField())


def _uuid(value: Any) -> uuid.UUID | None:
    """Return a uuid from what a union gives: SQLite hands out its text."""
    return value if value is None or isinstance(value, uuid.UUID) else uuid.UUID(str(value))
