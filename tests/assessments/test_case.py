"""The CASE REST binding: valid answers for what the token may see, and nothing else."""

import json
import uuid

import jsonschema
import pytest

from competency import interchange_reads
from competency.exports import framework_file_of
from competency.interchange import read
from competency.interchange.case_ids import document_id
from tests import builders as b
from tests.official import schema

ROOT = "/ims/case/v1p1"
SITE = "https://skill.example.lg.jp"
NEVER = ["CFSubjects", "CFConcepts", "CFLicenses", "CFAssociationGroupings"]


@pytest.fixture(autouse=True)
def address(settings):
    settings.SITE_URL = SITE
    interchange_reads._parts.cache_clear()


@pytest.fixture
def get(world, client):
    """Return what asks as another system of みほん市."""
    _, secret = b.make_token(world.jinji)

    def asked(path, **query):
        return client.get(f"{ROOT}/{path}", query, headers={"Authorization": f"Bearer {secret}"})

    return asked


def faults(data, name):
    """Return what an answer breaks of a schema of the binding."""
    whole = {**schema("case-1.1-openapi.json"), "$ref": f"#/components/schemas/{name}"}
    return [error.message for error in jsonschema.Draft4Validator(whole).iter_errors(data)]


def status(answer):
    """Return code and minor code of an answer without content."""
    body = answer.json()
    assert faults(body, "imsx_StatusInfoDType") == []
    return answer.status_code, body["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"]


def test_every_part_answers_at_its_own_address_and_is_valid(get, world):
    package = get(f"CFPackages/{document_id('lasdec', '2012')}").json()
    assert faults(package, "CFPackageDType") == []
    assert read(json.dumps(package))[0] == framework_file_of(world.version)
    parts = [
        (package["CFDocument"], "CFDocumentDType"),
        *((one, "CFItemDType") for one in package["CFItems"]),
        *((one, "CFAssociationDType") for one in package["CFAssociations"][:5]),
        *((one, "CFRubricDType") for one in package["CFRubrics"]),
        *((one, "CFItemTypeSetDType") for one in package["CFDefinitions"]["CFItemTypes"]),
    ]
    for part, kind in parts:
        assert part["uri"].startswith(f"{SITE}{ROOT}/")
        answer = get(part["uri"].removeprefix(f"{SITE}{ROOT}/"))
        assert (answer.status_code, faults(answer.json(), kind)) == (200, []), kind
        got = answer.json()["CFItemTypes"][0] if kind == "CFItemTypeSetDType" else answer.json()
        assert {name: got[name] for name in part} == part


def test_the_associations_of_an_item_are_those_it_stands_in(get):
    package = get(f"CFPackages/{document_id('lasdec', '2012')}").json()
    area = next(one for one in package["CFItems"] if one["CFItemType"] == "区分")
    answer = get(f"CFItemAssociations/{area['identifier']}").json()
    assert faults(answer, "CFAssociationSetDType") == []
    assert answer["CFItem"]["identifier"] == area["identifier"]
    ends = [(one["originNodeURI"], one["destinationNodeURI"]) for one in answer["CFAssociations"]]
    assert len(ends) > 1
    assert all(area["identifier"] in (one["identifier"], other["identifier"]) for one, other in ends)


def test_only_what_the_municipality_may_see_is_there(get, world):
    b.make_version(name="市の版", municipality=world.city)
    b.make_version(code="yoso", name="他の版", municipality=world.other_city)
    b.make_version(name="下書き", municipality=world.city, publish=False)
    answer = get("CFDocuments")
    assert faults(answer.json(), "CFDocumentSetDType") == []
    assert [one["version"] for one in answer.json()["CFDocuments"]] == ["市の版", "2012"]
    assert answer["X-Total-Count"] == "2"
    missing = get(f"CFPackages/{uuid.uuid4()}")
    assert status(missing) == (404, "unknownobject")
    for resource in ("CFDocuments", "CFPackages"):
        for code, version in (("yoso", "他の版"), ("lasdec", "下書き")):
            there = get(f"{resource}/{document_id(code, version)}")
            assert (there.status_code, there.content) == (404, missing.content)


def test_parts_of_another_municipality_are_as_nothing(get, world, client):
    b.make_version(code="yoso", name="他の版", municipality=world.other_city)
    _, theirs = b.make_token(world.yoso)
    address = f"{ROOT}/CFPackages/{document_id('yoso', '他の版')}"
    package = client.get(address, headers={"Authorization": f"Bearer {theirs}"}).json()
    for resource in ("CFItems", "CFAssociations", "CFRubrics"):
        for one in (package[resource][0], package[resource][-1]):
            found = get(f"{resource}/{one['identifier']}")
            assert found.content == get(f"{resource}/{uuid.uuid4()}").content
            assert found.status_code == 404


def test_the_own_version_stands_for_the_common_one_of_the_same_name(get, world):
    b.make_version(municipality=world.city)
    assert [one["creator"] for one in get("CFDocuments").json()["CFDocuments"]] == [world.city.name]


def test_a_retired_version_is_deprecated(get, world):
    version = b.make_version(name="市の版", municipality=world.city)
    type(version).objects.filter(pk=version.pk).update(state="retired", retired_at=version.published_at)
    found = {one["version"]: one["adoptionStatus"] for one in get("CFDocuments").json()["CFDocuments"]}
    assert found == {"市の版": "Deprecated", "2012": "Adopted"}


def test_documents_come_a_page_at_a_time(get, world):
    for number in range(4):
        b.make_version(name=f"v{number}", municipality=world.city)
    answer = get(
        "CFDocuments", limit=2, offset=2, sort="version", orderBy="desc", fields="identifier,version"
    )
    assert answer["X-Total-Count"] == "5"
    assert [one["version"] for one in answer.json()["CFDocuments"]] == ["v1", "v0"]
    assert {tuple(one) for one in answer.json()["CFDocuments"]} == {("identifier", "version")}
    links = dict(reversed(one.split("; ")) for one in answer["Link"].split(", "))
    assert set(links) == {'rel="first"', 'rel="last"', 'rel="next"', 'rel="prev"'}
    assert f"{SITE}{ROOT}/CFDocuments?limit=2&offset=4&sort=version" in links['rel="next"']


@pytest.mark.parametrize(
    ("wish", "count"),
    [
        ("version='2012'", 1),
        ("title~'lasdec' AND version!='2012'", 1),
        ("version='x' OR version='市の版'", 1),
        ("", 2),
    ],
)
def test_documents_are_filtered(get, world, wish, count):
    b.make_version(name="市の版", municipality=world.city)
    assert len(get("CFDocuments", filter=wish).json()["CFDocuments"]) == count


@pytest.mark.parametrize(
    ("query", "minor"),
    [
        ({"limit": "0"}, "invalid_selection_field"),
        ({"limit": "many"}, "invalid_selection_field"),
        ({"offset": "-1"}, "invalid_selection_field"),
        ({"fields": "title,password"}, "invalid_selection_field"),
        ({"filter": "password='x'"}, "invalid_selection_field"),
        ({"filter": "title='x' AND version='1' OR creator='y'"}, "invalid_selection_field"),
        ({"filter": "' OR 1=1"}, "invalid_selection_field"),
        ({"sort": "password"}, "invalid_sort_field"),
        ({"orderBy": "up"}, "invalid_sort_field"),
    ],
)
def test_what_cannot_be_followed_is_refused(get, query, minor):
    assert status(get("CFDocuments", **query)) == (400, minor)


def test_wrong_addresses(get):
    assert status(get("CFItems/first")) == (400, "invalid_uuid")
    assert status(get("CFItems/0190a5f0-0000-7000-8000-000000000000")) == (400, "invalid_uuid")
    assert status(get(f"CFNothing/{uuid.uuid4()}")) == (404, "unknownobject")
    for resource in NEVER:
        assert status(get(f"{resource}/{uuid.uuid4()}")) == (404, "unknownobject")


def test_without_a_token_nothing_is_said(world, client, sign_in):
    for browser in (client, sign_in("henshu")):
        answer = browser.get(f"{ROOT}/CFDocuments")
        assert status(answer) == (401, "unauthorised_request")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_the_use_of_a_token_is_noted_and_queries_do_not_grow(get, world, django_assert_max_num_queries):
    for number in range(6):
        b.make_version(name=f"v{number}", municipality=world.city)
    with django_assert_max_num_queries(7):
        get("CFDocuments")
    world.jinji.municipality.refresh_from_db()
    with django_assert_max_num_queries(12):
        get(f"CFPackages/{document_id('lasdec', 'v3')}")
