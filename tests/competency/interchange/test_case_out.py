"""CASE 1.1 packages: valid by the official schemas, stable identifiers, and back as they were."""

import datetime
import json
import uuid
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings

from competency.framework_file import Base, Origin, dumps, parse
from competency.interchange import package, read
from competency.interchange.case_out import OURS, not_carried
from tests.competency.frameworks import frameworks, large
from tests.official import schema

SHIPPED = parse(Path("competency/data/lasdec-2012.yaml").read_text("utf-8"))
CHANGED = datetime.datetime(2026, 4, 1, 9, 30, tzinfo=datetime.UTC)


def packed(framework, **options):
    """Return the package of a framework as plain data."""
    return package(framework, changed=CHANGED, creator="みほん市", **options)


@pytest.fixture(scope="module")
def official():
    """Return what checks a package against both official schemas: a list of sentences, [] for a valid one."""
    by_class = jsonschema.Draft201909Validator(
        schema("case-1.1-cfpackage.schema.json"), format_checker=jsonschema.FormatChecker()
    )
    openapi = schema("case-1.1-openapi.json")
    by_service = jsonschema.Draft4Validator({**openapi, "$ref": "#/components/schemas/CFPackageDType"})

    def faults(data):
        return [error.message for checker in (by_class, by_service) for error in checker.iter_errors(data)]

    return faults


def test_the_shipped_matrix_is_valid_and_comes_back_equal(official):
    data = packed(SHIPPED)
    assert official(data) == []
    again, notes = read(json.dumps(data, ensure_ascii=False))
    assert (again, notes) == (SHIPPED, [])
    assert dumps(again) == dumps(SHIPPED)


@pytest.mark.parametrize("base", ["", "https://skill.example.lg.jp"])
def test_any_framework_is_valid_and_comes_back_equal(official, base):
    @settings(max_examples=30, deadline=None)
    @given(frameworks())
    def check(framework):
        data = packed(framework, base=base)
        assert official(data) == []
        again, _ = read(json.dumps(data))
        assert again == framework

    check()


@pytest.mark.parametrize("seed", range(5))
def test_four_hundred_cells_are_valid_and_come_back_equal(official, seed):
    framework = large(seed)
    data = packed(framework)
    assert official(data) == []
    assert read(json.dumps(data))[0] == framework


def test_origins_come_back_whatever_the_base_is():
    """In their order, without a base, and where a version calls itself its base."""
    first = SHIPPED.categories[0].areas[0].marks[0]
    origins = (Origin("甲", "review"), Origin(first.code, "reopen"))
    for base in (None, Base(SHIPPED.code, SHIPPED.version), Base("lasdec", "2009")):
        for kept in (None, (), origins):
            area = replace(SHIPPED.categories[0].areas[0], marks=(replace(first, origins=kept),))
            framework = replace(
                SHIPPED, based_on=base, categories=(replace(SHIPPED.categories[0], areas=(area,)),)
            )
            assert read(json.dumps(packed(framework)))[0] == framework


def test_line_ends_and_tabs_of_ours_come_back():
    area = SHIPPED.categories[0].areas[0]
    mark = replace(area.marks[0], task="計画を\n立てる\tこと", example="例\n2行", source="出\n典")
    area = replace(area, name="区\n分", marks=(mark,))
    framework = replace(
        SHIPPED,
        name="体系\nの名前",
        note="説明\n2行",
        source="出典\n2行",
        categories=(replace(SHIPPED.categories[0], areas=(area,), alias="別\n名"),),
    )
    assert parse(dumps(framework)) == framework
    assert read(json.dumps(packed(framework))) == (framework, [])


def test_the_checker_finds_what_is_wrong(official):
    for damage in (
        lambda data: data["CFDocument"].update(
            CFPackageURI={"title": "x", "identifier": str(uuid.uuid4()), "uri": "x"}
        ),
        lambda data: data["CFItems"][0].update(
            CFDocumentURI={"title": "x", "identifier": str(uuid.uuid4()), "uri": "x"}
        ),
        lambda data: data["CFItems"][0].update(notes=None),
        lambda data: data["CFAssociations"][0].update(associationType="isUncleOf"),
        lambda data: data["CFDocument"].pop("creator"),
    ):
        data = packed(SHIPPED)
        damage(data)
        assert official(data)


def test_identifiers_are_version_five_unique_and_always_the_same():
    data = packed(SHIPPED)
    parts = [data["CFDocument"], *data["CFItems"], *data["CFAssociations"], *data["CFRubrics"]]
    parts += data["CFDefinitions"]["CFItemTypes"]
    keys = [part["identifier"] for part in parts]
    assert len(set(keys)) == len(keys)
    assert {uuid.UUID(key).version for key in keys} == {5}
    assert packed(SHIPPED) == data
    later = packed(replace(SHIPPED, version="2026"))
    assert not {item["identifier"] for item in later["CFItems"]} & set(keys)


def test_no_member_is_null_and_no_score_is_given():
    text = json.dumps(packed(SHIPPED))
    assert "null" not in text
    assert '"score"' not in text
    assert "CFPackageURI" not in text
    assert "CFDocumentURI" not in text


def test_order_is_kept_by_sequence_and_position():
    data = packed(SHIPPED)
    children = [one for one in data["CFAssociations"] if one["associationType"] == "isChildOf"]
    shuffled = {
        **data,
        "CFAssociations": list(reversed(data["CFAssociations"])),
        "CFItems": data["CFItems"][::-1],
    }
    assert all(isinstance(one["sequenceNumber"], int) for one in children)
    assert read(json.dumps(shuffled))[0] == SHIPPED


def test_what_only_we_understand_is_listed_and_stands_in_extensions():
    assert not_carried(replace(SHIPPED, note="改めました")) == [
        "体系の符号（体系の名前から作り直されます）",
        "名前のない項目（区分の名前で書き出します）",
        "改定の説明",
    ]
    data = packed(SHIPPED)

    def without_ours(part):
        if isinstance(part, dict):
            return {key: without_ours(value) for key, value in part.items() if key != "extensions"}
        return [without_ours(one) for one in part] if isinstance(part, list) else part

    again, _ = read(json.dumps(without_ours(data)))
    assert OURS not in json.dumps(without_ours(data))
    # Names of nameless cells are those of their areas, and the code of the framework is made from its name.
    assert [mark.code for *_, mark in again.marks()] == [mark.code for *_, mark in SHIPPED.marks()]
    assert [mark.stage for *_, mark in again.marks()] == [mark.stage for *_, mark in SHIPPED.marks()]
    assert [mark.wording for *_, mark in again.marks()] == [mark.wording for *_, mark in SHIPPED.marks()]


def through_others(framework):
    """Return what comes back from a system that keeps the members of the standard and nothing of ours."""
    kept = json.loads(
        json.dumps(packed(framework)),
        object_hook=lambda one: {name: value for name, value in one.items() if name != "extensions"},
    )
    return read(json.dumps(kept))[0]


@settings(max_examples=30, deadline=None)
@given(frameworks())
def test_through_others_exactly_what_is_listed_is_lost(framework):
    back = through_others(framework)
    told = not_carried(framework)

    def bare(part, **more):
        return replace(part, source="", **more)

    categories = tuple(
        bare(
            category,
            areas=tuple(
                bare(
                    area,
                    marks=tuple(
                        bare(
                            mark,
                            task=mark.task or area.name,
                            in_use=True,
                            placement_confirmed=False,
                            origins=None,
                        )
                        for mark in area.marks
                    ),
                )
                for area in category.areas
            ),
        )
        for category in framework.categories
    )
    rest = replace(
        framework,
        code=back.code,
        source=framework.source or "みほん市",
        note="",
        based_on=None,
        categories=categories,
    )
    assert back == rest
    # Nothing is lost beyond the code where nothing else is listed, and nothing is listed that is not lost.
    assert (len(told) == 1) == (replace(framework, code=back.code) == rest)
