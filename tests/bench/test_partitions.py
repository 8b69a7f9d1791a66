"""Plain tables and partitions are compared where they answer alike, and only there."""

import subprocess
import sys

import pytest
from django.db import connection, transaction
from django.utils import timezone

from bench.data import load_lasdec
from bench.partitions import measures, questions, tables
from bench.partitions.__main__ import ACTS, lines
from config.generating import generate
from scripts import temporary_postgres
from tests.processes import ROOT

needs_postgres = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite knows no partitions")
YEARS = 3


@pytest.fixture
def asked(db):
    load_lasdec()
    generate(municipalities=2, staff=80, years=2, seed=5)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return tables.build(YEARS)


@needs_postgres
def test_the_copies_are_the_tables_of_the_product(asked):
    for table in tables.STEPS:
        names = tables.columns(table)
        for schema in (tables.PLAIN, tables.PARTED):
            more = [tables.YEAR] if schema == tables.PARTED else []
            copied = tables.run(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
                [f"{schema}.{table}"],
            )
            assert [name for (name,) in copied] == names + more
            for catalogue in ("pg_index WHERE indrelid", "pg_constraint WHERE contype = 'f' AND conrelid"):
                counted = [
                    tables.run(f"SELECT count(*) FROM {catalogue} = %s::regclass", [f"{one}.{table}"])
                    for one in ("public", schema)
                ]
                assert counted[0] == counted[1], (schema, table, catalogue)
        rows = [
            tables.run(f"SELECT {', '.join(names[1:])} FROM {schema}.{table} ORDER BY revision_id, cell_id")
            for schema in (tables.PLAIN, tables.PARTED)
        ]
        assert rows[0] == rows[1]
        assert rows[0]
        by_year = [
            tables.run(f"SELECT count(*) FROM {tables.partition(table, year)}")[0][0] for year in asked.all
        ]
        assert all(by_year)
        assert sum(by_year) == len(rows[0])


@needs_postgres
def test_every_question_is_answered_alike_and_a_part_that_answers_otherwise_is_seen(asked):
    found = questions.questions(asked, timezone.localdate())
    assert [one.name for one in found] == list(ACTS[: len(found)])
    for one in found:
        times = measures.reading(one, 1)
        assert [time.side for time in times] == list(measures.SIDES)
        assert all(time.ms > 0 and time.pages for time in times)
        assert one.plain != one.pruned
    for fault in (
        "DELETE FROM parted.assessments_confirmation WHERE fiscal_year = {}",
        "UPDATE parted.assessments_confirmation SET fiscal_year = fiscal_year - 1 WHERE fiscal_year = {}",
    ):
        with transaction.atomic():
            tables.run(fault.format(asked.newest - 1))
            seen = [one.name for one in found if differs(one)]
            transaction.set_rollback(True)
        assert {"sheet", "municipality"} <= set(seen), fault
    assert not any(map(differs, found))


def differs(question):
    """Say whether the two ways answer a question differently."""
    try:
        measures.reading(question, 1)
    except measures.DifferError:
        return True
    return False


def test_a_statement_without_a_place_for_the_year_is_refused():
    with pytest.raises(AssertionError):
        questions.with_year(('SELECT step FROM "assessments_rating" WHERE cell_id = %s', (1,)), 2026)
    one = ('SELECT step FROM "assessments_rating" WHERE "assessments_rating"."revision_id" = %s', (1,))
    with pytest.raises(AssertionError):
        questions.with_year(one)
    assert questions.with_year(one, 2026)[0].endswith('= %s AND "assessments_rating"."fiscal_year" = 2026')


def test_all_sides_take_turns():
    calls = []

    def act(name):
        return lambda: calls.append(name) or 0.001 * len(calls)

    found = measures.in_turn(
        "x", {"plain": act("plain"), "parted": act("parted"), "pruned": act("pruned")}, 3
    )
    assert sorted(calls[3:6]) == sorted(measures.SIDES)
    assert {calls[at] for at in (3, 6, 9)} == set(measures.SIDES)
    assert all(one.rounds == 3 and one.least <= one.ms <= one.most for one in found)


def test_what_has_no_second_side_is_left_open_in_the_table():
    one = measures.Timed("submit", "plain", 5, 4, 6, 3).as_json()
    row = next(line for line in lines({"times": [one], "sizes": []}) if "`submit`" in line)
    assert row == "| `submit` | 5.00 (4.00 to 6.00) | – | – | – | – |"


@needs_postgres
@pytest.mark.skipif(temporary_postgres.find_programs() is None, reason="PostgreSQL is not installed")
def test_the_command_measures_everything():
    done = subprocess.run(
        [
            sys.executable, "-m", "bench.partitions", "--people", "60", "--municipalities", "2", "--years", "3",
            "--rounds", "1",
        ],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for act in ACTS:
        assert f"| `{act}` |" in done.stdout
    assert "FALLS SHORT" not in done.stdout
