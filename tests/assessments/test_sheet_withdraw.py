"""Taking a submission back before 一次確認."""

import uuid

import pytest
from django.urls import reverse

from assessments.models import Sheet
from tests.assessments.sheets import in_state


def url(sheet):
    return reverse("assessments:sheet_withdraw", args=[sheet.uuid])


def click(client, sheet):
    sheet.refresh_from_db()
    return client.post(url(sheet), {"version": sheet.version, "key": uuid.uuid4()})


def test_it_goes_back_to_being_written(world, sign_in):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    client = sign_in("honnin")
    assert (
        "提出を取り下げる"
        in client.get(reverse("assessments:sheet", args=[world.sheet.uuid])).content.decode()
    )
    response = click(client, world.sheet)
    assert response["Location"] == reverse("assessments:sheet_edit", args=[world.sheet.uuid])
    world.sheet.refresh_from_db()
    assert world.sheet.state == Sheet.State.DRAFTING


def test_after_the_first_confirmation_it_is_too_late(world, sign_in):
    in_state(world.sheet, Sheet.State.FIRST_CONFIRMED, world.kakari)
    client = sign_in("honnin")
    page = client.get(reverse("assessments:sheet", args=[world.sheet.uuid])).content.decode()
    assert "提出を取り下げる" not in page
    response = click(client, world.sheet)
    assert response.status_code == 409
    assert "提出してから一次確認までの間" in response.content.decode()


@pytest.mark.parametrize(
    ("name", "status"), [("kakari", 403), ("jinji", 403), ("dourei", 404), ("kansa", 404)]
)
def test_nobody_else(world, sign_in, name, status):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    assert click(sign_in(name), world.sheet).status_code == status


def test_another_municipality(world, sign_in):
    assert click(sign_in("honnin"), world.foreign_sheet).status_code == 404


def test_a_broken_form(world, sign_in):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    assert sign_in("honnin").post(url(world.sheet), {}).status_code == 422


def test_wrong_method(world, sign_in):
    assert sign_in("honnin").get(url(world.sheet)).status_code == 405
