"""The shape of a table in terms that both engines have, and what of it the models ask for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CheckConstraint, ForeignKey, Model, Q, UniqueConstraint

from lib.structure.words import words_of


@dataclass(frozen=True)
class Unique:
    """Columns whose values together are there once, where `condition` (in words; "" everywhere) holds."""

    columns: tuple[str, ...]
    condition: str = ""


@dataclass(frozen=True)
class Single:
    """What may be there once, as the shape has it, with the names of its fields and where it holds."""

    unique: Unique
    fields: tuple[str, ...]
    where: Q = field(default_factory=Q, compare=False)


@dataclass(frozen=True)
class Reference:
    """A column that points at a column of a table."""

    column: str
    table: str
    target: str


@dataclass
class Shape:
    """One table. `columns` says of each whether it may be empty; what does not hold whole is not in it."""

    columns: dict[str, bool] = field(default_factory=dict)
    checks: set[str] = field(default_factory=set)
    uniques: set[Unique] = field(default_factory=set)
    references: set[Reference] = field(default_factory=set)
    indexes: set[str] = field(default_factory=set)


def models() -> list[type[Model]]:
    """Return every model that has a table, with the tables between two."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def wanted(model: type[Model], connection: BaseDatabaseWrapper) -> Shape:
    """Return what the table of a model has to be."""
    shape = Shape()
    for column in model._meta.local_concrete_fields:
        name = str(column.column)
        shape.columns[name] = bool(column.null)
        if isinstance(column, ForeignKey):
            target = column.target_field
            shape.references.add(Reference(name, target.model._meta.db_table, str(target.column)))
    shape.uniques = {one.unique for one in singles(model, connection)}
    shape.checks = {words_of(sql) for _, sql in conditions(model, connection)}
    shape.indexes = {index.name for index in model._meta.indexes}
    return shape


def singles(model: type[Model], connection: BaseDatabaseWrapper) -> Iterator[Single]:
    """Yield what may be there once: keys, unique columns, and the constraints of a model."""
    for column in model._meta.local_concrete_fields:
        if column.primary_key or column.unique:
            yield Single(Unique((str(column.column),)), (column.name,))
    for names in model._meta.unique_together:
        yield Single(Unique(_columns(model, names)), tuple(names))
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            one: Any = constraint
            words = words_of(str(one._get_condition_sql(model, _editor(connection)) or ""))
            yield Single(Unique(_columns(model, one.fields), words), tuple(one.fields), one.condition or Q())


def conditions(model: type[Model], connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """Yield (name, SQL) of every condition on a row of a model: its constraints, and what a kind of column asks for."""
    for column in model._meta.local_concrete_fields:
        check = column.db_parameters(connection).get("check")
        if check:
            yield str(column.column), str(check)
    for constraint in model._meta.constraints:
        if isinstance(constraint, CheckConstraint):
            one: Any = constraint
            yield constraint.name, str(one._get_check_sql(model, _editor(connection)))


def _columns(model: type[Model], names: Any) -> tuple[str, ...]:
    found: list[Any] = [model._meta.get_field(name) for name in names]
    return tuple(str(each.column) for each in found)


def _editor(connection: BaseDatabaseWrapper) -> Any:
    wrapper: Any = connection
    return wrapper.SchemaEditorClass(connection, collect_sql=True)
