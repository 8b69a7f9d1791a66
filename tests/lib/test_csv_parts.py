"""Parts of CSV lines are, put together, the lines that are written whole."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.cp932 import CannotEncode
from lib.csv_parts import LINE_END, CsvParts
from lib.tabular_write import ENCODINGS, write_csv

HOSTILE = st.sampled_from(
    [
        "", "0012345", "𠮷田", "髙橋", "〜", "=1+1", "'=1+1", "''=x", "+81", "-5", "-5a", "@x", "＝1", "　=1", "\t=1", '"', 'a"b',
        "a,b", "a\nb", "a\r\nb", "\r", "\x00=1", "\x01=1", "\x85", "\x9fa", "\ufffe", "\uffff=", "\ufeff", " x", "\\.",
        "\\N", "・", "①", "か\u3099", "辻\U000e0100", "\x1c", "\u2028",
    ]
)  # fmt: skip
TEXT = st.one_of(HOSTILE, st.text(max_size=8), st.lists(HOSTILE, max_size=3).map("".join))
CELL = st.one_of(
    TEXT, st.none(), st.integers(), st.booleans(), st.dates(),
    st.datetimes(timezones=st.just(datetime.UTC)).filter(lambda at: 1 < at.year < 9999),
)  # fmt: skip
ENCODING = st.sampled_from(ENCODINGS)


def as_postgresql_writes(text):
    """Return a cell as COPY … (FORMAT csv) writes it: CopyAttributeOutCSV of PostgreSQL, for a line of several cells."""
    if text == "" or any(sign in text for sign in ',"\n\r'):
        return ('"' + text.replace('"', '""') + '"').encode()
    return text.encode()


def whole(rows, encoding, *, replace):
    try:
        return b"".join(write_csv(["見出し"], iter(rows), encoding=encoding, replace=replace))
    except CannotEncode:
        return None


@given(st.lists(CELL, min_size=2, max_size=6), st.integers(1, 5), ENCODING, st.booleans())
def test_a_line_is_the_same_however_it_is_cut(cells, at, encoding, replace):
    parts = CsvParts(encoding, replace=replace)
    pieces = [piece for piece in (cells[:at], cells[at:]) if piece]
    try:
        line = b",".join(parts.part(piece) for piece in pieces)
    except CannotEncode:
        line = None
    expected = whole([cells], encoding, replace=replace)
    assert expected == (
        None if line is None else parts.mark + parts.part(["見出し"]) + LINE_END + line + LINE_END
    )


@given(TEXT, ENCODING)
def test_one_cell_is_a_part_of_one(text, encoding):
    parts = CsvParts(encoding, replace=True)
    assert parts.cell(text) == parts.part([text])


@given(TEXT.map(lambda text: text.replace("\x00", "").encode(errors="ignore").decode()), ENCODING)
def test_a_cell_that_postgresql_wrote_comes_out_as_ours(text, encoding):
    parts = CsvParts(encoding, replace=True)
    assert parts.copied(as_postgresql_writes(text)) == parts.part([text])
    assert parts.copied(b"") == b""


@pytest.mark.parametrize("text", ['"', '""', 'a"b', '"a"', 'a,"b"\n', "=1,2", '＝"', "\n", "\x01,", ""])
def test_quotes_come_off_and_on_again(text):
    for encoding in ENCODINGS:
        parts = CsvParts(encoding)
        assert parts.copied(as_postgresql_writes(text)) == parts.part([text]) == parts.cell(text)


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("text", ["𠮷田", "a,〜", "é"])
def test_nothing_is_replaced_that_nobody_chose(text, quoted):
    parts = CsvParts("cp932")
    with pytest.raises(CannotEncode) as refusal:
        parts.copied(as_postgresql_writes(text)) if quoted else parts.cell(text)
    assert refusal.value.problems


def test_an_encoding_of_another_name_is_refused():
    with pytest.raises(ValueError, match="encoding is one of"):
        CsvParts("shift_jis")
