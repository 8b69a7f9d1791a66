"""Plain tables against partitions by 年度, in turn: reading, writing, throwing away, cleaning up, planning, room."""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction

from bench.partitions.questions import Question, Statement, answers
from bench.partitions.tables import PARTED, PLAIN, STEPS, YEAR, YEARS, Asked, columns, look_at, partition, run

# Plain; partitions asked by the product's statements as they are; partitions with the year said in every statement.
SIDES = ("plain", "parted", "pruned")
# Rows that retention deletes by one statement (privacy.workflow.erasure).
BY_KEYS = 500
CELLS = 17


class DifferError(Exception):
    """The two ways did not answer alike: the figures beside would compare different work."""


@dataclass(frozen=True)
class Timed:
    """One act on one side: median, least and most in milliseconds, of so many rounds, and pages of 8 KB it looked at."""

    what: str
    side: str
    ms: float
    least: float
    most: float
    rounds: int
    pages: int | None = None
    planning_ms: float | None = None
    said: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the figure as it is kept."""
        return asdict(self)


def in_turn(what: str, acts: Mapping[str, Callable[[], float]], rounds: int) -> list[Timed]:
    """Run all sides in turn `rounds` times, each first every so often, after one round that does not count.

    An act returns its seconds, for not all that it does is to be timed.
    """
    names = list(acts)
    took: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-1, rounds):
        at = number % len(names)
        for name in names[at:] + names[:at]:
            seconds = acts[name]()
            if number >= 0:
                took[name].append(seconds * 1000)
    return [
        Timed(what, name, statistics.median(took[name]), min(took[name]), max(took[name]), rounds)
        for name in names
    ]


def reading(question: Question, rounds: int) -> list[Timed]:
    """Time a question on all sides; DifferError where they do not answer the same."""
    asked = {
        "plain": (PLAIN, question.plain),
        "parted": (PARTED, question.plain),
        "pruned": (PARTED, question.pruned),
    }
    found = {}
    for side, (schema, statements) in asked.items():
        look_at(schema)
        found[side] = [sorted(rows, key=repr) for rows in answers(statements)]
        if found[side] != found["plain"]:
            raise DifferError(f"{question.name}: {side} does not answer as plain does")
    rows = sum(map(len, found["plain"]))

    def act(schema: str, statements: tuple[Statement, ...]) -> Callable[[], float]:
        def timed() -> float:
            look_at(schema)
            began = time.perf_counter()
            answers(statements)
            return time.perf_counter() - began

        return timed

    times = in_turn(question.name, {side: act(*each) for side, each in asked.items()}, rounds)
    return [
        Timed(
            one.what, one.side, one.ms, one.least, one.most, one.rounds, *_looked_at(*asked[one.side]),
            f"{rows:,} rows, {len(question.plain)} statements",
        )
        for one in times
    ]  # fmt: skip


def submitting(asked: Asked, rounds: int) -> list[Timed]:
    """Time the rows of one submission and its 確定, with all that is asked at the end of the transaction; taken back."""
    look_at(PLAIN)
    ((revision, municipality, cells, person),) = run(
        f"SELECT max(r.id) + 1, min(r.municipality_id), (SELECT array_agg(id) FROM (SELECT DISTINCT cell_id AS id "  # own names # nosec B608
        f"FROM {PLAIN}.assessments_rating LIMIT {CELLS}) c), min(r.submitted_by_id) "
        f"FROM {YEARS}.assessments_revision r WHERE r.municipality_id = (SELECT min(municipality_id) FROM "
        f"{YEARS}.assessments_revision)"
    )
    ((highest,),) = run(f"SELECT max(id) FROM {YEARS}.assessments_revision")  # own names # nosec B608
    revision = highest + 1
    names = columns("assessments_revision")
    new = ", ".join(
        {"id": str(revision), "uuid": "gen_random_uuid()", "number": "99"}.get(name, f'"{name}"')
        for name in names
    )
    run(
        f"INSERT INTO {YEARS}.assessments_revision SELECT {new} FROM {YEARS}.assessments_revision "  # own names # nosec B608
        f"WHERE municipality_id = {municipality} ORDER BY id DESC LIMIT 1"
    )
    rating = {"step": "3", "evidence": "''", "review": "false", "carried_from_id": "NULL"}
    confirmation = {
        "level": "'final'", "step": "3", "comment": "''", "visibility": "'person'", "confirmer_id": str(person),
        "updated_at": "now()", "version": "1",
    }  # fmt: skip

    def statement(table: str, given: dict[str, str], *, parted: bool) -> str:
        names = [name for name in columns(table) if name != "id"]
        more = {"municipality_id": str(municipality), "revision_id": str(revision), YEAR: str(asked.newest)}
        if parted:
            names.append(YEAR)
        rows = (
            "(" + ", ".join({"cell_id": str(cell), **more, **given}[name] for name in names) + ")"
            for cell in cells
        )
        return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join(rows)}"  # own names # nosec B608

    def act(schema: str, *, parted: bool) -> Callable[[], float]:
        said = [
            statement("assessments_rating", rating, parted=parted),
            statement("assessments_confirmation", confirmation, parted=parted),
        ]
        return _taken_back(schema, lambda: [run(one) for one in (*said, "SET CONSTRAINTS ALL IMMEDIATE")])

    acts = {"plain": act(PLAIN, parted=False), "pruned": act(PARTED, parted=True)}
    return in_turn("submit", acts, rounds)


def forgetting(asked: Asked, rounds: int) -> list[Timed]:
    """Time throwing away the oldest year, whole, and of one municipality by keys as the retention of records does it."""
    oldest = asked.all[0]
    of_year = (
        f"DELETE FROM {{}} WHERE revision_id IN (SELECT r.id FROM {YEARS}.assessments_revision r JOIN "  # own names # nosec B608
        f"{YEARS}.assessments_sheet s ON s.id = r.sheet_id WHERE s.fiscal_year = {oldest})"
    )
    whole = {
        "plain": _taken_back(PLAIN, lambda: [run(of_year.format(table)) for table in STEPS]),
        "pruned": _taken_back(
            PARTED, lambda: [run(f"DROP TABLE {partition(table, oldest)}") for table in STEPS]
        ),
    }
    found = in_turn("year.dropped", whole, rounds)
    ((municipality,),) = run(
        f"SELECT municipality_id FROM {PLAIN}.assessments_rating GROUP BY 1 ORDER BY count(*), 1 LIMIT 1 OFFSET "  # own names # nosec B608
        f"(SELECT count(DISTINCT id) / 2 FROM organization_municipality)"
    )
    keys = {}
    for schema in (PLAIN, PARTED):
        keys[schema] = [
            (table, [key for (key,) in run(
                f"SELECT t.id FROM {schema}.{table} t JOIN {YEARS}.assessments_revision r ON r.id = t.revision_id "  # own names # nosec B608
                f"JOIN {YEARS}.assessments_sheet s ON s.id = r.sheet_id WHERE s.fiscal_year = {oldest} "
                f"AND t.municipality_id = {municipality}"
            )])
            for table in STEPS
        ]  # fmt: skip

    def by_keys(schema: str, more: str) -> Callable[[], float]:
        def delete() -> None:
            for table, of_table in keys[schema]:
                for start in range(0, len(of_table), BY_KEYS):
                    values = [of_table[start : start + BY_KEYS]]
                    run(f"DELETE FROM {schema}.{table} WHERE id = ANY(%s){more}", values)  # own names # nosec B608

        return _taken_back(schema, delete)

    acts = {
        "plain": by_keys(PLAIN, ""),
        "parted": by_keys(PARTED, ""),
        "pruned": by_keys(PARTED, f" AND {YEAR} = {oldest}"),
    }
    rows = sum(len(of_table) for _, of_table in keys[PLAIN])
    return found + [
        Timed(**{**one.as_json(), "said": f"{rows:,} rows"}) for one in in_turn("year.by_keys", acts, rounds)
    ]


def cleaning(asked: Asked, rounds: int) -> list[Timed]:
    """Time VACUUM after every tenth 確認 of the newest year was written again: of the whole table, of that year's part."""
    table = "assessments_confirmation"
    ((least,),) = run(
        f"SELECT min(revision_id) FROM {partition(table, asked.newest)}"  # own names # nosec B608
    )

    def act(schema: str, vacuumed: str, number: list[int]) -> Callable[[], float]:
        def timed() -> float:
            number[0] += 1
            run(
                f"UPDATE {schema}.{table} SET version = version + 1 WHERE revision_id >= {least} "  # own names # nosec B608
                f"AND revision_id % 10 = {number[0] % 10}"
                + (f" AND {YEAR} = {asked.newest}" if schema == PARTED else "")
            )
            began = time.perf_counter()
            run(f"VACUUM {vacuumed}")
            return time.perf_counter() - began

        return timed

    acts = {
        "plain": act(PLAIN, f"{PLAIN}.{table}", [0]),
        "pruned": act(PARTED, partition(table, asked.newest), [0]),
    }
    return in_turn("vacuum", acts, rounds)


def sizes(asked: Asked) -> list[dict[str, Any]]:
    """Return rows of both ways, and bytes a row (MB a million) of table, all indexes, and each index by its columns."""
    found = []
    for schema in (PLAIN, PARTED):
        for table in STEPS:
            parts = (
                [f"{schema}.{table}"] if schema == PLAIN else [partition(table, year) for year in asked.all]
            )
            ((rows, heap),) = run(
                f"SELECT (SELECT count(*) FROM {schema}.{table}), sum(pg_table_size(t::regclass)) "  # own names # nosec B608
                "FROM unnest(%s) AS t",
                [parts],
            )
            each = run(
                "SELECT substring(pg_get_indexdef(indexrelid) FROM 'USING btree (.*)'), sum(pg_relation_size(indexrelid)) "
                "FROM pg_index WHERE indrelid = ANY(%s::regclass[]) GROUP BY 1 ORDER BY min(indexrelid)",
                [parts],
            )
            indexes = {name: float(size) / rows for name, size in each}
            one = {"table": table, "side": schema, "rows": rows, "heap": float(heap) / rows}
            found.append({**one, "indexes": sum(indexes.values()), "each": indexes})
    return found


def _looked_at(schema: str, statements: tuple[Statement, ...]) -> tuple[int, float]:
    """Return the pages that statements look at, and the median time of planning them, in milliseconds."""
    look_at(schema)
    pages, planning = 0, []
    for sql, values in statements:
        ((told,),) = run(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", values)
        plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
        pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    for _ in range(5):
        whole = 0.0
        for sql, values in statements:
            ((told,),) = run(f"EXPLAIN (SUMMARY, FORMAT JSON) {sql}", values)
            whole += (json.loads(told) if isinstance(told, str) else told)[0]["Planning Time"]
        planning.append(whole)
    return pages, statistics.median(planning)


def _taken_back(schema: str, act: Callable[[], Any]) -> Callable[[], float]:
    """Return the act in a transaction that is taken back, the seconds of the act alone."""

    def timed() -> float:
        look_at(schema)
        with transaction.atomic():
            began = time.perf_counter()
            act()
            took = time.perf_counter() - began
            transaction.set_rollback(True)
        return took

    return timed


def settle(say: Callable[[str], None]) -> None:
    """Let the database look at what was written."""
    say("VACUUM ANALYZE")
    assert connection.vendor == "postgresql"
    run("VACUUM ANALYZE")
