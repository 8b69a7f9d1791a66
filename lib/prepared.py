"""A query that the ORM writes once and the database answers many times with other values. Imports no app."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import connections
from django.db.models import QuerySet


class Prepared:
    """The SQL of a queryset that was built with stand-ins for the values that change.

    For a report whose text is always the same and takes longer to write than to answer. A stand-in is a value
    that stands nowhere else in the query; each of `stand_ins` names one. Raises ValueError where one is missing
    from the query, or two are alike.
    """

    def __init__(self, queryset: QuerySet[Any, Any], stand_ins: Mapping[str, Any]) -> None:
        self._alias = queryset.db
        sql, parameters = queryset.query.get_compiler(self._alias).as_sql()
        names = {self._adapted(value): name for name, value in stand_ins.items()}
        if len(names) < len(stand_ins) or not set(names) <= set(parameters):
            raise ValueError("every stand-in has to differ from the others and to stand in the query")
        self._sql = sql
        # A name, or nothing and the constant that the query holds itself.
        self._slots = [(names.get(parameter), parameter) for parameter in parameters]

    def rows(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows for these values, one for each stand-in, as the driver gives them; one query."""
        given = {name: self._adapted(value) for name, value in values.items()}
        with connections[self._alias].cursor() as cursor:
            cursor.execute(self._sql, [given[name] if name else constant for name, constant in self._slots])
            return cursor.fetchall()

    def _adapted(self, value: Any) -> Any:
        """Return a value as the database's driver takes it."""
        if isinstance(value, datetime.date):
            return connections[self._alias].ops.adapt_datefield_value(value)
        return value


def driver_rows(queryset: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a values_list as the driver gives them, with nothing converted; one query.

    For many narrow rows of numbers and text, which are the same on every engine either way: the ORM's look at
    each value takes as long as reading it.
    """
    sql, parameters = queryset.query.get_compiler(queryset.db).as_sql()
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
