"""Whether every row keeps what constraints ask for, whether or not they stand: a fault writes past them. Asked by `verify`."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, ForeignKey, Max, Model

from lib import wall_ties
from lib.soundness import Checks, Scope, said_of, say
from lib.structure.soundness import shapes
from lib.structure.tables import Single, conditions, models, singles

CHECKS = Checks()


@CHECKS.add("rows.conditions", "どの行も、値の条件に合う", "rows", whole=True)
def conditions_hold(scope: Scope) -> Iterator[str]:
    """Ask each condition of the rows; one query a table, and one more for each condition where it found something."""
    for model in models():
        found = list(conditions(model, connection))
        if found and _broken(model, " OR ".join(f"NOT ({sql})" for _, sql in found), 1):
            for name, sql in found:
                for key in _broken(model, f"NOT ({sql})", None):
                    yield say(model, key, f"値が条件「{name}」に合いません。")


def _broken(model: type[Model], where: str, most: int | None) -> list[Any]:
    """Return the keys of the rows (c) where something holds."""
    key, table = str(model._meta.pk.column), model._meta.db_table
    with connection.cursor() as cursor:
        limit = f" LIMIT {most}" if most else ""
        cursor.execute(f'SELECT c."{key}" FROM "{table}" c WHERE {where} ORDER BY 1{limit}')  # our own names # noqa: S608 # nosec B608
        return [row[0] for row in cursor.fetchall()]


@CHECKS.add("rows.choices", "決まった語から選ぶ列に、ほかの語がない", "rows", whole=True)
def choices_hold(scope: Scope) -> Iterator[str]:
    """Ask for states, kinds and steps that the product does not know: no page of ours can show them."""
    for model in _own():
        for column in model._meta.local_concrete_fields:
            if column.flatchoices:
                known = {value for value, _ in column.flatchoices} | ({""} if column.blank else set())
                strange = model._base_manager.exclude(**{f"{column.name}__in": known})
                strange = strange.exclude(**{f"{column.name}__isnull": True})
                yield from said_of(
                    strange, f"{column.verbose_name}（{column.column}）に、知らない値が入っています。"
                )


@CHECKS.add("rows.references", "外部キーの先の行がある", "rows", whole=True)
def references_hold(scope: Scope) -> Iterator[str]:
    """Ask for rows that point at nothing; one query a foreign key."""
    for model in models():
        for column in model._meta.local_concrete_fields:
            if isinstance(column, ForeignKey):
                target = column.target_field
                there, of = target.model._meta.db_table, str(target.column)
                lost = f'NOT EXISTS (SELECT 1 FROM "{there}" p WHERE p."{of}" = c."{column.column}")'  # our own names # noqa: S608 # nosec B608
                for key in _broken(model, f'c."{column.column}" IS NOT NULL AND {lost}', None):
                    yield say(model, key, f"{column.column} の指す行が {there} にありません。")


@CHECKS.add("rows.duplicates", "1行だけのはずの値が、2行にない", "rows", whole=True)
def duplicates(scope: Scope) -> Iterator[str]:
    """Where the index that keeps values single is gone, ask for those that are there twice; with it there are none."""
    there = shapes(scope)
    for model in models():
        shape = there.get(model._meta.db_table)
        for one in singles(model, connection) if shape else ():
            if shape and one.unique not in shape.uniques:
                yield from _twice(model, one)


def _twice(model: type[Model], one: Single) -> Iterator[str]:
    rows = model._base_manager.filter(one.where, **{f"{name}__isnull": False for name in one.fields})
    counted = rows.order_by().values(*one.fields).annotate(there=Count("*"), last=Max("pk"))
    for row in counted.filter(there__gt=1).order_by("last").iterator():
        words = f"{'・'.join(one.unique.columns)} が同じ行が{row['there']}行あります。"
        yield say(model, row["last"], words)


@CHECKS.add("rows.municipality", "行の指す行は、同じ団体のもの", "rows")
def one_municipality(scope: Scope) -> Iterator[str]:
    """Ask every tie between two tables of municipalities (lib/wall_ties.py)."""
    yield from wall_ties.mismatches(scope.municipality)


def _own() -> list[type[Model]]:
    """Return the models of this product; those of Django and of packages have states of their own."""
    ours = {line.split(".")[0] for line in settings.SOUNDNESS}
    return [model for model in models() if model._meta.app_label in ours]
