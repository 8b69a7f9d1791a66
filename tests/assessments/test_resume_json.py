"""The record that one takes along: what is in it, what is not, who gets it, and that it holds."""

import datetime
import json
import uuid

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from jsonschema import Draft202012Validator

from assessments.models import Attachment, Sheet, SigningKey, Statement, Training, TransferWish
from assessments.travel.reading import SCHEMA, read_record
from assessments.workflow.correction import Correction, correct
from audit.models import Event
from tests import builders as b
from tests.assessments.sheets import last_year, steps_of, submitted

UNSEEN = "見られてはならない文"


@pytest.fixture
def full(world):
    """Give `honnin` something of everything; what must not travel holds UNSEEN."""
    day = datetime.date(2024, 5, 1)
    honnin = world.honnin
    work = b.make_experience(
        honnin, "𠮷田橋の管理", start=day, text="一行目\n二行目", cells=["internal-it.1"], role="主担当"
    )
    register = b.make_qualification()
    b.make_certification(
        honnin, "応用情報技術者試験", qualification=register, start=day, registered_on=day,
        registration_number="第1号", renew_by=datetime.date(2027, 5, 1),
    )  # fmt: skip
    b.make_training(honnin, "業務改革の進め方", start=day, hours="7.5", fee=12345, cells=["internal-it.2"])
    b.make_training(honnin, f"申込みの{UNSEEN}", state=Training.State.APPLIED)
    b.make_handover(honnin, f"引継ぎの{UNSEEN}")
    b.make_experience(honnin, f"消した{UNSEEN}", removed_at=timezone.now())
    b.make_experience(world.dourei, f"同僚の{UNSEEN}")
    Attachment.objects.create(
        municipality=world.city, entry=work, label=f"添付の{UNSEEN}", content_type="application/pdf", size=1,
        sha256="0" * 64, added_at=timezone.now(), added_by=honnin,
    )  # fmt: skip
    Statement.objects.create(
        municipality=world.city, staff=honnin, strengths=UNSEEN, interests=UNSEEN, updated_at=timezone.now()
    )
    TransferWish.objects.create(
        municipality=world.city, staff=honnin, fiscal_year=2026, wish=TransferWish.Wish.values[0],
        place=UNSEEN, reason=UNSEEN, updated_at=timezone.now(),
    )  # fmt: skip
    last_year(world, step=2, c0=3)
    submitted(world.sheet, steps_of(world.sheet, 4), evidence=UNSEEN)
    return world


def url(staff):
    return reverse("assessments:resume_json", args=[staff.uuid])


def issued(client, staff):
    response = client.post(url(staff), {"consent": "on"})
    assert response.status_code == 200
    return response


def test_the_record_holds_what_it_says_and_nothing_else(full, sign_in):
    response = issued(sign_in("honnin"), full.honnin)
    text = response.content.decode()
    document = json.loads(text)
    assert list(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(document)) == []
    assert UNSEEN not in text
    assert full.honnin.staff_number not in text
    assert "12345" not in text
    assert document["issuer"]["name"] == "みほん市"
    assert document["subject"]["name"] == "山﨑 美咲"
    by_kind = {entry["kind"]: entry for entry in document["entries"]}
    assert by_kind["experience"] == {
        "kind": "experience", "title": "𠮷田橋の管理", "start": "2024-05-01", "text": "一行目\n二行目",
        "cells": ["internal-it.1"], "category": "other", "role": "主担当",
    }  # fmt: skip
    assert by_kind["certification"]["qualification"] == "AP"
    assert by_kind["certification"]["renewBy"] == "2027-05-01"
    assert by_kind["training"]["hours"] == "7.5"
    assert by_kind["career"] == {
        "kind": "career", "title": "みほん市 政策経営部 デジタル推進課 情報政策係", "start": "2020-04-01",
    }  # fmt: skip
    assert len(document["entries"]) == 4
    (year,) = document["levels"]
    assert (year["fiscalYear"], year["framework"]["code"]) == (2025, "lasdec")
    assert year["cells"][0] == {
        "code": "security-policy.1",
        "name": "セキュリティポリシー｜策定管理",
        "step": 3,
    }
    assert len(year["cells"]) == 6


def test_it_is_signed_and_reads_back(full, sign_in):
    data = issued(sign_in("honnin"), full.honnin).content
    record = read_record(data, now=timezone.now())
    assert record.key == SigningKey.objects.get().public_key
    assert record.is_of("山﨑 美咲", "")
    assert len(record.levels) == 6


def test_a_correction_is_what_stands(full, sign_in):
    sheet = Sheet.objects.get(fiscal_year=2025)
    cells = sheet.cycle.framework_version.cells.all()
    correct(
        sheet=sheet, reason="写し間違い", corrections=[Correction(cell.pk, 2, 1) for cell in cells],
        version=sheet.version, key=uuid.uuid4(), by=b.actor_of(full.jinji), now=timezone.now(),
    )  # fmt: skip
    (year,) = json.loads(issued(sign_in("honnin"), full.honnin).content)["levels"]
    assert {cell["step"] for cell in year["cells"]} == {1}


def test_a_year_without_a_confirmer_is_no_confirmed_level(world, sign_in):
    submitted(world.sheet)
    Sheet.objects.filter(pk=world.sheet.pk).update(
        state="confirmed", confirmed_at=timezone.now(), without_confirmer=True
    )
    assert json.loads(issued(sign_in("honnin"), world.honnin).content)["levels"] == []


def test_it_is_asked_for_and_written_down(full, sign_in):
    client = sign_in("honnin")
    page = client.get(url(full.honnin))
    assert page.status_code == 200
    assert "異動希望" in page.content.decode()
    assert not SigningKey.objects.exists()
    refused = client.post(url(full.honnin), {})
    assert refused.status_code == 422
    assert "印を付けてください" in refused.content.decode()
    assert not Event.objects.filter(action="travel.issue").exists()
    response = issued(client, full.honnin)
    assert response["Content-Type"] == "application/json"
    assert "attachment" in response["Content-Disposition"]
    assert full.honnin.staff_number not in response["Content-Disposition"]
    event = Event.objects.get(action="travel.issue")
    assert event.subject_uuid == full.honnin.uuid
    assert event.data["entries"] == 4
    assert UNSEEN not in json.dumps(event.data, ensure_ascii=False)
    assert "山﨑" not in json.dumps(event.data, ensure_ascii=False)
    issued(client, full.honnin)
    assert SigningKey.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("kacho", 403), ("jinji", 403), ("dourei", 404), ("kansa", 404)])
def test_nobody_takes_anothers_record_along(world, sign_in, who, status):
    client = sign_in(who)
    assert client.get(url(world.honnin)).status_code == status
    assert client.post(url(world.honnin), {"consent": "on"}).status_code == status


def test_another_secret_key_is_a_sentence(full, sign_in):
    client = sign_in("honnin")
    issued(client, full.honnin)
    with override_settings(SECRET_KEY="k" * 30 + "0123456789" * 3):
        client.force_login(full.honnin, backend="organization.backends.StaffBackend")
        response = client.post(url(full.honnin), {"consent": "on"})
    assert response.status_code == 409
    assert "署名の鍵が読めない" in response.content.decode()


def test_a_record_that_no_reader_would_take_is_not_issued(world, sign_in, monkeypatch):
    monkeypatch.setattr("assessments.workflow.travel.MAX_BYTES", 500)
    response = sign_in("honnin").post(url(world.honnin), {"consent": "on"})
    assert response.status_code == 409
    assert "記録が長すぎる" in response.content.decode()
    assert not Event.objects.filter(action="travel.issue").exists()


def test_queries_stay_the_same_however_long_the_record(full, sign_in):
    client = sign_in("honnin")
    issued(client, full.honnin)
    with CaptureQueriesContext(connection) as few:
        issued(client, full.honnin)
    for number in range(8):
        b.make_experience(full.honnin, f"経験{number}", cells=["internal-it.1"])
    with CaptureQueriesContext(connection) as many:
        issued(client, full.honnin)
    assert len(few) == len(many)
    assert len(many) <= 15


def test_the_schema_is_open_to_all(client, db):
    response = client.get("/record-schema.json")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/schema+json"
    Draft202012Validator.check_schema(response.json())
    assert response.json()["$id"] == "urn:skill-rirekisho:record:1"
