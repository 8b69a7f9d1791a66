"""The training proposal on its page: asked, changed, and made into 対応方針 (P17)."""

import re
import sys
import uuid

import pytest
from django.utils import timezone

from assessments.models import Cycle
from audit.models import Event
from gaps.models import Measure, MeasurePerson
from gaps.solver import NotProven
from organization.models import Posting
from tests import builders as b
from tests.gaps.records import PLANNING, POLICY, RUNNING, confirmed, need
from tests.gaps.training_pages import lines, posted, url


def test_three_places_and_three_measures(sign_in, office):
    client = sign_in("kacho")
    page = client.get(url(office.ka, places="３", price="50,000"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "3枠で、不在が1項目、一人依存が2項目なくなります。不在だった1項目は、一人依存になります。" in text
    assert [name for name, _ in lines(page)] == [f"{POLICY}-1", f"{PLANNING}-1", f"{RUNNING}-1"]
    assert "小林さんは、いま「2 支援があればできる」です。できる人が1人だけの項目です。" in text
    assert "いま" in text
    answer = client.post(url(office.ka, places="3", price="50000"), posted(page))
    assert answer.status_code == 302
    measures = list(Measure.objects.order_by("cell__rank"))
    assert [each.cell.code for each in measures] == [POLICY, PLANNING, RUNNING]
    assert {each.kind for each in measures} == {"train"}
    assert {each.cost for each in measures} == {50_000}
    assert {each.owner_id for each in measures} == {office.kacho.pk}
    assert {each.due.isoformat() for each in measures} == {"2027-03-31"}
    assert [each.decided_status for each in measures] == ["single", "none", "single"]
    goals = MeasurePerson.objects.all()
    assert {goal.to_step for goal in goals} == {3}
    assert all(goal.training for goal in goals)
    assert Event.objects.filter(action="measure.decide").count() == 1


def test_the_address_names_nobody_and_a_read_writes_nothing(sign_in, office):
    page = sign_in("kacho").get(url(office.ka, places=3))
    form = re.search(r"<form[^>]*method=\"get\".*?</form>", page.content.decode(), re.DOTALL)[0]
    for person in (office.kakari, office.dourei, office.honnin):
        assert person.name not in form
        assert str(person.uuid) not in form
    assert not Measure.objects.exists()
    assert not Event.objects.exclude(action="access.refused").exists()


def test_another_person_a_line_less_and_own_words(sign_in, office):
    client = sign_in("kacho")
    page = client.get(url(office.ka, places=3))
    changes = {
        f"who-{POLICY}-1": str(office.kacho.uuid),
        f"training-{POLICY}-1": "県の研修（9月）",
        f"take-{RUNNING}-1": None,
        "due": "R8.12.1",
        "owner": str(office.kakari.uuid),
    }
    assert client.post(url(office.ka, places=3), posted(page, **changes)).status_code == 302
    goals = {
        goal.measure.cell.code: (goal.staff_id, goal.training)
        for goal in MeasurePerson.objects.select_related("measure__cell")
    }
    assert set(goals) == {POLICY, PLANNING}
    assert goals[POLICY] == (office.kacho.pk, "県の研修（9月）")
    assert {(each.owner_id, str(each.due), each.cost) for each in Measure.objects.all()} == {
        (office.kakari.pk, "2026-12-01", None)
    }


def test_the_people_of_one_cell_make_one_measure(sign_in, office):
    need(office.kakari_dept, office.cycle, {POLICY: 3})
    client = sign_in("kacho")
    page = client.get(url(office.kakari_dept, places=5))
    assert [name for name, _ in lines(page)] == [f"{POLICY}-1", f"{POLICY}-2"]
    client.post(url(office.kakari_dept), posted(page))
    measure = Measure.objects.get()
    assert measure.people.count() == 2
    assert "2人増やす" in measure.text


def test_the_same_click_twice_decides_once(sign_in, office):
    client = sign_in("kacho")
    data = posted(client.get(url(office.ka, places=2)))
    assert [client.post(url(office.ka), data).status_code for _ in range(2)] == [302, 302]
    assert Measure.objects.count() == 2


def test_who_is_in_training_already_is_left_out_and_may_be_chosen(sign_in, office):
    client = sign_in("kacho")
    first = client.get(url(office.ka, places=1))
    ((name, who),) = lines(first)
    assert name == f"{PLANNING}-1"
    client.post(url(office.ka), posted(first))
    page = client.get(url(office.ka, places=1))
    ((again, other),) = lines(page)
    assert again == name
    assert other != who
    text = page.content.decode()
    assert "すでに育成中の人" in text
    assert "（2 → 3、育成中）" in text
    Measure.objects.update(state="done", closed_at=timezone.now())
    assert lines(client.get(url(office.ka, places=1))) == [(name, who)]


def test_who_can_by_now_is_told_at_the_line_and_the_rest_is_kept(sign_in, office):
    client = sign_in("kacho")
    page = client.get(url(office.ka, places=3))
    data = posted(page, **{f"training-{POLICY}-1": "わたしの言葉"})
    name = next(name for name, who in lines(page) if who == str(office.dourei.uuid))
    Posting.objects.filter(staff=office.dourei).update(end=timezone.localdate())
    answer = client.post(url(office.ka, places=3), data)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "この所属で数える職員ではなくなりました。" in text
    assert f'href="#id_who-{name}"' in text
    assert "わたしの言葉" in text
    assert "まだ対応方針にしていません" in text
    assert not Measure.objects.exists()
    marked = [line.hidden for line in answer.context["lines"] if line.who.errors or line.take.errors]
    assert name in marked
    fixed = posted(answer, **{f"take-{each}": None for each in marked})
    assert fixed["key"] == data["key"]
    assert client.post(url(office.ka), fixed).status_code == 302
    assert Measure.objects.count() == 3 - len(marked)


def test_a_cell_that_is_enough_by_now(sign_in, office):
    client = sign_in("kacho")
    data = posted(client.get(url(office.ka, places=3)))
    confirmed(office.henshu, office.cycle, {RUNNING: 3})
    answer = client.post(url(office.ka), data)
    assert answer.status_code == 409
    assert "この項目は、もう足りています。" in answer.content.decode()
    assert [line.hidden for line in answer.context["lines"] if line.take.errors] == [f"{RUNNING}-1"]
    assert not Measure.objects.exists()


def test_somebody_who_reached_it_by_now(sign_in, office):
    client = sign_in("kacho")
    data = posted(client.get(url(office.ka, places=3)), **{f"who-{POLICY}-1": str(office.kakari.uuid)})
    answer = client.post(url(office.ka), data)
    assert answer.status_code == 409
    assert "𠮷田 由紀子さんは、もう届いています。" in answer.content.decode()
    data[f"who-{POLICY}-1"] = str(office.henshu.uuid)
    text = client.post(url(office.ka), data).content.decode()
    assert "石井 大輔さんは、1年で届く段階にいません。" in text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({f"who-{POLICY}-1": ""}, "育成する人を選んでください。"),
        ({f"training-{POLICY}-1": "長" * 201}, "200"),
        ({"due": "いつか"}, "日付"),
        ({"due": ""}, "期限を入力してください"),
        ({"owner": "00000000-0000-0000-0000-000000000000"}, "担当"),
        (
            {f"take-{POLICY}-1": None, f"take-{PLANNING}-1": None, f"take-{RUNNING}-1": None},
            "1つ以上印を付けてください。",
        ),
    ],
)
def test_what_is_wrong_is_said_and_everything_is_kept(sign_in, office, changes, told):
    client = sign_in("kacho")
    page = client.get(url(office.ka, places=3))
    data = posted(page, **{f"training-{RUNNING}-1": "残る言葉", **changes})
    answer = client.post(url(office.ka, places=3), data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert told in text
    assert "残る言葉" in text
    assert 'value="3"' in text
    assert not Measure.objects.exists()


def test_the_same_person_twice_in_a_cell(sign_in, office):
    client = sign_in("kacho")
    need(office.kakari_dept, office.cycle, {POLICY: 3})
    page = client.get(url(office.kakari_dept, places=2))
    answer = client.post(url(office.kakari_dept), posted(page, **{f"who-{POLICY}-2": lines(page)[0][1]}))
    assert answer.status_code == 422
    assert "同じ項目に同じ人が2回あります。" in answer.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"line": "nonsense"},
        {"line": f"{POLICY}-1"},
        {"line": f"{POLICY}-1", "key": "x"},
        {"line": [f"{POLICY}-{number}" for number in range(100)]},
    ],
)
def test_what_no_page_of_ours_sends(sign_in, office, data):
    assert sign_in("kacho").post(url(office.ka), data).status_code == 422
    assert not Measure.objects.exists()


def test_a_person_of_elsewhere_is_as_nobody(sign_in, office):
    client = sign_in("kacho")
    page = client.get(url(office.ka, places=3))
    answers = [
        client.post(url(office.ka), posted(page, **{f"who-{POLICY}-1": str(who)}))
        for who in (office.yoso.uuid, office.betsuka.uuid, uuid.uuid4())
    ]
    assert {answer.status_code for answer in answers} == {409}
    assert all("外野" not in answer.content.decode() for answer in answers)
    assert not Measure.objects.exists()


def test_an_answer_that_takes_too_long_is_said(sign_in, office, monkeypatch):
    def stopped(*args, **kwargs):
        raise NotProven

    # The package has the view under the name of its module.
    monkeypatch.setattr(sys.modules["gaps.views.training"], "propose", stopped)
    page = sign_in("kacho").get(url(office.ka, places=3))
    assert page.status_code == 200
    assert "いちばんよい案だと確かめられませんでした" in page.content.decode()
    assert page.context["plan"] is None


@pytest.mark.parametrize("who", ["bucho", "jinji"])
def test_those_above_and_hr_ask_too(sign_in, office, who):
    client = sign_in(who)
    page = client.get(url(office.ka, places=1))
    assert page.status_code == 200
    assert client.post(url(office.ka), posted(page)).status_code == 302
    assert Measure.objects.get().owner_id == getattr(office, who).pk


@pytest.mark.parametrize(
    ("who", "status"), [("kakari", 403), ("honnin", 403), ("henshu", 403), ("kansa", 403), ("betsuka", 404)]
)
def test_nobody_else_does(sign_in, office, who, status):
    client = sign_in(who)
    assert client.get(url(office.kakari_dept, places=1)).status_code == status
    assert client.post(url(office.kakari_dept), {"line": f"{POLICY}-1"}).status_code == status


def test_another_municipality_and_a_wrong_method(sign_in, office):
    client = sign_in("jinji")
    assert client.get(url(office.foreign_department)).status_code == 404
    assert client.post(url(office.foreign_department), {}).status_code == 404
    assert client.delete(url(office.ka)).status_code == 405


@pytest.mark.parametrize("state", ["closed", "prepared"])
def test_without_an_open_year(sign_in, office, state):
    times = {"closed_at": timezone.now()} if state == "closed" else {"opened_at": None}
    Cycle.objects.filter(pk=office.cycle.pk).update(state=state, **times)
    client = sign_in("kacho")
    assert client.get(url(office.ka)).status_code == 409
    assert client.post(url(office.ka), {"line": f"{POLICY}-1"}).status_code == 409


def test_as_many_queries_at_any_size(sign_in, office, django_assert_max_num_queries):
    client = sign_in("kacho")
    counted = []
    for number in range(2):
        with django_assert_max_num_queries(15) as sent:
            assert client.get(url(office.ka, places=3)).status_code == 200
        counted.append(len(sent.captured_queries))
        if not number:
            for each in range(6):
                person = b.make_staff(office.city, f"増員 {each}")
                b.make_posting(person, office.kiban)
                confirmed(person, office.cycle, {POLICY: 2, RUNNING: 1})
    assert counted[0] == counted[1]


def test_date_of_another_century_is_asked_again(sign_in, office):
    client = sign_in("kacho")
    page = client.get(url(office.ka, places=4))
    answer = client.post(url(office.ka, places=4), posted(page, due="1873/1/1"))
    assert answer.status_code == 422
    assert "期限の年を確かめて" in answer.content.decode()
    assert not Measure.objects.exists()


def test_courses_that_lead_there_stand_below_the_proposal(sign_in, office):
    course = b.make_course(office.city, "規程の作り方", cells={POLICY: 3})
    b.make_course(office.city, "入門", cells={POLICY: 2})
    page = sign_in("kacho").get(url(office.ka, places=4))
    told = {one.cell.code: [each for each, _ in one.courses] for one in page.context["courses"]}
    assert told[POLICY] == [course]
    assert f"?cell={POLICY}" in page.content.decode()
    assert sign_in("kacho").get(url(office.ka)).context["courses"] == []
