"""Text as people type it."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib import text

LIVE_STARTS = "=+-@\t\r＝＋－＠"
TRICKY = st.text("'=+-@\t\r\n ＝＋－＠　12.5あa", max_size=8)


@given(st.text())
def test_no_control_is_left(value):
    clean = text.strip_controls(value)
    assert text.has_controls(value) == (clean != value)
    assert text.strip_controls(clean) == clean
    left = {unicodedata.category(char) for char in clean if char not in "\t\r\n\x85"}
    assert not left & {"Cc", "Cs"}
    clean.encode()


def test_controls_go_and_text_stays():
    assert text.strip_controls("山\x00田\x0b太\x7f郎\ud800\n\t髙𠮷㈱") == "山田太郎\n\t髙𠮷㈱"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ヤマダ", "やまだ"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("ＹＡＭＡＤＡ", "yamada"),
        (" 山田　太郎 ", "山田 太郎"),
        ("㈱", "(株)"),
        ("００１２", "0012"),
        ("ヴァ", "ゔぁ"),
        ("ヽヾ", "ゝゞ"),
    ],
)
def test_search_finds_across_spellings(typed, stored):
    assert text.search_key(typed) == text.search_key(stored)


def test_search_keeps_different_names_apart():
    assert text.search_key("髙") != text.search_key("高")
    assert text.search_key("はし") != text.search_key("ばし")
    assert text.search_key("サーバー") == "さーばー"


@given(st.text())
def test_search_key_of_a_key_is_the_key(value):
    once = text.search_key(value)
    assert text.search_key(once) == once


def test_fullwidth_digits():
    assert text.has_fullwidth_digits("0012３")
    assert not text.has_fullwidth_digits("0123 ①")


@settings(max_examples=1000)
@given(st.text() | TRICKY)
@example("'tis")
@example("'=1+1")
@example("''=1+1")
@example("' =1")
@example("-5")
@example("'-5")
def test_restore_is_the_inverse_of_defuse(value):
    assert text.restore(text.defuse(value)) == value


@settings(max_examples=1000)
@given(TRICKY)
def test_nothing_live_is_left(value):
    safe = text.defuse(value)
    stripped = safe.lstrip(" 　\xa0\n\v\f")
    assert safe == value or value[0] in text.SUSPECT_STARTS
    assert stripped == "" or stripped[0] not in LIVE_STARTS or is_number(value)


def is_number(value):
    try:
        float(value)
    except ValueError:
        return False
    return value.isascii() and value == value.strip()


@pytest.mark.parametrize("start", LIVE_STARTS)
@pytest.mark.parametrize("space", ["", " ", "　", "\n", " \xa0"])
def test_each_live_start_is_defused(start, space):
    cell = f"{space}{start}cmd|' /C calc'!A0"
    assert text.defuse(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell", ["-5", "+1.50", "-2e-07", "-0", "0012", "2026-04-01", "'tis", "", "a=b", "'", "山田"]
)
def test_harmless_cells_stay(cell):
    assert text.defuse(cell) == cell
    assert text.restore(cell) == cell


@pytest.mark.parametrize("cell", ["-5-", "+1+1", "-1.5e", "--5", "+", "-", "-５", "-5\n"])
def test_only_plain_numbers_are_exempt(cell):
    assert text.defuse(cell) == "'" + cell


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("RPA", "ＲＰＡ"), ("ｒｐａ", "RPA"), ("ﾃﾞｰﾀ", "データ"), ("データ", "ﾃﾞｰﾀ"), ("でーた", "データ"),
        ("ポリシー", "ぽりしー"), ("３課", "3課"), ("bpr", "ＢＰＲ"), ("ヴ", "ｳﾞ"), ("髙橋", "髙橋"), ("𠮷野", "𠮷野"),
    ],
)  # fmt: skip
def test_a_word_is_looked_for_as_people_write_it(typed, written):
    assert written in text.spellings(typed)


@given(st.text(max_size=20))
def test_spellings_of_anything(word):
    found = text.spellings(word)
    assert len(found) == len(set(found)) <= 10
    assert bool(found) == bool(unicodedata.normalize("NFKC", word).strip())
    assert all(found)


@given(st.text(alphabet="ABCabc012アイガパーあいがぱ", min_size=1, max_size=8))
def test_whichever_way_it_is_typed_the_plain_one_is_found(word):
    plain = unicodedata.normalize("NFKC", word)
    for typed in text.spellings(word):
        kept = {one.casefold() for one in text.spellings(typed)}
        hiragana = {text.search_key(one) for one in kept}
        assert text.search_key(plain) in hiragana


@given(st.text(max_size=40))
def test_a_name_to_sign_in_with_is_folded_once_and_its_kana_stay(typed):
    folded = text.half_width(typed)
    assert text.half_width(folded) == folded
    assert not any("！" <= char <= "～" for char in folded)
    assert [char for char in folded if char > "\x7f"] == [
        char for char in typed.strip() if char > "\x7f" and not "！" <= char <= "～" and char != "　"
    ]


@pytest.mark.parametrize(
    ("typed", "kept"), [("０１２３", "0123"), ("Ｋ－１２", "K-12"), ("　カナ　", "カナ")]
)
def test_full_width_signs_of_a_name(typed, kept):
    assert text.half_width(typed) == kept
