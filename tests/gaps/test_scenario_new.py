"""Trying moves: what falls, who may be named, and that nothing is kept (P18)."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from gaps.models import Measure, MeasurePerson, Scenario, ScenarioMove
from gaps.scenario_form import next_first_of_april
from organization.models import Posting, Staff
from organization.models.position import LineRole
from tests import builders as b
from tests.gaps.records import ANALYSIS, POLICY, TALKING, confirmed, need
from tests.gaps.scenarios import LATER, at, new, rows_of_people, sent


def test_trying_says_what_falls_and_keeps_nothing(sign_in, section, day):
    before = rows_of_people()
    client = sign_in("kacho")
    assert client.get(new(section.ka)).status_code == 200
    page = client.post(new(section.ka), sent(day, leave=[section.kakari]))
    text = page.content.decode()
    assert page.status_code == 200
    assert "1人が抜けると、1項目でできる人がいなくなります。" in text
    assert page.context["result"]["none"] == ["セキュリティポリシー｜策定管理"]
    (cover, *_) = page.context["result"]["covers"]
    assert (cover.name, cover.people) == ("セキュリティポリシー｜策定管理", ("髙橋 誠一",))
    assert not Scenario.objects.exists()
    left_alone = rows_of_people()
    left_alone[Staff] = [{**row, "last_login": None} for row in left_alone[Staff]]
    assert left_alone == {**before, Staff: [{**row, "last_login": None} for row in before[Staff]]}
    assert not Event.objects.filter(action__startswith="scenario").exists()


def test_the_table_says_what_each_holds_and_carries_alone(sign_in, section):
    page = sign_in("kacho").get(new(section.ka))
    rows = {row.person.name: (row.holds, row.carries) for row in page.context["leavers"]}
    assert rows["𠮷田 由紀子"] == (4, 1)
    assert rows["髙橋 誠一"] == (2, 0)
    assert "人の評価や順位ではありません" in page.content.decode()
    assert page.context["result"] is None
    assert page.context["day"] == next_first_of_april(timezone.localdate())


def test_the_warning_of_the_department_page_ticks_somebody(sign_in, section):
    page = sign_in("kacho").get(new(section.ka, f"&leave={section.kakari.uuid}"))
    assert [row.person.name for row in page.context["leavers"] if row.checked] == ["𠮷田 由紀子"]
    assert page.context["result"]["none"]


def test_nameless_people_come_with_steps_of_category_and_cell(sign_in, section, day):
    category = section.cells[0].area.category.code
    page = sign_in("kacho").post(
        new(section.ka),
        sent(day, **{"new-1": "on", f"category-1-{category}": "3", f"step-1-{ANALYSIS}": "0"}),
    )
    changes = {
        tile.task: (tile.before, tile.count)
        for group in page.context["result"]["matrix"]
        for tile in group.tiles
    }
    assert changes["策定管理"] == ("1 → ", "2")
    assert changes["企画立案"] == ("0 → ", "1")
    assert changes["業務分析"] == ("", "3")
    assert page.context["slots"][0].checked


def test_known_moves_are_ticked_beforehand(sign_in, section, day):
    """A posting that ends, a leave that begins, somebody who leaves, somebody posted here from then on."""
    Posting.objects.filter(staff=section.dourei).update(end=day)
    b.make_posting(section.dourei, section.jinjika, start=day)
    b.make_leave(section.honnin, start=day)
    Staff.objects.filter(pk=section.sysadmin.pk).update(left_on=day)
    Posting.objects.filter(staff=section.betsuka).update(end=day)
    b.make_posting(section.betsuka, section.kiban, start=day)
    back = b.make_staff(section.city, "中村 陽菜")
    b.make_posting(back, section.kiban)
    b.make_leave(back, start=datetime.date(2024, 4, 1), end=day)
    page = sign_in("jinji").get(new(section.ka))
    ticked = {row.person.name: row.reason for row in page.context["leavers"] if row.checked}
    assert ticked == {"小林 健": "transfer", "山﨑 美咲": "childcare", "松本 圭": "retirement"}
    assert {row.name for row in page.context["joiners"] if row.checked} == {"森 健太", "中村 陽菜"}
    # The line sees its own, but nobody who is not theirs before the day.
    text = sign_in("kacho").get(new(section.ka)).content.decode()
    assert "中村 陽菜" in text
    assert "森 健太" not in text
    # Before the day the same people stand where they stand.
    early = sign_in("kacho").post(new(section.ka), sent(timezone.localdate()))
    assert not early.context["known_leavers"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "異動の日を入力してください"),
        ("4月", "日付として読めない"),
        ("2020-04-01", "今日より後の日"),
        (LATER.isoformat(), "5年より先にはできません"),
    ],
)
def test_a_day_that_is_none_is_said_and_the_ticks_stay(sign_in, section, value, message):
    answer = sign_in("kacho").post(new(section.ka), {"on": value, "leave": [str(section.kakari.uuid)]})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert message in text
    assert 'href="#id_on"' in text
    assert [row.person.name for row in answer.context["leavers"] if row.checked] == ["𠮷田 由紀子"]


@pytest.mark.parametrize("field", ["leave", "join"])
@pytest.mark.parametrize("who", ["betsuka", "yoso", "nobody", "nonsense"])
def test_nobody_out_of_scope_can_be_named(sign_in, section, day, field, who):
    public_id = {"nobody": uuid.uuid4(), "nonsense": "x"}.get(who) or getattr(section, who).uuid
    for do in ("try", "save"):
        answer = sign_in("kacho").post(
            new(section.ka), {"on": day.isoformat(), field: [str(public_id)], "do": do, "name": "案"}
        )
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "選んだ職員のうち1人は、いま選べません。" in text
        assert "森 健太" not in text
        assert "外野" not in text
    assert not Scenario.objects.exists()


def test_the_line_finds_its_own_and_hr_looks_by_name(sign_in, section, day):
    line = sign_in("kacho")
    names = [row.name for row in line.get(new(section.kakari_dept)).context["joiners"]]
    assert sorted(names) == sorted(["石井 大輔", "松本 圭", "髙橋 誠一"])
    some = line.post(new(section.kakari_dept), sent(day, q="石井"))
    assert [row.name for row in some.context["joiners"]] == ["石井 大輔"]
    desk = sign_in("jinji")
    assert desk.get(new(section.kakari_dept)).context["joiners"] == []
    found = desk.post(new(section.kakari_dept), sent(day, q="森"))
    assert [row.name for row in found.context["joiners"]] == ["森 健太"]
    kept = desk.post(new(section.kakari_dept), sent(day, q="大橋", join=[section.betsuka]))
    assert [(row.name, row.checked) for row in kept.context["joiners"]] == [
        ("森 健太", True), ("大橋 香織", False),
    ]  # fmt: skip
    assert (
        "合う職員はいません" in desk.post(new(section.kakari_dept), sent(day, q="いない人")).content.decode()
    )


def test_a_search_shows_at_most_twenty(sign_in, section, day):
    for number in range(25):
        b.make_posting(b.make_staff(section.city, f"多田 {number}"), section.jinjika)
    page = sign_in("jinji").post(new(section.ka), sent(day, q="多田"))
    assert len(page.context["joiners"]) == 20
    assert page.context["more_found"]


def test_somebody_named_comes_with_their_record(sign_in, section, day):
    confirmed(section.betsuka, section.cycle, {POLICY: 3})
    page = sign_in("jinji").post(new(section.ka), sent(day, join=[section.betsuka]))
    (row,) = page.context["joiners"]
    assert "記録の段階を使います（できる項目 1）" in row.details
    tile = page.context["result"]["matrix"][0].tiles[0]
    assert (tile.before, tile.count, tile.word) == ("1 → ", "2", "充足")
    assert page.context["sentence"] == "1人が入ると、1項目が良くなります。"


def test_what_a_leaver_hands_over(sign_in, section, day):
    now = timezone.now()
    measure = Measure.objects.create(
        municipality=section.city, department=section.ka, cycle=section.cycle, cell=section.cells[1],
        kind="train", text="研修に出す", owner=section.kakari, decided_status="ok", decided_holders=3,
        created_at=now, updated_at=now,
    )  # fmt: skip
    MeasurePerson.objects.create(municipality=section.city, measure=measure, staff=section.dourei, to_step=3)
    page = sign_in("kacho").post(new(section.ka), sent(day, leave=[section.kakari, section.dourei]))
    sheets = {sheet.person.name: sheet for sheet in page.context["result"]["sheets"]}
    assert [line.name for line in sheets["𠮷田 由紀子"].cells] == [
        "セキュリティポリシー｜策定管理", "庁内情報化｜業務分析", "コミュニケーション",
    ]  # fmt: skip
    assert sheets["𠮷田 由紀子"].measures == ("業務分析：研修に出す（担当）",)
    assert sheets["小林 健"].measures == ("業務分析：研修に出す（育成の対象）",)
    assert reverse("assessments:handover_sheet", args=[section.kakari.uuid]) in page.content.decode()


def test_a_department_of_one_reads_right(sign_in, world, day):
    alone = b.make_department(world.city, "出張所", parent=world.bu)
    head = b.make_staff(world.city, "村上 一")
    b.make_posting(head, alone, line_role=LineRole.HEAD)
    confirmed(head, world.cycle, {POLICY: 3, TALKING: 3})
    need(alone, world.cycle, {POLICY: 1, TALKING: 1})
    world.head = head
    client = sign_in("bucho")
    gone = client.post(new(alone), sent(day, leave=[head]))
    assert gone.context["sentence"] == "1人が抜けると、この所属で数える職員がいなくなります。"
    swapped = client.post(new(alone), sent(day, leave=[head], **{"new-1": "on"}))
    assert swapped.context["sentence"] == "1人が抜けて1人が入ると、2項目でできる人がいなくなります。"
    pair = b.make_staff(world.city, "二宮 二")
    b.make_posting(pair, alone)
    confirmed(pair, world.cycle, {POLICY: 3})
    smaller = client.post(new(alone), sent(day, leave=[pair]))
    assert smaller.context["sentence"] == "1人が抜けると、1人体制になります。"
    assert "1人体制の1人が支える 1項目" in smaller.content.decode()


def test_without_needs_and_without_a_year(sign_in, world, day):
    page = sign_in("kacho").post(new(world.ka), sent(day, leave=[world.honnin]))
    assert "必要人数が未設定なので、充足状況は比べられません。" in page.context["sentence"]
    world.cycle.state = "prepared"
    world.cycle.opened_at = None
    world.cycle.save(update_fields=["state", "opened_at"])
    assert "受付を始めた年度がまだない" in sign_in("kacho").get(new(world.ka)).content.decode()


def test_a_nameless_person_keeps_the_name_that_was_typed(sign_in, section, day):
    client = sign_in("kacho")
    form = sent(day, do="save", name="案", **{"new-1": "on", "label-1": "税務課から\n主査1人" + "長" * 60})
    client.post(new(section.ka), form)
    move = ScenarioMove.objects.get()
    assert move.label == ("税務課から 主査1人" + "長" * 60)[:40]
    page = client.get(at(move.scenario))
    assert [slot.label for slot in page.context["slots"]][:2] == [move.label, "新規採用・配属 2人目"]
    assert "選んだ段階で試します" not in page.content.decode()
