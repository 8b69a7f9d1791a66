"""職員数とスキルの確保: read by each sight, and the 所属長's own word given, changed and taken back (P16, P17)."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.models import Cycle
from audit.models import Event
from competency.reference import published
from gaps.four_way import Answer
from gaps.four_way_page import HIDDEN
from gaps.models import FourWayOverride
from gaps.workflow import StaleAnswer, override_four_way
from organization.models import Municipality, Posting
from tests import builders as b
from tests.gaps.duties import duty
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, RUNNING, confirmed, external, need, rule

REASON = "委託先の担当が替わり、来月から1人になるため"


def url(department, query=""):
    return reverse("gaps:four_way", args=[department.uuid]) + query


@pytest.fixture
def duties(section):
    """The section with 事務分掌: 𠮷田さん has policy, 𠮷田さん and 髙橋さん analysis and planning."""
    duty(section.ka, 2026, [POLICY], [section.kakari])
    duty(section.ka, 2026, [ANALYSIS, PLANNING], [section.kakari, section.kacho])
    return section


def row(page, number):
    return next(one for one in page.context["rows"] if one.skill.number == number)


def sent(number=10, answer="both", reason=REASON, version=0):
    return {"skill": str(number), "answer": answer, "reason": reason, "version": str(version)}


def test_it_works(sign_in, duties):
    page = sign_in("kacho").get(url(duties.ka))
    assert page.status_code == 200
    # Policy: two needed, one has it, one can. Analysis is covered, planning is had by two and done by none.
    assert row(page, 10).answer is Answer.PEOPLE_SHORT
    assert row(page, 10).explanation == (
        "セキュリティポリシー｜策定管理：必要2人、担当1人（あと1人）、できる人1人。",
    )
    assert row(page, 12).answer is Answer.SKILL_SHORT
    assert row(page, 12).explanation[1] == (
        "庁内情報化｜企画立案：必要1人、担当2人、できる人0人（あと1人）、未評価3人。"
    )
    # Running is not needed at the first stage; nobody has it at the second.
    assert row(page, 4).answer is row(page, 5).answer is Answer.BOTH_SHORT
    assert row(page, 4).sharing == "スキル5と同じ項目で判定しています。"
    assert row(page, 13).answer is Answer.UNMAPPED
    assert page.context["conclusion"] == (
        "13のスキルのうち、スキル不足は1、職員数不足は1、両方不足は2です。ほかの9は判定していません。"
    )
    assert row(page, 13).bar_label == (
        "15団体の内訳。両方確保1、スキル不足2、職員数不足2、両方不足8、その他2"
    )
    assert "n=15" in page.content.decode()


def test_without_duties_nothing_is_judged(sign_in, section):
    page = sign_in("kacho").get(url(section.ka))
    assert {one.answer for one in page.context["rows"]} == {Answer.NO_DUTIES}
    assert "事務分掌が未入力のため判定できません" in page.content.decode()


def test_outsourced_duties_ask_for_nobody_and_those_of_another_year_neither(sign_in, section):
    duty(section.ka, 2026, [POLICY], [section.kakari], done_by="outsourced")
    duty(section.ka, 2025, [POLICY], [section.kakari])
    duty(section.jinjika, 2026, [POLICY], [section.kakari])
    client = sign_in("kacho")
    assert row(client.get(url(section.ka)), 10).answer is Answer.NO_DUTIES
    duty(section.kiban, 2026, [], [section.kakari])
    assert row(client.get(url(section.ka)), 10).explanation[0].endswith("担当0人（あと2人）、できる人1人。")


def test_who_has_left_or_is_on_leave_has_no_duty(sign_in, duties):
    client = sign_in("kacho")
    duty(duties.kakari_dept, 2026, [POLICY], [duties.dourei, duties.betsuka])
    assert row(client.get(url(duties.ka)), 10).answer is Answer.SKILL_SHORT
    b.make_leave(duties.dourei)
    assert row(client.get(url(duties.ka)), 10).answer is Answer.PEOPLE_SHORT
    today = timezone.localdate()
    Posting.objects.filter(staff=duties.kakari).update(end=today)
    assert row(client.get(url(duties.ka)), 10).answer is Answer.BOTH_SHORT


def test_two_duties_with_the_same_cell_count_a_person_once(sign_in, duties):
    duty(duties.kakari_dept, 2026, [POLICY], [duties.kakari])
    assert "担当1人" in row(sign_in("kacho").get(url(duties.ka)), 10).explanation[0]


def test_external_cover_counts_as_the_department_counts_it(sign_in, duties):
    external(duties.ka, duties.cycle, {PLANNING: 1})
    client = sign_in("kacho")
    assert row(client.get(url(duties.ka)), 12).answer is Answer.SKILL_SHORT
    rule(duties.ka, duties.cycle, counts_external=True)
    assert row(client.get(url(duties.ka)), 12).answer is Answer.BOTH


# --- who sees how much


def test_staff_see_answers_and_numbers_but_no_reason(sign_in, duties):
    FourWayOverride.objects.create(
        municipality=duties.city, department=duties.ka, cycle=duties.cycle, skill=10, answer="both",
        reason=REASON, author=duties.kacho, updated_at=timezone.now(),
    )  # fmt: skip
    b.make_posting(duties.honnin, duties.ka, kind="additional")
    page = sign_in("honnin").get(url(duties.ka))
    text = page.content.decode()
    assert row(page, 10).answer is Answer.BOTH
    assert "計算では「職員数不足」" in text
    assert row(page, 12).explanation
    assert REASON not in text
    assert "髙橋" not in text
    assert "判断を付ける" not in text


def test_staff_of_a_small_unit_see_words_alone(sign_in, duties):
    need(duties.kakari_dept, duties.cycle, {POLICY: 2})
    duty(duties.kakari_dept, 2026, [POLICY], [duties.kakari])
    page = sign_in("honnin").get(url(duties.kakari_dept))
    assert row(page, 10).answer is Answer.PEOPLE_SHORT
    assert not any(one.explanation for one in page.context["rows"])
    assert page.context["head_count"] == "5人未満"
    main = page.content.decode().split("<main")[1].split("</main>")[0].replace("平均", "")
    assert not re.search(r"(担当|できる人|必要)[0-9]+人", main)


@pytest.mark.parametrize("who", ["kansa", "henshu"])
def test_editors_and_auditors_see_the_survey_alone(sign_in, duties, who):
    Posting.objects.filter(staff=duties.henshu).update(department=duties.jinjika)
    FourWayOverride.objects.create(
        municipality=duties.city, department=duties.ka, cycle=duties.cycle, skill=10, answer="both",
        reason=REASON, author=duties.kacho, updated_at=timezone.now(),
    )  # fmt: skip
    page = sign_in(who).get(url(duties.ka))
    text = page.content.decode()
    assert {(one.answer, one.word, one.worked_out, one.explanation) for one in page.context["rows"]} == {
        (None, HIDDEN, "", ())
    }
    assert page.context["head_count"] in ("5人未満", "5〜9人")
    assert "status boxed" not in text.split("<tbody>")[1]
    assert REASON not in text
    assert "事務分掌" not in text.split("判定のしかた")[0].split("<main")[1]
    assert row(page, 9).survey == (4, 0, 3, 8, 0)


def test_strangers_and_other_municipalities(sign_in, world):
    assert sign_in("betsuka").get(url(world.ka)).status_code == 404
    client = sign_in("jinji")
    assert client.get(url(world.foreign_department)).status_code == 404
    assert client.post(url(world.foreign_department), sent()).status_code == 404
    assert client.delete(url(world.ka)).status_code == 405


def test_before_the_first_year(sign_in, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="prepared", opened_at=None)
    client = sign_in("kacho")
    assert client.get(url(world.ka))["Location"] == reverse("gaps:department", args=[world.ka.uuid])
    assert client.post(url(world.ka), sent()).status_code == 409


# --- beside whom


@pytest.mark.parametrize(
    ("kind", "band", "told"),
    [
        ("city", "100", ["10万〜20万人未満の平均", "7.7人", "n=155", "145／155", "93.5%"]),
        ("city", "0", ["3.9人", "04 (75.0%)", "204／272", "25／272", "出典の誤植を直した値"]),
        ("designated_city", "500", ["政令指定都市の平均", "38.8人", "n=20"]),
        ("ward", "300", ["特別区の平均", "21.4人", "n=23"]),
        ("town", "0", ["市区のみの統計"]),
    ],
)
def test_the_like_of_the_municipality(sign_in, world, kind, band, told):
    Municipality.objects.filter(pk=world.city.pk).update(kind=kind, population_band=band)
    text = sign_in("kacho").get(url(world.ka)).content.decode()
    for words in told:
        assert words in text, words
    assert ("情報管理概要2018" in text) is (kind != "town")


def test_a_department_of_one_says_so(sign_in, section):
    Posting.objects.exclude(staff=section.jinji).filter(department=section.jinjika).delete()
    need(section.jinjika, section.cycle, {POLICY: 1})
    confirmed(section.jinji, section.cycle, {POLICY: 3})
    duty(section.jinjika, 2026, [POLICY], [section.jinji])
    page = sign_in("jinji").get(url(section.jinjika))
    assert row(page, 10).answer is Answer.BOTH
    assert "この所属は1人体制です。" in page.content.decode()


# --- the 所属長's own word


def test_another_answer_is_given_changed_and_taken_back(sign_in, duties):
    client = sign_in("kacho")
    form = client.get(url(duties.ka, "?skill=10")).context["form"]
    assert (form["skill"].value(), form["version"].value(), form["answer"].value()) == (10, 0, "")
    answer = client.post(url(duties.ka), sent())
    assert answer["Location"] == url(duties.ka)
    page = client.get(url(duties.ka))
    text = page.content.decode()
    assert (row(page, 10).answer, row(page, 10).worked_out) == (Answer.BOTH, "職員数不足")
    assert "所属長の判断" in text
    assert "計算では「職員数不足」" in text
    assert REASON in text
    assert "両方確保は1" in page.context["conclusion"]
    form = client.get(url(duties.ka, "?skill=10")).context["form"]
    assert (form["answer"].value(), form["reason"].value(), form["version"].value()) == ("both", REASON, 1)
    assert client.post(url(duties.ka), sent(answer="both_short", version=1)).status_code == 302
    stored = FourWayOverride.objects.get()
    assert (stored.answer, stored.version, stored.author_id) == ("both_short", 2, duties.kacho.pk)
    assert client.post(url(duties.ka), sent(answer="", version=2)).status_code == 302
    assert not FourWayOverride.objects.exists()
    assert row(client.get(url(duties.ka)), 10).worked_out == ""
    found = [(e.action, e.data) for e in Event.objects.filter(action__startswith="four_way").order_by("pk")]
    assert found == [
        ("four_way.override", {"year": 2026, "skill": 10, "answer": "both"}),
        ("four_way.override", {"year": 2026, "skill": 10, "answer": "both_short"}),
        ("four_way.withdraw", {"year": 2026, "skill": 10, "answer": ""}),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (sent(reason=""), "計算と違う判断には、理由を入力してください。"),
        (sent(reason="長" * 201), "200"),
        (sent(answer="best"), ""),
        (sent(number=14), ""),
        (sent(version="x"), ""),
        ({}, ""),
    ],
)
def test_what_is_wrong_is_said_and_kept(sign_in, duties, data, message):
    answer = sign_in("kacho").post(url(duties.ka), data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert message in text
    if message and data["reason"]:
        assert data["reason"] in text
    assert not FourWayOverride.objects.exists()


def test_of_two_who_save_the_second_sees_both(sign_in, duties):
    client = sign_in("kacho")
    client.post(url(duties.ka), sent())
    answer = client.post(url(duties.ka), sent(answer="both_short", reason="わたしの理由"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "わたしの理由" in text
    assert REASON in text
    assert answer.context["form"]["version"].value() == "1"
    assert FourWayOverride.objects.get().answer == "both"
    again = sent(answer="both_short", reason="わたしの理由", version=1)
    assert client.post(url(duties.ka), again).status_code == 302
    assert FourWayOverride.objects.get().answer == "both_short"


def test_changing_what_somebody_took_back_is_a_conflict(sign_in, duties):
    client = sign_in("kacho")
    client.post(url(duties.ka), sent())
    client.post(url(duties.ka), sent(answer="", version=1))
    answer = client.post(url(duties.ka), sent(answer="both_short", version=1))
    assert answer.status_code == 409
    assert answer.context["form"]["version"].value() == "0"
    assert client.post(url(duties.ka), sent(answer="", version=1)).status_code == 302


def test_a_second_click_is_no_conflict(sign_in, duties):
    client = sign_in("kacho")
    assert [client.post(url(duties.ka), sent()).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(action="four_way.override").count() == 1


@pytest.mark.parametrize("who", ["bucho", "jinji"])
def test_those_above_and_hr_may_too(sign_in, duties, who):
    assert sign_in(who).post(url(duties.ka), sent()).status_code == 302


@pytest.mark.parametrize(
    ("who", "status"), [("kakari", 403), ("honnin", 403), ("kansa", 403), ("betsuka", 404)]
)
def test_nobody_else_may(sign_in, duties, who, status):
    client = sign_in(who)
    assert client.post(url(duties.kakari_dept), sent()).status_code == status
    if status == 403:
        assert client.get(url(duties.kakari_dept, "?skill=10")).context["form"] is None
    assert not FourWayOverride.objects.exists()


def test_an_ended_year_takes_nothing(sign_in, duties):
    Cycle.objects.filter(pk=duties.cycle.pk).update(state="closed", closed_at=timezone.now())
    client = sign_in("kacho")
    assert client.get(url(duties.ka, "?skill=10")).context["form"] is None
    assert client.post(url(duties.ka), sent()).status_code == 409


def test_the_workflow_asks_for_itself(duties):
    def save(**kwargs):
        values = {
            "department": duties.ka, "cycle": duties.cycle, "skill": 10, "answer": "both", "reason": REASON,
            "version": 0, "by": b.actor_of(duties.kacho), "now": timezone.now(),
        }  # fmt: skip
        return override_four_way(**(values | kwargs))

    for refusal, kwargs in [
        (Forbidden, {"by": b.actor_of(duties.kakari)}),
        (NotVisible, {"department": duties.foreign_department}),
        (NotVisible, {"cycle": duties.foreign_cycle}),
        (Conflict, {"cycle": b.make_cycle(duties.city, duties.version, fiscal_year=2025, state="closed")}),
        (Invalid, {"skill": 14}),
        (Invalid, {"answer": "other"}),
        (Invalid, {"reason": "  "}),
        (StaleAnswer, {"version": 3}),
    ]:
        with pytest.raises(refusal):
            save(**kwargs)
        assert not FourWayOverride.objects.exists()
    assert save(answer="") is None
    assert save().version == 1


def test_as_many_queries_for_few_as_for_many(sign_in, duties, django_assert_max_num_queries):
    client = sign_in("kacho")
    published(duties.city.pk)  # what stands in a survey is read once a process
    counted = []
    for more in (2, 40):
        for number in range(more):
            staff = b.make_staff(duties.city, f"職員 {more}-{number}")
            b.make_posting(staff, duties.kiban)
            confirmed(staff, duties.cycle, {POLICY: number % 5})
            duty(duties.kiban, 2026, [POLICY, RUNNING], [staff])
        with django_assert_max_num_queries(15) as queries:
            page = client.get(url(duties.ka))
        counted.append(len(queries))
    assert "担当43人" in row(page, 10).explanation[0]
    assert counted[0] == counted[1]
