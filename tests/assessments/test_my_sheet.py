"""/sheet/ goes to the sheet of the newest open year."""

import datetime

from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle
from tests import builders as b

URL = "/sheet/"


def test_the_newest_open_year(world, sign_in):
    older = b.make_cycle(world.city, world.version, fiscal_year=2025)
    b.make_sheet(world.honnin, older, world.kakari_dept)
    response = sign_in("honnin").get(URL)
    assert response["Location"] == reverse("assessments:sheet", args=[world.sheet.uuid])


def test_no_sheet_in_the_open_year(world, sign_in):
    page = sign_in("dourei").get(URL)
    assert page.status_code == 200
    assert "いま記入する年度票はありません" in page.content.decode()


def test_a_year_that_is_being_prepared(world, sign_in):
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=timezone.now())
    b.make_cycle(world.city, world.version, fiscal_year=2027, state=Cycle.State.PREPARED)
    page = sign_in("honnin").get(URL).content.decode()
    assert "令和9年度（2027年度）の記入は、2027年4月1日（木）に始まる予定です。" in page


def test_before_the_first_day(world, sign_in):
    later = timezone.localdate() + datetime.timedelta(days=3)
    Cycle.objects.filter(pk=world.cycle.pk).update(starts_on=later, submit_by=later, confirm_by=later)
    page = sign_in("honnin").get(URL).content.decode()
    assert f"{later.month}月{later.day}日" in page


def test_wrong_method(world, sign_in):
    assert sign_in("honnin").post(URL).status_code == 405
