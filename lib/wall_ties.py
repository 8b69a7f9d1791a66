"""What points from one walled table at another, told from the models: both ends belong to the same municipality.

PostgreSQL holds such ties by foreign keys of (municipality, id); `mismatches` asks for what hangs across on either
engine, for `verify`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import F, ForeignKey, Model, Q

from lib.soundness import said_of
from lib.walls import Wall, walls


@dataclass(frozen=True)
class Tie:
    """A foreign key between two walled tables, with the lookups of the municipality at both ends."""

    model: type[Model]
    column: str
    parent: type[Model]
    mine: str
    theirs: str
    whole: bool  # whether both tables have a municipality, the parent in every row: a key of two columns holds it

    @property
    def name(self) -> str:
        """Return the name of the constraint; PostgreSQL cuts names at 63 bytes."""
        return f"wall_{self.model._meta.db_table}_{self.column}"[:63]


def ties() -> list[Tie]:
    """Return every tie but those that say where a row belongs, in the order of the models."""
    by_table = {wall.table: wall for wall in walls()}
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    found = []
    for table, wall in by_table.items():
        model = models.get(table)
        if model is None:
            continue
        for field in model._meta.local_fields:
            if not isinstance(field, ForeignKey) or field.column == wall.column:
                continue
            # A kind of entry is the entry: what points at it points at the table above.
            parent = field.related_model
            above = by_table.get(parent._meta.db_table)
            if above is None or above.column == "id":
                continue
            whole = wall.under is None and above.under is None and not above.common
            theirs = f"{field.name}__{_lookup(above, models)}"
            found.append(Tie(model, field.column, parent, _lookup(wall, models), theirs, whole))
    return found


def references(table: str) -> tuple[tuple[str, str], ...]:
    """Return (column, table) of what no key of two columns holds, less a table's ties to itself.

    A policy cannot ask its own table; those are asked for by `verify` alone.
    """
    return tuple(
        (tie.column, tie.parent._meta.db_table)
        for tie in ties()
        if tie.model._meta.db_table == table and not tie.whole and tie.parent is not tie.model
    )


def mismatches(municipality: int | None = None) -> Iterator[str]:
    """Yield a sentence for each row that points at a row of another municipality; one query a tie.

    Asked are the rows of one municipality and those that point into it, or (None) all.
    """
    for tie in ties():
        # A row that everybody reads may be pointed at, and points at nobody's.
        across = Q(**{f"{tie.theirs}__isnull": False}) & (
            Q(**{f"{tie.mine}__isnull": True}) | ~Q(**{tie.theirs: F(tie.mine)})
        )
        rows = tie.model._base_manager.filter(across)
        if municipality is not None:
            rows = rows.filter(
                Q(**{tie.mine: municipality}) | Q(**{f"{tie.mine}__isnull": True, tie.theirs: municipality})
            )
        words = f"{tie.column} の指す{tie.parent._meta.verbose_name}が、ほかの団体のものです。"
        yield from said_of(rows, words)


def _lookup(wall: Wall, models: dict[str, type[Model]]) -> str:
    if wall.under is None:
        return wall.column
    fields = models[wall.table]._meta.local_fields
    name = next(field.name for field in fields if field.column == wall.column)
    return f"{name}__{_lookup(wall.under, models)}"
