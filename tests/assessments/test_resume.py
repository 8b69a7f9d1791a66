"""スキル履歴書: one's own, and those of people in scope, with as much of the past as each may see."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Sheet
from audit.models import Event
from organization.models import Department, Posting
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, steps_of, submitted


def url(staff):
    return reverse("assessments:resume", args=[staff.uuid])


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def year(
    world, fiscal_year, step, *, final=None, state=Sheet.State.CONFIRMED, cycle_state=Cycle.State.CLOSED
):
    cycle = b.make_cycle(world.city, world.version, fiscal_year=fiscal_year, state=cycle_state)
    sheet = b.make_sheet(world.honnin, cycle, world.kakari_dept)
    submitted(sheet, steps_of(sheet, step))
    if state == Sheet.State.CONFIRMED:
        confirmations(sheet, world.kacho, "final", steps_of(sheet, step if final is None else final))
        Sheet.objects.filter(pk=sheet.pk).update(state=state, confirmed_at=timezone.now())
    return sheet


def test_own_and_confirmed_steps_stand_apart(world, sign_in):
    sheet = year(world, 2025, 3, final=2)
    page = text(sign_in("honnin").get("/resume/"))
    assert page.count("<b>2</b>支援があればできる") == len(world.cells)
    assert page.count("本人は3") == len(world.cells)
    assert "本人の記入と確定した段階が違う項目は6です。" in page
    assert f"{timezone.localtime(Sheet.objects.get(pk=sheet.pk).confirmed_at).day}日に確定" in page
    assert world.honnin.staff_number in page


def test_no_record_yet(world, sign_in):
    page = text(sign_in("honnin").get("/resume/"))
    assert "提出すると、ここに自分の段階が表で出ます" in page
    assert "見られる記録はまだありません" in text(sign_in("kacho").get(url(world.honnin)))


def test_the_years_and_what_went_up_and_down(world, sign_in):
    year(world, 2022, 1)
    year(world, 2023, 3)
    year(world, 2024, 2)
    submitted(world.sheet, steps_of(world.sheet, 4))
    page = text(sign_in("honnin").get("/resume/"))
    assert "4年の変化" in page
    assert page.count("（上がった）") == 2 * len(world.cells)
    assert page.count("（下がった）") == len(world.cells)
    assert "令和8</span><br><span>確定前</span>" in page
    assert "以上の項目数。令和4 0、令和5 6、令和6 0、令和8 6" in page


def test_at_most_five_years(world, sign_in):
    for number in range(2019, 2026):
        year(world, number, 2)
    page = text(sign_in("honnin").get("/resume/"))
    assert "5年の変化" in page
    assert "令和3</span>" in page
    assert "令和2</span>" not in page


def test_an_older_version_is_matched_by_code(world, sign_in):
    year(world, 2025, 3)
    newer = b.make_version(name="2030")
    Cycle.objects.filter(pk=world.cycle.pk).update(framework_version=newer)
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    submitted(sheet, steps_of(sheet, 4))
    page = text(sign_in("honnin").get("/resume/"))
    assert page.count("（上がった）") == len(world.cells)


def test_drafts_are_nowhere(world, sign_in):
    in_state(world.sheet, Sheet.State.DRAFTING)
    for name in ("honnin", "kacho", "jinji"):
        page = text(sign_in(name).get(url(world.honnin)))
        assert "下書きの文章" not in page
        assert "教えられる</span>" not in page


@pytest.mark.parametrize("name", ["kakari", "kacho", "bucho"])
def test_of_closed_years_the_line_sees_what_was_confirmed(world, sign_in, name):
    year(world, 2024, 1)
    year(world, 2025, 4, state=Sheet.State.SUBMITTED)
    page = text(sign_in(name).get(url(world.honnin)))
    assert "令和6年度（2024年度）" in page
    assert "<b>4</b>" not in page
    for whole in ("honnin", "jinji"):
        assert "<b>4</b>" in text(sign_in(whole).get(url(world.honnin)))


def test_the_line_sees_what_was_submitted_this_year(world, sign_in):
    submitted(world.sheet, steps_of(world.sheet, 4))
    assert "<b>4</b>" in text(sign_in("kacho").get(url(world.honnin)))


def test_the_places_up_to_today(world, sign_in):
    today = timezone.localdate()
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today, position="主査")
    b.make_posting(world.honnin, world.kiban, kind=Posting.Kind.ADDITIONAL, start=today, position="主査")
    b.make_posting(
        world.honnin,
        world.soumu,
        kind=Posting.Kind.ADDITIONAL,
        start=today + datetime.timedelta(days=30),
    )
    page = text(sign_in("honnin").get("/resume/"))
    assert "政策経営部 デジタル推進課 情報政策係" in page
    assert "総務部 人事課" in page
    assert "政策経営部 デジタル推進課 基盤係（兼務、" in page
    assert page.count("主査") == 3
    # A posting that has not begun is nobody's business yet.
    assert '<th scope="row">総務部</th>' not in page


def test_ones_own_view_is_not_logged_and_anothers_is(world, sign_in):
    client = sign_in("honnin")
    client.get("/resume/")
    client.get(url(world.honnin))
    assert not Event.objects.exists()
    sign_in("kacho").get(url(world.honnin))
    event = Event.objects.get(action="resume.view")
    assert (event.actor_uuid, event.subject_uuid) == (world.kacho.uuid, world.honnin.uuid)


@pytest.mark.parametrize("name", ["dourei", "betsuka", "kansa", "henshu", "sysadmin"])
def test_out_of_scope_is_as_nothing(world, sign_in, name):
    client = sign_in(name)
    fixed = {"X-Request-Id": "0123456789ab"}
    there = client.get(url(world.honnin), headers=fixed)
    nowhere = client.get(reverse("assessments:resume", args=[uuid.uuid4()]), headers=fixed)
    assert there.status_code == nowhere.status_code == 404
    assert there.content == nowhere.content
    assert not Event.objects.exclude(action="access.refused").exists()


def test_another_municipality(world, sign_in):
    assert sign_in("jinji").get(url(world.yoso)).status_code == 404


def test_from_the_day_of_a_transfer(world, sign_in):
    today = timezone.localdate()
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today)
    assert sign_in("kacho").get(url(world.honnin)).status_code == 404


@pytest.mark.parametrize("address", ["/resume/", None])
def test_wrong_method(world, sign_in, address):
    assert sign_in("honnin").post(address or url(world.honnin)).status_code == 405


@pytest.mark.parametrize("years", [1, 5])
@pytest.mark.parametrize("name", ["honnin", "kacho"])
def test_queries(world, sign_in, django_assert_max_num_queries, years, name):
    for number in range(2026 - years, 2026):
        year(world, number, 2)
    client = sign_in(name)
    with django_assert_max_num_queries(15):
        client.get(url(world.honnin))


def test_places_are_named_from_the_own_municipality_alone(world, sign_in):
    Department.objects.filter(pk=world.foreign_department.pk).update(path=world.bu.path)
    assert world.foreign_department.name not in text(sign_in("honnin").get("/resume/"))
