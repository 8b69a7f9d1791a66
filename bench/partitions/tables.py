"""The product's own tables a second time, plain and in partitions by 年度, with the same rows in the same order.

Three schemas beside the product's: `years` has cycles, sheets and revisions of all years; `plain` and `parted` have ratings
and confirmations. With `SET search_path` the product's own statements ask the one or the other, for names are the same.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

PLAIN, PARTED, YEARS = "plain", "parted", "years"
WHOSE = ("assessments_cycle", "assessments_sheet", "assessments_revision")
STEPS = ("assessments_rating", "assessments_confirmation")
YEAR = "fiscal_year"
_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
    "ORDER BY attnum"
)
_INDEXES = (
    "SELECT pg_get_indexdef(indexrelid), indisunique FROM pg_index WHERE indrelid = %s::regclass "
    "ORDER BY indexrelid"
)
_KEYS = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass ORDER BY conname"


@dataclass(frozen=True)
class Asked:
    """How much: the newest 年度, how many there are, and the largest key of what was generated."""

    newest: int
    count: int
    stride: int

    @property
    def all(self) -> list[int]:
        """Return the years, the oldest first."""
        return list(range(self.newest - self.count + 1, self.newest + 1))


def run(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Send one statement as the owner; returns its rows, [] where it has none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def look_at(schema: str) -> None:
    """Let statements of the product that follow ask a schema, and the product's own tables for all else."""
    run(f"SET search_path = {schema}, {YEARS}, public")


def build(years: int) -> Asked:
    """Copy what was generated (two 年度, the newer one running) into `years` 年度, both ways; returns what there is.

    The older year stands for every year but the newest. Within a year rows lie in the order in which sheets come in when all
    municipalities fill theirs in at the same time, and keys grow with the years. Of 確認 the 確定 alone are taken, as in a
    municipality that confirms once. Ratings and confirmations that were generated go, to save the room.
    """
    ((newest, stride),) = run(
        "SELECT max(fiscal_year), greatest(max(s.id), (SELECT max(id) FROM assessments_revision)) FROM assessments_sheet s"
    )
    asked = Asked(newest, years, stride + 1)
    run("SET synchronize_seqscans = off")
    run("SET maintenance_work_mem = '512MB'")
    # One process at a time: the machine does other work as well, and a second worker would be there once and then not.
    run("SET max_parallel_maintenance_workers = 0")
    run("SET max_parallel_workers_per_gather = 0")
    _turns(asked)
    for schema in (YEARS, PLAIN, PARTED):
        run(f"CREATE SCHEMA {schema}")
    for table in (*WHOSE, *STEPS):
        for schema in (YEARS,) if table in WHOSE else (PLAIN, PARTED):
            _shape(schema, table, asked.all)
    _sort()
    for place, year in enumerate(asked.all):
        _fill(asked, place, year)
    run("DROP SCHEMA fill CASCADE")
    tables = [(YEARS, table) for table in WHOSE]
    tables += [(schema, table) for schema in (PLAIN, PARTED) for table in STEPS]
    for schema, table in tables:
        _index(schema, table)
    for schema, table in tables:
        _tie(schema, table)
    return asked


def columns(table: str) -> list[str]:
    """Return the names of the columns of a table of the product."""
    return [name for (name,) in run(_COLUMNS, [f"public.{table}"])]


def partition(table: str, year: int) -> str:
    """Return the name of a year's part of a table."""
    return f"{PARTED}.{table}_{year}"


def _turns(asked: Asked) -> None:
    """Number the revisions of each generated year anew, as if all municipalities had handed in at the same time."""
    run("CREATE SCHEMA fill")
    run(
        "CREATE TABLE fill.turn AS SELECT r.id, s.fiscal_year AS year, row_number() OVER "
        "(PARTITION BY s.fiscal_year ORDER BY hashint8(r.id), r.id) AS turn "
        "FROM assessments_revision r JOIN assessments_sheet s ON s.id = r.sheet_id"
    )
    run("CREATE UNIQUE INDEX ON fill.turn (id)")
    run("ANALYZE fill.turn")


def _sort() -> None:
    """Lay the generated ratings and 確定 of each year in the order of their revisions, and let the originals go."""
    for table in STEPS:
        level = "WHERE t.level = 'final'" if table == "assessments_confirmation" else ""
        run(
            f"CREATE TABLE fill.{table} AS SELECT t.*, u.turn, u.year FROM public.{table} t "  # own names # nosec B608
            f"JOIN fill.turn u ON u.id = t.revision_id {level} ORDER BY u.year, u.turn, t.id"
        )
        # The triggers that keep submitted ratings from being taken away.
        run("SET session_replication_role = replica")
        run(f"TRUNCATE public.{table}")
        run("SET session_replication_role = DEFAULT")


def _shape(schema: str, table: str, years: list[int]) -> None:
    """Make an empty table with the columns, defaults and checks of the product's."""
    run(
        f"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)"
        if schema != PARTED
        else f"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS, "
        f"{YEAR} smallint NOT NULL) PARTITION BY LIST ({YEAR})"
    )
    if table in STEPS:
        run(f"CREATE SEQUENCE {schema}.{table}_key")
        run(f"ALTER TABLE {schema}.{table} ALTER id SET DEFAULT nextval('{schema}.{table}_key')")
    if schema != PARTED:
        run(f"ALTER TABLE {schema}.{table} SET (autovacuum_enabled = false)")
        return
    for year in years:
        run(
            f"CREATE TABLE {partition(table, year)} PARTITION OF {schema}.{table} FOR VALUES IN ({year}) "
            "WITH (autovacuum_enabled = false)"
        )


def _fill(asked: Asked, place: int, year: int) -> None:
    """Write one year, from the generated year that stands for it."""
    source = asked.newest if year == asked.newest else asked.newest - 1
    shift = place * asked.stride
    turned = f"(SELECT {shift} + u.turn FROM fill.turn u WHERE u.id = t.{{}})"  # own names # nosec B608
    changed = {
        "uuid": "gen_random_uuid()", YEAR: str(year), "copied_from_id": "NULL", "cycle_id": f"t.cycle_id + {shift}",
        "sheet_id": f"t.sheet_id + {shift}", "current_revision_id": turned.format("current_revision_id"),
    }  # fmt: skip
    for table in WHOSE:
        key = turned.format("id") if table == "assessments_revision" else f"t.id + {shift}"
        names = columns(table)
        values = [key if name == "id" else changed.get(name, f't."{name}"') for name in names]
        of = "t" if table != "assessments_revision" else "s"
        join = "JOIN public.assessments_sheet s ON s.id = t.sheet_id" if of == "s" else ""
        run(
            f"INSERT INTO {YEARS}.{table} ({_quoted(names)}) SELECT {', '.join(values)} "  # own names # nosec B608
            f"FROM public.{table} t {join} WHERE {of}.fiscal_year = {source} ORDER BY 1"
        )
    for table in STEPS:
        names = [name for name in columns(table) if name != "id"]
        values = [f"t.turn + {shift}" if name == "revision_id" else f't."{name}"' for name in names]
        for schema, more, what in ((PLAIN, "", ""), (PARTED, f", {YEAR}", f", {year}")):
            run(
                f"INSERT INTO {schema}.{table} ({_quoted(names)}{more}) SELECT {', '.join(values)}{what} "  # own names # nosec B608
                f"FROM fill.{table} t WHERE t.year = {source}"
            )


def _index(schema: str, table: str) -> None:
    """Make the indexes of the product's table; in partitions whatever is there once needs the year in its key."""
    for definition, unique in run(_INDEXES, [f"public.{table}"]):
        begin, _, rest = definition.partition(" ON public.")
        kind = "CREATE UNIQUE INDEX" if unique else "CREATE INDEX"
        if begin.split(" INDEX ")[0] + " INDEX" != kind:
            raise AssertionError(definition)
        name, _, how = rest.partition(" ")
        if unique and schema == PARTED:
            how = f"{how.removesuffix(')')}, {YEAR})"
        run(f"{kind} ON {schema}.{name} {how}")


def _tie(schema: str, table: str) -> None:
    """Make the foreign keys of the product's table, to the copies where there are some."""
    look_at(schema)
    for (definition,) in run(_KEYS, [f"public.{table}"]):
        run(f"ALTER TABLE {schema}.{table} ADD {definition.replace('public.', '')}")


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
