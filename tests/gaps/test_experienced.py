"""経験者さがし: by cell and step, 資格 and 業務経験, in scope; and by six facts those who moved away (P19)."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments.models import Cycle
from audit.models import Event
from organization.models import Posting
from tests import builders as b
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, confirmed, waiting
from tests.gaps.test_cell import APRIL, assign, moved

URL = "/people/experienced/"
DAY = datetime.date(2024, 6, 1)


def search(client, **asked):
    response = client.get(URL, asked)
    assert response.status_code == 200
    return response


def found(response):
    """Return {state: names} of those in scope."""
    return {
        section.key: [line.staff.name for line in section.lines] for section in response.context["sections"]
    }


def here(response):
    return found(response).get("state-0", [])


def body(response):
    return response.content.decode().split("<main", 1)[1]


@pytest.fixture
def past(section):
    """The section with a year in which others worked here."""
    section.past = b.make_cycle(section.city, section.version, fiscal_year=2024, state="closed")
    return section


def test_nothing_is_asked_yet(sign_in, section):
    page = search(sign_in("kacho"))
    assert "sections" not in page.context
    assert "さがしたことは記録に残ります" in body(page)
    assert not Event.objects.exclude(action="access.refused").exists()


def test_an_empty_search_says_what_to_do(sign_in, section):
    assert "項目、資格、業務経験のどれかを入れてください。" in body(
        search(sign_in("kacho"), cell="", step="3", words="")
    )
    assert not Event.objects.exclude(action="access.refused").exists()


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ("4", ["𠮷田 由紀子"]),
        ("3", ["𠮷田 由紀子"]),
        ("2", ["髙橋 誠一", "𠮷田 由紀子"]),
        ("", ["𠮷田 由紀子"]),
    ],
)
def test_by_cell_and_step(sign_in, section, step, names):
    page = search(sign_in("kacho"), cell=POLICY, step=step)
    assert sorted(here(page)) == sorted(names)
    assert "4 教えられる　令和8年度" in body(page)
    assert reverse("assessments:resume", args=[section.kakari.uuid]) in body(page)
    assert "情報政策係" in body(page)


def test_the_newest_confirmed_step_counts_and_an_earlier_year_where_there_is_none(sign_in, section, past):
    confirmed(section.kacho, past.past, {POLICY: 4})
    confirmed(section.henshu, past.past, {POLICY: 3})
    page = search(sign_in("kacho"), cell=POLICY, step="3")
    assert sorted(here(page)) == sorted(["𠮷田 由紀子", "石井 大輔"])
    assert "3 独力でできる　令和6年度" in body(page)


def test_self_only_on_a_switch(sign_in, section):
    waiting(section.honnin, section.cycle, {POLICY: 3})
    client = sign_in("kacho")
    assert here(search(client, cell=POLICY, step="3")) == ["𠮷田 由紀子"]
    page = search(client, cell=POLICY, step="3", self_too="on")
    assert sorted(here(page)) == sorted(["𠮷田 由紀子", "山﨑 美咲"])
    assert "3 独力でできる（自己のみ、確認待ち）" in body(page)


def test_an_own_word_older_than_what_was_confirmed_is_not_looked_at(sign_in, section, last_cycle):
    waiting(section.kacho, last_cycle, {POLICY: 4})
    assert here(search(sign_in("kacho"), cell=POLICY, step="3", self_too="on")) == ["𠮷田 由紀子"]


def test_what_a_closed_year_left_unconfirmed_stays_with_the_person(sign_in, section, last_cycle):
    waiting(section.honnin, last_cycle, {POLICY: 4})
    assert here(search(sign_in("kacho"), cell=POLICY, step="3", self_too="on")) == ["𠮷田 由紀子"]


def test_by_certificate_of_the_register(sign_in, section):
    applied = b.make_qualification()
    b.make_certification(section.dourei, qualification=applied, start=DAY)
    b.make_certification(section.honnin, "基本情報技術者試験")
    page = search(sign_in("kacho"), qualification=str(applied.uuid))
    assert here(page) == ["小林 健"]
    assert "応用情報技術者試験（令和6年6月1日）" in body(page)


@pytest.mark.parametrize("words", ["ＩＴパスポート", "itﾊﾟｽﾎﾟｰﾄ", "ITぱすぽーと", "パスポート", " IT　試験 "])
def test_by_free_words_in_either_width_and_kana(sign_in, section, words):
    b.make_certification(section.dourei, "ITパスポート試験")
    b.make_certification(section.honnin, "簿記検定2級")
    assert here(search(sign_in("kacho"), certificate=words)) == ["小林 健"]


@pytest.mark.parametrize(
    "words", ["BPR", "ＢＰＲ", "bpr", "３課", "3課", "見直し 主担当", "けんすう 120", "件数"]
)
def test_by_words_of_experience_in_any_of_its_texts(sign_in, section, words):
    b.make_experience(
        section.honnin, "窓口のＢＰＲ", text="3課の手続を見直し", role="主担当", size="ケンスウ120", result="件数が半分に",
        start=DAY, category="bpr",
    )  # fmt: skip
    b.make_experience(section.dourei, "データの移行", text="見直し")
    page = search(sign_in("kacho"), words=words)
    assert here(page) == ["山﨑 美咲"]
    assert "窓口BPR：窓口のＢＰＲ（令和6年6月1日、主担当）" in body(page)


def test_wildcards_are_letters(sign_in, section):
    b.make_experience(section.honnin, "達成率100%")
    b.make_experience(section.dourei, "予算の100万円")
    assert here(search(sign_in("kacho"), words="100%")) == ["山﨑 美咲"]
    assert here(search(sign_in("kacho"), words="1_0")) == []


def test_all_that_is_given_has_to_hold(sign_in, section):
    b.make_experience(section.kakari, "基幹系の調達", category="procurement")
    b.make_experience(section.kacho, "端末の調達", category="procurement")
    b.make_experience(section.kakari, "監査の対応", category="audit")
    client = sign_in("kacho")
    assert sorted(here(search(client, category="procurement"))) == sorted(["𠮷田 由紀子", "髙橋 誠一"])
    page = search(client, category="procurement", cell=POLICY, step="3")
    assert here(page) == ["𠮷田 由紀子"]
    assert "監査の対応" not in body(page)
    # The words and the 区分 are of one entry.
    assert here(search(client, category="audit", words="基幹系")) == []


def test_only_what_stands_and_only_what_is_shown_to_them_is_searched(sign_in, section):
    b.make_experience(section.honnin, "取り消した調達", removed_at=timezone.now())
    b.make_handover(section.honnin, "調達の資料の場所")
    assert here(search(sign_in("kacho"), words="調達")) == []


def test_more_of_one_person_stands_in_the_record(sign_in, section):
    for number in range(5):
        b.make_experience(section.honnin, f"調達 その{number}")
    text = body(search(sign_in("kacho"), words="調達"))
    assert text.count("調達 その") == 3
    assert "ほか2件はスキル履歴書にあります" in text


def test_on_leave_and_left_stand_apart(sign_in, section):
    for staff in (section.kakari, section.kacho, section.dourei):
        b.make_certification(staff)
    b.make_leave(section.kakari)
    section.dourei.left_on = APRIL
    section.dourei.save(update_fields=["left_on"])
    page = search(sign_in("jinji"), certificate="応用情報")
    assert found(page) == {
        "state-0": ["髙橋 誠一"], "state-1": ["𠮷田 由紀子"], "state-2": ["小林 健"],
    }  # fmt: skip
    assert "育休" in body(page)
    # Who left is no business of the line.
    assert found(search(sign_in("kacho"), certificate="応用情報")) == {
        "state-0": ["髙橋 誠一"], "state-1": ["𠮷田 由紀子"],
    }  # fmt: skip


def test_scope(sign_in, section):
    for staff in (section.honnin, section.henshu, section.betsuka, section.yoso):
        b.make_certification(staff)
    assert here(search(sign_in("kakari"), certificate="応用")) == ["山﨑 美咲"]
    assert len(here(search(sign_in("kacho"), certificate="応用"))) == 2
    assert len(here(search(sign_in("jinji"), certificate="応用"))) == 3


def test_from_the_day_of_a_transfer_a_person_is_nobody_here(sign_in, section):
    b.make_certification(section.honnin)
    Posting.objects.filter(staff=section.honnin).update(end=timezone.localdate())
    b.make_posting(section.honnin, section.jinjika, start=timezone.localdate())
    page = search(sign_in("kacho"), certificate="応用")
    assert here(page) == []
    assert section.honnin.name not in body(page)


def test_those_who_moved_are_six_facts(sign_in, past):
    goro = moved(past, "谷口 五郎", 3, to=past.jinjika)
    assign(goro, past.kakari_dept, "例規の管理")
    assign(goro, past.jinjika, "よその業務")
    b.make_experience(goro, "秘密の経験")
    page = search(sign_in("kacho"), cell=POLICY, step="3")
    (line,) = page.context["moved"]
    assert (line.name, line.present, line.duties) == ("谷口 五郎", "人事課", "例規の管理")
    assert line.period == "令和2年4月1日～令和7年3月31日"
    assert line.step == "3 独力でできる（令和6年度）"
    text = body(page)
    assert str(goro.uuid) not in text, "no link to somebody out of scope"
    assert goro.staff_number not in text
    assert "秘密の経験" not in text


def test_entries_of_those_who_moved_are_not_searched(sign_in, past):
    goro = moved(past, "谷口 五郎", 3, to=past.jinjika)
    b.make_experience(goro, "秘密の経験")
    page = search(sign_in("kacho"), words="秘密")
    assert "谷口" not in body(page)
    assert "異動した人は、項目と段階でだけさがせます" in body(page)
    # With a cell the words narrow who is here, and neither hide nor show who moved.
    for words in ("秘密", "ない言葉"):
        page = search(sign_in("kacho"), cell=POLICY, step="3", words=words)
        assert here(page) == []
        assert [line.name for line in page.context["moved"]] == ["谷口 五郎"]


@pytest.mark.parametrize(("step", "there"), [("2", True), ("3", True), ("4", False)])
def test_the_step_asked_for_holds_for_those_who_moved(sign_in, past, step, there):
    moved(past, "谷口 五郎", 3, to=past.jinjika)
    page = search(sign_in("kacho"), cell=POLICY, step=step)
    assert bool(page.context["moved"]) == there


def test_of_every_department_that_the_actor_leads(sign_in, past):
    moved(past, "谷口 五郎", 3, to=past.soumu)
    b.make_posting(past.betsuka, past.kakari_dept, kind="additional", line_role="first")
    b.make_posting(past.betsuka, past.kiban, kind="additional", line_role="first")
    page = search(sign_in("betsuka"), cell=POLICY, step="3")
    assert [line.name for line in page.context["moved"]] == ["谷口 五郎"]
    assert here(page) == ["𠮷田 由紀子"]


def test_hr_finds_everybody_and_nobody_moved(sign_in, past):
    moved(past, "谷口 五郎", 3, to=past.jinjika)
    page = search(sign_in("jinji"), cell=POLICY, step="3")
    assert sorted(here(page)) == sorted(["谷口 五郎", "𠮷田 由紀子"])
    assert page.context["moved"] == []
    assert "異動した人も上に入っています" in body(page)


def test_each_search_leaves_an_event_with_counts_and_no_words(sign_in, past):
    moved(past, "谷口 五郎", 3, to=past.jinjika)
    search(sign_in("kacho"), cell=POLICY, step="3", words="人の名前")
    (event,) = Event.objects.filter(action="experienced.view")
    assert event.actor_uuid == past.kacho.uuid
    assert event.subject_uuid is None
    assert event.data == {
        "cell": POLICY, "step": 3, "by_certificate": False, "by_experience": True, "found": 0, "people": 1, "role": "M",
    }  # fmt: skip
    assert "人の名前" not in str(event.data)


@pytest.mark.parametrize("name", ["honnin", "betsuka", "kansa", "henshu", "sysadmin"])
def test_for_the_line_and_hr_alone(sign_in, section, name):
    assert sign_in(name).get(URL).status_code == 403


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"cell": "no-such"}, "選択してください"),
        ({"step": "9", "cell": POLICY}, "選択してください"),
        ({"words": "あ" * 61}, "60"),
        ({"words": "あ い う え お か"}, "言葉は5つまでです"),
        ({"certificate": "あ い う え お か"}, "言葉は5つまでです"),
    ],
)
def test_what_cannot_be_looked_for_is_said_and_kept(sign_in, section, asked, said):
    page = search(sign_in("kacho"), **asked)
    assert said in body(page)
    assert "sections" not in page.context
    if "words" in asked:
        assert asked["words"] in body(page)


@pytest.mark.parametrize("words", ["<script>", "' OR 1=1 --", "\x00", "%", "　", "𠮷野家", "a" * 60])
def test_any_words_are_only_words(sign_in, section, words):
    assert "<script>" not in body(search(sign_in("kacho"), words=words, category="audit"))


def test_before_the_first_year(sign_in, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="prepared", opened_at=None)
    b.make_certification(world.honnin)
    assert here(search(sign_in("kacho"), certificate="応用")) == ["山﨑 美咲"]


def test_paged_with_the_search_kept(sign_in, section):
    for number in range(60):
        staff = b.make_staff(section.city, f"職員 {number:02d}", kana=f"ショクイン{number:02d}")
        b.make_posting(staff, section.kiban)
        b.make_certification(staff)
    page = search(sign_in("kacho"), certificate="応用")
    assert '<h2 id="found-h">60人</h2>' in body(page)
    assert len(here(page)) == 50
    assert "certificate=" in body(page).split("pagination", 1)[1]
    assert len(here(search(sign_in("kacho"), certificate="応用", page="2"))) == 10


@pytest.mark.parametrize("name", ["kacho", "jinji"])
def test_queries_at_two_sizes(sign_in, past, name):
    def count():
        client = sign_in(name)
        asked = {"cell": POLICY, "step": "1", "self_too": "on", "certificate": "応用", "words": "調達"}
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert search(client, **asked).context["sections"]
        return len(seen)

    def grow(people):
        for number in range(people):
            staff = b.make_staff(past.city, f"職員 {number}")
            b.make_posting(staff, past.kiban)
            confirmed(staff, past.cycle, {POLICY: 3, ANALYSIS: 2, PLANNING: 1})
            b.make_certification(staff)
            b.make_experience(staff, "調達")
            moved(past, f"異動 {number}", 3, to=past.jinjika)

    grow(1)
    small = count()
    grow(20)
    assert count() == small <= 15


def test_the_people_page_and_the_scenario_lead_here(sign_in, section):
    client = sign_in("kacho")
    assert URL in client.get(reverse("organization:people")).content.decode()
    form = client.get(reverse("gaps:scenario_new"), {"department": section.ka.uuid})
    assert "経験者をさがして加える" in form.content.decode()
    assert URL not in sign_in("kansa").get(reverse("organization:people")).content.decode()


def test_somebody_who_is_hr_and_leads_sees_all(sign_in, section):
    b.make_grant(section.kacho, Role.HR)
    b.make_certification(section.betsuka)
    assert here(search(sign_in("kacho"), certificate="応用")) == ["森 健太"]
