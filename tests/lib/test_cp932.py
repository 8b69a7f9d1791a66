"""What CP932 carries, and the list of what it does not."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import cp932

TRICKY = "𠮷髙﨑①㈱〜～−－—–¥·㋿é☃😀葛辻か\u3099\u309a\ufe0f\U000e0100\u200b\xa0¢£¬‖\uf8f0\ue000\x80"
TEXTS = st.text() | st.text(TRICKY + "山田,\"'=", max_size=12)
ALL_CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]


def test_every_character_is_carried_or_listed():
    unlisted = [
        char
        for char in ALL_CHARACTERS
        if cp932.is_clean(char) and char.encode("cp932").decode("cp932") != char
    ]
    assert unlisted == []
    clean = sum(map(cp932.is_clean, ALL_CHARACTERS))
    assert 9_000 < clean < 10_000


def test_every_replacement_is_clean():
    assert all(cp932.is_clean(cp932.replaced(char)) for char in ALL_CHARACTERS[:0x30000])


@settings(max_examples=1000)
@given(TEXTS)
def test_the_list_is_exact(text):
    listed = cp932.find_unencodable([[text]])
    if not listed:
        assert cp932.to_cp932(text, replace=False).decode("cp932") == text
    else:
        with pytest.raises(cp932.CannotEncode) as refusal:
            cp932.to_cp932(text, replace=False)
        assert refusal.value.problems == listed
        without = text
        for problem in sorted(listed, key=lambda each: -len(each.char)):
            assert problem.char in text
            without = without.replace(problem.char, "")
        assert cp932.is_clean(without)


@settings(max_examples=1000)
@given(TEXTS)
def test_replaced_text_is_carried(text):
    written = cp932.to_cp932(text, replace=True).decode("cp932")
    assert cp932.is_clean(written)
    assert cp932.replaced(written) == written
    if "?" not in text:
        assert "?" not in written


@pytest.mark.parametrize("text", ["髙﨑德①㈱Ⅲ㌔", "ｱｲｳ", "～－￥・―〓", "山田 太郎\r\n\t", "\\~", "\ue000"])
def test_what_municipalities_use_is_carried(text):
    assert cp932.find_unencodable([[text]]) == []
    assert cp932.to_cp932(text, replace=False) == text.encode("cp932")


@pytest.mark.parametrize(
    ("text", "char", "codepoint", "replacement"),
    [
        ("𠮷田", "𠮷", "U+20BB7", "〓"),
        ("1〜2", "〜", "U+301C", "～"),
        ("−5", "−", "U+2212", "－"),
        ("—", "—", "U+2014", "―"),
        ("¥100", "¥", "U+00A5", "￥"),
        ("㋿8年", "㋿", "U+32FF", "令和"),
        ("葛\U000e0100城", "葛\U000e0100", "U+845B U+E0100", "葛"),
        ("𠮷\U000e0101", "𠮷\U000e0101", "U+20BB7 U+E0101", "〓"),
        ("\ufe0f", "\ufe0f", "U+FE0F", ""),
        ("か\u3099", "か\u3099", "U+304B U+3099", "が"),
        ("か\u309a", "か\u309a", "U+304B U+309A", "か〓"),
        ("a\u200bb", "\u200b", "U+200B", ""),
        ("\uf8f0", "\uf8f0", "U+F8F0", "〓"),
        ("é", "é", "U+00E9", "〓"),
    ],
)
def test_changes_are_listed_with_what_goes_instead(text, char, codepoint, replacement):
    assert cp932.find_unencodable([[text]]) == [cp932.Unencodable(0, 0, char, codepoint, replacement)]
    assert cp932.replaced(text) == text.replace(char, replacement)


def test_places_are_told_and_a_character_counts_once_a_cell():
    rows = [["0001", "山田", None], ["0002", "𠮷𠮷〜", 3], (4.5, "", "𠮷")]
    places = [(each.row_index, each.column_index, each.char) for each in cp932.find_unencodable(rows)]
    assert places == [(1, 1, "𠮷"), (1, 1, "〜"), (2, 2, "𠮷")]


def test_the_refusal_says_how_many_and_what_to_do():
    with pytest.raises(cp932.CannotEncode, match="2か所") as refusal:
        cp932.to_cp932("𠮷〜", replace=False)
    assert str(refusal.value).endswith("ください。")
