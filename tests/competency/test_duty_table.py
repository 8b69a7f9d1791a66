"""Duties as files: what goes out comes back the same, and everything that is wrong is said at once."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from competency.duty_file import (
    MAX_EXAMPLES,
    MAX_NAME,
    MAX_SOURCE,
    OWN_GROUPS,
    SUITED,
    FileDuty,
    dump_duties,
    parse_duties,
)
from competency.duty_plan import plan_duties
from competency.duty_table import GROUP_WORDS, HEADER, SUITED_WORDS, duty_rows, parse_duty_table
from competency.models import Duty
from lib.tabular import TableError, read_table, write_csv
from lib.text import clean

CELLS = ["a.1", "a.2", "b.1", "c-d.9"]


def text(most, least=0):
    letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n")
    return st.text(letters, max_size=most).map(clean).filter(lambda one: len(one) >= least)


DUTIES = st.lists(
    st.builds(
        FileDuty,
        code=st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True),
        group=st.sampled_from(OWN_GROUPS),
        name=text(MAX_NAME, 1),
        suited=st.sampled_from([*SUITED, ""]),
        examples=text(60) | st.lists(text(10, 1), max_size=4).map("、".join),
        source=text(40),
        cells=st.dictionaries(st.sampled_from(CELLS), st.integers(1, 99)),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda duty: duty.code,
)


@given(DUTIES)
def test_yaml_and_json_give_back_what_was_written(duties):
    shape = dump_duties(duties)
    for written in (
        json.dumps(shape, ensure_ascii=False),
        yaml.safe_dump(shape, allow_unicode=True, sort_keys=False, width=110),
    ):
        assert parse_duties(written, CELLS, own=True) == duties
    assert dump_duties(parse_duties(json.dumps(shape), CELLS, own=True)) == shape


@given(DUTIES)
def test_a_table_gives_back_what_was_written(duties):
    content = b"".join(write_csv(HEADER, duty_rows(duties)))
    assert parse_duty_table(read_table(content, "duties.csv"), CELLS) == duties


@given(DUTIES, DUTIES, st.booleans())
def test_a_plan_accounts_for_every_duty_of_both(before, after, whole):
    retired = {duty.code for duty in before[::3]}
    plan = plan_duties(before, retired, after, whole=whole)
    codes = [duty.code for duty in plan.new] + [duty.code for _, duty in plan.changed]
    codes += [duty.code for duty in plan.restored]
    assert len(codes) == len(set(codes))
    assert len(codes) + plan.same == len(after)
    gone = {duty.code for duty in before} - {duty.code for duty in after} - retired
    assert {duty.code for duty in plan.left} == (gone if whole else set())
    again = plan_duties(after, set(), after, whole=whole)
    assert again.is_empty
    assert again.same == len(after)


def test_words_and_widths_are_those_of_the_model():
    assert dict(Duty.Group.choices) == GROUP_WORDS
    assert dict(Duty.Suited.choices) == SUITED_WORDS
    widths = {"name": MAX_NAME, "examples": MAX_EXAMPLES, "source": MAX_SOURCE, "code": 60}
    assert {name: Duty._meta.get_field(name).max_length for name in widths} == widths


def refused(*lines):
    content = "\n".join([",".join(HEADER), *lines]).encode()
    with pytest.raises(TableError) as refusal:
        parse_duty_table(read_table(content, "duties.csv"), CELLS)
    return [(one.line, one.column) for one in refusal.value.problems]


def test_everything_wrong_is_said_with_its_line():
    assert refused(
        "plan,計画,共通業務,,,,a.1,2",
        "plan,別の名前,独自の業務,,,,a.1,2",  # another name, another kind, the cell again
        "plan,,,,,,z.9,0",  # no such cell, nobody
        ",名前,独自の業務,,,,a.1,1",
        "大文字X,名前,独自の業務,,,,a.1,1",
        f"long,{'長' * 81},妙な種類,だれか,,,a.1,１",
        "none,名前だけ,独自の業務,,,,,",
        "none,,,,,,a.1,1",
        "none,,,,,,,",
    ) == [
        (3, "業務"), (3, "種類"), (3, "項目コード"), (4, "項目コード"), (4, "人数"), (5, "符号"), (6, "符号"),
        (7, "業務"), (7, "種類"), (7, "担い手の目安"), (7, "人数"), (9, "項目コード"), (10, "項目コード"),
    ]  # fmt: skip


def test_a_missing_column_is_named():
    with pytest.raises(TableError) as refusal:
        parse_duty_table(read_table("符号,業務\nplan,計画\n".encode(), "duties.csv"), CELLS)
    assert [one.column for one in refusal.value.problems] == HEADER[2:]
