"""研修計画: the line sees its people, 人事 all; what it costs, several decisions at once, and the file (P33t, P20)."""

import csv
import datetime
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments.models import Training
from audit.models import Event
from lib import fiscal
from lib.tabular import read_table
from organization.models import Posting
from tests import builders as b

PLAN = reverse("assessments:training_plan")
CSV, XLSX = reverse("assessments:training_plan_csv"), reverse("assessments:training_plan_xlsx")
State = Training.State


@pytest.fixture
def plan(world, monkeypatch):
    """Return the world with five 研修 of this 年度, one of last year, and one of another municipality.

    It is the middle of October, whatever the day: rows around today stay in one 年度.
    """
    today = datetime.date(fiscal.fiscal_year(timezone.localdate()), 10, 15)
    real = timezone.localdate
    monkeypatch.setattr(
        timezone, "localdate", lambda value=None, zone=None: real(value, zone) if value else today
    )
    world.year = fiscal.fiscal_year(today)
    world.applied = b.make_training(
        world.honnin, "規程の作り方", start=today + datetime.timedelta(days=3), fee=10_000, state="applied"
    )
    world.accepted = b.make_training(world.dourei, "監査の実務", start=today, fee=20_000, state="accepted")
    world.undated = b.make_training(world.kacho, "管理職のDX", fee=0, state="applied")
    world.declined = b.make_training(world.kakari, "見送った研修", start=today, fee=90_000, state="declined")
    world.elsewhere = b.make_training(world.betsuka, "人事の研修", start=today, fee=5_000, state="finished")
    last = fiscal.first_day(world.year) - datetime.timedelta(days=1)
    world.before = b.make_training(world.honnin, "去年の研修", start=last, fee=7_000)
    b.make_training(world.yoso, "よその研修", start=today, fee=1)
    return world


def titles(page):
    return {row.training.title for row, _ in page.context["rows"]}


def sums(page):
    return [(one.place, one.count, one.total) for one in page.context["sums"]]


def posted(page, **states):
    """Return the formset of a page with states chosen by title."""
    forms = page.context["formset"].forms
    data = {"row-TOTAL_FORMS": len(forms), "row-INITIAL_FORMS": len(forms)}
    for number, (form, (row, _)) in enumerate(zip(forms, page.context["rows"], strict=True)):
        data |= {
            f"row-{number}-entry": form["entry"].value(),
            f"row-{number}-version": form["version"].value(),
            f"row-{number}-state": states.get(row.training.title, ""),
        }
    return data


def test_the_line_sees_its_people_with_what_they_cost(sign_in, plan):
    page = sign_in("kacho").get(PLAN)
    assert page.status_code == 200
    assert titles(page) == {"規程の作り方", "監査の実務", "管理職のDX", "見送った研修"}
    assert sums(page) == [("デジタル推進課", 1, 0), ("情報政策係", 3, 30_000)]
    text = page.content.decode()
    assert "合わせて30,000円" in text
    assert "決める" not in text


def test_hr_sees_all_and_the_first_line_its_own_people(sign_in, plan):
    page = sign_in("jinji").get(PLAN)
    assert sums(page)[-1] == ("人事課", 1, 5_000)
    assert page.context["total"] == 35_000
    assert titles(sign_in("kakari").get(PLAN)) == {"規程の作り方", "監査の実務", "見送った研修"}


@pytest.mark.parametrize("who", ["honnin", "henshu", "kansa", "sysadmin"])
def test_others_have_no_plan(sign_in, plan, who):
    client = sign_in(who)
    assert client.get(PLAN).status_code == 403
    assert client.post(PLAN, {}).status_code == 403
    assert client.post(CSV, {"reason": "x"}).status_code == 403


def test_it_is_filtered_by_year_and_state(sign_in, plan):
    client = sign_in("jinji")
    assert titles(client.get(PLAN, {"year": plan.year - 1})) == {"去年の研修"}
    assert titles(client.get(PLAN, {"state": "accepted"})) == {"監査の実務"}
    assert titles(client.get(PLAN, {"year": "x", "state": "y"})) == titles(client.get(PLAN))
    assert "あてはまる研修はありません" in client.get(PLAN, {"state": "absent"}).content.decode()


def test_a_year_is_counted_where_people_were_then(sign_in, plan):
    today = timezone.localdate()
    Posting.objects.filter(staff=plan.honnin).update(end=today)
    b.make_posting(plan.honnin, plan.kiban, start=today)
    client = sign_in("jinji")
    assert sums(client.get(PLAN, {"year": plan.year - 1})) == [("情報政策係", 1, 7_000)]
    assert ("基盤係", 1, 10_000) in sums(client.get(PLAN))
    assert titles(sign_in("kakari").get(PLAN, {"year": plan.year - 1})) == set()


def test_the_queries_do_not_grow(sign_in, plan, django_assert_max_num_queries):
    for who in ("kacho", "jinji"):
        client = sign_in(who)
        with django_assert_max_num_queries(15) as few:
            client.get(PLAN)
        for number in range(60):
            b.make_training(plan.dourei, f"研修{who}{number}", start=timezone.localdate(), fee=1)
        with django_assert_max_num_queries(15) as many:
            client.get(PLAN)
        assert len(few) == len(many)


def test_hr_decides_several_at_once(sign_in, plan):
    client = sign_in("jinji")
    page = client.get(PLAN)
    data = posted(page, 規程の作り方="accepted", 監査の実務="finished", 管理職のDX="declined")
    assert client.post(PLAN, data).status_code == 302
    states = dict(Training.objects.values_list("title", "state"))
    assert (states["規程の作り方"], states["監査の実務"]) == (State.ACCEPTED, State.FINISHED)
    assert states["管理職のDX"] == State.DECLINED
    assert states["人事の研修"] == State.FINISHED
    told = Event.objects.filter(action="training.decide")
    assert {event.subject_uuid for event in told} == {plan.honnin.uuid, plan.dourei.uuid, plan.kacho.uuid}
    assert client.post(PLAN, data).status_code == 302
    assert Event.objects.filter(action="training.decide").count() == 3


def test_only_hr_decides(sign_in, plan):
    data = posted(sign_in("jinji").get(PLAN), 規程の作り方="accepted")
    assert sign_in("kacho").post(PLAN, data).status_code == 403


def test_what_has_not_begun_is_not_over_and_nothing_is_changed(sign_in, plan):
    client = sign_in("jinji")
    page = client.post(PLAN, posted(client.get(PLAN), 規程の作り方="finished", 監査の実務="finished"))
    assert page.status_code == 422
    assert "まだ始まっていない研修です" in page.content.decode()
    chosen = {row.training.title: row.decide["state"].value() for row, _ in page.context["rows"]}
    assert (chosen["規程の作り方"], chosen["監査の実務"]) == ("finished", "finished")
    assert set(Training.objects.filter(title="監査の実務").values_list("state", flat=True)) == {"accepted"}


def test_another_was_first_and_all_choices_are_kept(sign_in, plan):
    client = sign_in("jinji")
    data = posted(client.get(PLAN), 規程の作り方="accepted", 監査の実務="finished")
    Training.objects.filter(pk=plan.accepted.pk).update(version=5)
    page = client.post(PLAN, data)
    assert page.status_code == 409
    assert Training.objects.get(pk=plan.applied.pk).state == State.APPLIED
    again = posted(page, 規程の作り方="accepted", 監査の実務="finished")
    assert client.post(PLAN, again).status_code == 302
    assert Training.objects.get(pk=plan.accepted.pk).state == State.FINISHED


def test_what_was_withdrawn_or_is_gone_is_a_conflict(sign_in, plan):
    client = sign_in("jinji")
    data = posted(client.get(PLAN), 規程の作り方="accepted")
    Training.objects.filter(pk=plan.applied.pk).update(state="withdrawn")
    assert client.post(PLAN, data).status_code == 409
    Training.objects.filter(pk=plan.applied.pk).update(removed_at=timezone.now())
    assert client.post(PLAN, data).status_code == 409


def test_a_request_that_no_form_of_ours_makes(sign_in, plan):
    client = sign_in("jinji")
    assert client.post(PLAN, {}).status_code == 422
    data = posted(client.get(PLAN), 規程の作り方="applied")
    assert client.post(PLAN, data).status_code == 422


def test_the_line_takes_its_file_without_a_reason_and_hr_with_one(sign_in, plan):
    answer = sign_in("kacho").post(CSV, {"reason": ""})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["研修"] for row in rows} == {"規程の作り方", "監査の実務", "管理職のDX", "見送った研修"}
    assert {row["職員番号"] for row in rows} >= {plan.honnin.staff_number}
    told = Event.objects.get(action="export.training_plan").data
    expected = {"rows": 4, "format": "csv", "year": plan.year, "state": "", "reason": ""}
    assert told | expected == told
    client = sign_in("jinji")
    page = client.post(XLSX, {"reason": " "})
    assert page.status_code == 422
    assert "理由を入力してください" in page.content.decode()
    back = client.get(XLSX, {"page": 2})
    assert (back.status_code, back["Location"]) == (302, f"{PLAN}?page=2")
    answer = client.post(f"{XLSX}?state=accepted", {"reason": "議会の資料"})
    table = read_table(answer.content, "plan.xlsx")
    assert [row.cells[5] for row in table.rows] == ["監査の実務"]
    event = Event.objects.filter(action="export.training_plan").latest("pk")
    assert (event.data["rows"], event.data["reason"], event.data["state"]) == (1, "議会の資料", "accepted")


def test_formulas_are_defused(sign_in, plan):
    Training.objects.filter(pk=plan.applied.pk).update(result="=1+1")
    answer = sign_in("kacho").post(CSV, {})
    assert "'=1+1" in answer.content.decode("utf-8-sig")


def test_one_application_is_decided_with_hours_and_result_and_the_person_sees_it(sign_in, plan):
    course = b.make_course(plan.city, "監査の実務")
    Training.objects.filter(pk=plan.accepted.pk).update(course=course)
    url = reverse("assessments:training_decide", args=[plan.accepted.uuid])
    client = sign_in("jinji")
    assert client.get(url).status_code == 200
    data = {"version": 1, "state": "finished", "hours": "17.5", "result": "修了試験に合格"}
    assert client.post(url, data).status_code == 302
    plan.accepted.refresh_from_db()
    assert (plan.accepted.state, plan.accepted.hours) == (State.FINISHED, 17.5)
    page = sign_in("dourei").get(reverse("assessments:course", args=[course.uuid])).content.decode()
    assert "修了試験に合格" in page
    assert sign_in("jinji").post(url, {**data, "result": "x"}).status_code == 409
    bad = sign_in("jinji").post(url, {**data, "state": "", "hours": "x"})
    assert bad.status_code == 422
    soon = reverse("assessments:training_decide", args=[plan.applied.uuid])
    early = sign_in("jinji").post(soon, {**data, "hours": ""})
    assert early.status_code == 422
    assert "まだ始まっていない" in early.content.decode()


def test_hr_of_another_municipality_finds_nothing(sign_in, plan):
    b.make_grant(plan.yoso, Role.HR)
    client = sign_in("yoso")
    assert titles(client.get(PLAN)) == {"よその研修"}
    url = reverse("assessments:training_decide", args=[plan.applied.uuid])
    assert client.get(url).status_code == 404
