"""The screens that ask for a department, where there are too many to choose from (docs/adr/0074)."""

import importlib

import pytest

from organization import department_field as fields
from organization import people_list
from organization.models import Department

# The name of the module in its package is that of a view.
ACCOUNTS = importlib.import_module("organization.views.accounts")
UNSUBMITTED = "/cycles/{}/unsubmitted/"


@pytest.fixture
def as_(client):
    def sign_in(staff):
        client.force_login(staff, backend="organization.backends.StaffBackend")
        return client

    return sign_in


@pytest.fixture
def many(world, monkeypatch):
    """One is too many already."""
    monkeypatch.setattr(fields, "MOST_CHOICES", 0)
    monkeypatch.setattr(ACCOUNTS, "MOST_CHOICES", 0)
    return world


def text(page):
    return page.content.decode()


def test_people_are_narrowed_by_what_is_written(as_, many):
    client = as_(many.jinji)
    page = client.get("/people/", {"department": many.jinjika.name})
    assert f'value="{fields.label_of(many.jinjika)}"' in text(page)
    assert '<select class="input" id="department"' not in text(page)
    assert {row.staff.pk for row in page.context["rows"]} == {many.jinji.pk, many.betsuka.pk}
    wrong = text(client.get("/people/", {"department": "水道"}))
    assert "「水道」という所属は見つかりません" in wrong
    assert 'aria-invalid="true"' in wrong


def test_people_are_listed_without_reading_departments_that_are_not_offered(as_, many, monkeypatch):
    monkeypatch.setattr(people_list, "MOST_CHOICES", 0)
    page = as_(many.jinji).get("/people/")
    assert len(page.context["place"].places) == 1
    assert '<input class="input" id="department"' in text(page)
    assert many.honnin.pk in {row.staff.pk for row in page.context["rows"]}
    # Who leads sees what they lead, however few that are.
    assert {one.pk for one in as_(many.kacho).get("/people/").context["place"].places} >= {many.ka.pk}
    written = as_(many.jinji).get("/people/", {"department": many.jinjika.code})
    assert {row.staff.pk for row in written.context["rows"]} == {many.jinji.pk, many.betsuka.pk}


def test_the_line_writes_what_it_leads_alone(as_, many):
    page = as_(many.kacho).get("/people/", {"department": many.jinjika.code})
    assert "という所属は見つかりません" in text(page)
    assert many.betsuka.name not in text(page)


def test_who_has_not_submitted(as_, many):
    client = as_(many.jinji)
    url = UNSUBMITTED.format(many.cycle.uuid)
    page = client.get(url, {"department": many.ka.name})
    assert page.context["above"] == many.ka
    assert "という所属は見つかりません" in text(client.get(url, {"department": "水道"}))
    assert client.get(url, {"department": "00000000-0000-4000-8000-0000000000ff"}).status_code == 404


def test_a_scenario_is_begun_by_the_name_of_a_department(as_, many):
    client = as_(many.jinji)
    assert 'name="department" value=""' in text(client.get("/scenarios/"))
    found = client.get("/scenarios/new/", {"department": many.ka.name})
    assert found["Location"] == f"/scenarios/new/?department={many.ka.uuid}"
    asked = client.get("/scenarios/new/", {"department": "水道"}, follow=True)
    assert asked.status_code == 200
    assert "「水道」という所属は見つかりません" in text(asked)


def test_slips_are_looked_for(as_, many, monkeypatch):
    monkeypatch.setattr(ACCOUNTS, "MOST_CHOICES", 1)
    client = as_(many.jinji)
    page = text(client.get("/accounts/slips/"))
    assert page.count('name="department"') == 1
    assert "はじめの1だけを出しています" in page
    found = text(client.get("/accounts/slips/", {"q": many.ka.code}))
    assert f'value="{many.ka.uuid}"' in found
    assert "に合う所属はありません" in text(client.get("/accounts/slips/", {"q": "水道"}))
    assert client.get("/accounts/slips/", {"q": "\x00"}).status_code == 200


def test_a_posting_is_entered_with_the_code(as_, many):
    client = as_(many.jinji)
    url = f"/people/{many.honnin.uuid}/posting/"
    assert fields.WRITE in text(client.get(url))
    given = {
        "kind": "本務",
        "department": many.jinjika.code,
        "start": "2027-04-01",
        "version": many.honnin.version,
    }
    assert client.post(url, given).status_code == 302
    assert many.honnin.postings.filter(department=many.jinjika).exists()
    wrong = client.post(url, given | {"department": "係"})
    assert wrong.status_code == 422
    assert "所属コードを入力してください" in text(wrong)


def test_a_department_is_put_below_one_that_is_written(as_, many):
    client = as_(many.jinji)
    given = {
        "code": "777",
        "name": "新しい係",
        "parent": many.jinjika.name,
        "valid_from": "2026-04-01",
        "rank": "1",
    }
    assert client.post("/organization/new/", given).status_code == 302
    assert Department.objects.get(code="777").parent == many.jinjika


def test_an_export_is_asked_for_by_name(as_, many):
    client = as_(many.jinji)
    page = text(client.get("/exports/records/"))
    assert "空なら「出力できる全員」です。" in page
    given = {
        "cycle": str(many.cycle.uuid), "department": "水道", "state": "", "format": "csv", "reason": "確かめのため",
    }  # fmt: skip
    wrong = client.post("/exports/records/", given)
    assert wrong.status_code == 422
    assert "「水道」という所属は見つかりません" in text(wrong)
