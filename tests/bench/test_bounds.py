"""Every figure of `make bench` has a bound, and missing it turns the run red."""

import ast
import math
from pathlib import Path

import pytest

import bench
from bench.bounds import BOUNDS, DATABASES, Bound, bound_of, expected
from bench.results import Figure, exit_code, in_order, missing, shown
from bench.timing import Ratio, compare

FOLDER = Path(bench.__file__).parent


def named_in_measures() -> set[str]:
    """Return the figures that the files of measures make, by the first argument of `bench.figure` and `_worst`."""
    found = set()
    nodes = [
        node
        for name in ("measures.py", "exporting.py", "importing.py", "loading.py", "reading.py", "writers.py")
        for node in ast.walk(ast.parse((FOLDER / name).read_text("utf-8")))
    ]
    for node in nodes:
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if called in ("figure", "_worst") and texts:
                found.add(texts[0])
    return found


def test_every_measured_figure_has_a_bound_and_every_bound_is_measured():
    assert named_in_measures() == set(BOUNDS)


def test_every_figure_is_explained():
    text = (FOLDER / "README.md").read_text("utf-8")
    for name, bound in BOUNDS.items():
        side = "≥" if bound.at_least else "≤"
        limit = f"{side} {shown(bound.limit)}" if bound.limit else "0"
        assert f"| `{name}` | {limit}" in text, name


@pytest.mark.parametrize("name", expected())
def test_a_figure_beyond_its_bound_falls_short(name):
    limit, worse = bound_of(name).limit, -0.01 if bound_of(name).at_least else 0.01
    good, bad = Figure(name, limit), Figure(name, limit + worse, "a page")
    assert good.line() == f"{name} {shown(limit)} {bound_of(name).unit}"
    assert exit_code([good], {}) == 0
    assert "FALLS SHORT" in bad.line()
    assert bad.line().endswith("a page")
    assert f"({bound_of(name).words} {shown(limit)})" in bad.line()
    assert exit_code([good, bad], {}) == 1


def test_what_is_no_number_falls_short():
    assert not Bound(1, "times").keeps(math.nan)
    assert exit_code([Figure("signin.hash", math.nan)], {}) == 1


def test_a_lower_bound_is_kept_from_above():
    ratio = Bound(0.4, "times", timed=True, at_least=True)
    assert [ratio.keeps(value) for value in (0.39, 0.4, 3, math.nan)] == [False, True, True, False]
    assert [ratio.fails(value, short=True) for value in (0.19, 0.2, math.nan)] == [True, False, True]
    assert [ratio.fails(value, short=False) for value in (0.39, 0.4)] == [True, False]


def test_what_was_not_measured_fails_the_run():
    name = f"report.sql.ratio.{DATABASES[0]}"
    assert missing([Figure("signin.hash", 1.0)], ["signin.hash", name]) == [name]
    assert exit_code([Figure("signin.hash", 1.0)], {name: "not measured"}) == 1


def test_names_without_a_bound_are_refused():
    for name in ("page.colour", "page.colour.sqlite", "signin.hash.oracle", "sqlite"):
        with pytest.raises(KeyError):
            bound_of(name)


def test_figures_stand_in_the_order_of_the_table():
    names = expected()
    assert [figure.name for figure in in_order(Figure(name, 0) for name in reversed(names))] == names
    assert len(names) == len(set(names))


def test_a_ratio_is_that_of_the_subject_to_the_yardstick():
    assert Ratio(0.006, 0.002, 9).value == pytest.approx(3)


def test_both_sides_take_turns():
    calls = []
    ratio = compare(lambda: calls.append("subject"), lambda: calls.append("yardstick"), rounds=10)
    assert ratio.rounds == 10
    assert calls.count("subject") == calls.count("yardstick") == 13
    measured = calls[6:]
    first = measured[::2]
    assert first == ["yardstick", "subject"] * 5


def test_a_short_run_gives_times_a_margin_and_counts_none():
    slow = Figure("report.sql.ratio.sqlite", bound_of("report.sql.ratio.sqlite").limit * 1.9)
    far_too_slow = Figure("report.sql.ratio.sqlite", bound_of("report.sql.ratio.sqlite").limit * 2.1)
    many = Figure("queries.page.max.sqlite", 16)
    assert "FALLS SHORT" in slow.line()
    assert exit_code([slow], {}, short=True) == 0
    assert exit_code([slow], {}) == 1
    assert exit_code([far_too_slow], {}, short=True) == 1
    assert exit_code([many], {}, short=True) == 1
    assert exit_code([Figure("signin.hash", math.nan)], {}, short=True) == 1
