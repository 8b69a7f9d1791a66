"""異動シミュレーション: tried, kept, changed, shared and compared (P18); it never changes a person's data."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Forbidden, Invalid, NotVisible
from audit.models import Event
from gaps.models import Measure, MeasurePerson, Scenario, ScenarioMove, ScenarioStep
from gaps.scenario_form import next_first_of_april
from gaps.workflow import (
    MoveValues,
    ScenarioValues,
    StaleScenario,
    change_scenario,
    delete_scenario,
    save_scenario,
)
from organization.models import Grant, Leave, Posting, Staff
from organization.models.position import LineRole
from tests import builders as b
from tests.gaps.records import ANALYSIS, POLICY, TALKING, confirmed, need

NEW, LIST, COMPARE = "gaps:scenario_new", "gaps:scenarios", "gaps:scenario_compare"
LATER = datetime.date(2127, 4, 1)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def day(today):
    return next_first_of_april(today)


def new(department, query=""):
    return f"{reverse(NEW)}?department={department.uuid}{query}"


def at(scenario):
    return reverse("gaps:scenario", args=[scenario.uuid])


def sent(day, *, leave=(), join=(), do="try", **more):
    """Return what the form sends."""
    return {
        "on": day.isoformat(),
        "leave": [str(person.uuid) for person in leave],
        "join": [str(person.uuid) for person in join],
        "do": do,
        "key": str(uuid.uuid4()),
        **more,
    }


def keep(department, day, *moves, by, name="4月の案", shared=False, key=None):
    values = ScenarioValues(name, day, shared=shared, moves=moves)
    return save_scenario(
        department=department, values=values, by=b.actor_of(by), now=timezone.now(), key=key or uuid.uuid4()
    )


def leaving(person, reason="transfer"):
    return MoveValues("leave", person.pk, reason)


def rows_of_people():
    return {model: list(model.objects.order_by("pk").values()) for model in (Posting, Leave, Grant, Staff)}


# --- trying


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
    assert "引継ぎメモの機能はまだありません" in page.content.decode()


# --- small departments


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


# --- keeping


def test_kept_changed_and_thrown_away(sign_in, section, day):
    client = sign_in("kacho")
    form = sent(day, leave=[section.kakari], do="save", name="４月の案", note="内示の前", shared="on")
    form |= {f"reason-{section.kakari.uuid}": "retirement", "new-2": "on", f"step-2-{POLICY}": "2"}
    answer = client.post(new(section.ka), form)
    stored = Scenario.objects.get()
    assert answer["Location"] == at(stored)
    assert (stored.name, stored.on, stored.shared, stored.author) == ("４月の案", day, True, section.kacho)
    moves = list(stored.moves.values_list("kind", "staff_id", "reason", "label"))
    assert moves == [
        ("leave", section.kakari.pk, "retirement", ""), ("join", None, "", "新規採用・配属 2人目"),
    ]  # fmt: skip
    assert list(ScenarioStep.objects.values_list("cell_code", "step")) == [(POLICY, 2)]
    event = Event.objects.get(action="scenario.save")
    assert event.data == {"leaving": 1, "joining": 1, "shared": True}
    assert event.subject_uuid is None
    # The same click again.
    assert client.post(new(section.ka), form)["Location"] == at(stored)
    assert Scenario.objects.count() == 1
    page = client.get(at(stored))
    assert page.context["sentence"].startswith("1人が抜けて1人が入ると、")
    assert [(row.person.name, row.reason) for row in page.context["leavers"] if row.checked] == [
        ("𠮷田 由紀子", "retirement")
    ]
    # Tried on the page of the scenario: nothing changes.
    client.post(at(stored), sent(day, leave=[section.dourei], version="1"))
    assert ScenarioMove.objects.filter(staff=section.kakari).exists()
    changed = client.post(
        at(stored), sent(day, leave=[section.dourei], do="save", name="別の案", version="1")
    )
    assert changed.status_code == 302
    stored.refresh_from_db()
    assert (stored.name, stored.shared, stored.version) == ("別の案", False, 2)
    assert list(stored.moves.values_list("staff_id", flat=True)) == [section.dourei.pk]
    assert client.post(at(stored), {"do": "delete", "version": "2"})["Location"] == reverse(LIST)
    assert not Scenario.objects.exists()
    assert not ScenarioMove.objects.exists()
    assert list(Event.objects.filter(action__startswith="scenario").values_list("action", flat=True)) == [
        "scenario.save", "scenario.change", "scenario.delete",
    ]  # fmt: skip


def test_an_old_version_comes_back_with_both(sign_in, section, day):
    stored = keep(section.ka, day, leaving(section.kakari), by=section.kacho)
    client = sign_in("kacho")
    client.post(at(stored), sent(day, leave=[section.kakari], do="save", name="先に", version="1"))
    late = client.post(at(stored), sent(day, leave=[section.dourei], do="save", name="後から", version="1"))
    text = late.content.decode()
    assert late.status_code == 409
    assert 'value="後から"' in text
    assert "保存されている内容：「先に」" in text
    assert [row.person.name for row in late.context["leavers"] if row.checked] == ["小林 健"]
    version = late.context["form"]["version"].value()
    again = client.post(
        at(stored), sent(day, leave=[section.dourei], do="save", name="後から", version=version)
    )
    assert again.status_code == 302
    assert client.post(at(stored), {"do": "delete", "version": "1"}).status_code == 409
    assert client.post(at(stored), {"do": "delete", "version": "x"}).status_code == 422
    assert Scenario.objects.get().name == "後から"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "案の名前を入力してください"),
        ({"name": "長" * 61}, "60"),
        ({"note": "長" * 401}, "400"),
        ({"leave": []}, "抜ける人か入る人を、1人以上選んでください。"),
    ],
)
def test_what_cannot_be_kept_is_said(sign_in, section, day, change, message):
    form = sent(day, leave=[section.kakari], do="save", name="案") | change
    answer = sign_in("kacho").post(new(section.ka), form)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Scenario.objects.exists()


# --- who sees it


@pytest.mark.parametrize(
    ("who", "status"),
    [("honnin", 403), ("henshu", 403), ("kansa", 403), ("sysadmin", 403), ("kakari", 404), ("jinji", 404)],
)
def test_a_scenario_of_ones_own_is_nobody_elses(sign_in, section, day, who, status):
    stored = keep(section.ka, day, leaving(section.dourei), by=section.kacho)
    client = sign_in(who)
    assert client.get(at(stored)).status_code == status
    assert client.post(at(stored), {"do": "delete", "version": "1"}).status_code == status
    assert Scenario.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("honnin", 403), ("henshu", 403), ("betsuka", 403)])
def test_who_may_not_try(sign_in, section, who, status):
    assert sign_in(who).get(new(section.kakari_dept)).status_code == status
    assert sign_in(who).get(reverse(LIST)).status_code == status


def test_a_department_that_is_not_led(sign_in, section, day):
    client = sign_in("kakari")
    assert client.get(new(section.jinjika)).status_code == 404
    assert client.get(f"{reverse(NEW)}?department=x").status_code == 404
    b.make_posting(section.kakari, section.soumu, kind="additional")
    assert client.get(new(section.soumu)).status_code == 403
    assert client.post(new(section.soumu), sent(day)).status_code == 403
    assert sign_in("jinji").get(new(section.foreign_department)).status_code == 404


def test_shared_with_hr_and_the_line_but_never_with_whom_it_moves(sign_in, section, day):
    stored = keep(section.kakari_dept, day, leaving(section.kakari), by=section.kacho, shared=True)
    page = sign_in("jinji").get(at(stored))
    assert page.status_code == 200
    assert "作った髙橋 誠一さんと、この所属を所管する上司と、人事だけが見ます" in page.content.decode()
    assert sign_in("bucho").get(at(stored)).status_code == 200
    concerned = sign_in("kakari")
    assert concerned.get(at(stored)).status_code == 404
    assert stored.name not in concerned.get(reverse(LIST)).content.decode()
    # Others may copy it, not change it.
    desk = sign_in("jinji")
    form = sent(day, leave=[section.kakari], do="save", name="写し", version="1")
    assert desk.post(at(stored), form).status_code == 403
    assert desk.post(at(stored), {"do": "delete", "version": "1"}).status_code == 403
    assert desk.post(new(section.kakari_dept), form).status_code == 302
    assert Scenario.objects.get(name="写し").author == section.jinji


def test_a_former_head_no_longer_sees_their_own(sign_in, section, day, today):
    stored = keep(section.ka, day, leaving(section.dourei), by=section.kacho)
    Posting.objects.filter(staff=section.kacho).update(end=today)
    b.make_posting(section.kacho, section.jinjika, start=today, line_role=LineRole.HEAD)
    client = sign_in("kacho")
    assert client.get(at(stored)).status_code == 404
    assert stored.name not in client.get(reverse(LIST)).content.decode()


def test_somebody_out_of_sight_is_neither_named_nor_counted(sign_in, section, day):
    confirmed(section.betsuka, section.cycle, {POLICY: 3})
    coming = MoveValues("join", section.betsuka.pk)
    stored = keep(section.ka, day, leaving(section.dourei), coming, by=section.jinji, shared=True)
    other = keep(section.ka, day, leaving(section.dourei), by=section.jinji, shared=True, name="もう一つ")
    assert "森 健太" in sign_in("jinji").get(at(stored)).content.decode()
    client = sign_in("kacho")
    page = client.get(at(stored))
    text = page.content.decode()
    assert "森 健太" not in text
    assert str(section.betsuka.uuid) not in text
    assert "いまは見られない職員がいます" in text
    assert page.context["result"]["matrix"][0].tiles[0].count == "1"
    compared = client.get(reverse(COMPARE), {"s": [str(stored.uuid), str(other.uuid)]}).content.decode()
    assert "森 健太" not in compared
    assert "いまは見られない職員" in compared


def test_somebody_who_has_gone_is_out_of_the_sum(sign_in, section, day, today):
    stored = keep(section.kakari_dept, day, leaving(section.dourei), by=section.kacho)
    Posting.objects.filter(staff=section.dourei).update(end=today)
    b.make_posting(section.dourei, section.kiban, start=today)
    text = sign_in("kacho").get(at(stored)).content.decode()
    assert "すでにいない職員：小林 健" in text
    Posting.objects.filter(staff=section.dourei, start=today).delete()
    b.make_posting(section.dourei, section.jinjika, start=today)
    text = sign_in("kacho").get(at(stored)).content.decode()
    assert "小林 健" not in text
    assert "いまは見られない職員" in text


# --- the list and the comparison


def test_the_list_shows_ones_own_and_the_shared(sign_in, section, day):
    keep(section.ka, day, leaving(section.dourei), by=section.kacho, name="自分の")
    keep(section.ka, day, leaving(section.dourei), by=section.jinji, name="共有の", shared=True)
    keep(section.ka, day, leaving(section.dourei), by=section.jinji, name="人事だけの")
    page = sign_in("kacho").get(reverse(LIST))
    assert {one.name: (one.leaving, one.joining) for one in page.context["page_obj"]} == {
        "自分の": (1, 0), "共有の": (1, 0),
    }  # fmt: skip
    assert [place.name for place in page.context["places"]] == ["デジタル推進課", "情報政策係", "基盤係"]


def test_two_are_compared(sign_in, section, day):
    one = keep(section.ka, day, leaving(section.kakari), by=section.kacho, name="案1")
    two = keep(
        section.ka, day, leaving(section.kakari), MoveValues("join", label="経験者", steps={POLICY: 3}),
        by=section.kacho, name="案2",
    )  # fmt: skip
    page = sign_in("kacho").get(reverse(COMPARE), {"s": [str(one.uuid), str(two.uuid)]})
    assert [column.scenario.name for column in page.context["columns"]] == ["案1", "案2"]
    (policy, *_) = page.context["cells"]
    assert [(word, count) for _, word, count, _ in policy.after] == [("不在", 0), ("一人依存", 1)]
    assert "経験者" in page.content.decode()


def test_what_cannot_be_compared(sign_in, section, day):
    here = [keep(section.ka, day, leaving(section.dourei), by=section.kacho) for _ in range(4)]
    there = keep(section.kakari_dept, day, leaving(section.dourei), by=section.kacho)
    client = sign_in("kacho")
    ids = [str(one.uuid) for one in here]
    assert client.get(reverse(COMPARE)).status_code == 200
    for wrong in (ids[:1], ids, [ids[0], str(there.uuid)]):
        assert client.get(reverse(COMPARE), {"s": wrong}).status_code == 422
    assert client.get(reverse(COMPARE), {"s": ["x", ids[0]]}).status_code == 404
    assert client.get(reverse(COMPARE), {"s": [str(uuid.uuid4()), ids[0]]}).status_code == 404
    foreign = keep(section.jinjika, day, leaving(section.betsuka), by=section.jinji)
    assert client.get(reverse(COMPARE), {"s": [str(foreign.uuid), ids[0]]}).status_code == 404


@pytest.mark.parametrize("who", ["kacho", "jinji"])
def test_queries_stay_few_at_any_size(sign_in, section, day, who, django_assert_max_num_queries):
    author = getattr(section, who)
    named = MoveValues("join", section.betsuka.pk)
    ours = [named] if who == "jinji" else []
    client = sign_in(who)
    counts = []
    for size in (0, 40):
        extra = [b.make_staff(section.city, f"増田 {n}") for n in range(size)]
        for staff in extra:
            b.make_posting(staff, section.kiban)
            confirmed(staff, section.cycle, {POLICY: 2})
        moves = [leaving(section.dourei), *ours, *(leaving(staff) for staff in extra[:20])]
        nameless = MoveValues("join", label="新規採用 1人", steps={POLICY: 1, TALKING: 2})
        stored = [keep(section.ka, day, *moves, nameless, by=author, name=f"{n}") for n in range(2)]
        pages = [
            new(section.ka),
            at(stored[0]),
            reverse(LIST),
            f"{reverse(COMPARE)}?s={stored[0].uuid}&s={stored[1].uuid}",
        ]
        spent = []
        for url in pages:
            with django_assert_max_num_queries(15) as used:
                assert client.get(url).status_code == 200
            spent.append(len(used))
        with django_assert_max_num_queries(15) as used:
            answer = client.post(
                at(stored[0]), sent(day, leave=[section.kakari, *extra[:3]], q="増田", version=1)
            )
            assert answer.status_code == 200
        counts.append([*spent, len(used)])
    assert counts[0] == counts[1]


# --- the workflow, without a page


def test_the_workflow_asks_for_itself(section, day):
    with pytest.raises(Forbidden):
        keep(section.ka, day, leaving(section.dourei), by=section.kakari)
    with pytest.raises(NotVisible):
        keep(section.foreign_department, day, leaving(section.dourei), by=section.jinji)
    for move in (
        leaving(section.betsuka),
        leaving(section.yoso),
        MoveValues("join", section.betsuka.pk),
        MoveValues("join", section.yoso.pk),
    ):
        with pytest.raises(NotVisible):
            keep(section.ka, day, move, by=section.kacho)
    for moves in (
        [MoveValues("leave", None, "transfer", "だれか")],
        [MoveValues("leave", section.dourei.pk)],
        [MoveValues("leave", section.dourei.pk, "holiday")],
        [MoveValues("join", section.dourei.pk, "transfer")],
        [MoveValues("join")],
        [MoveValues("join", label="人", steps={POLICY: 5})],
        [MoveValues("sideways", section.dourei.pk)],
        [leaving(section.dourei), MoveValues("join", section.dourei.pk)],
        [MoveValues("join", label="人")] * 4,
    ):
        with pytest.raises(Invalid):
            keep(section.ka, day, *moves, by=section.kacho)
    with pytest.raises(Invalid):
        keep(section.ka, day, leaving(section.dourei), by=section.kacho, name=" ")
    assert not Scenario.objects.exists()


def test_the_same_key_keeps_one(section, day):
    key = uuid.uuid4()
    first = keep(section.ka, day, leaving(section.dourei), by=section.kacho, key=key)
    assert keep(section.ka, day, leaving(section.kakari), by=section.kacho, key=key) == first
    with pytest.raises(Invalid):
        keep(section.kakari_dept, day, leaving(section.dourei), by=section.kacho, key=key)


def test_only_whoever_made_it_changes_it(section, day):
    stored = keep(section.ka, day, leaving(section.dourei), by=section.kacho, shared=True)
    values, now = ScenarioValues("案", day, moves=(leaving(section.dourei),)), timezone.now()
    for who in (section.jinji, section.bucho):
        with pytest.raises(Forbidden):
            change_scenario(scenario=stored, values=values, version=1, by=b.actor_of(who), now=now)
        with pytest.raises(Forbidden):
            delete_scenario(scenario=stored, version=1, by=b.actor_of(who), now=now)
    by = b.actor_of(section.kacho)
    assert change_scenario(scenario=stored, values=values, version=1, by=by, now=now).version == 2
    with pytest.raises(StaleScenario):
        change_scenario(scenario=stored, values=values, version=1, by=by, now=now)
    delete_scenario(scenario=stored, version=2, by=by, now=now)
    with pytest.raises(NotVisible):
        delete_scenario(scenario=stored, version=2, by=by, now=now)
