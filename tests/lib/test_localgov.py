"""The check digit of 団体コード."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import localgov


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("010006", "北海道"),
        ("011002", "札幌市"),
        ("012025", "函館市"),
        ("131016", "千代田区"),
        ("141003", "横浜市"),
        ("271004", "大阪市"),
        ("401307", "福岡市"),
        ("472018", "那覇市"),
    ],
)
def test_published_codes_are_valid(code, name):
    assert localgov.is_valid(code), name
    assert localgov.check_digit(code[:5]) == code[5]


@given(st.integers(1, 47), st.integers(0, 999))
def test_exactly_one_last_digit_is_valid(prefecture, town):
    code5 = f"{prefecture:02d}{town:03d}"
    assert sum(localgov.is_valid(f"{code5}{last}") for last in range(10)) == 1


@pytest.mark.parametrize("code", ["", "01100", "0110020", "011003", "０１１００２", "11002a"])
def test_refuses(code):
    assert not localgov.is_valid(code)


@pytest.mark.parametrize("code", ["", "0110", "011002", "０１１００", "0110x"])
def test_no_digit_for_what_is_no_code(code):
    with pytest.raises(ValueError, match="先頭5けた"):
        localgov.check_digit(code)
