"""Framework files: the shipped one, one with facts only, and everything that can be wrong with one."""

import copy
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from competency import framework_file
from competency.framework_file import FrameworkFileError, parse
from tests.competency.frameworks import frameworks

SHIPPED = Path(framework_file.__file__).parent / "data" / "lasdec-2012.yaml"
BARE = Path(__file__).parent / "fixtures" / "bare-matrix.yaml"


def errors_of(data):
    """Return the sentences for a file with this content (plain data or text)."""
    with pytest.raises(FrameworkFileError) as caught:
        parse(data if isinstance(data, str) else json.dumps(data))
    assert caught.value.errors
    return caught.value.errors


@pytest.fixture
def good():
    """Return a small correct file as plain data."""
    return {
        "framework": "Small",
        "version": "1",
        "stages": ["初級", "中級", "上級"],
        "categories": [
            {
                "code": "one",
                "name": "分類A",
                "areas": [
                    {
                        "code": "a",
                        "name": "区分A",
                        "marks": [
                            {"code": "a.1", "task": "作業", "stage": "初級"},
                            {"code": "a.2", "stage": "上級"},
                        ],
                    },
                ],
            }
        ],
    }


def mark_of(data, position=0):
    return data["categories"][0]["areas"][0]["marks"][position]


def test_the_shipped_file_has_the_matrix():
    shipped = parse(SHIPPED.read_text("utf-8"))
    assert shipped.code == "lasdec"
    assert shipped.version == "2012"
    assert [category.code for category in shipped.categories] == ["conceptual", "technical", "human"]
    assert [len(category.areas) for category in shipped.categories] == [5, 4, 2]
    assert len(list(shipped.marks())) == 17
    assert shipped.stages == ("初級", "中級", "上級")
    assert "日本都市センター" in shipped.source
    assert not any(mark.placement_confirmed for _, _, mark in shipped.marks())


def test_the_shipped_file_has_the_same_facts_as_the_bare_matrix():
    def facts(path):
        marks = parse(path.read_text("utf-8")).marks()
        return [(c.name, c.alias, a.code, a.name, m.code, m.task, m.stage) for c, a, m in marks]

    assert facts(SHIPPED) == facts(BARE)


def test_the_wording_is_short_and_every_sentence_is_its_own():
    marks = [mark for _, _, mark in parse(SHIPPED.read_text("utf-8")).marks()]
    sentences = [sentence for mark in marks for sentence in mark.wording]
    assert len(sentences) == len(set(sentences)) == 85
    assert max(len(sentence) for sentence in sentences) <= 45
    assert all(sentence.endswith("。") and sentence.count("。") == 1 for sentence in sentences)
    assert all(mark.wording[0].endswith("ことがない。") for mark in marks)
    assert len({mark.example for mark in marks}) == 17


def test_the_code_of_a_cell_does_not_tell_its_stage():
    shipped = parse(SHIPPED.read_text("utf-8"))
    for _, area, mark in shipped.marks():
        assert mark.code.startswith(f"{area.code}.")
        assert mark.stage not in mark.code


def test_a_file_without_category_codes_or_wording_is_read():
    bare = parse(BARE.read_text("utf-8"))
    assert bare.code == "lasdec"
    assert bare.name == "LASDEC"
    assert [category.code for category in bare.categories] == ["category-1", "category-2", "category-3"]
    assert all(mark.wording == () and mark.example == "" for _, _, mark in bare.marks())


@pytest.mark.parametrize("path", [SHIPPED, BARE], ids=["shipped", "bare"])
def test_dump_and_parse_give_the_same(path):
    parsed = parse(path.read_text("utf-8"))
    assert parse(framework_file.dumps(parsed)) == parsed
    assert parse(yaml.safe_dump(framework_file.dump(parsed), allow_unicode=True, sort_keys=False)) == parsed


@given(frameworks())
def test_any_framework_survives_dump_and_parse(framework):
    assert parse(framework_file.dumps(framework)) == framework


KEYS = [
    "framework",
    "version",
    "stages",
    "steps",
    "categories",
    "areas",
    "marks",
    "code",
    "name",
    "stage",
    "wording",
]


@given(
    st.text()
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
        max_leaves=12,
    ).map(json.dumps)
)
def test_anything_else_is_refused_with_sentences(text):
    assert all(isinstance(error, str) and error for error in errors_of(text))


def test_all_faults_are_told_at_once_with_their_place(good):
    mark_of(good, 0)["stage"] = "特級"
    mark_of(good, 1)["code"] = "A 2"
    good["categories"][0]["name"] = ""
    errors = errors_of(good)
    assert len(errors) == 3
    assert any("分類1" in error and "name がありません" in error for error in errors)
    assert any("項目1「a.1」" in error and "「特級」は stages にありません" in error for error in errors)
    assert any("項目2" in error and "「A 2」は英小文字" in error for error in errors)


@pytest.mark.parametrize("kind", ["mark", "area", "category"])
def test_a_code_used_twice_is_refused(good, kind):
    if kind == "mark":
        mark_of(good, 1)["code"] = "a.1"
    elif kind == "area":
        area = copy.deepcopy(good["categories"][0]["areas"][0])
        for position, mark in enumerate(area["marks"]):
            mark["code"] = f"b.{position}"
        good["categories"][0]["areas"].append(area)
    else:
        category = copy.deepcopy(good["categories"][0])
        category["areas"][0]["code"] = "b"
        for position, mark in enumerate(category["areas"][0]["marks"]):
            mark["code"] = f"b.{position}"
        good["categories"].append(category)
    (error,) = errors_of(good)
    assert "重複しています" in error


@pytest.mark.parametrize(
    "steps",
    [
        {"0": "a", "1": "b", "2": "c", "3": "d"},
        {"1": "a", "2": "b", "3": "c", "4": "d", "5": "e"},
        {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e", "5": "f"},
        ["a", "b", "c", "d", "e"],
        "abcde",
    ],
)
def test_steps_other_than_zero_to_four_are_refused(good, steps):
    good["steps"] = steps
    assert errors_of(good) == ["ファイル：steps には 0 から 4 までの5つを書いてください。"]
    del good["steps"]
    mark_of(good)["wording"] = steps
    assert "「a.1」：wording には 0 から 4 まで" in errors_of(good)[0]


def test_the_names_of_the_steps_cannot_be_changed(good):
    good["steps"] = dict(zip("01234", framework_file.STEP_NAMES, strict=True))
    assert parse(json.dumps(good))
    good["steps"]["4"] = "達人"
    assert any("steps の名前は変えられません" in error for error in errors_of(good))


def test_a_step_without_text_is_refused(good):
    mark_of(good)["wording"] = {"0": "a", "1": "b", "2": " ", "3": "d", "4": "e"}
    (error,) = errors_of(good)
    assert "「a.1」の到達度2" in error


def test_the_same_step_as_number_and_as_text_is_refused():
    text = BARE.read_text("utf-8") + "steps: {0: a, '0': z, 1: b, 2: c, 3: d, 4: e}\n"
    assert "0" in errors_of(text)[0]


@pytest.mark.parametrize(
    "stages",
    [
        None,
        [],
        ["初級", "中級"],
        ["初級", "中級", "中級"],
        ["初級", "中級", 3],
        ["初級", "中級", " "],
        "初中上",
    ],
)
def test_stages_must_be_three_names(good, stages):
    good["stages"] = stages
    assert any("stages に段階の名前を3つ" in error for error in errors_of(good))


@pytest.mark.parametrize("key", ["framework", "version", "categories"])
def test_a_missing_key_is_named(good, key):
    del good[key]
    assert any(key in error for error in errors_of(good))


def test_a_missing_code_or_list_below_is_named(good):
    del good["categories"][0]["areas"][0]["code"]
    good["categories"][0]["areas"][0]["marks"] = []
    errors = errors_of(good)
    assert any("区分1「区分A」：code がありません" in error for error in errors)
    assert any("marks に項目を1つ以上" in error for error in errors)


def test_an_unknown_key_is_refused(good):
    mark_of(good)["stagee"] = "初級"
    assert any("知らないキーがあります（stagee）" in error for error in errors_of(good))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("task", 2012, "引用符"),
        ("task", "長" * 61, "60字まで"),
        ("task", "a\u0000b", "使えない文字"),
        ("task", "a\ud800b", "使えない文字"),
        ("placement_confirmed", "yes", "true か false"),
        ("code", None, "code がありません"),
    ],
)
def test_a_wrong_value_is_named(good, key, value, said):
    mark_of(good)[key] = value
    assert any(said in error for error in errors_of(good))


def test_half_a_character_in_a_sentence_can_be_shown(good):
    mark_of(good)["\ud800"] = 1
    for error in errors_of(good):
        assert error.encode()


def test_a_version_without_quotes_is_read(good):
    good["version"] = 2012
    assert parse(json.dumps(good)).version == "2012"


def test_placement_holds_for_all_marks_but_those_that_say_otherwise(good):
    good["placement_confirmed"] = True
    mark_of(good, 1)["placement_confirmed"] = False
    assert [mark.placement_confirmed for _, _, mark in parse(json.dumps(good)).marks()] == [True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "キーと値の組"),
        ("[]", "キーと値の組"),
        ("{", "JSON として読めません"),
        ('{"a": 1, "a": 2}', "「a」が同じところに2回"),
        ("framework: a\nframework: b\n", "2行目：キー「framework」が同じところに2回"),
        ("categories: [{name: x, name: y}]", "「name」が同じところに2回"),
        ("a: &x [1]\nb: *x\n", "2行目：YAML の参照"),
        ("a: !!python/object/apply:os.getcwd []\n", "YAML として読めません"),
        ("a: [\n", "YAML として読めません"),
        ("a: \u0007", "YAML として読めません"),
        ("[" * 5000, "読めません"),
        ('{"a":' * 100_000, "読めません"),
        ("a: 2026-13-45", "読めません"),
        ("x" * 1_000_001, "大きすぎます"),
    ],
)
def test_text_that_is_no_framework_is_refused(text, said):
    assert any(said in error for error in errors_of(text))


def test_a_list_without_end_is_refused(good):
    good["categories"][0]["areas"][0]["marks"] = [{"code": f"m.{n}", "stage": "初級"} for n in range(201)]
    assert any("多すぎます（201件" in error for error in errors_of(good))
