"""事務分掌 on screen: chosen, copied from last year, and saved by two at once (P17)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle
from audit.models import Event
from competency.models import DepartmentDuty, DutyAssignment, DutyPlan
from organization.models import Posting
from tests import builders as b
from tests.gaps.assigned import assign, make_duty, make_plan, shares_of


@pytest.fixture
def office(world):
    """Return the world with two duties of the 課."""
    world.planning = make_duty("情報化の企画", code="planning")
    world.running = make_duty("基幹システムの運用", code="running")
    world.plan = make_plan(world.ka, [world.planning, world.running])
    return world


def url(department, query=""):
    return reverse("gaps:assignments", args=[department.uuid]) + query


def name(duty, staff):
    return f"share-{duty.uuid.hex}-{staff.uuid.hex}"


def fields(page):
    return {field.name: field for row in page.context["rows"] for field in (*row.fields, *row.left)}


def chosen(page):
    return {
        key: next(value for value, _, is_chosen in field.options if is_chosen)
        for key, field in fields(page).items()
        if any(is_chosen and value for value, _, is_chosen in field.options)
    }


def test_it_works(sign_in, office):
    client = sign_in("kacho")
    page = client.get(url(office.ka))
    assert page.status_code == 200
    assert len(fields(page)) == 2 * 6
    answer = client.post(
        url(office.ka),
        {
            "version": "1",
            name(office.planning, office.honnin): "main",
            name(office.planning, office.kacho): "deputy",
            name(office.running, office.dourei): "",
        },
    )
    assert answer.status_code == 302
    assert answer["Location"] == url(office.ka)
    assert shares_of(office.ka) == {
        ("情報化の企画", office.honnin.name): "main",
        ("情報化の企画", office.kacho.name): "deputy",
    }
    event = Event.objects.get(action="assignments.change")
    assert event.data == {"year": 2026, "new": 2, "changed": 0, "removed": 0}
    assert (
        chosen(client.get(url(office.ka)))
        == {
            name(office.planning, office.honnin): "main",
            name(office.planning, office.kacho): "deputy",
        }
    )  # fmt: skip


def test_a_dash_takes_it_away_and_what_the_form_did_not_hold_stays(sign_in, office):
    assign(office.plan, office.planning, office.honnin)
    assign(office.plan, office.running, office.honnin, "deputy")
    sign_in("kacho").post(url(office.ka), {"version": "1", name(office.planning, office.honnin): ""})
    assert shares_of(office.ka) == {("基幹システムの運用", office.honnin.name): "deputy"}


def test_what_lacks_is_said_and_not_refused(sign_in, office):
    DepartmentDuty.objects.filter(duty=office.running).update(done_by="outsourced")
    assign(office.plan, office.running, office.honnin, "deputy")
    b.make_leave(office.dourei)
    page = sign_in("kacho").get(url(office.ka))
    duties, people = page.context["warnings"]
    assert duties == "主担当のいない業務：情報化の企画。"
    assert "髙橋 誠一" in people
    assert office.honnin.name not in people
    assert office.dourei.name not in people
    text = page.content.decode()
    assert "外部に委託する" in text
    assert "休職・育休中" in text


def test_who_has_left_is_shown_apart_and_can_be_taken_off(sign_in, office):
    assign(office.plan, office.planning, office.honnin)
    Posting.objects.filter(staff=office.honnin).update(end=timezone.localdate())
    client = sign_in("kacho")
    page = client.get(url(office.ka))
    key = name(office.planning, office.honnin)
    assert fields(page)[key].options == (("", "外す", False), ("main", "主担当のまま残す", True))
    assert name(office.running, office.honnin) not in fields(page)
    assert "いまは在籍していません" in page.content.decode()
    assert client.post(url(office.ka), {"version": "1", key: "main"}).status_code == 302
    assert shares_of(office.ka) == {("情報化の企画", office.honnin.name): "main"}
    assert client.post(url(office.ka), {"version": "1", key: "deputy"}).status_code == 422
    assert client.post(url(office.ka), {"version": "1", key: ""}).status_code == 302
    assert shares_of(office.ka) == {}


def test_copying_last_year_fills_the_form_and_writes_nothing(sign_in, office):
    gone = make_duty("廃止した業務")
    last = make_plan(office.ka, [office.planning, gone], fiscal_year=2025)
    for staff, duty in [
        (office.honnin, office.planning),
        (office.betsuka, office.planning),
        (office.kacho, gone),
    ]:
        assign(last, duty, staff)
    assign(office.plan, office.running, office.betsuka, "deputy")
    client = sign_in("kacho")
    assert "令和7年度の事務分掌を写す" in client.get(url(office.ka)).content.decode()
    page = client.get(url(office.ka, "?copy=1"))
    assert chosen(page) == {
        name(office.planning, office.honnin): "main",
        # Who has left keeps this year's row, and gets none of last year's.
        name(office.running, office.betsuka): "deputy",
    }
    assert "まだ保存していません" in page.content.decode()
    assert shares_of(office.ka) == {("基幹システムの運用", office.betsuka.name): "deputy"}


def test_without_a_last_year_there_is_nothing_to_copy(sign_in, office):
    text = sign_in("kacho").get(url(office.ka, "?copy=1")).content.decode()
    assert "写す" not in text
    assert "まだ保存していません" not in text


def test_of_two_who_save_the_second_sees_both_values(sign_in, office):
    client = sign_in("kacho")
    key = name(office.planning, office.honnin)
    client.post(url(office.ka), {"version": "1", key: "main"})
    answer = client.post(
        url(office.ka), {"version": "1", key: "deputy", name(office.running, office.kacho): "main"}
    )
    assert answer.status_code == 409
    assert "まだ保存していません" in answer.content.decode()
    marked = {each.name: each.stored for each in fields(answer).values() if each.stored}
    assert marked == {key: "主担当", name(office.running, office.kacho): "担当なし"}
    assert chosen(answer)[key] == "deputy"
    assert shares_of(office.ka) == {("情報化の企画", office.honnin.name): "main"}
    again = {
        "version": answer.context["version"],
        **dict.fromkeys([key], "deputy"),
        name(office.running, office.kacho): "main",
    }
    assert client.post(url(office.ka), again).status_code == 302
    assert shares_of(office.ka)["情報化の企画", office.honnin.name] == "deputy"


def test_a_second_click_is_no_conflict(sign_in, office):
    client = sign_in("kacho")
    data = {"version": "1", name(office.planning, office.honnin): "main"}
    assert [client.post(url(office.ka), data).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(action="assignments.change").count() == 1


def test_a_duty_dropped_in_the_meantime_is_said_beside_the_conflict(sign_in, office):
    client = sign_in("kacho")
    DepartmentDuty.objects.filter(duty=office.running).delete()
    DutyPlan.objects.update(version=2)
    answer = client.post(
        url(office.ka),
        {
            "version": "1",
            name(office.running, office.honnin): "main",
            name(office.planning, office.kacho): "main",
        },
    )
    assert answer.status_code == 409
    assert "業務ではなくなった業務" in answer.content.decode()
    assert chosen(answer) == {name(office.planning, office.kacho): "main"}


def test_a_word_that_is_no_role_and_a_person_who_is_not_there(sign_in, office):
    client = sign_in("kacho")
    key = name(office.planning, office.honnin)
    kept = name(office.running, office.kacho)
    answer = client.post(url(office.ka), {"version": "1", key: "boss", kept: "main"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{key}"' in text
    assert "主担当、副担当、―のどれか" in text
    assert chosen(answer) == {kept: "main"}
    answer = client.post(
        url(office.ka), {"version": "1", name(office.planning, office.betsuka): "main", kept: "main"}
    )
    assert answer.status_code == 422
    assert "在籍していない職員" in answer.content.decode()
    assert office.betsuka.name not in answer.content.decode()
    assert not DutyAssignment.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "-1"])
def test_a_version_no_form_of_ours_sends(sign_in, office, version):
    assert sign_in("kacho").post(url(office.ka), {"version": version}).status_code == 422


@pytest.mark.parametrize("who", ["bucho", "jinji"])
def test_those_above_and_hr_save_too(sign_in, office, who):
    data = {"version": "1", name(office.planning, office.honnin): "main"}
    assert sign_in(who).post(url(office.ka), data).status_code == 302


@pytest.mark.parametrize(
    ("who", "status"), [("kakari", 403), ("honnin", 403), ("henshu", 403), ("kansa", 403), ("betsuka", 404)]
)
def test_nobody_else_sees_or_saves(sign_in, world, who, status):
    duty = make_duty("企画")
    make_plan(world.kakari_dept, [duty])
    client = sign_in(who)
    assert client.get(url(world.kakari_dept)).status_code == status
    data = {"version": "1", name(duty, world.honnin): "main"}
    assert client.post(url(world.kakari_dept), data).status_code == status
    assert not DutyAssignment.objects.exists()


def test_another_municipality_and_a_wrong_method(sign_in, office):
    client = sign_in("jinji")
    assert client.get(url(office.foreign_department)).status_code == 404
    assert client.post(url(office.foreign_department), {"version": "0"}).status_code == 404
    assert client.delete(url(office.ka)).status_code == 405


def test_an_ended_year_takes_nothing(sign_in, office):
    Cycle.objects.filter(pk=office.cycle.pk).update(state="closed", closed_at=timezone.now())
    client = sign_in("kacho")
    assert client.get(url(office.ka)).status_code == 409
    data = {"version": "1", name(office.planning, office.honnin): "main"}
    assert client.post(url(office.ka), data).status_code == 409
    assert not DutyAssignment.objects.exists()


def test_a_department_without_duties_says_what_to_do_first(sign_in, world):
    client = sign_in("kacho")
    page = client.get(url(world.ka))
    assert "まだ業務がありません" in page.content.decode()
    assert client.post(url(world.ka), {"version": "0"}).status_code == 409


def test_a_form_too_large_to_send_is_not_offered(sign_in, office, monkeypatch):
    monkeypatch.setattr("gaps.assignments_form.MOST_FIELDS", 11)
    client = sign_in("kacho")
    page = client.get(url(office.ka))
    assert page.context["rows"] == []
    assert "1つの画面では入れられません" in page.content.decode()
    data = {"version": "1", name(office.planning, office.honnin): "main"}
    assert client.post(url(office.ka), data).status_code == 409


def test_queries_do_not_grow(sign_in, office, django_assert_max_num_queries):
    client = sign_in("kacho")
    assign(office.plan, office.planning, office.honnin)
    with django_assert_max_num_queries(15) as small:
        client.get(url(office.ka))
    for number in range(30):
        staff = b.make_staff(office.city, f"見本 {number}")
        b.make_posting(staff, office.kiban)
        assign(office.plan, office.running, staff)
    for number in range(10):
        duty = make_duty(f"業務{number}")
        DepartmentDuty.objects.create(municipality=office.city, plan=office.plan, duty=duty)
    with django_assert_max_num_queries(15) as large:
        client.get(url(office.ka))
    assert len(small) == len(large)
