"""A way for queries from rows to those of another table that name the same row of a third, without reading the third.

Imports no app.
"""

from typing import Any

from django.db.models import DO_NOTHING, ForeignObject, Model


class Way(ForeignObject):
    """Joins where a column `here` holds the same key as the column `there` of `to`; for `filter` and `values` alone.

    A key of a key, `sheet → revision ← confirmation`, is followed by the ORM through all three tables, and PostgreSQL
    then reads the one in the middle, which says nothing. It is no column, needs no migration and guards nothing: the
    foreign keys on both sides do.
    """

    requires_unique_target = False

    def __init__(self, to: str, *, here: str, there: str) -> None:
        super().__init__(
            to, on_delete=DO_NOTHING, from_fields=[here], to_fields=[there], related_name="+", null=True
        )

    def contribute_to_class(
        self, cls: type[Model], name: str, private_only: bool = False, **more: Any
    ) -> None:
        """Belong to the model as what is no field of its own does."""
        super().contribute_to_class(cls, name, private_only=True, **more)
