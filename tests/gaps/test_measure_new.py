"""Deciding about a gap (P17)."""

import datetime
import uuid

import pytest
from django.utils import timezone

from assessments.models import Cycle
from gaps.models import Measure
from organization.models import Staff
from tests import builders as b
from tests.gaps.measure_forms import body, edit, listed, new, raised, sent
from tests.gaps.records import POLICY, confirmed, measure


def test_deciding(sign_in, section):
    client = sign_in("kacho")
    page = client.get(new(section.ka))
    text = body(page)
    assert "セキュリティポリシー｜策定管理の方針を決める" in text
    assert "𠮷田 由紀子" in text
    # 髙橋 (2) is next, then those who can less; 𠮷田 can do it already.
    names = [row.name for row in page.context["form"].person_lines]
    assert names[0] == "髙橋 誠一"
    assert "𠮷田 由紀子" not in names
    data = sent(
        kind="train", owner=str(section.kakari.uuid), cost="１２０,０００円",
        **raised(section.honnin, training="研修"), **raised(section.kacho, step="4"),
    )  # fmt: skip
    answer = client.post(new(section.ka), data)
    assert (answer.status_code, answer["Location"]) == (302, listed(section.ka))
    made = Measure.objects.get()
    assert (made.owner_id, made.cost, made.due) == (section.kakari.pk, 120_000, datetime.date(2027, 3, 31))
    assert (made.decided_status, made.decided_holders, made.cycle_id) == ("single", 1, section.cycle.pk)
    assert set(made.people.values_list("staff", "to_step", "training")) == {
        (section.honnin.pk, 3, "研修"),
        (section.kacho.pk, 4, ""),
    }
    assert client.post(new(section.ka), data).status_code == 302
    assert Measure.objects.count() == 1


def test_other_pages_fill_in_the_form(sign_in, section):
    query = f"&kind=train&staff={section.honnin.uuid}&staff={section.yoso.uuid}&staff=x"
    page = sign_in("kacho").get(new(section.ka, query=query))
    form = page.context["form"]
    assert form["kind"].value() == "train"
    chosen = [row.name for row in form.person_lines if row.chosen.value()]
    assert chosen == ["山﨑 美咲"]
    assert form.person_lines[0].name == "山﨑 美咲"


def test_without_a_gap_there_is_nothing_to_decide(sign_in, section):
    client = sign_in("kacho")
    for code in ("", "nothing.1"):
        answer = client.get(new(section.ka, code))
        assert (answer.status_code, answer["Location"]) == (302, listed(section.ka))
        assert client.post(new(section.ka, code), sent()).status_code == 422
    assert client.post(new(section.ka), sent(key="")).status_code == 422
    assert not Measure.objects.exists()


LONG = "長" * 401


@pytest.mark.parametrize(
    ("changes", "target", "message"),
    [
        ({"kind": ""}, "id_kind_group", "方針を選んでください"),
        ({"kind": "train"}, "id_kind_group", "育成する職員を1人以上選んでください。"),
        ({"kind": "none"}, "id_reason", "行わない理由を入力してください。"),
        ({"text": ""}, "id_text", "「すること」を入力してください。"),
        ({"text": LONG}, "id_text", "400"),
        ({"due": ""}, "id_due", "期限を入力してください。"),
        ({"due": "8/4/1"}, "id_due", "西暦か和暦か"),
        ({"cost": "-1"}, "id_cost", "0から2,000,000,000までの数を入れてください。"),
        ({"cost": "百万"}, "id_cost", "0から2,000,000,000までの数を入れてください。"),
        ({"cost": "3000000000"}, "id_cost", "0から2,000,000,000までの数を入れてください。"),
        ({"state": "lost"}, "id_state", ""),
        ({"owner": str(uuid.uuid4())}, "id_owner", ""),
    ],
)
def test_what_is_wrong_is_said_and_the_text_is_kept(sign_in, section, changes, target, message):
    data = sent(result="ここまでの結果", reason="") | changes
    answer = sign_in("kacho").post(new(section.ka), data)
    text = body(answer)
    assert answer.status_code == 422
    assert message in text
    assert f'href="#{target}"' in text
    assert f'id="{target}"' in text
    assert "ここまでの結果" in text
    assert not Measure.objects.exists()


def test_a_goal_is_above_what_the_person_can_do(sign_in, section):
    confirmed(section.honnin, section.cycle, {POLICY: 2})
    data = sent(kind="train", **raised(section.honnin, step="2", training="市町村アカデミー"))
    answer = sign_in("kacho").post(new(section.ka), data)
    text = body(answer)
    assert answer.status_code == 422
    assert "山﨑 美咲さんはいま「2 支援があればできる」です。それより上の目標を選んでください。" in text
    assert f'href="#id_step-{section.honnin.uuid}"' in text
    assert "市町村アカデミー" in text


def test_people_of_elsewhere_are_no_fields_of_the_form(sign_in, section):
    data = sent(kind="train", **raised(section.betsuka, section.yoso))
    assert sign_in("kacho").post(new(section.ka), data).status_code == 422
    data = sent(kind="expert", **raised(section.honnin))
    assert sign_in("kacho").post(new(section.ka), data).status_code == 302
    assert not Measure.objects.get().people.exists()


@pytest.mark.parametrize("who", ["bucho", "jinji"])
def test_those_above_and_hr_decide_and_take_it_on(sign_in, section, who):
    staff = getattr(section, who)
    answer = sign_in(who).post(new(section.ka), sent(owner=str(staff.uuid)))
    assert answer.status_code == 302
    assert Measure.objects.get().owner_id == staff.pk


def test_who_leads_below_the_head_is_refused(sign_in, section):
    one = measure(section.kakari_dept, section.cycle, POLICY)
    client = sign_in("kakari")
    for address in (new(section.kakari_dept), edit(one)):
        assert client.get(address).status_code == 403
        assert client.post(address, sent(version="1")).status_code == 403


def test_an_ended_year_takes_no_new_ones_but_keeps_the_old(sign_in, section):
    one = measure(section.ka, section.cycle, POLICY)
    Cycle.objects.filter(pk=section.cycle.pk).update(state="closed", closed_at=timezone.now())
    client = sign_in("kacho")
    assert client.get(new(section.ka)).status_code == 409
    assert client.post(new(section.ka), sent()).status_code == 409
    assert "/measures/new/" not in body(client.get(listed(section.ka)))
    assert client.post(edit(one), sent(version="1", state="done")).status_code == 302


def test_before_the_first_year(sign_in, world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="prepared", opened_at=None)
    client = sign_in("kacho")
    assert client.get(listed(world.ka)).status_code == 302
    assert client.get(new(world.ka)).status_code == 409


def test_a_large_department_gets_the_hundred_who_are_next(sign_in, section):
    people = [Staff(municipality=section.city, name=f"職員 {i}", username=f"many{i}", staff_number=f"9{i:05d}")
              for i in range(120)]  # fmt: skip
    Staff.objects.bulk_create(people)
    for staff in Staff.objects.filter(username__startswith="many"):
        b.make_posting(staff, section.kiban)
    form = sign_in("kacho").get(new(section.ka)).context["form"]
    assert len(form.person_lines) == 100
    assert form.person_lines[0].name == "髙橋 誠一"


@pytest.mark.parametrize("due", ["1873/1/1", "明治6年3月31日", "9999-12-31"])
def test_date_of_another_century_is_asked_again(sign_in, section, due):
    answer = sign_in("kacho").post(new(section.ka), sent(due=due, cost="1000"))
    assert answer.status_code == 422
    assert "期限の年を確かめて" in body(answer)
    assert due in body(answer)
    assert not Measure.objects.exists()


def test_courses_that_lead_there_stand_beside_the_form(sign_in, section, django_assert_max_num_queries):
    course = b.make_course(section.city, "規程の作り方", cells={POLICY: 3})
    b.make_course(section.city, "入門", cells={POLICY: 2})
    client = sign_in("kacho")
    with django_assert_max_num_queries(15):
        page = client.get(new(section.ka, POLICY))
    assert [[each for each, _ in one.courses] for one in page.context["courses"]] == [[course]]
    assert f"?cell={POLICY}" in page.content.decode()
