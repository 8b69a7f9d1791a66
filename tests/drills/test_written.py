"""The tables of figures in the documents: their shape, and that only a drill writes them."""

import re
import subprocess
import sys

import pytest

from bench.bounds import Bound
from bench.results import Figure, shown
from bench.written import SHORT_OF_IT, with_rows
from tests.drills import declared, written
from tests.processes import ROOT

TABLE = {"one.lost": Bound(0, "answers"), "one.answers": Bound(10, "answers", at_least=True)}
EMPTY = f"# A page\n\n{written.BEGIN}\n{written.END}\n\nAfter.\n"
ROWS = {word: written.rows_of(page.read_text(encoding="utf-8")) for word, page in written.PAGES.items()}
# A drill that is on a page is there with every figure.
DRILLS = sorted({name for rows in ROWS.values() for row in rows for name in row.command.split()[3:]})


def put(page, *figures):
    written.write(figures, TABLE, ["one"], machine="2 cores", page=page)
    return page.read_text(encoding="utf-8")


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(EMPTY, encoding="utf-8")
    return path


def test_figures_are_written_with_bound_day_command_and_machine(page):
    text = put(page, Figure("one.lost.sqlite", 0), Figure("one.answers.sqlite", 12))
    assert re.search(
        r"\| `one.lost.sqlite` \| 0 answers \| at most 0 \| 20\d\d-\d\d-\d\d \| `python -m tests.drills one` \| 2 cores \|",
        text,
    )
    assert "12 answers were acknowledged on a screen; 0 of them were lost" in text
    assert text.endswith("After.\n")


def test_a_second_run_replaces_its_own_figures_and_leaves_the_others(page):
    put(page, Figure("one.lost.sqlite", 0), Figure("one.answers.sqlite", 12))
    text = put(page, Figure("one.answers.sqlite", 20), Figure("one.answers.postgres", 30))
    assert [(row.name, row.value) for row in written.rows_of(text)] == [
        ("one.lost.sqlite", 0),
        ("one.answers.sqlite", 20),
        ("one.answers.postgres", 30),
    ]
    assert "50 answers were acknowledged" in text


def test_what_falls_short_is_written_and_says_so(page):
    text = put(page, Figure("one.lost.sqlite", 2))
    assert "| 2 answers (falls short) | at most 0 |" in text


def test_a_page_without_a_place_is_refused(page):
    page.write_text("# A page\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no place"):
        put(page, Figure("one.lost.sqlite", 0))


@pytest.mark.parametrize("given", [["--write"], ["--write", "--short", "crash"]])
def test_nothing_but_whole_runs_of_named_drills_is_written(given):
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills", *given], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--write" in done.stderr


@pytest.mark.parametrize("word", written.PAGES)
def test_the_page_has_figures(word):
    assert ROWS[word]


def test_every_drill_has_a_page():
    assert {declared.load(name)[0].page for name in declared.names()} == set(written.PAGES)


def test_a_figure_is_told_from_that_of_another_drill():
    crash, _ = declared.load("crash")
    assert crash.owns(Figure("crash.lost.postgres", 0))
    assert not crash.owns(Figure("disk.lost.postgres", 0))
    supply, _ = declared.load("supply")
    assert supply.owns(Figure("deps.unhashed", 0))


def test_a_page_without_answers_has_no_sentence_of_them(page):
    text = put(page, Figure("one.lost.sqlite", 0))
    assert "acknowledged" not in text
    assert text.startswith(f"# A page\n\n{written.BEGIN}\n| figure |")


@pytest.mark.parametrize("name", DRILLS)
def test_the_page_has_every_figure_of_a_drill_with_the_bound_that_the_code_has(name):
    drill, _ = declared.load(name)
    rows = {row.name: row for row in ROWS[drill.page]}
    # One of hours may have been run on one engine so far; there it has all its figures.
    places = [
        place
        for place in drill.places(("sqlite", "postgres"), short=False)
        if set(drill.lines(place)) & set(rows)
    ]
    assert places
    for place in places:
        for figure, bound in drill.figures.items():
            row = rows[declared.line_name(figure, bound, place)]
            assert row.bound == f"{bound.words} {shown(bound.limit)}"
            assert row.measured.endswith(SHORT_OF_IT) is not bound.keeps(row.value), row
            assert row.command.startswith("python -m tests.drills ")
            assert name in row.command.split()


@pytest.mark.parametrize("page", written.PAGES.values(), ids=written.PAGES)
def test_the_sentence_over_all_drills_is_that_of_its_rows(page):
    text = page.read_text(encoding="utf-8")
    rows = written.rows_of(text)
    assert with_rows(text, rows, written.PROGRAM, written.said(rows)) == text
