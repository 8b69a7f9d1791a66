"""The tree of departments (P16)."""

import pytest
from django.urls import reverse

from assessments.models import Cycle
from organization.models import Posting
from tests import builders as b
from tests.gaps.records import POLICY, confirmed, need

URL = "/departments/"


def rows(response):
    return {row.name: row for row in response.context["tree"].rows}


def test_hr_sees_all_with_a_total(sign_in, section):
    page = sign_in("jinji").get(URL)
    found = rows(page)
    assert list(found) == [
        "全庁", "政策経営部", "デジタル推進課", "情報政策係", "基盤係", "総務部", "人事課",
    ]  # fmt: skip
    assert (found["デジタル推進課"].size, found["デジタル推進課"].depth) == ("6人", 2)
    assert [(mark.word, mark.text) for mark in found["デジタル推進課"].marks] == [
        ("一人依存", "0／1"),
        ("不在", "1／2"),
        ("不在", "0／1"),
        ("不足", "0／1"),
    ]
    # 部 stands on the needs of its 課, and total on those of the 部.
    assert found["政策経営部"].marks[0].word == found["全庁"].marks[0].word == "一人依存"
    assert found["人事課"].message == "必要人数が未設定"


def test_the_head_sees_their_own_part_alone(sign_in, section):
    found = rows(sign_in("kacho").get(URL))
    assert list(found) == ["デジタル推進課", "情報政策係", "基盤係"]
    text = sign_in("kacho").get(URL).content.decode()
    assert reverse("gaps:department", args=[section.kiban.uuid]) in text
    assert reverse("gaps:department", args=[section.bu.uuid]) not in text


@pytest.mark.parametrize("who", ["honnin", "kakari", "betsuka"])
def test_with_one_department_alone_it_leads_there(sign_in, world, who):
    place = {"betsuka": world.jinjika}.get(who, world.kakari_dept)
    answer = sign_in(who).get(URL)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("gaps:department", args=[place.uuid])


def test_two_posts_are_two_departments(sign_in, section):
    b.make_posting(section.honnin, section.jinjika, kind=Posting.Kind.ADDITIONAL)
    need(section.kakari_dept, section.cycle, {POLICY: 2})
    found = rows(sign_in("honnin").get(URL))
    assert list(found) == ["情報政策係", "人事課"]
    assert (found["情報政策係"].size, found["情報政策係"].marks[0].word) == ("5人未満", "一人依存")


@pytest.mark.parametrize("who", ["kansa", "henshu"])
def test_editors_and_auditors_see_bands(sign_in, section, who):
    found = rows(sign_in(who).get(URL))
    assert (found["全庁"].size, found["デジタル推進課"].size) == ("10〜19人", "5〜9人")
    assert {mark.text for mark in found["デジタル推進課"].marks} == {"非表示"}
    assert "「非表示」です" in sign_in(who).get(URL).content.decode()


def test_without_a_post_there_is_nothing(sign_in, world):
    Posting.objects.filter(staff=world.betsuka).delete()
    assert "いま在籍する所属がない" in sign_in("betsuka").get(URL).content.decode()


def test_before_the_first_year(sign_in, world):
    Cycle.objects.filter(municipality=world.city).update(state="prepared", opened_at=None)
    assert "受付を始めた年度がまだない" in sign_in("jinji").get(URL).content.decode()


def test_everything_out_of_scope_or_empty_says_so(sign_in, world):
    need(world.jinjika, world.cycle, {POLICY: 0})
    need(world.kiban, world.cycle, {POLICY: 1})
    empty = b.make_department(world.city, "空の課", parent=world.soumu)
    need(empty, world.cycle, {POLICY: 1})
    found = rows(sign_in("jinji").get(URL))
    assert found["人事課"].message == "必要人数が未設定"
    assert found["空の課"].message == "数える職員がいません"
    assert found["基盤係"].message == "未評価（2人全員に確定した記録がありません）"
    assert found["基盤係"].message_css == "unknown"


def test_as_many_queries_for_few_people_as_for_many(sign_in, section, django_assert_max_num_queries):
    client = sign_in("jinji")
    counted = []
    for more in (2, 60):
        for number in range(more):
            place = b.make_department(section.city, f"課{more}-{number}", parent=section.soumu)
            staff = b.make_staff(section.city, f"職員 {more}-{number}")
            b.make_posting(staff, place)
            confirmed(staff, section.cycle, {POLICY: 3})
        with django_assert_max_num_queries(15) as queries:
            client.get(URL)
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_wrong_method(sign_in, world):
    assert sign_in("jinji").post(URL).status_code == 405
