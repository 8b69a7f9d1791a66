"""字体 of names, folded for searching only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.text import search_key
from lib.variants import groups, name_key, person_key

LETTERS = "".join(groups())


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("高橋", "髙橋"), ("高橋", "高槗"), ("斉藤", "齋藤"), ("斎藤", "齊藤"), ("斉藤", "斎藤"), ("渡辺", "渡邊"),
        ("渡辺", "渡邉"), ("浜田", "濵田"), ("浜田", "濱田"), ("沢田", "澤田"), ("山崎", "山﨑"), ("川崎", "川嵜"),
        ("吉田", "𠮷田"), ("広瀬", "廣瀨"), ("国枝", "國枝"), ("桜井", "櫻井"), ("島田", "嶋田"), ("富田", "冨田"),
        ("佐々木", "佐佐木"), ("辻", "辻\U000e0100"), ("神", "神"), ("ショウジ", "シヨウジ"), ("ｻﾄｳ", "さとう"),
    ],
)  # fmt: skip
def test_one_finds_the_other(typed, written):
    assert name_key(typed) == name_key(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("伊藤", "伊東"),
        ("渡辺", "渡部"),
        ("川", "河"),
        ("大田", "太田"),
        ("ハシ", "バシ"),
        ("笹", "篠"),
        ("崎", "埼"),
    ],
)
def test_other_names_stay_apart(one, other):
    assert name_key(one) != name_key(other)


def test_no_letter_stands_in_two_groups_and_none_alone():
    assert len(LETTERS) == len(set(LETTERS))
    assert all(len(group) > 1 for group in groups())


def test_no_letter_is_one_that_the_search_key_changes_anyway():
    assert [letter for letter in LETTERS if search_key(letter) != letter] == []


@given(
    st.text(st.sampled_from(LETTERS + "々゛ァッ ａ\ufe00\U000e0101髙神"), max_size=12) | st.text(max_size=12)
)
def test_the_key_of_a_key_is_that_key(text):
    assert name_key(name_key(text)) == name_key(text)


@given(st.text(st.sampled_from(LETTERS), min_size=1, max_size=8), st.data())
def test_any_letter_may_be_written_in_any_of_its_ways(text, data):
    of = {letter: group for group in groups() for letter in group}
    other = "".join(data.draw(st.sampled_from(of[letter])) for letter in text)
    assert name_key(text) == name_key(other)


def test_a_person_is_found_with_and_without_spaces():
    key = person_key("髙橋　花子", "タカハシ ハナコ", "齋藤")
    for typed in ("高橋花子", "たかはしはなこ", "花子", "斉藤", "ハナコ"):
        assert name_key(typed) in key


def test_a_person_without_reading_and_former_name_has_no_empty_words():
    assert person_key("辻", "", "") == "辻"
