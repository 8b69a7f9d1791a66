"""The catalogue of duties: read by the line and 人事, added to by 人事 (P17, P17c)."""

import uuid

import pytest
from django.urls import reverse

from audit.models import Event
from competency.models import Duty
from tests.competency.duty_records import make_duty

POLICY, TALKING = "security-policy.1", "communication.1"
LIST, NEW = reverse("competency:duties"), reverse("competency:duty_new")


@pytest.fixture
def catalogue(world):
    """Return the world with two common duties and one of another municipality."""
    world.security = make_duty("情報セキュリティに関すること", {POLICY: 2, "gone.1": 1}, source="ある本")
    world.wires = make_duty("ネットワークの構築", group="single", suited="outsource", examples="配線")
    make_duty("よその業務", municipality=world.other_city)
    make_duty("係だけの業務", municipality=world.city, department=world.kakari_dept)
    return world


def rows(page):
    return [row for group in page.context["groups"] for row in group.rows]


@pytest.mark.parametrize("who", ["kacho", "bucho", "jinji", "kakari"])
def test_it_works(sign_in, catalogue, who):
    page = sign_in(who).get(LIST)
    text = page.content.decode()
    assert page.status_code == 200
    assert [row.duty.name for row in rows(page)] == ["情報セキュリティに関すること", "ネットワークの構築"]
    assert "セキュリティポリシー｜策定管理 <b>2人</b>" in text
    assert "いまの版にない項目が1あります。" in text
    assert "業務の名前の出典：ある本" in text
    assert "外部委託が可能な業務" in text
    assert text.count('<span class="tag check">案</span>') == 2


@pytest.mark.parametrize("who", ["honnin", "henshu", "kansa", "sysadmin"])
def test_others_have_no_use_for_it(sign_in, catalogue, who):
    assert sign_in(who).get(LIST).status_code == 403


def test_only_hr_is_offered_to_add(sign_in, catalogue):
    assert NEW not in sign_in("kacho").get(LIST).content.decode()
    assert NEW in sign_in("jinji").get(LIST).content.decode()
    assert sign_in("kacho").get(NEW).status_code == 403


def test_the_queries_do_not_grow(sign_in, catalogue, django_assert_max_num_queries):
    client = sign_in("kacho")
    with django_assert_max_num_queries(15) as few:
        client.get(LIST)
    for number in range(20):
        make_duty(f"業務{number}", {POLICY: 1, TALKING: 2})
    with django_assert_max_num_queries(15) as many:
        client.get(LIST)
    assert len(few) == len(many)


def test_without_a_framework_and_without_duties(sign_in, world):
    assert "業務がまだ登録されていません" in sign_in("kacho").get(LIST).content.decode()


def test_hr_adds_a_duty_once_however_often_the_click_comes(sign_in, catalogue):
    client = sign_in("jinji")
    page = client.get(NEW)
    data = {
        "version": "0",
        "key": page.context["key"],
        "name": "オープンデータ",
        f"cell-{TALKING}": "２",
        f"cell-{POLICY}": "0",
    }
    answers = [client.post(NEW, data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    made = Duty.objects.get(name="オープンデータ")
    assert (made.municipality, made.department, made.group) == (catalogue.city, None, "own")
    assert (made.is_proposal, dict(made.demands.values_list("cell_code", "holders"))) == (False, {TALKING: 2})
    assert Event.objects.filter(action="duty.add", object_uuid=made.uuid).count() == 1
    assert "オープンデータ" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "業務の名前を入力してください"),
        ("name", "長" * 81, "80"),
        (f"cell-{POLICY}", "100", "1から99までの数を入れるか、空にしてください。"),
        (f"cell-{POLICY}", "二人", "1から99までの数を入れるか、空にしてください。"),
        ("suited", "nobody", "選択"),
    ],
)
def test_what_is_wrong_is_said_and_kept(sign_in, catalogue, field, value, message):
    data = {
        "version": "0",
        "key": uuid.uuid4(),
        "name": "オープンデータ",
        "examples": "データの公開",
        field: value,
    }
    answer = sign_in("jinji").post(NEW, data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert message in text
    assert "データの公開" in text
    assert not Duty.objects.filter(examples="データの公開").exists()


def test_a_form_that_no_page_of_ours_sends(sign_in, catalogue):
    assert sign_in("jinji").post(NEW, {"version": "0", "name": "a"}).status_code == 422
