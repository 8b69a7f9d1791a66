"""The page of one cell of a department: who can, who once could, and what is being done (P16, P19)."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Sheet
from audit.models import Event
from competency.models import DepartmentDuty, Duty, DutyAssignment, DutyPlan
from gaps.models import Measure
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import confirmations, submitted
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, confirmed, external, need, steps, waiting

APRIL = datetime.date(2025, 4, 1)


def url(department, cell):
    return reverse("gaps:cell", args=[department.uuid, cell.uuid])


@pytest.fixture
def cells(world):
    return {cell.code: cell for cell in world.cells}


def body(response):
    return response.content.decode().split("<main", 1)[1]


def names(lines):
    return [(line.person.name, line.step) for line in lines]


def assign(staff, department, name, year=2024):
    """Give somebody a duty of the department."""
    plan, _ = DutyPlan.objects.get_or_create(
        municipality=department.municipality, department=department, fiscal_year=year,
        defaults={"updated_at": timezone.now()},
    )  # fmt: skip
    duty = Duty.objects.create(municipality=department.municipality, code=f"d-{name}-{year}", name=name)
    has = DepartmentDuty.objects.create(municipality=department.municipality, plan=plan, duty=duty)
    DutyAssignment.objects.create(
        municipality=department.municipality, department_duty=has, staff=staff, role="main"
    )


def moved(world, name, step, *, to=None, cycle=None, code=POLICY):
    """Return somebody who was confirmed at a step in 情報政策係 and works elsewhere since April 2025."""
    staff = b.make_staff(world.city, name)
    b.make_posting(staff, world.kakari_dept, end=APRIL)
    confirmed(staff, cycle or world.past, {code: step})
    if to is not None:
        b.make_posting(staff, to, start=APRIL)
    return staff


@pytest.fixture
def past(section):
    """The section with a year in which others worked here."""
    section.past = b.make_cycle(section.city, section.version, fiscal_year=2024, state="closed")
    return section


def measure(world, cell, text="策定を学ぶ", **values):
    now = timezone.now()
    values = {"department": world.ka, "cycle": world.cycle, "kind": "train", "owner": world.kakari} | values
    return Measure.objects.create(
        municipality=world.city, cell=cell, text=text, decided_status="single", decided_holders=1,
        created_at=now, updated_at=now, **values,
    )  # fmt: skip


def test_it_works(sign_in, section, cells):
    confirmed(section.honnin, section.cycle, {POLICY: 1})
    page = sign_in("kacho").get(url(section.ka, cells[POLICY]))
    assert page.status_code == 200
    assert f"/training/?cell={POLICY}" in page.content.decode()
    assert names(page.context["can"]) == [("𠮷田 由紀子", "4 教えられる")]
    assert names(page.context["next"]) == [
        ("髙橋 誠一", "2 支援があればできる"),
        ("山﨑 美咲", "1 知識がある"),
    ]
    text = body(page)
    assert "できる人は𠮷田 由紀子さんだけです。必要な2人に、あと1人足りません。" in text
    assert "策定管理の段階3" in text
    assert "一人依存</span>" in text
    assert text.count("今年度</td>") == 3


def test_of_one_step_by_reading_and_never_by_a_number(sign_in, section, cells):
    for name, kana in (("あ 一", "ワ"), ("ん 二", "ア")):
        staff = b.make_staff(section.city, name, kana=kana)
        b.make_posting(staff, section.kiban)
        confirmed(staff, section.cycle, {PLANNING: 2})
    page = sign_in("kacho").get(url(section.ka, cells[PLANNING]))
    assert [line.person.name for line in page.context["next"]] == ["ん 二", "あ 一"]
    assert "<ol" not in body(page).split("next-h", 1)[1].split("</section>")[0]


def with_evidence(staff, cycle, step, evidence):
    """Write a confirmed sheet on which the person said why."""
    department = Posting.objects.get(staff=staff).department
    sheet = b.make_sheet(staff, cycle, department)
    submitted(sheet, steps(cycle, 0, {POLICY: step}), evidence=evidence)
    confirmations(sheet, staff)
    Sheet.objects.filter(pk=sheet.pk).update(state="confirmed", confirmed_at=timezone.now())


def test_what_it_rests_on_is_the_sheet_that_counts(sign_in, section, cells, last_cycle):
    with_evidence(section.henshu, last_cycle, 4, "昔の話")
    with_evidence(section.henshu, section.cycle, 3, "方針を2回改定した")
    with_evidence(section.sysadmin, section.cycle, 2, "見ただけ")
    page = sign_in("kacho").get(url(section.ka, cells[POLICY]))
    assert [line.note for line in page.context["can"]] == ["", "方針を2回改定した"]
    text = body(page)
    assert "見ただけ" not in text, "evidence of somebody who is not able"
    assert "昔の話" not in text, "evidence of a sheet that a newer one has replaced"


def test_who_does_not_count_stands_apart_with_the_reason(sign_in, section, cells):
    waiting(section.honnin, section.cycle, {POLICY: 3})
    b.make_leave(section.kakari)
    external(section.ka, section.cycle, {POLICY: 1})
    page = sign_in("kacho").get(url(section.ka, cells[POLICY]))
    assert page.context["can"] == []
    assert [(line.person.name, line.note) for line in page.context["apart"]] == [
        ("山﨑 美咲", "自己のみ（確認待ち）"),
        ("𠮷田 由紀子", "休職・育休中"),
    ]
    text = body(page)
    assert "できる人がいません。必要な人数は2人です。" in text
    assert "委託で常駐する人が1人います（人数に含めていません）" in text


def test_who_once_worked_here_and_could(sign_in, past, cells):
    goro = moved(past, "谷口 五郎", 3, to=past.jinjika)
    assign(goro, past.kakari_dept, "例規の管理")
    assign(goro, past.jinjika, "よその業務")
    moved(past, "別人 花子", 2, to=past.jinjika)
    page = sign_in("kacho").get(url(past.ka, cells[POLICY]))
    (line,) = page.context["experienced"]
    assert (line.name, line.present, line.duties) == ("谷口 五郎", "人事課", "例規の管理")
    assert line.period == "令和2年4月1日～令和7年3月31日"
    assert line.step == "3 独力でできる（令和6年度）"
    text = body(page)
    assert str(goro.uuid) not in text, "no link to somebody out of scope"
    assert goro.staff_number not in text
    assert "別人" not in text


def test_the_last_step_confirmed_here_decides(sign_in, past, cells, last_cycle):
    lost = moved(past, "低下 一", 4, to=past.jinjika)
    confirmed(lost, last_cycle, {POLICY: 2})
    # What another department confirmed since says nothing here.
    grown = moved(past, "成長 二", 2, to=past.jinjika)
    Posting.objects.filter(staff=grown, department=past.kakari_dept).delete()
    confirmed(grown, last_cycle, {POLICY: 4})
    assert sign_in("kacho").get(url(past.ka, cells[POLICY])).context["experienced"] == []


def test_who_left_or_is_back_or_was_never_posted_is_no_experienced(sign_in, past, cells):
    gone = moved(past, "退職 一", 3)
    gone.left_on = APRIL
    gone.save(update_fields=["left_on"])
    back = moved(past, "復帰 二", 3, to=past.kiban)
    never = moved(past, "記録 三", 3, to=past.jinjika)
    Posting.objects.filter(staff=never, department=past.kakari_dept).delete()
    page = sign_in("kacho").get(url(past.ka, cells[POLICY]))
    assert page.context["experienced"] == []
    assert back.name in [line.person.name for line in page.context["can"]]


def test_each_view_leaves_an_event_with_the_number_alone(sign_in, past, cells):
    moved(past, "谷口 五郎", 3, to=past.jinjika)
    sign_in("kakari").get(url(past.kakari_dept, cells[POLICY]))
    (event,) = Event.objects.filter(action="experienced.view")
    assert (event.actor_uuid, event.object_uuid) == (past.kakari.uuid, past.kakari_dept.uuid)
    assert event.subject_uuid is None
    assert event.data == {"cell": POLICY, "people": 1, "role": "M"}


def test_the_years(sign_in, section, cells, last_cycle):
    need(section.ka, last_cycle, {POLICY: 1})
    page = sign_in("kacho").get(url(section.ka, cells[POLICY]))
    assert [(column.label, column.value) for column in page.context["chart"].columns] == [
        ("令和7", 0), ("令和8", 1),
    ]  # fmt: skip
    assert "できる人は、令和7年度の0人から令和8年度の1人に増えました。" in body(page)
    alone = sign_in("kacho").get(url(section.ka, cells[ANALYSIS]))
    assert alone.context["chart"] is None
    assert "比べられる年度がまだありません" in body(alone)


def test_what_is_being_done_open_first_across_the_years(sign_in, section, cells, last_cycle):
    now = timezone.now()
    measure(section, cells[POLICY], "済んだこと", state="done", closed_at=now, owner=None)
    measure(section, cells[POLICY], "続くこと", cycle=last_cycle, due=APRIL)
    measure(section, cells[ANALYSIS], "ほかの項目のこと")
    measure(section, cells[POLICY], "ほかの所属のこと", department=section.kiban)
    page = sign_in("kacho").get(url(section.ka, cells[POLICY]))
    assert [(m.kind, m.text, m.owner, m.decided, m.is_open) for m in page.context["measures"]] == [
        ("育成", "続くこと", "𠮷田 由紀子", "令和7年度", True),
        ("育成", "済んだこと", "", "令和8年度", False),
    ]
    assert "2025年4月1日" in body(page)


def test_a_department_of_one(sign_in, world, cells):
    alone = b.make_department(world.city, "出張所", parent=world.bu)
    staff = b.make_staff(world.city, "一人 太郎")
    b.make_posting(staff, alone)
    confirmed(staff, world.cycle, {POLICY: 4})
    need(alone, world.cycle, {POLICY: 1})
    text = body(sign_in("bucho").get(url(alone, cells[POLICY])))
    assert "この所属は1人体制です。" in text
    assert "一人依存" not in text


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        ({}, "必要人数が未設定です。できる人は3人です。"),
        ({ANALYSIS: 0}, "今年度は対象外です。できる人は3人です。"),
        ({ANALYSIS: 4}, "できる人は3人です。必要な4人に、あと1人足りません。"),
        ({ANALYSIS: 3}, "できる人は3人です。必要な3人に足りています。"),
    ],
)
def test_the_answer(sign_in, section, cells, needed, said):
    section.ka.need_set.all().delete()
    need(section.ka, section.cycle, needed)
    assert said in body(sign_in("kacho").get(url(section.ka, cells[ANALYSIS])))


@pytest.mark.parametrize(("who", "place"), [("honnin", "kakari_dept"), ("kansa", "ka"), ("henshu", "ka")])
def test_who_sees_no_names_is_sent_to_the_report(sign_in, section, cells, who, place):
    department = getattr(section, place)
    answer = sign_in(who).get(url(department, cells[POLICY]))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("gaps:department", args=[department.uuid])
    assert not Event.objects.filter(action="experienced.view").exists()


def test_out_of_scope_is_as_nothing(sign_in, section, cells):
    assert sign_in("kakari").get(url(section.ka, cells[POLICY])).status_code == 404
    assert sign_in("betsuka").get(url(section.ka, cells[POLICY])).status_code == 404
    assert sign_in("jinji").get(url(section.foreign_department, cells[POLICY])).status_code == 404


def test_a_cell_of_another_version_and_no_cell_are_as_nothing(sign_in, section):
    other = b.make_version(name="2030").cells.first()
    client = sign_in("kacho")
    there = client.get(url(section.ka, other))
    missing = client.get(reverse("gaps:cell", args=[section.ka.uuid, uuid.uuid4()]))
    assert there.status_code == missing.status_code == 404
    assert there.content == missing.content


def test_wrong_method(sign_in, section, cells):
    assert sign_in("kacho").post(url(section.ka, cells[POLICY])).status_code == 405


def test_before_the_first_year_the_report_explains(sign_in, world, cells):
    world.cycle.__class__.objects.filter(municipality=world.city).update(state="prepared", opened_at=None)
    assert sign_in("kacho").get(url(world.ka, cells[POLICY])).status_code == 302


def test_as_many_queries_at_eight_people_as_at_eighty(
    sign_in, past, cells, last_cycle, django_assert_max_num_queries
):
    need(past.ka, last_cycle, {POLICY: 1})
    client = sign_in("kacho")
    counted = []
    for more in (2, 72):
        for number in range(more):
            staff = b.make_staff(past.city, f"職員 {more}-{number}")
            b.make_posting(staff, past.kiban)
            confirmed(staff, past.cycle, {POLICY: number % 5})
        for number in range(more // 2):
            assign(moved(past, f"旧 {more}-{number}", 3, to=past.jinjika), past.ka, f"業務 {more}-{number}")
            measure(past, cells[POLICY], f"方針 {more}-{number}")
        with django_assert_max_num_queries(15) as queries:
            page = client.get(url(past.ka, cells[POLICY]))
        counted.append(len(queries))
    assert len(page.context["experienced"]) == 37
    assert counted[0] == counted[1]
