"""A query that the ORM writes once and the database answers many times with other values. Imports no app."""

import datetime
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from typing import Any, Generic, TypeVar

from django.db import connections, router
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)


class Prepared:
    """The SQL of a queryset that was built with stand-ins for the values that change.

    For a report whose text is always the same and takes longer to write than to answer. A stand-in is a value
    that stands nowhere else in the query; each of `stand_ins` names one. Raises ValueError where one is missing
    from the query, or two are alike. `as_written`: PostgreSQL joins the tables in the order of the text (lib/postgres).
    """

    def __init__(
        self, queryset: QuerySet[Any, Any], stand_ins: Mapping[str, Any], *, as_written: bool = False
    ) -> None:
        self._model = queryset.model
        self._as_written = as_written
        self._connection = connections[queryset.db]
        self._compiler = queryset.query.get_compiler(queryset.db)
        sql, parameters = self._compiler.as_sql()
        names = {self._adapted(value): name for name, value in stand_ins.items()}
        if len(names) < len(stand_ins) or not set(names) <= set(parameters):
            raise ValueError("every stand-in has to differ from the others and to stand in the query")
        self._sql = sql
        # A name, or nothing and the constant that the query holds itself.
        self._slots = [(names.get(parameter), parameter) for parameter in parameters]

    def rows(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows for these values, one for each stand-in, as the driver gives them; one query."""
        given = {name: self._adapted(value) for name, value in values.items()}
        # Where to ask is told anew each time: what is written once may be read from the replica, and then from the primary.
        connection = connections[router.db_for_read(self._model)]
        # SQLite has no such choice to make.
        in_order = getattr(connection, "as_written", nullcontext) if self._as_written else nullcontext
        with in_order(), connection.cursor() as cursor:
            cursor.execute(self._sql, [given[name] if name else constant for name, constant in self._slots])
            return cursor.fetchall()

    def _adapted(self, value: Any) -> Any:
        """Return a value as the database's driver takes it."""
        if isinstance(value, datetime.date):
            return self._connection.ops.adapt_datefield_value(value)
        if isinstance(value, uuid.UUID) and not self._connection.features.has_native_uuid_field:
            return value.hex
        return value


class PreparedObjects(Prepared, Generic[M]):
    """The same for whole objects, with what `select_related` and annotations bring along.

    The objects are put together by Django from its own notes of the query, as those of any queryset.
    """

    def objects(self, values: Mapping[str, Any]) -> list[M]:
        """Return the objects for these values; one query."""
        answer: Any = _Answer(self._compiler, self.rows(values), router.db_for_read(self._model))
        return list(ModelIterable(answer))


class _Answer:
    """What ModelIterable asks of a queryset and of its compiler, where the rows are there already."""

    _known_related_objects: Mapping[Any, Any] = {}

    def __init__(self, compiler: Any, rows: list[tuple[Any, ...]], db: str) -> None:
        self.query = self
        self.db = db
        self._compiler, self._rows = compiler, rows
        self.select = compiler.select
        self.klass_info = compiler.klass_info
        self.annotation_col_map = compiler.annotation_col_map

    def get_compiler(self, using: str) -> "_Answer":
        """Return itself: the query was written before."""
        return self

    def execute_sql(self, **options: Any) -> list[list[tuple[Any, ...]]]:
        """Return the rows in one chunk."""
        return [self._rows]

    def results_iter(self, results: Iterable[Any]) -> Iterator[Any]:
        """Yield the rows with their values converted from what the driver gives."""
        return self._compiler.results_iter(results)


def driver_rows(queryset: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a values_list as the driver gives them, with nothing converted; one query.

    For many narrow rows of numbers and text, which are the same on every engine either way: the ORM's look at
    each value takes as long as reading it.
    """
    sql, parameters = queryset.query.get_compiler(queryset.db).as_sql()
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
