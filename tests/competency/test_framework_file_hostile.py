"""Files meant to do harm, or broken past use: refused whole, in time, with every fault listed."""

import copy
import json
import time

import pytest
import yaml

from competency.framework_file import FrameworkFileError, dump, parse
from tests.competency.frameworks import large

MARK = {"code": "a.1", "task": "甲", "stage": "初級"}
GOOD = {
    "framework": "x",
    "version": "1",
    "stages": ["初級", "中級", "上級"],
    "categories": [{"code": "c", "name": "分類", "areas": [{"code": "a", "name": "区分", "marks": [MARK]}]}],
}


def faults(text):
    """Return the sentences of a refusal, which must come in ten seconds."""
    began = time.monotonic()
    with pytest.raises(FrameworkFileError) as caught:
        parse(text)
    assert time.monotonic() - began < 10
    assert all(error.encode() for error in caught.value.errors)
    return caught.value.errors


def changed(change):
    """Return the text of the good file after a change to a copy of it."""
    data = copy.deepcopy(GOOD)
    change(data)
    return json.dumps(data)


def marks(data):
    """Return the marks of the only area."""
    return data["categories"][0]["areas"][0]["marks"]


def test_the_file_is_good_without_a_change():
    assert parse(json.dumps(GOOD))


@pytest.mark.parametrize(
    "text",
    [
        "categories:\n" + "- a\n" * 100_000,
        "a: [" + "1," * 400_000 + "]",
        "[" * 100_000,
        "- " * 1000 + "a",
        "{a: " * 5000,
        '{"a":' * 100_000,
        json.dumps({"categories": [{"code": "c"}] * 60_000}),
        "{" + ",".join(f'"k{number}":1' for number in range(80_000)) + ',"k79999":1}',
        "a: &a [x, x]\nb: [*a, *a]",
    ],
    ids=["items", "flow", "flow-deep", "block-deep", "maps", "json-deep", "json-items", "keys", "references"],
)
def test_what_would_take_minutes_is_refused_soon(text):
    faults(text)


def test_a_hundred_thousand_cells_are_refused_by_their_number_or_size():
    (error,) = faults(changed(lambda data: marks(data).extend([{}] * 100_000)))
    assert "多すぎます" in error
    (error,) = faults(changed(lambda data: marks(data).extend([MARK] * 100_000)))
    assert "大きすぎます" in error


def test_every_wrong_type_is_named_at_once():
    def wrong(data):
        data |= {"version": True, "source": ["x"], "note": 5, "based_on": "lasdec 2012"}
        data["categories"].append("分類")
        marks(data)[0] |= {
            "task": {},
            "in_use": "no",
            "placement_confirmed": 1,
            "origins": "a.1",
            "wording": ["x"],
        }

    said = "\n".join(faults(changed(wrong)))
    keys = "version source note based_on 分類2 task in_use placement_confirmed origins wording"
    for key in keys.split():
        assert key in said, key


def test_codes_used_twice_are_named_everywhere():
    def twice(data):
        data["categories"].append(copy.deepcopy(data["categories"][0]))

    said = faults(changed(twice))
    assert len([error for error in said if "重複しています" in error]) == 3


@pytest.mark.parametrize("text", ["a\x00", "a\x1b[31mb", "\x7f", "半\ud83d", "\udc00"])
@pytest.mark.parametrize("key", ["task", "example", "source"])
def test_text_that_no_screen_can_take_is_named(key, text):
    said = faults(changed(lambda data: marks(data)[0].update({key: f"x{text}x"})))
    assert [error for error in said if f"{key} に使えない文字があります" in error]


def test_a_matrix_of_four_hundred_cells_is_no_harm():
    framework = large(3)
    text = yaml.safe_dump(dump(framework), allow_unicode=True, sort_keys=False)
    assert parse(text) == framework
