"""A version as a file: four forms, for whoever may see it, without a word about any person."""

import json
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from competency.exports import framework_file_of
from competency.framework_file import parse
from competency.interchange import read
from competency.workflow import publish
from tests import builders as b


def address(version_uuid):
    """Return where a version is taken out."""
    return reverse("competency:version_export", args=[version_uuid])


@pytest.mark.parametrize("form", ["json", "yaml", "case"])
def test_a_version_comes_back_as_it_was(sign_in, world, form):
    answer = sign_in("honnin").get(address(world.version.uuid), {"format": form})
    assert answer.status_code == 200
    assert read(answer.content.decode()) == (framework_file_of(world.version), [])


def test_ctdl_names_everything_once(sign_in, world):
    answer = sign_in("honnin").get(address(world.version.uuid), {"format": "ctdl"})
    assert answer["Content-Type"].startswith("application/ld+json")
    top, *parts = json.loads(answer.content)["@graph"]
    assert top["@type"] == "ceasn:CompetencyFramework"
    assert top["ceasn:name"] == {"ja": world.version.framework.name}
    assert {one["@type"] for one in parts} == {"ceasn:Competency"}
    by_id = {one["@id"]: one for one in parts}
    assert len(by_id) == len(parts)
    framework = framework_file_of(world.version)
    walked = [
        by_id[cell]["ceasn:codedNotation"]
        for category in top["ceasn:hasTopChild"]
        for area in by_id[category]["ceasn:hasChild"]
        for cell in by_id[area]["ceasn:hasChild"]
    ]
    assert walked == [mark.code for *_, mark in framework.marks()]
    cell = next(one for one in parts if one["ceasn:codedNotation"] == walked[0])
    assert cell["ceasn:conceptKeyword"] == {"ja": [next(framework.marks())[2].stage]}


def test_the_addresses_inside_are_the_servers(sign_in, world, settings):
    settings.SITE_URL = "https://skill.example.lg.jp/"
    client = sign_in("honnin")
    for form in ("case", "ctdl"):
        text = client.get(address(world.version.uuid), {"format": form}).content.decode()
        assert "https://skill.example.lg.jp/ims/case/v1p1/CFDocuments/" in text
        assert "testserver" not in text
    settings.SITE_URL = ""
    assert (
        "http://testserver/ims/case"
        in client.get(address(world.version.uuid), {"format": "case"}).content.decode()
    )


def test_neither_file_nor_name_says_who_worked_on_it(sign_in, world):
    client = sign_in("henshu")
    version = b.make_version(name="市の版", municipality=world.city, publish=False)
    confirmed = {
        "placement_confirmed": True,
        "placement_confirmed_by": world.henshu,
        "placement_confirmed_at": timezone.now(),
    }
    assert version.cells.update(**confirmed) == 6
    publish(version=version, by=b.actor_of(world.henshu), now=timezone.now())
    for form in ("json", "yaml", "case", "ctdl"):
        answer = client.get(address(version.uuid), {"format": form})
        said = answer.content.decode() + answer["Content-Disposition"]
        for person in (world.henshu, world.jinji, world.honnin):
            assert person.name not in said
            assert str(person.uuid) not in said


def test_a_draft_and_anothers_version_are_as_nothing(sign_in, world):
    client = sign_in("henshu")
    missing = client.get(address(uuid.uuid4()))
    assert missing.status_code == 404
    draft = b.make_version(name="下書き", municipality=world.city, publish=False)
    foreign = b.make_version(name="他の版", municipality=world.other_city)
    for version in (draft, foreign):
        assert client.get(address(version.uuid)).content == missing.content


def test_an_unknown_form_is_refused_with_what_there_is(sign_in, world):
    answer = sign_in("honnin").get(address(world.version.uuid), {"format": "xml"})
    assert answer.status_code == 422
    assert "yaml" in answer.content.decode()
    assert parse(sign_in("honnin").get(address(world.version.uuid)).content.decode())
