"""Checks of what must hold in the data: small named functions that read, and say in a sentence what does not (ADR 0065).

Each app lists its own in `soundness.CHECKS`; settings.SOUNDNESS names the lists in the order in which `verify` walks them.
"""

import datetime
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Model, QuerySet, Value
from django.utils.module_loading import import_string

# A clock that was set back leaves times in the wrong order; what is apart by less than this is its doing, not a fault.
SLACK = datetime.timedelta(days=1)
# Rows that are named of each check; a table that is wrong from end to end is told by its first rows and a number.
SHOWN = 50
CHUNK = 2000


@dataclass(frozen=True)
class Scope:
    """What is asked about: the day of the reports, the moment, and one municipality or (None) the installation."""

    on: datetime.date
    now: datetime.datetime
    municipality: int | None = None
    known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, read: Callable[[], Any]) -> Any:
        """Return what was read under this name before, read now at the first time."""
        if name not in self.known:
            self.known[name] = read()
        return self.known[name]

    def of(self, model: type[Model], way: str = "municipality") -> QuerySet[Any]:
        """Return the queryset of a model's rows that are asked about; `way` leads to the municipality."""
        rows = model._base_manager.all()
        return rows if self.municipality is None else rows.filter(**{way: self.municipality})


@dataclass(frozen=True)
class Check:
    """One thing that holds. `group` says what to do where it does not (docs/operations/verify.md).

    An `outside` one also looks at what lies beside the database, which no snapshot holds still: it is asked after the
    others, and takes care itself that what comes and goes meanwhile raises nothing. A `whole` one is about the
    installation and left out where one municipality is asked for.
    """

    name: str
    title: str
    group: str
    ask: Callable[[Scope], Iterable[str]] = field(compare=False)
    outside: bool = False
    whole: bool = False


class Checks(list[Check]):
    """The checks of one module, in the order in which they stand there."""

    def add(
        self, name: str, title: str, group: str, *, outside: bool = False, whole: bool = False
    ) -> Callable[[Callable[[Scope], Iterable[str]]], Callable[[Scope], Iterable[str]]]:
        """Return a decorator that lists a function as a check."""

        def listed(ask: Callable[[Scope], Iterable[str]]) -> Callable[[Scope], Iterable[str]]:
            self.append(Check(name, title, group, ask, outside, whole))
            return ask

        return listed


@dataclass(frozen=True)
class Outcome:
    """What one check said: its first sentences, how many there were in all, and the seconds it took."""

    check: Check
    sentences: tuple[str, ...]
    count: int
    seconds: float


def all_checks() -> list[Check]:
    """Return every check of every app, in the order of settings.SOUNDNESS."""
    return [check for name in settings.SOUNDNESS for check in import_string(name)]


def say(row: type[Model], key: Any, words: str) -> str:
    """Return the sentence of a breach: table and key first, and never a word that somebody wrote."""
    return f"{row._meta.db_table} {key}: {words}"


def said_of(rows: QuerySet[Any], words: str, *, key: str = "pk") -> Iterator[str]:
    """Yield the same sentence for every row of a queryset, in the order of the keys; one query, not kept in memory."""
    for value in rows.order_by(key).values_list(key, flat=True).iterator(chunk_size=CHUNK):
        yield say(rows.model, value, words)


def in_order(
    scope: Scope, model: type[Model], earlier: str, later: str, *, way: str = "municipality"
) -> Iterator[str]:
    """Yield a sentence for each row whose later time lies before its earlier one, by more than a clock can slip."""
    limit: Any = F(earlier)
    if isinstance(model._meta.get_field(later), DateTimeField):
        limit = limit - Value(SLACK, output_field=DurationField())
        limit = ExpressionWrapper(limit, output_field=DateTimeField())
    columns: list[Any] = [model._meta.get_field(name) for name in (later, earlier)]
    names = [column.verbose_name for column in columns]
    yield from said_of(
        scope.of(model, way).filter(**{f"{later}__lt": limit}), f"{names[0]}が{names[1]}より前です。"
    )


def asked(check: Check, scope: Scope) -> Outcome:
    """Ask one check. What it cannot ask is a breach as well: a table that is gone answers no question."""
    began = time.monotonic()
    sentences: list[str] = []
    count = 0
    try:
        # A savepoint, so that a refused question does not take the next ones with it; outside ones open their own.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            for sentence in check.ask(scope):
                count += 1
                if count <= SHOWN:
                    sentences.append(sentence)
    except Exception as failure:
        # Its text may quote a row.
        count += 1
        sentences.append(f"確かめられませんでした（{type(failure).__name__}）。")
    return Outcome(check, tuple(sentences), count, time.monotonic() - began)
