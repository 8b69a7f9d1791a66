"""Checking everything once more and submitting it."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Revision, Sheet
from tests import builders as b
from tests.assessments.forms import all_steps, posted
from tests.assessments.sheets import in_state, steps_of, submitted


def url(sheet):
    return reverse("assessments:sheet_submit", args=[sheet.uuid])


def text(response):
    return response.content.decode()


def fill(client, sheet, **changes):
    changes = all_steps(sheet, 2) | changes
    client.post(reverse("assessments:sheet_edit", args=[sheet.uuid]), posted(sheet, **changes))
    return Sheet.objects.get(pk=sheet.pk)


def click(client, sheet, key=None):
    return client.post(url(sheet), {"version": sheet.version, "key": key or uuid.uuid4()})


def test_everything_beside_last_year(world, sign_in):
    cycle = b.make_cycle(world.city, world.version, fiscal_year=2025, state=Cycle.State.CLOSED)
    submitted(b.make_sheet(world.honnin, cycle, world.kakari_dept), steps_of(world.sheet, 2, c0=1, c1=3))
    client = sign_in("honnin")
    fill(client, world.sheet)
    page = text(client.get(url(world.sheet)))
    assert "昨年から上がった項目が1、下がった項目が1です。" in page
    assert "昨年から＋1" in page
    assert "昨年から−1" in page
    assert "提出する" in page
    for cell in world.cells:
        assert f"#cell-{cell.code}" in page


def test_what_is_missing_leads_to_its_control(world, sign_in):
    client = sign_in("honnin")
    fill(client, world.sheet, c0=(4, ""), c1=(None, ""))
    response = client.get(url(world.sheet))
    page = text(response)
    form = reverse("assessments:sheet_edit", args=[world.sheet.uuid])
    assert "直すところが2件あります" in page
    assert f'{form}?check=1#cell-{world.cells[0].code}"' in page
    assert "提出する</button>" not in page


def test_submitting(world, sign_in):
    client = sign_in("honnin")
    sheet = fill(client, world.sheet)
    response = click(client, sheet)
    assert response["Location"] == reverse("assessments:sheet", args=[sheet.uuid])
    assert "提出しました。係長級の一次確認を待っています。" in text(client.get(response["Location"]))
    assert Sheet.objects.get(pk=sheet.pk).state == Sheet.State.SUBMITTED


def test_the_same_click_twice(world, sign_in):
    client, key = sign_in("honnin"), uuid.uuid4()
    sheet = fill(client, world.sheet)
    first, second = click(client, sheet, key), click(client, sheet, key)
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert Revision.objects.count() == 1


def test_incomplete_is_refused_with_the_list(world, sign_in):
    client = sign_in("honnin")
    sheet = fill(client, world.sheet, c0=(None, ""))
    response = click(client, sheet)
    assert response.status_code == 422
    assert "＊段階を選んでください。" in text(response)
    assert not Revision.objects.exists()


def test_changed_in_another_tab(world, sign_in):
    client = sign_in("honnin")
    seen = fill(client, world.sheet)
    fill(client, world.sheet, c0=1)
    response = click(client, seen)
    assert response.status_code == 409
    assert "別の画面で記入が変わりました" in text(response)
    assert not Revision.objects.exists()


def test_submitted_in_another_tab(world, sign_in):
    client = sign_in("honnin")
    sheet = fill(client, world.sheet)
    click(client, sheet)
    response = click(client, sheet)
    assert response.status_code == 409
    assert "「提出」になっている" in text(response)
    assert Revision.objects.count() == 1


def test_closed_year(world, sign_in):
    client = sign_in("honnin")
    sheet = fill(client, world.sheet)
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=timezone.now())
    response = click(client, sheet)
    assert response.status_code == 409
    assert "受付を終えています" in text(response)


@pytest.mark.parametrize("bad", [{"key": "x"}, {"version": ""}, {"version": "²"}, {"version": "9" * 30}])
def test_what_no_form_sends(world, sign_in, bad):
    client = sign_in("honnin")
    sheet = fill(client, world.sheet)
    fields = {"version": sheet.version, "key": uuid.uuid4()} | bad
    assert client.post(url(sheet), fields).status_code == 422


@pytest.mark.parametrize(("name", "status"), [("kakari", 403), ("jinji", 403), ("dourei", 404)])
def test_nobody_else_submits(world, sign_in, name, status):
    client = sign_in(name)
    assert client.get(url(world.sheet)).status_code == status
    assert click(client, world.sheet).status_code == status


def test_another_municipality(world, sign_in):
    assert click(sign_in("honnin"), world.foreign_sheet).status_code == 404


def test_out_of_ones_hands(world, sign_in):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    assert sign_in("honnin").get(url(world.sheet)).status_code == 302


def test_queries(world, sign_in, django_assert_max_num_queries):
    client = sign_in("honnin")
    fill(client, world.sheet)
    with django_assert_max_num_queries(11):
        client.get(url(world.sheet))
