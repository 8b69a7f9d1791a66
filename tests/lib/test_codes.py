"""One-time sign-in codes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import codes

WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def test_shape():
    code = codes.new_code()
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{4}(-[2-9A-HJKMNP-Z]{4}){2}", code)
    assert not set(codes.ALPHABET) & set("0O1IL")


def test_codes_differ_and_use_the_whole_alphabet():
    many = [codes.new_code() for _ in range(400)]
    assert len(set(many)) == len(many)
    assert set("".join(many)) == set(codes.ALPHABET) | {"-"}


CODES = st.text(codes.ALPHABET, min_size=12, max_size=12).map(lambda c: f"{c[:4]}-{c[4:8]}-{c[8:]}")


@given(CODES, st.booleans(), st.booleans(), st.sampled_from(["", " ", "　", "-", "－", "ー", "–", "\n"]))
def test_however_it_is_typed(code, lower, wide, separator):
    typed = code.lower() if lower else code
    typed = (typed.translate(WIDE) if wide else typed).replace("-", separator)
    assert codes.normalise_code(f" {typed} ") == code


@pytest.mark.parametrize(
    "text", ["", "ABCD", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMNP", "ABC0-EFGH-JKMN", "あ" * 12]
)
def test_what_cannot_be_a_code_is_nothing(text):
    assert codes.normalise_code(text) == ""


@given(st.text())
def test_any_text_is_a_code_or_nothing(text):
    code = codes.normalise_code(text)
    assert code == "" or codes.normalise_code(code) == code
