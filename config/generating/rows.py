"""Rows as lines of text: the one form in which a generated row reaches either engine.

The form is that of PostgreSQL's COPY (docs of COPY, "Text Format"): values apart by tabs, NULL as \\N, a row a line. The same
words are what SQLite keeps: dates and instants as Django writes them there (UTC), truth as 0 and 1, a UUID without its hyphens.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator

NULL = r"\N"
# What the form would have to escape, and no word of ours holds.
_SPECIAL = str.maketrans(dict.fromkeys("\t\n\r\\"))
# UUIDs are of version 4 (RFC 9562, 5.4), made of the seed's chance instead of the system's.
_VERSION, _VARIANT = 0x4 << 76, 0x8 << 60
_KEPT = ((1 << 128) - 1) ^ (0xF << 76) ^ (0xC << 60)

# Every table that is written, in the order in which a batch is: the rows of a revision come before it and its sheet, for the
# guards of the database close a revision that a sheet stands on (assessments/guards.py).
# Left out is an `id` that nothing written here points at: the database gives it.
COLUMNS: dict[str, tuple[str, ...]] = {
    "organization_municipality": ("id", "uuid", "code", "name", "kind", "population_band", "contact"),
    "organization_department": (
        "id", "uuid", "municipality_id", "code", "name", "parent_id", "path", "rank", "valid_from", "valid_to",
        "successor_id", "version",
    ),
    "organization_position": ("uuid", "municipality_id", "name", "line_role", "rank", "retired", "version"),
    "assessments_cycle": (
        "id", "uuid", "municipality_id", "fiscal_year", "framework_version_id", "state", "reference_date", "steps",
        "employments", "copied_from_id", "confirmer_date", "starts_on", "submit_by", "confirm_by",
        "final_without_confirmer", "opened_at", "closed_at", "version",
    ),
    "organization_staff": (
        "id", "uuid", "municipality_id", "username", "staff_number", "name", "kana", "former_name", "employment",
        "email", "left_on", "is_active", "must_change_password", "search", "version", "password", "last_login",
    ),
    "organization_grant": (
        "uuid", "municipality_id", "staff_id", "role", "granted_at", "granted_by_id", "withdrawn_at", "withdrawn_by_id",
    ),
    "organization_posting": (
        "uuid", "municipality_id", "staff_id", "department_id", "kind", "position", "line_role", "start", "end", "version",
    ),
    "organization_leave": ("uuid", "municipality_id", "staff_id", "kind", "start", "end", "version"),
    "assessments_rating": (
        "municipality_id", "revision_id", "cell_id", "step", "evidence", "carried_from_id", "review",
    ),
    "assessments_confirmation": (
        "municipality_id", "revision_id", "cell_id", "level", "step", "comment", "visibility", "confirmer_id",
        "updated_at", "version",
    ),
    "assessments_remark": ("municipality_id", "revision_id", "kind", "text", "visibility", "author_id", "at"),
    "assessments_revision": (
        "id", "uuid", "municipality_id", "sheet_id", "number", "kind", "reason", "submitted_at", "submitted_by_id",
    ),
    "assessments_sheet": (
        "id", "uuid", "municipality_id", "staff_id", "cycle_id", "fiscal_year", "framework_version_id", "department_id",
        "department_path", "position", "employment", "state", "current_revision_id", "submitted_at", "confirmed_at",
        "without_confirmer", "updated_at", "version",
    ),
    "assessments_draft": (
        "municipality_id", "sheet_id", "cell_id", "step", "evidence", "carried_from_id", "review", "updated_at", "version",
    ),
    "assessments_leftover": (
        "municipality_id", "cycle_id", "sheet_id", "decision", "decided_at", "decided_by_id",
    ),
    "gaps_need": (
        "municipality_id", "department_id", "cycle_id", "cell_id", "count", "note", "updated_at", "version",
    ),
    "gaps_externalcover": (
        "municipality_id", "department_id", "cycle_id", "cell_id", "count", "updated_at", "version",
    ),
    "gaps_countingrule": (
        "municipality_id", "department_id", "cycle_id", "count_fiscal_year_staff", "count_external", "updated_at", "version",
    ),
}  # fmt: skip

# Texts of whole rows, by table, in the order of COLUMNS.
Batch = dict[str, str]


def line(*values: object) -> str:
    """Return one row: None, bool, int, str, date or an aware datetime each.

    Raises ValueError for a text that the form would have to escape, and for a naive datetime.
    """
    return "\t".join([_word(value) for value in values]) + "\n"


def _word(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime.datetime):
        return moment(value)
    text = str(value)
    if text.translate(_SPECIAL) != text:
        raise ValueError("a generated text holds a tab, an end of line or a backslash")
    return text


def moment(at: datetime.datetime) -> str:
    """Return an aware instant as both engines take it, in UTC. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")


def hexadecimal(bits: int) -> str:
    """Return 128 bits of chance as a UUID of version 4: 32 hexadecimal digits."""
    return f"{bits & _KEPT | _VERSION | _VARIANT:032x}"


def values(text: str) -> Iterator[tuple[str | None, ...]]:
    """Yield the rows of a text as tuples, for an engine without COPY; NULL is None, everything else text."""
    for row in text.splitlines():
        if NULL in row:
            yield tuple([None if word == NULL else word for word in row.split("\t")])
        else:
            yield tuple(row.split("\t"))


class Rows:
    """Rows that wait to be written, by table; `count` of them."""

    def __init__(self) -> None:
        self._parts: dict[str, list[str]] = defaultdict(list)
        self.count = 0

    def add(self, table: str, text: str, count: int = 1) -> None:
        """Take `count` rows as they are written."""
        self._parts[table].append(text)
        self.count += count

    def extend(self, table: str, lines: Iterable[str]) -> None:
        """Take rows, a text each."""
        for each in lines:
            self.add(table, each)

    def take(self) -> Batch:
        """Return what waits, in the order in which it may be written, and wait for more."""
        batch = {table: "".join(self._parts[table]) for table in COLUMNS if table in self._parts}
        self._parts.clear()
        self.count = 0
        return batch
