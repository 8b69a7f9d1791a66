"""What people take out, a kind a table: its columns, whom it is for, its rows (docs/adr/0037).

A kind is named in settings.EXPORT_KINDS by where it stands, for this app imports nothing above it. The export centre
and the JSON interface hand out the same kinds.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from access.actor import Actor
from assessments.models import Cycle
from lib.csv_parts import CsvParts
from organization.models import Department


class Type(StrEnum):
    """What the cells of a column hold; None is always an empty cell."""

    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True)
class Column:
    """One column: its name in files and in JSON, what it holds, whether its text is about one person alone."""

    name: str
    type: Type = Type.TEXT
    personal: bool = False


@dataclass(frozen=True)
class Wish:
    """What is asked for: a year, a department with all below (None: everybody in sight), a state of the kind ("" : all)."""

    cycle: Cycle
    department: Department | None = None
    state: str = ""


@dataclass(frozen=True)
class Table:
    """The answer: columns, how many rows, the rows as a stream that may be read more than once.

    Rows are lists in the order of `columns`. `place` is the position of the column with the 所属名, by which a workbook
    may be divided into sheets, None where there is none. `lines`, of a table so long that it pays, gives the same rows
    as pieces of a CSV file with the header, and how many are in each.
    """

    columns: Sequence[Column]
    count: Callable[[], int]
    rows: Callable[[], Iterator[list[Any]]]
    place: int | None = None
    lines: Callable[[CsvParts], Iterator[tuple[bytes, int]]] | None = None

    @property
    def header(self) -> list[str]:
        """Return the names of the columns."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class ExportKind:
    """One kind of export. `allowed` says for whom it is there at all; `table` holds only what the actor may see today.

    `help` says what is in it, `use` what it is for. `states` are the choices of the filter 状態, none for a kind without
    one; `years` and `departments` say whether it is asked by 年度 and by 所属, `department_help` whose 所属 is meant.
    `stem` begins the name of the file, `action` is what the audit trail calls it.
    """

    label: str
    help: str
    stem: str
    allowed: Callable[[Actor], bool]
    table: Callable[[Actor, Wish], Table]
    states: Sequence[tuple[str, str]] = ()
    use: str = ""
    years: bool = True
    departments: bool = True
    department_help: str = "下の所属も含みます。"
    action: str = "export.table"


def export_kinds() -> dict[str, ExportKind]:
    """Return every kind by name, in the order of the screen."""
    return {name: import_string(where) for name, where in settings.EXPORT_KINDS.items()}
