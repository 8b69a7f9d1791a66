"""The 年度 and its names."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import fiscal


@given(st.dates(datetime.date(1926, 1, 1), datetime.date(2100, 12, 31)))
def test_a_day_is_in_its_own_year(day):
    year = fiscal.fiscal_year(day)
    assert fiscal.first_day(year) <= day <= fiscal.last_day(year)


@given(st.integers(1926, 2100))
def test_years_follow_each_other(year):
    assert fiscal.last_day(year) + datetime.timedelta(days=1) == fiscal.first_day(year + 1)
    assert fiscal.fiscal_year(fiscal.first_day(year)) == fiscal.fiscal_year(fiscal.last_day(year)) == year


@pytest.mark.parametrize(
    ("year", "short"),
    [
        (2026, "令和8"),
        (2020, "令和2"),
        (2019, "令和元"),
        (2018, "平成30"),
        (1989, "平成元"),
        (1988, "昭和63"),
        (1927, "昭和2"),
        (1926, "大正15"),
    ],
)
def test_names(year, short):
    assert fiscal.short_label(year) == short
    assert fiscal.label(year) == f"{short}年度（{year}年度）"
