"""Files of the register by property: what is written reads back, and no content makes anything but sentences."""

import datetime
import string

from hypothesis import given
from hypothesis import strategies as st

from competency.catalogue_file import (
    COLUMNS,
    LENGTHS,
    QualificationRow,
    dump,
    fingerprint,
    parse_providers,
    parse_register,
    plan_register,
    register_table,
    undump,
)
from lib.tabular import TableError, read_table, write_csv

WORDS = st.text("試験髙𠮷①=+-@'\"<&, a1", max_size=12).map(str.strip)
DAYS = st.none() | st.dates(datetime.date(1970, 1, 1), datetime.date(2100, 1, 1))


@st.composite
def registers(draw):
    codes = draw(
        st.lists(st.text(string.ascii_uppercase + "-", min_size=1, max_size=5), unique=True, max_size=6)
    )
    rows = []
    for code in codes:
        first, last = draw(DAYS), draw(DAYS)
        if first and last and last < first:
            first, last = last, first
        titled = draw(WORDS)
        rows.append(
            QualificationRow(
                code=code,
                name=draw(WORDS.filter(bool)),
                group=draw(WORDS),
                valid_from=first,
                valid_to=last,
                is_planned=draw(st.booleans()),
                registration_title=titled,
                renewal_years=draw(st.none() | st.integers(1, 50)) if titled else None,
                note=draw(WORDS),
            )
        )
    return rows


@given(registers().filter(bool))
def test_a_register_reads_back_as_it_was_written(rows):
    content = b"".join(write_csv(*register_table(rows)))
    assert parse_register(read_table(content, "x.csv")) == (rows, [])
    assert undump(dump(rows)) == rows


@given(registers(), registers())
def test_a_plan_names_every_row_once(before, after):
    plan = plan_register(before, after)
    assert len(plan.new) + len(plan.changed) + plan.same == len(after)
    assert {row.code for row in plan.retired} == {row.code for row in before} - {row.code for row in after}
    assert plan.is_empty == (before == after)
    assert (fingerprint(before) == fingerprint(after)) == (before == after)
    assert plan_register(before, before).is_empty


CELLS = st.sampled_from(["", "AP", "予定", "R8.4.1", "2026/13/1", "3", "九", "=1", "\n", "ＡＰ"]) | st.text(
    max_size=8
)


@given(
    st.lists(st.sampled_from([*COLUMNS.values(), "色", "実施機関"]), unique=True, min_size=1, max_size=5),
    st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=4),
)
def test_no_file_does_more_than_be_refused_in_sentences(header, lines):
    content = b"".join(write_csv(header, lines))
    for parse in (parse_register, parse_providers):
        try:
            rows, problems = parse(read_table(content, "x.csv"))
        except TableError as refusal:
            rows, problems = [], refusal.problems
        assert bool(rows) != bool(problems)
        assert all(problem.message.endswith("。") for problem in problems)
        assert all(row.code and row.name for row in rows)
        if parse is parse_register:
            assert all(len(getattr(row, name)) <= most for row in rows for name, most in LENGTHS.items())
            assert all(not (r.valid_from and r.valid_to) or r.valid_from <= r.valid_to for r in rows)
