"""docs/operations/performance.md: only whole runs of bench write into it, and its bounds are those of the code."""

import subprocess
import sys

import pytest

from bench import written
from bench.__main__ import PAGE
from bench.bounds import BOUNDS, bound_of, expected
from bench.results import Figure, shown
from bench.sizes.__main__ import figures_of
from bench.sizes.bounds import FIGURES, SIZES, table
from tests.processes import ROOT

TEXT = PAGE.read_text(encoding="utf-8")
SIZED = {name: bound for size in SIZES.values() for name, bound in table(size).items()}
ROWS = [(row, BOUNDS) for row in written.rows_of(TEXT, "bench")]
ROWS += [(row, SIZED) for row in written.rows_of(TEXT, "bench.sizes")]


@pytest.mark.parametrize(("row", "bounds"), ROWS, ids=[row.name for row, _ in ROWS])
def test_a_row_has_the_bound_of_the_code(row, bounds):
    bound = bound_of(row.name, bounds)
    assert row.bound == f"{bound.words} {shown(bound.limit)}"
    assert row.measured.endswith(written.SHORT_OF_IT) is not bound.keeps(row.value)


def test_a_whole_run_is_there_whole_or_not_at_all():
    assert {row.name for row in written.rows_of(TEXT, "bench")} in (set(), set(expected()))


def test_a_short_run_writes_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--short", "--write"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "whole runs" in done.stderr


def test_what_grows_is_held_against_the_smallest_size():
    found = {"report.growth": (3.0, "30 ms / 10 ms"), "generate.rate": (5.0, "")}
    grown = figures_of(SIZES["M"], "postgres", found, {"report.growth": (2.0, "20 ms / 10 ms")})
    assert grown == [
        Figure("M.report.growth.postgres", 1.5, "30 ms / 10 ms; at S 20 ms / 10 ms"),
        Figure("M.generate.rate.postgres", 5.0),
    ]
    # Without the smaller one there is nothing to tell.
    assert [one.name for one in figures_of(SIZES["M"], "postgres", found, {})] == ["M.generate.rate.postgres"]
    assert figures_of(SIZES["S"], "sqlite", found, {}) == []


def test_every_figure_says_something_at_some_size():
    assert {name.split(".", 1)[1] for name in SIZED} == set(FIGURES)
