"""A confirmed level as an Open Badge: its shape, its proof in our eyes and in another maker's, and who gets it."""

import copy
import json
from pathlib import Path

import pytest
from django.urls import reverse
from jsonschema import Draft202012Validator

from assessments.models import Sheet, SigningKey
from assessments.travel.canonical import CREDENTIALS, OPEN_BADGES, NotKept, canonical_rdf, load_context
from assessments.travel.multikey import did_of
from assessments.travel.proof import RDFC, is_proven
from audit.models import Event
from tests.assessments import verifier
from tests.assessments.sheets import in_state, submitted
from tests.assessments.travelling import signed

CELL = "security-policy.1"
SHAPE = json.loads((Path(__file__).parent / "open_badge.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def confirmed(world):
    """Confirm the sheet of `honnin` at step 3."""
    cells = world.sheet.cycle.framework_version.cells.all()
    in_state(world.sheet, "confirmed", confirmer=world.kacho, final={cell.pk: 3 for cell in cells})
    return world


def url(sheet, code=CELL):
    return reverse("assessments:badge", args=[sheet.uuid, code])


@pytest.fixture
def made(confirmed, sign_in):
    """The badge as it is handed out."""
    response = sign_in("honnin").get(url(confirmed.sheet))
    assert response.status_code == 200
    return json.loads(response.content)


def test_it_says_what_was_confirmed(confirmed, made):
    assert list(Draft202012Validator(SHAPE).iter_errors(made)) == []
    assert made["@context"] == [CREDENTIALS, OPEN_BADGES]
    assert made["name"] == "セキュリティポリシー｜策定管理：3 独力でできる"
    assert made["issuer"] == {
        "id": did_of(SigningKey.objects.get().public_key), "type": ["Profile"], "name": "みほん市",
    }  # fmt: skip
    subject = made["credentialSubject"]
    assert subject["identifier"][0]["identityHash"] == "山﨑 美咲"
    (scale,) = subject["achievement"]["resultDescription"]
    (result,) = subject["result"]
    reached = [one for one in scale["rubricCriterionLevel"] if one["id"] == result["achievedLevel"]]
    assert [(one["level"], one["name"]) for one in reached] == [("3", "独力でできる")]
    assert "策定管理の段階3" in subject["achievement"]["criteria"]["narrative"]
    assert confirmed.honnin.staff_number not in json.dumps(made)
    assert is_proven(made, suite=RDFC)


def test_it_is_the_same_badge_each_time_and_is_written_down(confirmed, made, client):
    again = json.loads(client.get(url(confirmed.sheet)).content)
    assert again["id"] == made["id"]
    assert json.loads(client.get(url(confirmed.sheet, "internal-it.1")).content)["id"] != made["id"]
    event = Event.objects.filter(action="travel.badge").earliest("pk")
    assert event.data == {"fiscal_year": 2026, "cell": CELL, "step": 3}
    assert event.subject_uuid == confirmed.honnin.uuid


def test_another_maker_verifies_it(made, tmp_path):
    verifier.prepare()
    assert verifier.verify(made, tmp_path) == {"verified": True, "errors": []}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["credentialSubject"]["result"][0].update(
            achievedLevel=d["credentialSubject"]["result"][0]["achievedLevel"].replace("#step-3", "#step-4")
        ),
        lambda d: d["credentialSubject"]["identifier"][0].update(identityHash="別人"),
        lambda d: d.update(validFrom="2020-04-01T00:00:00Z"),
        lambda d: d["issuer"].update(name="ほかの市"),
        lambda d: d["proof"].update(created="2020-04-01T00:00:00Z"),
    ],
)
def test_a_changed_badge_fails_there_and_here(made, tmp_path, change):
    tampered = copy.deepcopy(made)
    change(tampered)
    assert tampered != made
    assert not is_proven(tampered, suite=RDFC)
    verifier.prepare()
    found = verifier.verify(tampered, tmp_path)
    assert found["verified"] is False
    assert "Invalid signature." in found["errors"]


def test_another_maker_verifies_a_record_too(tmp_path):
    """The records that travel are signed in the other canonical form; it is checked in the same way."""
    verifier.prepare()
    document = signed()
    assert verifier.verify(document, tmp_path) == {"verified": True, "errors": []}
    document["levels"][0]["cells"][0]["step"] = 3
    assert verifier.verify(document, tmp_path)["verified"] is False


def test_the_verifier_loads_nothing_from_outside(made, tmp_path):
    """So that a pass cannot rest on what a server somewhere says today."""
    verifier.prepare()
    found = verifier.verify(made, tmp_path, without=OPEN_BADGES)
    assert found["verified"] is False
    assert OPEN_BADGES in " ".join(found["errors"])


def test_the_context_that_is_kept_is_the_published_one():
    verifier.prepare()
    published = verifier.PACKAGES / "node_modules/@digitalbazaar/credentials-context/contexts/v2.jsonld"
    assert json.loads(published.read_text()) == load_context(CREDENTIALS)["document"]


def test_no_other_context_is_loaded(monkeypatch):
    def nobody(*args, **kwargs):
        raise AssertionError("asked the network")

    monkeypatch.setattr("socket.socket.connect", nobody)
    for address in ("https://example.com/context.json", "file:///etc/passwd", "http://127.0.0.1/x", ""):
        with pytest.raises(NotKept):
            load_context(address)
        with pytest.raises(NotKept):
            canonical_rdf(
                {"@context": [CREDENTIALS, address], "id": "urn:x:y", "type": "VerifiableCredential"}
            )


def test_a_word_that_no_context_knows_is_never_signed_over():
    good = {"@context": [CREDENTIALS, OPEN_BADGES], "id": "urn:x:y", "type": ["VerifiableCredential"]}
    assert canonical_rdf(good)
    with pytest.raises(NotKept):
        canonical_rdf({**good, "unheardOf": "x"})


def test_the_page_of_the_record_offers_every_level_above_nothing(world, sign_in):
    cells = list(world.sheet.cycle.framework_version.cells.order_by("rank"))
    in_state(
        world.sheet, "confirmed", confirmer=world.kacho, final={cell.pk: cell.rank % 5 for cell in cells}
    )
    client = sign_in("honnin")
    page = client.get(reverse("assessments:resume_json", args=[world.honnin.uuid])).content.decode()
    offered = [cell.code for cell in cells if url(world.sheet, cell.code) in page]
    assert offered == [cell.code for cell in cells if cell.rank % 5]
    for cell in cells:
        assert client.get(url(world.sheet, cell.code)).status_code == (200 if cell.rank % 5 else 409)


@pytest.mark.parametrize(("who", "status"), [("kacho", 403), ("jinji", 403), ("dourei", 404), ("yoso", 404)])
def test_nobody_takes_anothers_badge(confirmed, sign_in, who, status):
    assert sign_in(who).get(url(confirmed.sheet)).status_code == status


def test_only_what_the_line_confirmed(world, sign_in):
    client = sign_in("honnin")
    assert client.get(url(world.sheet)).status_code == 409
    submitted(world.sheet)
    response = client.get(url(world.sheet))
    assert response.status_code == 409
    assert "所属長が確定した1以上の到達度だけ" in response.content.decode()
    Sheet.objects.filter(pk=world.sheet.pk).update(
        state="confirmed", confirmed_at=world.sheet.submitted_at, without_confirmer=True
    )
    assert client.get(url(world.sheet)).status_code == 409
    assert client.get(url(world.sheet, "no-such-cell")).status_code == 409
    assert not SigningKey.objects.exists()
