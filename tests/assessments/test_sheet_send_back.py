"""Sending a sheet back with a reason."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Remark, Sheet
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import (
    show,
    submitted,
)

State = Sheet.State
REVIEW = "/review/"


def back(client, sheet, **changes):
    form = {
        "version": sheet.version,
        "key": str(uuid.uuid4()),
        "reason": "根拠を書き足してください。",
        **changes,
    }
    return client.post(reverse("assessments:sheet_send_back", args=[sheet.uuid]), form)


# --- sending back


@pytest.mark.parametrize("who", ["kakari", "kacho", "bucho", "jinji"])
def test_a_sheet_goes_back_with_its_reason(sign_in, world, who):
    sheet = submitted(world.sheet)
    client = sign_in(who)
    assert back(client, sheet)["Location"] == REVIEW
    sheet.refresh_from_db()
    assert sheet.state == State.SENT_BACK
    assert Remark.objects.get().text == "根拠を書き足してください。"
    assert "根拠を書き足してください。" in show(client, sheet).content.decode()


@pytest.mark.parametrize(("end", "status"), [(None, 302), (timezone.localdate, 404)])
def test_a_superior_by_a_second_posting_sends_back_and_does_not_confirm(sign_in, world, end, status):
    """P08 says scope, P09 and P10 the line of the 本務."""
    head = b.make_staff(world.city, "村上 隆司", username="newhead")
    b.make_posting(head, world.jinjika, line_role="head")
    b.make_posting(
        world.honnin, world.jinjika, kind=Posting.Kind.ADDITIONAL, end=end() if end is not None else None
    )
    world.newhead, sheet = head, submitted(world.sheet)
    client = sign_in("newhead")
    shown = client.get(reverse("assessments:sheet", args=[sheet.uuid]))
    assert ("send-back" in shown.content.decode()) is (status == 302)
    form = {"action": "final", "version": sheet.version, "key": str(uuid.uuid4())}
    confirming = client.post(reverse("assessments:sheet_confirm", args=[sheet.uuid]), form)
    assert confirming.status_code == {302: 403, 404: 404}[status]
    assert back(client, sheet).status_code == status
    sheet.refresh_from_db()
    assert sheet.state == (State.SENT_BACK if status == 302 else State.SUBMITTED)


def test_sending_back_asks_for_a_reason(sign_in, world):
    sheet = submitted(world.sheet)
    response = back(sign_in("kakari"), sheet, reason=" ")
    assert response.status_code == 422
    assert "理由を入力してください" in response.content.decode()
    assert 'aria-invalid="true"' in response.content.decode()


def test_sending_back_too_late_keeps_the_reason(sign_in, world):
    sheet = submitted(world.sheet)
    response = back(sign_in("jinji"), sheet, version=0, reason="消えてはならない理由")
    assert response.status_code == 409
    assert "消えてはならない理由" in response.content.decode()


@pytest.mark.parametrize("who", ["honnin", "kakari"])
def test_nobody_sends_back_their_own(sign_in, world, who):
    sheet = world.sheet if who == "honnin" else b.make_sheet(world.kakari, world.cycle, world.kakari_dept)
    submitted(sheet)
    assert back(sign_in(who), sheet).status_code == 403


@pytest.mark.parametrize("name", ["sheet_confirm", "sheet_send_back"])
def test_get_changes_nothing(sign_in, world, name):
    assert sign_in("kakari").get(reverse(f"assessments:{name}", args=[world.sheet.uuid])).status_code == 405


@pytest.mark.parametrize("name", ["sheet_confirm", "sheet_send_back", "sheet_correct"])
def test_another_municipality_is_404(sign_in, world, name):
    client = sign_in("jinji")
    url = reverse(f"assessments:{name}", args=[world.foreign_sheet.uuid])
    assert client.post(url, {"action": "save"}).status_code == 404


def test_strangers_and_former_heads_get_404(sign_in, world):
    sheet = submitted(world.sheet)
    assert back(sign_in("dourei"), sheet).status_code == 404
    Posting.objects.filter(staff=world.honnin).update(end=timezone.localdate())
    assert back(sign_in("kacho"), sheet).status_code == 404


def test_the_line_does_not_find_what_a_closed_year_left(sign_in, world):
    sheet = submitted(world.sheet)
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=timezone.now())
    assert back(sign_in("kacho"), sheet).status_code == 404


def test_the_reason_is_kept_without_control_characters(sign_in, world):
    sheet = submitted(world.sheet)
    assert back(sign_in("kacho"), sheet, reason="根拠を\r\n書き足してください\x00").status_code == 302
    assert Remark.objects.get().text == "根拠を\n書き足してください"


def test_a_reason_of_control_characters_is_none(sign_in, world):
    assert back(sign_in("kacho"), submitted(world.sheet), reason="\x00").status_code == 422
