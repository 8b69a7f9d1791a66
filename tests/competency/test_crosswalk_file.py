"""Files of crosswalks and tags: read, written, and refused whole with every fault. No database."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from competency import crosswalk_file as f
from competency.crosswalk_file import (
    CrosswalkFile,
    CrosswalkFileError,
    Line,
    Link,
    dump,
    dumps,
    parse_crosswalk,
)
from competency.framework_file import parse
from competency.models import Crosswalk, CrosswalkItem, CrosswalkLink
from tests.crosswalks import DATA, NAMES, shipped_crosswalk, tags_file

_PARTS = st.text("abcxyz0189", min_size=1, max_size=6)
CODES = st.lists(_PARTS, min_size=1, max_size=3).map(".".join)
TEXTS = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(["𠮷", "髙", "\\", '"', "#", ":", "-"]),
    min_size=1,
    max_size=20,
)
NOTES = st.just("") | TEXTS


@st.composite
def lines(draw, code):
    links = [
        Link(target, one, draw(NOTES))
        for target in (f.AREA, f.CELL)
        for one in draw(st.lists(CODES, unique=True, max_size=4))
    ]
    return Line(code, draw(TEXTS), draw(NOTES), tuple(links))


@st.composite
def crosswalks(draw):
    """Return any crosswalk that a file can hold."""
    return CrosswalkFile(
        code=draw(CODES),
        kind=draw(st.sampled_from([f.TAGS, f.CROSSWALK])),
        name=draw(TEXTS),
        year=draw(st.integers(f.FIRST_YEAR, f.LAST_YEAR)),
        source=draw(TEXTS),
        note=draw(NOTES),
        proposal=draw(st.booleans()),
        lines=tuple(draw(lines(code)) for code in draw(st.lists(CODES, unique=True, max_size=5))),
    )


@given(crosswalks())
def test_what_is_written_is_read_again_as_it_was(crosswalk):
    assert parse_crosswalk(dumps(crosswalk)) == crosswalk
    text = yaml.safe_dump(dump(crosswalk), allow_unicode=True, sort_keys=False)
    assert parse_crosswalk(text) == crosswalk
    assert dump(parse_crosswalk(text)) == dump(crosswalk)


@given(crosswalks(), st.data())
def test_a_line_moved_there_and_back_is_where_it_was(crosswalk, data):
    if not crosswalk.lines:
        assert crosswalk.moved("x", 1) == crosswalk
        return
    place = data.draw(st.integers(0, len(crosswalk.lines) - 1))
    line = crosswalk.lines[place]
    for step in (-1, 1):
        moved = crosswalk.moved(line.code, step)
        assert sorted(moved.lines, key=lambda one: one.code) == sorted(
            crosswalk.lines, key=lambda one: one.code
        )
        at_the_end = not 0 <= place + step < len(crosswalk.lines)
        assert moved.lines.index(line) == (place if at_the_end else place + step)
        assert at_the_end or moved.moved(line.code, -step) == crosswalk


@given(crosswalks(), lines("new"))
def test_a_line_put_in_is_there_once_and_the_others_stay(crosswalk, line):
    with_it = crosswalk.with_line(line)
    assert with_it.line("new") == line
    assert with_it.with_line(line) == with_it
    assert with_it.without_line("new").lines == crosswalk.without_line("new").lines


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["code", "kind", "items", "areas", "name", "x"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_what_has_no_source_is_refused_with_sentences_whatever_it_is(data):
    with pytest.raises(CrosswalkFileError) as refusal:
        parse_crosswalk(json.dumps(data))
    assert all(isinstance(each, str) and each for each in refusal.value.errors)


def test_every_fault_is_said_at_once_with_its_place():
    bad = dump(tags_file()) | {"kind": "list", "year": "2024", "owner": "x", "source": " ", "proposal": "yes"}
    bad["items"] = [
        {"code": "a", "name": "甲", "areas": ["x", "x", "Big"], "cells": "y"},
        {"code": "a", "name": "乙\x01"},
        {"code": "b", "colour": "red", "areas": [{"code": "x", "why": "?"}, 7]},
        "c",
    ]
    with pytest.raises(CrosswalkFileError) as refusal:
        parse_crosswalk(json.dumps(bad))
    said = "\n".join(refusal.value.errors)
    for sentence in [
        "知らないキーがあります（owner）",
        "kind は tags（タグ）か crosswalk（対応表）",
        "year は1950から2100まで",
        "source がありません",
        "proposal は true か false",
        "行1「a」の areas の2：code「x」が重複しています",
        "code「Big」は英小文字",
        "行1「a」：cells は符号を",
        "行2：code「a」が重複しています",
        "行2「a」：name に使えない文字があります",
        "行3「b」：name がありません",
        "知らないキーがあります（colour）",
        "知らないキーがあります（why）",
        "行3「b」の areas の2：code は文字で",
        "行4：キーと値の組で",
    ]:
        assert sentence in said, sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 1", "キーと値の組"),
        ("{", "JSON として読めません"),
        ("a: &x [1]\nb: *x", "参照"),
        ("code: a\ncode: b", "2回あります"),
        ("x" * 1_000_001, "大きすぎます"),
    ],
)
def test_what_is_no_such_file_is_refused(text, said):
    with pytest.raises(CrosswalkFileError, match=said):
        parse_crosswalk(text)


def test_too_many_lines_and_links():
    many = dump(tags_file()) | {"items": [{"code": f"c{n}", "name": "x"} for n in range(f.MAX_LINES + 1)]}
    with pytest.raises(CrosswalkFileError, match=f"{f.MAX_LINES}件まで"):
        parse_crosswalk(json.dumps(many))
    wide = [{"code": "a", "name": "x", "areas": [f"a{n}" for n in range(f.MAX_LINKS + 1)]}]
    with pytest.raises(CrosswalkFileError, match=f"{f.MAX_LINKS}個まで"):
        parse_crosswalk(json.dumps(dump(tags_file()) | {"items": wide}))


def test_the_columns_are_as_wide_as_the_file_allows():
    def width(model, name):
        return model._meta.get_field(name).max_length

    assert [width(Crosswalk, name) for name in ("code", "name", "source", "note")] == [
        f.MAX_CODE, f.MAX_NAME, f.MAX_SOURCE, f.MAX_NOTE,
    ]  # fmt: skip
    assert [width(CrosswalkItem, name) for name in ("code", "name", "note")] == [
        f.MAX_CODE, f.MAX_NAME, f.MAX_PART_NOTE,
    ]  # fmt: skip
    assert [width(CrosswalkLink, name) for name in ("code", "note")] == [f.MAX_CELL_CODE, f.MAX_PART_NOTE]
    assert (Crosswalk.Kind.TAGS, Crosswalk.Kind.CROSSWALK) == (f.TAGS, f.CROSSWALK)
    assert (CrosswalkLink.Target.AREA, CrosswalkLink.Target.CELL) == (f.AREA, f.CELL)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shipped_is_a_proposal_and_names_parts_of_the_matrix(name):
    file = shipped_crosswalk(name)
    matrix = parse((DATA / "lasdec-2012.yaml").read_text("utf-8"))
    areas = {area.code for _, area, _ in matrix.marks()}
    cells = {mark.code for _, _, mark in matrix.marks()}
    assert file.proposal
    assert file.lines
    for line in file.lines:
        assert line.links
        assert set(line.codes(f.AREA)) <= areas
        assert set(line.codes(f.CELL)) <= cells
        # A 項目 whose whole 区分 is named already would say nothing.
        assert not {code.rpartition(".")[0] for code in line.codes(f.CELL)} & set(line.codes(f.AREA))


def test_the_names_of_the_shipped_tags():
    assert [line.name for line in shipped_crosswalk("tags-digital-jinzai").lines] == [
        "高度専門人材", "DX推進リーダー", "一般行政職員",
    ]  # fmt: skip
    assert [line.name for line in shipped_crosswalk("tags-dss-2024").lines] == [
        "ビジネスアーキテクト", "デザイナー", "データサイエンティスト", "ソフトウェアエンジニア", "サイバーセキュリティ",
    ]  # fmt: skip
    assert [line.code for line in shipped_crosswalk("crosswalk-q3-1").lines] == [
        f"q3-1.{number}" for number in range(1, 14)
    ]
