"""Saving in the background: changed cells alone, JSON for an answer."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.merge import Value
from assessments.models import Cycle, Draft, Sheet
from assessments.workflow.sheets import stored_drafts
from tests.assessments.forms import only, posted
from tests.assessments.sheets import in_state

JSON = {"Accept": "application/json"}


def url(sheet):
    return reverse("assessments:sheet_save", args=[sheet.uuid])


def send(client, sheet, fields):
    return client.post(url(sheet), fields, headers=JSON)


def test_a_changed_cell_is_kept_and_its_new_base_answered(world, sign_in):
    code = world.cells[0].code
    response = send(sign_in("honnin"), world.sheet, only(posted(world.sheet, c0=(3, "研修")), code))
    assert response.status_code == 200
    answer = response.json()
    assert answer["bases"] == {code: stored_drafts(world.sheet)[code].token}
    assert answer["saved_at"].endswith("分")
    assert stored_drafts(world.sheet) == {code: stored_drafts(world.sheet)[code]}


def test_one_save_after_the_other(world, sign_in):
    client, code = sign_in("honnin"), world.cells[0].code
    first = send(client, world.sheet, only(posted(world.sheet, c0=1), code)).json()["bases"][code]
    fields = {f"base-{code}": first, f"step-{code}": "2", f"evidence-{code}": ""}
    assert send(client, world.sheet, fields).status_code == 200
    assert stored_drafts(world.sheet)[code].value == Value(2)


def test_the_same_cell_from_two_tabs(world, sign_in):
    client, code, other = sign_in("honnin"), world.cells[0].code, world.cells[1].code
    stale = only(posted(world.sheet, c0=(1, "この画面"), c1=4), code, other)
    send(client, world.sheet, only(posted(world.sheet, c0=(3, "別の画面")), code))
    response = send(client, world.sheet, stale)
    assert response.status_code == 409
    answer = response.json()
    assert answer["conflicts"] == {
        code: {
            "base": stored_drafts(world.sheet)[code].token,
            "mine": {"step": 1, "words": "1 知識がある", "evidence": "この画面"},
            "theirs": {"step": 3, "words": "3 独力でできる", "evidence": "別の画面"},
        }
    }
    assert answer["bases"].keys() == {other}
    assert stored_drafts(world.sheet)[code].value == Value(3, "別の画面")


def test_an_answer_that_got_lost_is_no_conflict(world, sign_in):
    client, code = sign_in("honnin"), world.cells[0].code
    fields = only(posted(world.sheet, c0=(3, "研修")), code)
    send(client, world.sheet, fields)
    assert send(client, world.sheet, fields).status_code == 200
    assert stored_drafts(world.sheet)[code].version == 1


def test_taking_back_what_got_lost_asks(world, sign_in):
    """The tab sent 3, never heard back, and the person chose the old step again: both are shown."""
    client, code = sign_in("honnin"), world.cells[0].code
    send(client, world.sheet, only(posted(world.sheet, c0=1), code))
    loaded = stored_drafts(world.sheet)
    send(client, world.sheet, only(posted(world.sheet, loaded=loaded, c0=3), code))
    response = send(client, world.sheet, only(posted(world.sheet, loaded=loaded, c0=1), code))
    assert response.status_code == 409
    assert response.json()["conflicts"][code]["theirs"]["step"] == 3


def test_a_text_too_long_is_answered_with_a_sentence_and_the_rest_kept(world, sign_in):
    code, other = world.cells[0].code, world.cells[1].code
    fields = only(posted(world.sheet, c0=(3, "あ" * 401), c1=2), code, other)
    response = send(sign_in("honnin"), world.sheet, fields)
    assert response.status_code == 422
    assert response.json()["problems"] == {code: "根拠は400文字までで書いてください（いま401文字）。"}
    assert response.json()["bases"].keys() == {other}


@pytest.mark.parametrize("step", ["7", "-1", "x"])
def test_a_step_that_does_not_exist(world, sign_in, step):
    code = world.cells[0].code
    fields = only(posted(world.sheet), code) | {f"step-{code}": step}
    response = send(sign_in("honnin"), world.sheet, fields)
    assert response.status_code == 422
    assert response.json()["error"]
    assert not Draft.objects.exists()


def test_a_cell_of_another_version(world, sign_in):
    fields = {"base-other.1": "0::0000000000000000", "step-other.1": "3"}
    assert send(sign_in("honnin"), world.sheet, fields).status_code == 422


@pytest.mark.parametrize("state", ["submitted", "first_confirmed", "confirmed"])
def test_submitted_meanwhile(world, sign_in, state):
    in_state(world.sheet, Sheet.State(state), world.kacho)
    response = send(sign_in("honnin"), world.sheet, posted(world.sheet, c0=1))
    assert response.status_code == 409
    assert response.json() == {
        "error": f"この年度票は「{world.sheet.get_state_display()}」になっているため、記入を変えられません。",
        "state": state,
    }


def test_closed_meanwhile(world, sign_in):
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=timezone.now())
    response = send(sign_in("honnin"), world.sheet, posted(world.sheet, c0=1))
    assert response.status_code == 409
    assert "受付を終えています" in response.json()["error"]


def test_signed_out_meanwhile(world):
    response = Client().post(url(world.sheet), posted(world.sheet, c0=1), headers=JSON)
    assert response.status_code == 401
    assert response.json()["error"]


@pytest.mark.parametrize(("name", "status"), [("kakari", 403), ("jinji", 403), ("dourei", 404)])
def test_nobody_else_writes(world, sign_in, name, status):
    assert send(sign_in(name), world.sheet, posted(world.sheet, c0=1)).status_code == status
    assert not Draft.objects.exists()


def test_another_municipality(world, sign_in):
    assert send(sign_in("honnin"), world.foreign_sheet, {}).status_code == 404


def test_wrong_method(world, sign_in):
    assert sign_in("honnin").get(url(world.sheet)).status_code == 405
