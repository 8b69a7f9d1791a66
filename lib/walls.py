"""The second wall: which rows PostgreSQL shows to whom, whatever the application asks for (docs/adr/0052).

Each app lists its tables in `walls.py`; settings.ROW_WALL names the lists. From a `Wall` follow the policies, here,
and the ties between tables (lib/wall_ties.py). SQLite has none of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from lib.postgres import SETTING

# Asked once a statement, not once a row; NULL for the operator, 0 for nobody.
ASKING = f"(SELECT NULLIF(current_setting('{SETTING}', true), '')::bigint)"
OPERATING = f"COALESCE(current_setting('{SETTING}', true), '') = ''"


@dataclass(frozen=True)
class Wall:
    """One table. `column` holds the municipality, or, with `under`, the row of that table it belongs to.

    `common`: rows without a municipality are read by every municipality and written by the operator alone.
    `nobody`: rows without a municipality are written and read by whoever is not known yet.
    `append_only`: the web process has no right to change or delete a row.
    """

    table: str
    column: str = "municipality_id"
    under: "Wall | None" = None
    common: bool = False
    nobody: bool = False
    append_only: bool = False

    @property
    def shares(self) -> bool:
        """Say whether some rows belong to everybody."""
        return self.common or (self.under is not None and self.under.shares)


@dataclass(frozen=True)
class Door:
    """A function that looks past the wall and gives away as little as can be: its name, arguments and one query."""

    name: str
    arguments: str
    returns: str
    query: str


@dataclass(frozen=True)
class Policy:
    """One policy as PostgreSQL takes it."""

    name: str
    table: str
    command: str
    using: str = ""
    check: str = ""
    role: str = "PUBLIC"

    def sql(self) -> str:
        """Return the statement that makes it."""
        using = f" USING ({self.using})" if self.using else ""
        check = f" WITH CHECK ({self.check})" if self.check else ""
        return f'CREATE POLICY {self.name} ON "{self.table}" FOR {self.command} TO {self.role}{using}{check}'


def walls() -> list[Wall]:
    """Return every wall, in the order of the settings."""
    return [wall for name in settings.ROW_WALL for wall in import_string(name)]


def open_tables() -> dict[str, tuple[bool, str]]:
    """Return {table: (whether the web process writes it, why nobody owns its rows)}."""
    return import_string(settings.ROW_WALL_OPEN)


def doors() -> tuple[Door, ...]:
    """Return the functions that look past the wall."""
    return import_string(settings.ROW_WALL_DOORS)


def policies(wall: Wall, owner: str, references: tuple[tuple[str, str], ...] = ()) -> Iterator[Policy]:
    """Yield the policies of a table of the role `owner`.

    `references` are (column, table): what a row written here points at has to be visible to whoever writes it.
    """
    check = " AND ".join(
        (
            mine(wall),
            *(
                f'("{wall.table}"."{column}" IS NULL OR EXISTS '  # our own names # noqa: S608 # nosec B608
                f'(SELECT 1 FROM "{table}" q WHERE q.id = "{wall.table}"."{column}"))'
                for column, table in references
            ),
        )
    )
    table = wall.table
    yield Policy("wall_operator", table, "ALL", OPERATING, OPERATING, role=f'"{owner}"')
    if wall.shares:
        yield Policy("wall_read", table, "SELECT", _read(wall))
        yield Policy("wall_insert", table, "INSERT", check=check)
        yield Policy("wall_update", table, "UPDATE", mine(wall), check)
        yield Policy("wall_delete", table, "DELETE", mine(wall))
    else:
        yield Policy("wall_own", table, "ALL", mine(wall), check)
    if wall.nobody:
        nobody = f'"{table}"."{wall.column}" IS NULL AND {ASKING} = 0'
        yield Policy("wall_nobody", table, "ALL", nobody, nobody)


def mine(wall: Wall, alias: str = "") -> str:
    """Return the condition that a row of the wall's table belongs to the municipality that asks."""
    named = alias or f'"{wall.table}"'
    column = f'{named}."{wall.column}"'
    if wall.under is None:
        return f"{column} = {ASKING}"
    inner = f"{alias or 'p'}p"
    return (
        f'EXISTS (SELECT 1 FROM "{wall.under.table}" {inner} WHERE {inner}.id = {column} '  # our own names # noqa: S608 # nosec B608
        f"AND {mine(wall.under, inner)})"
    )


def _read(wall: Wall) -> str:
    column = f'"{wall.table}"."{wall.column}"'
    if wall.under is None:
        return f"{column} = {ASKING} OR ({column} IS NULL AND {ASKING} > 0)"
    # The policies of the table above hold in here too. It is small, and read once a statement.
    return f'{column} IN (SELECT id FROM "{wall.under.table}")'  # our own names # noqa: S608 # nosec B608
