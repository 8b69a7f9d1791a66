"""スキル履歴書 as a workbook: real types, zeros kept, nothing runs, and a reason from 人事."""

import datetime
import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Training, TransferWish
from audit.models import Event
from organization.models import Staff
from tests import builders as b
from tests.assessments.sheets import steps_of, submitted

SHEETS = [
    "本人", "いまの到達度", "年度ごと", "業務経験", "資格", "研修", "所属の履歴", "引継ぎ", "ほかの団体の到達度",
]  # fmt: skip


def url(staff):
    return reverse("assessments:resume_xlsx", args=[staff.uuid])


def book(answer):
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def test_every_sheet_with_real_types(world, sign_in):
    Staff.objects.filter(pk=world.honnin.pk).update(staff_number="0012345", name="𠮷野 髙一")
    submitted(world.sheet, steps_of(world.sheet, 3))
    day = datetime.date(2025, 4, 1)
    b.make_experience(
        world.honnin, "=HYPERLINK(1)", cells=[world.cells[0].code], start=day, text="+1-1", result="@x"
    )
    b.make_certification(world.honnin, start=day)
    b.make_training(world.honnin, start=day, hours="6.5", fee=12000)
    b.make_handover(world.honnin, "鍵の場所", is_done=True)
    found = book(sign_in("honnin").get(url(world.honnin)))
    assert found.sheetnames == SHEETS
    person = dict(rows(found["本人"]))
    assert person["職員番号"] == "0012345"
    assert person["氏名"] == "𠮷野 髙一"
    assert isinstance(person["出力した日時"], datetime.datetime)
    levels = rows(found["いまの到達度"])
    assert [row[5] for row in levels] == [3] * len(world.cells)
    assert [row[1:] for row in rows(found["年度ごと"])] == [[3]] * len(world.cells)
    work = rows(found["業務経験"])[0]
    assert work[0].date() == day
    assert (work[2], work[6], work[7]) == ("=HYPERLINK(1)", "@x", "+1-1")
    assert all(cell.data_type != "f" for row in found["業務経験"].iter_rows() for cell in row)
    assert work[8]
    assert rows(found["資格"])[0][1] == "応用情報技術者試験"
    assert rows(found["研修"])[0][5:7] == [6.5, 12000]
    assert rows(found["所属の履歴"])[0][2].endswith("情報政策係")
    assert rows(found["引継ぎ"])[0][3] == "はい"


def test_an_application_is_for_the_person_and_human_resources(world, sign_in):
    b.make_training(world.honnin, "申し込んだ研修", state=Training.State.APPLIED)
    assert len(rows(book(sign_in("honnin").get(url(world.honnin)))["研修"])) == 1
    assert rows(book(sign_in("kacho").get(url(world.honnin)))["研修"]) == []
    assert len(rows(book(sign_in("jinji").post(url(world.honnin), {"reason": "計画"}))["研修"])) == 1


def test_the_wish_is_not_in_it(world, sign_in):
    now = timezone.now()
    TransferWish.objects.create(
        municipality=world.city,
        staff=world.honnin,
        fiscal_year=2026,
        wish="move",
        place="海の見える所属",
        updated_at=now,
    )
    found = book(sign_in("jinji").post(url(world.honnin), {"reason": "計画"}))
    words = [str(cell.value) for sheet in found for row in sheet.iter_rows() for cell in row]
    assert not any("海の見える" in each for each in words)


def test_human_resources_say_why_and_all_is_logged(world, sign_in):
    assert "理由" in sign_in("jinji").get(url(world.honnin)).content.decode()
    assert not Event.objects.filter(action="resume.xlsx").exists()
    book(sign_in("jinji").post(url(world.honnin), {"reason": "配置の資料"}))
    book(sign_in("kacho").get(url(world.honnin)))
    events = Event.objects.filter(action="resume.xlsx").order_by("pk")
    assert [event.data for event in events] == [
        {"rows": 1, "reason": "配置の資料", "role": "H"}, {"rows": 1, "role": "M"},
    ]  # fmt: skip
    assert sign_in("dourei").get(url(world.honnin)).status_code == 404


@pytest.mark.parametrize("many", [1, 30])
def test_few_queries(world, sign_in, django_assert_max_num_queries, many):
    submitted(world.sheet, steps_of(world.sheet, 3))
    for number in range(many):
        b.make_experience(world.honnin, f"仕事{number}", cells=[world.cells[0].code])
        b.make_training(world.honnin, f"研修{number}")
    client = sign_in("kacho")
    with django_assert_max_num_queries(15):
        client.get(url(world.honnin))
