"""The page of the 訂正."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Sheet
from audit.models import Event
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, submitted

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


@pytest.fixture
def sheet(world):
    return in_state(world.sheet, Sheet.State.CONFIRMED, confirmer=world.kacho)


def url(sheet):
    return reverse("assessments:sheet_correct", args=[sheet.uuid])


def form(sheet, **changes):
    return {
        "version": sheet.version,
        "key": str(uuid.uuid4()),
        "reason": "2つの項目を取り違えたため",
        **changes,
    }


def test_it_works(hr, world, sheet):
    page = hr.get(url(sheet)).content.decode()
    assert "山﨑 美咲さんの年度票の訂正" in page
    assert Event.objects.get().action == "sheet.view"
    code = world.cells[0].code
    response = hr.post(url(sheet), form(sheet, **{f"own-{code}": 1, f"final-{code}": 3}))
    assert response["Location"] == reverse("assessments:sheet", args=[sheet.uuid])
    sheet.refresh_from_db()
    rating = sheet.current_revision.ratings.get(cell=world.cells[0])
    assert (sheet.current_revision.kind, rating.step) == ("correction", 1)
    page = hr.get(response["Location"]).content.decode()
    assert "2つの項目を取り違えたため" in page
    assert "訂正しました" in page


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"reason": ""}, 422, "理由を入力してください"),
        ({}, 422, "どの項目も変わっていません"),
        ({"own-internal-it.1": "9"}, 422, ""),
        ({"own-internal-it.1": "x"}, 422, ""),
        ({"own-internal-it.1": "4", "version": "7"}, 409, "2つの項目を取り違えたため"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(hr, sheet, changes, status, said):
    response = hr.post(url(sheet), form(sheet, **changes))
    assert response.status_code == status
    assert said in response.content.decode()
    sheet.refresh_from_db()
    assert sheet.current_revision.number == 1


def test_only_what_is_confirmed(hr, world):
    sheet = submitted(world.sheet)
    assert hr.get(url(sheet)).status_code == 409
    assert hr.post(url(sheet), form(sheet)).status_code == 409


def test_not_their_own(hr, world):
    own = in_state(b.make_sheet(world.jinji, world.cycle, world.jinjika), "confirmed", confirmer=world.kacho)
    assert hr.get(url(own)).status_code == 403


@pytest.mark.parametrize(
    ("who", "status"), [("honnin", 403), ("kacho", 403), ("dourei", 404), ("kansa", 404)]
)
def test_nobody_but_hr(client, world, sheet, who, status):
    client.force_login(getattr(world, who), backend=BACKEND)
    assert client.get(url(sheet)).status_code == status
    assert client.post(url(sheet), form(sheet)).status_code == status


def test_a_correction_shows_that_no_confirmer_was_there(hr, world):
    sheet = submitted(b.make_sheet(world.bucho, world.cycle, world.bu))
    confirmations(sheet, world.bucho)
    Sheet.objects.filter(pk=sheet.pk).update(
        state="confirmed", confirmed_at=timezone.now(), without_confirmer=True
    )
    page = hr.get(reverse("assessments:sheet", args=[sheet.uuid])).content.decode()
    assert "確認者なし：自己記入で確定" in page
