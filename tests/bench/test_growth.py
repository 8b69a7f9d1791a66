"""The curves in docs are drawn from the figures beside them, and are read without colours."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.__main__ import PAGE
from bench.growth import chart, curves, pages
from bench.growth.__main__ import PEOPLE
from lib.charts import text_width

RUN = curves.recorded()
SVG = "{http://www.w3.org/2000/svg}"


def test_the_chart_is_what_the_command_draws_from_the_figures():
    assert curves.CHART.read_text(encoding="utf-8") == chart.drawn(RUN)


def test_the_table_is_what_the_command_writes_from_the_figures():
    text = PAGE.read_text(encoding="utf-8")
    assert curves.with_table(text, ["", *curves.table(RUN)]) == text
    assert f"({curves.CHART.name})" in text


def test_another_figure_is_another_chart_and_another_table():
    first = replace(RUN.points[-1], ms=RUN.points[-1].ms * 3)
    other = replace(RUN, points=(*RUN.points[:-1], first))
    assert chart.drawn(other) != chart.drawn(RUN)
    assert curves.table(other) != curves.table(RUN)


def test_every_page_was_measured_at_every_size_on_both_databases():
    found = {(one.database, one.people, one.page) for one in RUN.points}
    every = {
        (database, people, page)
        for database in curves.DATABASES
        for people in PEOPLE
        for page in (*curves.PAGES, curves.EMPTY)
    }
    assert found == every
    assert len(RUN.points) == len(every)
    assert all(one.least <= one.ms <= one.most for one in RUN.points)


def test_a_run_is_read_as_it_was_kept():
    assert curves.read(RUN.text()) == RUN
    assert curves.RECORD.read_text(encoding="utf-8") == RUN.text()


def test_a_page_is_told_by_marker_dashes_and_words():
    assert set(chart.LOOKS) == set(curves.PAGES)
    for place in range(2):
        assert len({look[place] for look in chart.LOOKS.values()}) == len(curves.PAGES)
    words = [text.text or "" for text in ElementTree.fromstring(chart.drawn(RUN)).iter(f"{SVG}text")]
    for name in curves.PAGES.values():
        assert sum(one.startswith(f"{name} ") for one in words) == len(curves.DATABASES)


def test_words_stay_inside_and_apart():
    root = ElementTree.fromstring(chart.drawn(RUN))
    wide, high = map(float, root.attrib["viewBox"].split()[2:])
    for text in root.iter(f"{SVG}text"):
        x = float(text.attrib["x"])
        kind = text.attrib.get("class", "")
        width = text_width(text.text or "", {"head": 18, "name": 16}.get(kind, 14))
        left = x - width if kind == "end" else x - width / 2 if kind == "middle" else x
        assert -1 <= left <= left + width <= wide + 1, text.text
        assert float(text.attrib["y"]) <= high
    for panel in root.iter(f"{SVG}g"):
        ends = [
            float(one.attrib["y"]) for one in panel.iter(f"{SVG}text")
            if (one.text or "").startswith(tuple(curves.PAGES.values()))
        ]  # fmt: skip
        assert all(two - one >= 20 for one, two in pairwise(sorted(ends)))


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_are_spread_in_their_order(wanted):
    found = chart.spread(wanted, 21, 300)
    order = sorted(range(len(wanted)), key=lambda one: (wanted[one], one))
    placed = [found[one] for one in order]
    assert all(two - one >= 21 - 1e-6 for one, two in pairwise(placed))
    assert placed[-1] <= 300


def test_a_page_without_a_place_for_the_table_is_refused():
    with pytest.raises(ValueError, match="no place"):
        curves.with_table("# A page\n", ["x"])


def test_no_curve_is_no_chart():
    with pytest.raises(ValueError, match="no curve"):
        chart.panels(replace(RUN, points=()))


def test_every_page_opens_in_a_generated_municipality(db, one_connection, settings, tmp_path, monkeypatch):
    settings.ROOT_URLCONF, settings.FILES_DIR = "bench.urls", tmp_path
    # VACUUM is refused in the transaction of a test.
    monkeypatch.setattr(pages, "settle", lambda: None)
    world = pages.filled(100)
    assert {one.page for one in pages.timed(world, 1)} == {*curves.PAGES, curves.EMPTY}
