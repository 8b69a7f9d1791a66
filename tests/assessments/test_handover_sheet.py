"""引継ぎシート: duties, ongoing work, notes, and what the person does alone; whose it is and who sees it."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Sheet
from audit.models import Event
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import confirmations, steps_of, submitted


def url(staff):
    return reverse("assessments:handover_sheet", args=[staff.uuid])


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def filled(world):
    steps = steps_of(world.sheet, 2) | {world.cells[0].pk: 4}
    submitted(world.sheet, steps)
    confirmations(world.sheet, world.kacho, "final", steps)
    Sheet.objects.filter(pk=world.sheet.pk).update(state=Sheet.State.CONFIRMED, confirmed_at=timezone.now())
    b.make_handover(
        world.honnin,
        "資料の場所",
        text="共有フォルダ<R6>",
        cells=[world.cells[0].code],
        successor=world.dourei,
    )
    b.make_handover(world.honnin, "済んだ話", is_done=True)
    b.make_experience(world.honnin, "続いている更改", start=datetime.date(2025, 4, 1))
    b.make_experience(
        world.honnin, "終わった調達", start=datetime.date(2020, 4, 1), end=datetime.date(2021, 3, 31)
    )


def test_what_the_successor_reads(world, sign_in):
    filled(world)
    page = text(sign_in("honnin").get(url(world.honnin)))
    assert "2件のうち1件がまだ引継ぎ中です。" in page
    assert "共有フォルダ&lt;R6&gt;" in page
    assert "引き継ぐ人: 小林 健" in page
    assert "引継ぎを終えた" in page
    assert "続いている更改" in page
    assert "終わった調達" not in page
    assert "4 教えられる" in page
    assert "2 支援があればできる" not in page
    assert not Event.objects.filter(action="handover.view").exists()


def test_duties_of_the_year(world, sign_in):
    from lib.fiscal import fiscal_year

    year = fiscal_year(timezone.localdate())
    b.make_assignment(world.honnin, world.kakari_dept, [world.cells[0].code], fiscal_year=year)
    page = text(sign_in("kacho").get(url(world.honnin)))
    assert "主担当" in page
    event = Event.objects.get(action="handover.view")
    assert (event.subject_uuid, event.data) == (world.honnin.uuid, {"role": "M"})


def test_empty(world, sign_in):
    page = text(sign_in("honnin").get(url(world.honnin)))
    assert "引継ぎメモはまだありません。" in page
    assert "確定した段階が3以上の項目はありません。" in page


def test_out_of_scope_and_from_the_day(world, sign_in):
    assert sign_in("dourei").get(url(world.honnin)).status_code == 404
    assert sign_in("kansa").get(url(world.honnin)).status_code == 404
    assert sign_in("jinji").get(url(world.honnin)).status_code == 200
    today = timezone.localdate()
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today)
    assert sign_in("kacho").get(url(world.honnin)).status_code == 404


@pytest.mark.parametrize("many", [1, 20])
def test_few_queries(world, sign_in, django_assert_max_num_queries, many):
    filled(world)
    for number in range(many):
        b.make_handover(world.honnin, f"メモ{number}", cells=[world.cells[1].code])
    client = sign_in("kacho")
    with django_assert_max_num_queries(15):
        client.get(url(world.honnin))
