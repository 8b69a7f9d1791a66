"""Packages of others: taken as OpenSALT, OpenCASE and COMPEITO write them, refused whole with every fault where not."""

import copy
import datetime
import json
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competency.framework_file import FrameworkFileError, parse
from competency.interchange import package, read

SHIPPED = parse(Path("competency/data/lasdec-2012.yaml").read_text("utf-8"))
NOW = datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC)


def key(number):
    """Return a UUID of no version in particular, as older systems hand out."""
    return f"{number:08x}-1111-11e8-8111-0242ac110002"


def item(number, statement, **more):
    """Return an item as systems write it."""
    return {
        "identifier": key(number), "uri": f"http://case.example/uri/{key(number)}", "fullStatement": statement,
        "lastChangeDateTime": "2019-04-01T00:00:00+00:00", **more,
    }  # fmt: skip


def child(origin, destination, sequence=None, **more):
    """Return an association of the first below the second."""
    made = {
        "identifier": str(uuid.uuid4()), "associationType": "isChildOf", "uri": "http://case.example/a",
        "originNodeURI": {"title": "", "identifier": key(origin), "uri": f"http://case.example/uri/{key(origin)}"},
        "destinationNodeURI": {
            "title": "", "identifier": key(destination), "uri": f"http://case.example/uri/{key(destination)}",
        },
        "lastChangeDateTime": "2019-04-01T00:00:00+00:00", **more,
    }  # fmt: skip
    return made if sequence is None else made | {"sequenceNumber": sequence}


def small():
    """Return a package of two at the top, with two rows and three items below."""
    return {
        "CFDocument": {
            "identifier": key(1), "uri": "http://case.example/1", "creator": "となり県", "title": "デジタル人材の力",
            "lastChangeDateTime": "2019-04-01T00:00:00+00:00",
        },
        "CFItems": [
            item(10, "考える力"), item(11, "つくる力"), item(20, "企画", humanCodingScheme="P"),
            item(21, "運用", humanCodingScheme="O"), item(30, "計画を立てる", humanCodingScheme="P.1"),
            item(31, "予算をまとめる", humanCodingScheme="P.2"), item(32, "監視する", humanCodingScheme="O.1"),
        ],
        "CFAssociations": [
            child(10, 1, 1), child(11, 1, 2), child(20, 10, 1), child(21, 11, 1), child(30, 20, 1),
            child(31, 20, 2), child(32, 21, 1),
        ],
    }  # fmt: skip


def names(framework):
    """Return 分類, 区分 and 項目 of every mark."""
    return [(category.name, area.name, mark.task) for category, area, mark in framework.marks()]


EXPECTED = [
    ("考える力", "企画", "計画を立てる"),
    ("考える力", "企画", "予算をまとめる"),
    ("つくる力", "運用", "監視する"),
]


def test_a_package_without_stages_stands_in_the_first_to_be_confirmed():
    framework, notes = read(json.dumps(small()))
    assert names(framework) == EXPECTED
    assert {mark.stage for *_, mark in framework.marks()} == {"初級"}
    assert not any(mark.placement_confirmed for *_, mark in framework.marks())
    assert [mark.code for *_, mark in framework.marks()] == ["p.1", "p.2", "o.1"]
    assert framework.source == "となり県"
    assert any("段階がわからない" in note for note in notes)


def opensalt(data):
    """Nulls for whatever is empty, members of its own, http addresses, sequence numbers as text or missing."""
    for part in (data["CFDocument"], *data["CFItems"]):
        part |= {"notes": None, "abbreviatedStatement": None, "extensions": None, "educationLevel": None}
    data["CFDocument"]["officialSourceURL"] = None
    data["CFRubrics"], data["CFDefinitions"] = [], {"CFConcepts": [], "CFItemTypes": None}
    for one in data["CFAssociations"]:
        one |= {"CFAssociationGroupingURI": None, "notes": None, "groupName": "default"}
    data["success"] = True
    return data


def opencase(data):
    """The package inside a member, associations before items, addresses without identifiers, capitals in identifiers."""
    for one in data["CFAssociations"]:
        one["originNodeURI"] = {"uri": one["originNodeURI"]["uri"].upper().replace("HTTP", "https")}
    return {
        "CFPackage": {
            "CFAssociations": data["CFAssociations"][::-1],
            **{k: data[k] for k in ("CFDocument", "CFItems")},
        }
    }


def compeito(data):
    """A list of one package, items under their own name again, members in Japanese, full-width codes left out."""
    data["CFItems"] = {"CFItems": [one | {"学年": ["小1"], "language": "ja"} for one in data["CFItems"]]}
    data["CFDocument"]["caseVersion"] = "1.0"
    return [{"data": data}]


def version_one(data):
    """CASE 1.0: no caseVersion, links with a title alone besides, targetType unknown, CFPackageURI inside."""
    data["CFDocument"]["CFPackageURI"] = {"title": "p", "identifier": key(2), "uri": "http://case.example/p"}
    for one in data["CFItems"]:
        one["CFDocumentURI"] = {"title": "d", "identifier": key(1), "uri": "http://case.example/1"}
    return data


@pytest.mark.parametrize("way", [opensalt, opencase, compeito, version_one])
def test_what_systems_really_send_is_taken(way):
    data = way(small())
    framework, _ = read(json.dumps(data))
    if way is opencase:
        # Turned round and without numbers to go by, the order is that of the associations.
        assert sorted(names(framework)) == sorted(EXPECTED)
    else:
        assert names(framework) == EXPECTED


def test_line_ends_of_every_kind_are_taken():
    data = small()
    data["CFItems"][4] |= {"fullStatement": "計画を\r\n立てる\r", "notes": "例\r\n2行"}
    mark = next(read(json.dumps(data))[0].marks())[2]
    assert (mark.task, mark.example) == ("計画を 立てる", "例\n2行")


def test_other_depths_are_laid_out_sensibly():
    data = small()
    data["CFItems"] += [item(40, "細かい仕事"), item(41, "孤立した力"), item(50, "もっと細かい仕事")]
    data["CFAssociations"] += [child(40, 30, 1), child(50, 40, 1), child(41, 1, 3)]
    framework, _ = read(json.dumps(data))
    assert ("考える力", "企画・計画を立てる・細かい仕事", "もっと細かい仕事") in names(framework)
    assert ("孤立した力", "孤立した力", "孤立した力") in names(framework)
    assert ("考える力", "企画", "予算をまとめる") in names(framework)


def test_a_long_statement_keeps_its_words_in_the_example():
    data = small()
    data["CFItems"][4]["fullStatement"] = "長い文。" * 20
    framework, notes = read(json.dumps(data))
    mark = next(framework.marks())[2]
    assert len(mark.task) == 60
    assert mark.example.startswith("長い文。長い文。")
    assert any("名前" in note for note in notes)


def test_rubrics_of_another_size_are_said_and_left_out():
    data = package(SHIPPED, changed=NOW, creator="みほん市")
    data["CFRubrics"][0]["CFRubricCriteria"][0]["CFRubricCriterionLevels"].pop()
    framework, notes = read(json.dumps(data))
    assert sum(not mark.wording for *_, mark in framework.marks()) == 1
    assert any("5段階ではない" in note for note in notes)


def refused(data):
    """Return the faults of a package that is refused."""
    with pytest.raises(FrameworkFileError) as refusal:
        read(data if isinstance(data, str) else json.dumps(data))
    return refusal.value.errors


def test_every_fault_is_listed_at_once():
    data = small()
    data["CFItems"][0].pop("fullStatement")
    data["CFItems"][1]["identifier"] = "not-a-uuid"
    data["CFItems"][2]["fullStatement"] = 7
    data["CFItems"].append(copy.deepcopy(data["CFItems"][3]))
    data["CFItems"].append("text")
    data["CFAssociations"].append(child(32, 99))
    data["CFAssociations"].append({"originNodeURI": None})
    data["CFDocument"].pop("title")
    said = "\n".join(refused(data))
    for words in (
        "title のある文書", "1件目：fullStatement", "2件目：identifier が UUID", "3件目：fullStatement", "8件目：identifier が",
        "9件目：キー", "親の項目", "associationType がありません",
    ):  # fmt: skip
        assert words in said, words


def test_circles_two_parents_and_parents_that_are_not_there():
    circle = small()
    circle["CFAssociations"] = [
        one for one in circle["CFAssociations"] if one["originNodeURI"]["identifier"] != key(10)
    ]
    circle["CFAssociations"].append(child(10, 30))
    assert any("自分に戻ります" in one for one in refused(circle))
    two = small()
    two["CFAssociations"].append(child(30, 21))
    assert any("親が2つ" in one for one in refused(two))
    orphan = small()
    orphan["CFAssociations"][4] = child(30, 77)
    assert any("親の項目" in one for one in refused(orphan))


def test_a_code_that_stands_twice_is_refused():
    data = small()
    data["CFItems"][5]["humanCodingScheme"] = "P.1"
    assert any("p.1" in one and "重複" in one for one in refused(data))


@pytest.mark.parametrize("text", ["\x00", "\x1b[31m", "\ud800", "\x7f"])
def test_hostile_characters_are_refused_with_their_place(text):
    data = small()
    data["CFItems"][4]["fullStatement"] = f"計画{text}"
    faults = refused(json.dumps(data))
    assert any("5件目：fullStatement" in one for one in faults)
    "".join(faults).encode("utf-8")


@pytest.mark.parametrize(
    "data",
    [
        {"CFDocument": None, "CFItems": None},
        {"CFDocument": {"title": "x"}, "CFItems": "items"},
        {"CFDocument": {"title": "x"}, "CFItems": []},
        {
            "CFPackage": {
                "CFPackage": {"CFPackage": {"CFPackage": {"CFPackage": {"CFPackage": {"CFItems": []}}}}}
            }
        },
        {"CFDocument": {"title": "x", "identifier": key(1)}, "CFItems": [{}], "CFAssociations": 3},
    ],
)
def test_what_is_no_package_is_refused(data):
    assert refused(data)


def test_a_hundred_thousand_items_are_refused_at_once():
    data = small()
    data["CFItems"] = [{"identifier": key(n), "fullStatement": "x"} for n in range(100_000)]
    began = time.monotonic()
    assert any("大きすぎ" in one or "多すぎ" in one for one in refused(data))
    assert time.monotonic() - began < 5


def test_three_thousand_items_in_one_chain_are_read_or_refused_in_time():
    data = small()
    data["CFItems"] = [item(n, f"項目{n}") for n in range(100, 2900)]
    data["CFAssociations"] = [child(100, 1), *(child(n, n - 1) for n in range(101, 2900))]
    began = time.monotonic()
    framework, _ = read(json.dumps(data))
    assert len(names(framework)) == 1
    assert time.monotonic() - began < 10


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_damaged_it_is_read_or_refused_in_sentences(data):
    whole = package(SHIPPED, changed=NOW, creator="みほん市") if data.draw(st.booleans()) else small()
    for _ in range(data.draw(st.integers(1, 4))):
        part = data.draw(
            st.sampled_from([whole, whole["CFDocument"], *whole["CFItems"][:5], *whole["CFAssociations"][:9]])
        )
        if not isinstance(part, dict) or not part:
            continue
        name = data.draw(st.sampled_from(sorted(part)))
        if part is whole and name in ("CFDocument", "CFItems", "CFAssociations"):
            continue
        part[name] = data.draw(JSON)
    try:
        framework, said = read(json.dumps(whole))
    except FrameworkFileError as refusal:
        framework, said = None, refusal.errors
    assert all(isinstance(one, str) and one for one in said)
    assert framework.categories if framework else said
