"""What the person's form may send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.refusals import Invalid
from assessments.merge import Stored, Value
from assessments.sheet_form import EVIDENCE_LENGTH, clean, read

BASE = Stored().token


def test_a_cell_is_sent_with_its_base():
    reading = read(
        {"base-a.1": BASE, "step-a.1": "3", "evidence-a.1": " 前の\r\n仕事 ", "step-b.1": "2"}, {"a.1", "b.1"}
    )
    assert reading.answers.keys() == {"a.1"}
    assert reading.answers["a.1"].value == Value(3, "前の\n仕事")
    assert reading.problems == {}


def test_an_open_cell_is_no_error():
    assert read({"base-a.1": BASE}, {"a.1"}).answers["a.1"].value == Value()


@pytest.mark.parametrize(
    "posted",
    [
        {"base-a.1": BASE, "step-a.1": "7"},
        {"base-a.1": BASE, "step-a.1": "-1"},
        {"base-a.1": BASE, "step-a.1": "３"},
        {"base-a.1": BASE, "step-a.1": "3.0"},
        {"base-a.1": "nonsense", "step-a.1": "3"},
        {"base-other.1": BASE, "step-other.1": "3"},
        {"step-other.1": "3"},
        {"undecided-other.1": "1"},
        {"keep": "both:a.1"},
        {"keep": "mine:other.1"},
        {"keep": "mine"},
    ],
)
def test_what_no_form_of_ours_sends_is_refused(posted):
    with pytest.raises(Invalid):
        read(posted, {"a.1"})


def test_a_text_too_long_is_named_and_kept_apart():
    reading = read({"base-a.1": BASE, "evidence-a.1": "あ" * (EVIDENCE_LENGTH + 1)}, {"a.1"})
    assert reading.problems == {"a.1": "根拠は400文字までで書いてください（いま401文字）。"}
    assert len(reading.answers["a.1"].value.evidence) == 401


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    once = clean(text)
    assert clean(once) == once
    assert "\x00" not in once
    assert "\r" not in once
