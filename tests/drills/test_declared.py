"""What a drill declares is read, and what cannot be is refused."""

from types import SimpleNamespace

import pytest

from bench.bounds import Bound
from bench.results import Figure
from tests.drills import declared


def a_drill(**given):
    """Return a module that declares one figure."""
    return SimpleNamespace(FIGURES={"one.lost": Bound(0, "answers")}, measure=lambda *, short: [], **given)


def test_a_short_run_may_ask_one_engine_alone():
    drill = declared.read(a_drill(SHORT_DATABASES=("postgres",)), "one")
    assert drill.places(("sqlite", "postgres"), short=False) == ("sqlite", "postgres")
    assert drill.places(("sqlite", "postgres"), short=True) == ("postgres",)
    assert drill.places(("sqlite",), short=True) == ()


def test_unless_it_says_so_a_short_run_asks_both():
    drill = declared.read(a_drill(), "one")
    assert drill.places(("sqlite", "postgres"), short=True) == ("sqlite", "postgres")


def test_one_without_a_database_is_run_once():
    drill = declared.read(
        SimpleNamespace(
            FIGURES={"one.lost": Bound(0, "answers", per_database=False)}, DATABASES=(), measure=print
        ),
        "one",
    )
    assert drill.places(("postgres",), short=True) == ("",)


def test_a_figure_keeps_its_name_where_it_ends_with_that_of_a_database():
    drill, _ = declared.load("restarts")
    given = [Figure("restarts.lost", 0), Figure("drill.recovery.postgres", 1.5)]
    assert declared.printed(drill, lambda *, short: given, "postgres", short=True) == given


def test_a_figure_that_was_not_declared_is_refused():
    drill, _ = declared.load("restarts")
    with pytest.raises(declared.NotADrillError, match="is not in FIGURES"):
        declared.printed(drill, lambda *, short: [Figure("restarts.found", 0)], "postgres", short=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DATABASES": ("mysql",)}, "DATABASES are"),
        ({"DATABASES": ("postgres",), "SHORT_DATABASES": ("sqlite",)}, "SHORT_DATABASES are"),
        ({"DATABASES": ()}, "has no database"),
    ],
)
def test_what_contradicts_itself_is_refused(given, said):
    with pytest.raises(declared.NotADrillError, match=said):
        declared.read(a_drill(**given), "one")
