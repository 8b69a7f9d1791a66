"""Geometry of the charts: parts add up, nothing is negative, numbers stay inside."""

from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from lib.charts import Series, column_bars, mini_bar, pips, stacked_bars, text_width

SERIES = (
    Series("ok", "充足"),
    Series("short", "不足"),
    Series("single", "一人依存"),
    Series("none", "不在", dark=True),
)
counts = st.tuples(*[st.integers(0, 3000)] * 4)
labels = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=30)


def gaps_and_parts(segments, values, length):
    """Return the drawn widths plus the gap that each drawn part may leave, which together make the bar."""
    total = sum(values)
    steps = [length * value / total for value in values if value]
    return sum(part.width for part in segments) + sum(min(2.0, step / 2) for step in steps)


@given(counts)
def test_parts_of_a_bar_fill_its_width_and_nothing_is_negative(values):
    segments = mini_bar(values, SERIES, width=240)
    assert [part.value for part in segments] == [value for value in values if value]
    if sum(values):
        assert gaps_and_parts(segments, values, 240) == pytest.approx(240, abs=0.05)
    assert all(part.x >= 0 and part.width >= 0 and part.x + part.width <= 240.02 for part in segments)
    for left, right in pairwise(segments):
        assert left.x + left.width <= right.x + 0.02


@given(counts)
def test_a_number_is_shown_only_where_it_fits_inside(values):
    for part in mini_bar(values, SERIES):
        half = text_width(str(part.value)) / 2
        inside = part.x <= part.text_x - half and part.text_x + half <= part.x + part.width
        assert inside or not part.shows_value


@given(st.lists(st.tuples(labels, counts), min_size=1, max_size=8), st.booleans())
def test_rows_stay_inside_the_chart_and_below_each_other(rows, share):
    chart = stacked_bars(rows, SERIES, share=share, strong=-1)
    assert [row.name for row in chart.rows] == [label for label, _ in rows]
    assert [row.total for row in chart.rows] == [sum(values) for _, values in rows]
    assert [row.strong for row in chart.rows] == [False] * (len(rows) - 1) + [True]
    previous = 0.0
    for row in chart.rows:
        assert row.y > previous
        previous = row.y + chart.bar_height
        assert previous <= chart.height
        start = row.segments[0].x if row.segments else row.total_x
        assert text_width(row.label) <= start
        assert all(part.x + part.width <= row.total_x <= chart.width for part in row.segments)
        assert row.name.startswith(row.label.removesuffix("…"))
    assert all(item.text_x + text_width(item.label) <= chart.width for item in chart.legend)


@given(st.lists(counts.filter(any), min_size=2, max_size=5))
def test_on_one_scale_bars_are_as_long_as_their_totals(rows):
    chart = stacked_bars([(str(i), values) for i, values in enumerate(rows)], SERIES)
    start = chart.rows[0].segments[0].x - min(2.0, 1.0)
    longest = max(chart.rows, key=lambda row: row.total)
    for row in chart.rows:
        expected = (longest.total_x - start) * row.total / longest.total
        assert row.total_x - start == pytest.approx(expected, abs=8)


def test_share_gives_every_bar_with_people_the_same_length():
    chart = stacked_bars(
        [("全庁", (19, 5, 5, 3)), ("総務部", (6, 1, 0, 0)), ("空", (0, 0, 0, 0))], SERIES, share=True
    )
    whole, small, empty = chart.rows
    assert whole.total_x == small.total_x > empty.total_x
    assert empty.segments == ()


@pytest.mark.parametrize("values", [(1, 2, 3), (1, 2, 3, 4, 5), (1, 2, -3, 4)])
def test_rows_that_do_not_fit_the_series_are_refused(values):
    with pytest.raises(ValueError):
        stacked_bars([("令和8", values)], SERIES)


@given(
    st.integers(1, 200).flatmap(
        lambda top: st.tuples(st.just(top), st.lists(st.none() | st.integers(0, top), min_size=1, max_size=7))
    )
)
def test_columns_stand_on_the_base_and_never_pass_the_line(case):
    top, values = case
    chart = column_bars([(f"令和{i}", value) for i, value in enumerate(values)], top=top)
    for column, value in zip(chart.columns, values, strict=True):
        assert column.y + column.height == pytest.approx(chart.base_y, abs=0.02)
        assert chart.top_y - 0.02 <= column.y <= chart.base_y
        assert column.height == pytest.approx((chart.base_y - chart.top_y) * (value or 0) / top, abs=0.02)
        assert column.x >= 0
        assert column.x + column.width <= chart.width
        assert column.text_x - text_width(column.label) / 2 >= 0
    for left, right in pairwise(chart.columns):
        assert left.x + left.width <= right.x


@pytest.mark.parametrize(
    ("points", "top"), [([("a", 5)], 4), ([("a", -1)], 4), ([("a", 1)], 0), ([("a", 1)] * 8, 4)]
)
def test_columns_that_would_leave_the_chart_are_refused(points, top):
    with pytest.raises(ValueError):
        column_bars(points, top=top)


@given(st.integers(0, 40), st.integers(0, 40))
def test_pips_show_who_can_and_who_is_missing(have, need):
    dots = pips(have, need, most=100)
    assert dots.count(True) == have
    assert dots.count(False) == max(need - have, 0)
    assert len(pips(have, need)) <= 12


def test_the_stacked_chart_has_its_numbers_in_a_table_too():
    chart = stacked_bars([("令和7", (6, 3, 5, 2)), ("令和8", (7, 3, 5, 1))], SERIES, strong=-1)
    html = render_to_string(
        "charts/_stacked_bars.html",
        {
            "chart": chart,
            "chart_id": "t",
            "title": "5年",
            "desc": "増えた",
            "row_head": "年度",
            "total": "計",
            "unit": "",
        },
    )
    table = html[html.index("<tbody>") :]
    for cells in ('<td class="right">6</td>', '<th scope="row">令和8</th>', '<td class="right">16</td>'):
        assert cells in table
    assert html.count("計16") == 2
    assert "style=" not in html


def test_a_year_without_a_value_has_no_bar():
    chart = column_bars([("令和7", None), ("令和8", 13)], top=17)
    html = render_to_string(
        "charts/_years_bars.html",
        {
            "chart": chart,
            "chart_id": "y",
            "title": "できる項目",
            "top_label": "全17項目",
            "value_head": "項目数",
        },
    )
    assert html.count("<rect") == 1
    assert "令和7未評価、令和8 13" in html
