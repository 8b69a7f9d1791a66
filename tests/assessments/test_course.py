"""One course: everybody reads it and applies; 人事 adds, changes, takes it out and back (P21t)."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Training
from audit.models import Event
from competency.models import Course
from tests import builders as b

NEW = reverse("assessments:course_new")
POLICY, ANALYSIS = "security-policy.1", "internal-it.1"


@pytest.fixture
def school(world):
    today = timezone.localdate()
    world.course = b.make_course(
        world.city,
        cells={POLICY: 3, "gone.1": 2},
        starts_on=today + datetime.timedelta(days=30),
        apply_by=today + datetime.timedelta(days=10),
        fee=20_000,
    )
    return world


def url(name, one):
    return reverse(f"assessments:{name}", args=[one.uuid])


def form(world, **changes):
    data = {
        "version": "1",
        "key": str(uuid.uuid4()),
        "name": "業務改革の進め方",
        "provider": str(world.course.provider.pk),
        "form": "class",
        "starts_on": "R9.1.20",
        "ends_on": "2027/1/22",
        "apply_by": "令和8年12月4日",
        "hours": "18.5",
        "fee": "２４，０００円",
        "place": "市役所　会議室",
        "text": "内容\r\n2行目",
        "lead-TOTAL_FORMS": "6",
        "lead-INITIAL_FORMS": "6",
        f"lead-{POLICY}-step": "3",
        f"lead-{ANALYSIS}-step": "2",
    }
    return {name: value for name, value in {**data, **changes}.items() if value is not None}


def steps(course):
    return dict(course.cells.values_list("cell_code", "to_step"))


@pytest.mark.parametrize("who", ["honnin", "kacho", "jinji", "kansa"])
def test_everybody_reads_it(sign_in, school, who, django_assert_max_num_queries):
    client = sign_in(who)
    with django_assert_max_num_queries(15):
        page = client.get(url("course", school.course))
    text = page.content.decode()
    assert page.status_code == 200
    assert "セキュリティポリシー｜策定管理" in text
    assert "3 独力でできる" in text
    assert "gone.1" in text
    assert "20,000円" in text
    assert "申し込む" in text
    assert ("講座を直す" in text) == (who == "jinji")


def test_somebody_applies_once_however_often_the_click_comes_and_withdraws(sign_in, school):
    client = sign_in("honnin")
    key = client.get(url("course", school.course)).context["key"]
    for sent in (key, key, uuid.uuid4()):
        answer = client.post(url("course_apply", school.course), {"key": sent})
        assert answer.status_code == 302
    entry = Training.objects.get()
    assert (entry.staff, entry.state) == (school.honnin, Training.State.APPLIED)
    page = client.get(url("course", school.course)).content.decode()
    assert "申込みを取り下げる" in page
    assert "もう一度申し込む" not in page
    answer = client.post(url("training_withdraw", entry), {"version": entry.version})
    assert answer.status_code == 302
    entry.refresh_from_db()
    assert entry.state == Training.State.WITHDRAWN
    assert "もう一度申し込む" in client.get(url("course", school.course)).content.decode()


def test_after_the_deadline_it_is_a_conflict_with_a_sentence(sign_in, school):
    Course.objects.filter(pk=school.course.pk).update(
        apply_by=timezone.localdate() - datetime.timedelta(days=1)
    )
    client = sign_in("honnin")
    assert "申込みは終わりました" in client.get(url("course", school.course)).content.decode()
    answer = client.post(url("course_apply", school.course), {"key": uuid.uuid4()})
    assert answer.status_code == 409
    assert "を過ぎています。人事に相談してください。" in answer.content.decode()
    assert not Training.objects.exists()


def test_nobody_withdraws_for_another_and_out_of_scope_is_nothing(sign_in, school):
    entry = b.make_training(school.honnin, course=school.course, state="applied")
    assert sign_in("kacho").post(url("training_withdraw", entry), {"version": 1}).status_code == 403
    assert sign_in("dourei").post(url("training_withdraw", entry), {"version": 1}).status_code == 404


def test_hr_adds_a_course_once(sign_in, school):
    client = sign_in("jinji")
    assert client.get(NEW).status_code == 200
    data = form(school, name="セキュリティ監査の実務")
    answers = [client.post(NEW, data) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {answers[0]["Location"]}
    made = Course.objects.get(name="セキュリティ監査の実務")
    assert (made.starts_on, made.ends_on) == (datetime.date(2027, 1, 20), datetime.date(2027, 1, 22))
    assert (made.apply_by, made.hours, made.fee) == (datetime.date(2026, 12, 4), 18.5, 24_000)
    assert (made.text, made.place) == ("内容\n2行目", "市役所　会議室")
    assert steps(made) == {POLICY: 3, ANALYSIS: 2}
    assert Event.objects.get(action="course.add").data == {"cells": 2}


@pytest.mark.parametrize("who", ["honnin", "kakari", "kacho", "henshu", "kansa", "sysadmin"])
def test_others_neither_add_nor_change(sign_in, school, who):
    client = sign_in(who)
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, form(school)).status_code == 403
    assert client.get(url("course", school.course), {"edit": 1}).status_code == 403
    assert client.post(url("course", school.course), form(school)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": " "}, "name", "講座名を入力してください"),
        ({"name": "長" * 121}, "name", "120"),
        ({"provider": ""}, "provider", "実施機関を選んでください"),
        ({"provider": "999"}, "provider", "選択"),
        ({"starts_on": ""}, "starts_on", "開始日も入れてください"),
        ({"starts_on": "R9.2.30"}, "starts_on", "暦にない日付"),
        ({"ends_on": "R9.1.19"}, "ends_on", "開始日より前"),
        ({"apply_by": "R9.1.21"}, "apply_by", "開始日より後"),
        ({"fee": "-1"}, "fee", "0から10,000,000"),
        ({"fee": "高い"}, "fee", "0から10,000,000"),
        ({"hours": "1.25"}, "hours", "小数1けた"),
        ({"hours": "-1"}, "hours", "0から2,000"),
        ({"text": "長" * 1001}, "text", "1000"),
        ({f"lead-{POLICY}-step": "9"}, None, "選択"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_the_rest_is_kept(sign_in, school, changes, field, said):
    page = sign_in("jinji").post(NEW, form(school, **changes))
    assert page.status_code == 422
    if field is None:
        assert page.context["leads"].forms[0].errors
    else:
        assert said in page.context["form"].errors[field].as_text()
    text = page.content.decode()
    assert said in text
    assert "市役所　会議室" in text
    assert Course.objects.filter(municipality=school.city).count() == 1


def test_hr_changes_a_course_and_keeps_the_cells_that_the_matrix_does_not_have(sign_in, school):
    client = sign_in("jinji")
    page = client.get(url("course", school.course), {"edit": 1})
    assert "いまの版にない項目が1あります" in page.content.decode()
    entry = b.make_training(school.honnin, course=school.course, fee=20_000, state="applied")
    answer = client.post(url("course", school.course), form(school, **{f"lead-{POLICY}-step": ""}))
    assert answer.status_code == 302
    school.course.refresh_from_db()
    assert school.course.version == 2
    assert steps(school.course) == {ANALYSIS: 2, "gone.1": 2}
    entry.refresh_from_db()
    assert entry.fee == 20_000


def test_another_version_is_a_conflict_that_keeps_what_was_typed(sign_in, school):
    Course.objects.filter(pk=school.course.pk).update(version=2, place="別の会場")
    client = sign_in("jinji")
    page = client.post(url("course", school.course), form(school, place="私の会場"))
    text = page.content.decode()
    assert page.status_code == 409
    assert "会場など：別の会場" in text
    assert "私の会場" in text
    school.course.refresh_from_db()
    assert school.course.place == "別の会場"
    version = page.context["form"]["version"].value()
    assert client.post(url("course", school.course), form(school, version=version)).status_code == 302


def test_hr_takes_a_course_out_and_back_and_applications_stay(sign_in, school):
    client = sign_in("jinji")
    entry = b.make_training(school.honnin, course=school.course, state="applied")
    client.post(url("course", school.course), {"act": "retire", "version": 1})
    school.course.refresh_from_db()
    assert school.course.retired
    answer = client.post(url("course", school.course), {"act": "restore", "version": 1})
    assert answer.status_code == 409
    client.post(url("course", school.course), {"act": "restore", "version": 2})
    school.course.refresh_from_db()
    entry.refresh_from_db()
    assert not school.course.retired
    assert entry.state == Training.State.APPLIED
    told = list(
        Event.objects.filter(action__startswith="course.").values_list("action", flat=True).order_by("pk")
    )
    assert told == ["course.retire", "course.restore"]


def test_markup_is_text(sign_in, school):
    Course.objects.filter(pk=school.course.pk).update(name="<b>x</b>", text="<script>alert(1)</script>")
    text = sign_in("honnin").get(url("course", school.course)).content.decode()
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text
