"""提出と確認の進み and 未提出一覧: who is counted where, by which step, and who may see it (P33, P33r)."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.deadlines import deadlines_of
from assessments.export_kind import Wish, export_kinds
from assessments.models import Cycle, Extension, Sheet
from assessments.year_progress import STEPS, counts_of, progress_of
from organization.models import Posting, Staff
from tests import builders as b
from tests.assessments.sheets import in_state

BACKEND = "organization.backends.StaffBackend"
TODAY = timezone.localdate()
State = Sheet.State


@pytest.fixture
def year(world):
    """Six people of three departments in six states; honnin, in 情報政策係, has not begun."""
    Cycle.objects.filter(pk=world.cycle.pk).update(submit_by=TODAY + datetime.timedelta(days=5))
    world.cycle.refresh_from_db()
    for staff, state, place in (
        (world.dourei, State.DRAFTING, world.kakari_dept),
        (world.kakari, State.SUBMITTED, world.kakari_dept),
        (world.kacho, State.FIRST_CONFIRMED, world.ka),
        (world.henshu, State.CONFIRMED, world.kiban),
        (world.betsuka, State.SENT_BACK, world.jinjika),
    ):
        in_state(b.make_sheet(staff, world.cycle, place), state, confirmer=world.bucho)
    return world


def progress(world, who="jinji"):
    return progress_of(b.actor_of(getattr(world, who)), world.cycle, deadlines_of(world.cycle))


def page(client, world, name, who="jinji", **query):
    client.force_login(getattr(world, who), backend=BACKEND)
    return client.get(reverse(f"assessments:{name}", args=[world.cycle.uuid]), query)


def text(answer):
    return answer.content.decode()


def by_state(count):
    return {str(step): number for step, number in zip(STEPS, count.steps, strict=True) if number}


def test_each_is_counted_once_and_with_all_below(year):
    found = progress(year)
    assert by_state(found.below(year.ka.path)) == {
        "not_started": 1, "drafting": 1, "submitted": 1, "first_confirmed": 1, "confirmed": 1,
    }  # fmt: skip
    assert by_state(found.below()) == dict.fromkeys(("sent_back", *by_state(found.below(year.ka.path))), 1)
    assert [row.place.name for row in found.table()] == ["政策経営部", "総務部"]
    assert [row.place.name for row in found.table(year.ka)] == ["情報政策係", "基盤係"]
    assert found.sentence() == "6人のうち3人が提出し、1人が確定しました。"


def test_who_moved_counts_where_they_are_and_who_left_nowhere(year):
    Posting.objects.filter(staff=year.honnin).update(department=year.jinjika)
    Staff.objects.filter(pk=year.dourei.pk).update(left_on=TODAY)
    found = progress(year)
    assert by_state(found.below(year.kakari_dept.path)) == {"submitted": 1}
    assert by_state(found.below(year.jinjika.path)) == {"not_started": 1, "sent_back": 1}


def test_overdue_by_the_deadline_of_the_department(year):
    yesterday = TODAY - datetime.timedelta(days=1)
    Cycle.objects.filter(pk=year.cycle.pk).update(submit_by=yesterday)
    year.cycle.refresh_from_db()
    assert progress(year).below().overdue == 3
    Extension.objects.create(
        municipality=year.city, cycle=year.cycle, department=year.ka, submit_by=TODAY, confirm_by=year.cycle.confirm_by,
        created_at=timezone.now(),
    )  # fmt: skip
    found = progress(year)
    assert (found.below().overdue, found.below(year.ka.path).overdue) == (1, 0)
    assert "1人が締切を過ぎています" in found.sentence()


def test_the_page_of_hr(client, year):
    shown = text(page(client, year, "cycle_progress"))
    assert "6人のうち3人が提出し、1人が確定しました。" in shown
    assert "未提出の3人を見る" in shown
    below = text(page(client, year, "cycle_progress", department=year.ka.uuid))
    assert "デジタル推進課の進み" in below
    assert "基盤係" in below


@pytest.mark.parametrize(("name", "who", "status"), [
    ("cycle_progress", "kacho", 403), ("cycle_progress", "honnin", 403), ("unsubmitted", "honnin", 403),
    ("unsubmitted", "kansa", 403), ("unsubmitted", "kacho", 200), ("unsubmitted", "yoso", 404), ("cycle_progress", "yoso", 403),
])  # fmt: skip
def test_who_may(client, year, name, who, status):
    assert page(client, year, name, who).status_code == status


def test_the_line_sees_its_people_alone_and_states_alone(client, year):
    shown = text(page(client, year, "unsubmitted", "kacho"))
    assert "山﨑 美咲" in shown
    assert "小林 健" in shown
    assert "森 健太" not in shown
    assert "下書きの文章" not in shown
    assert "お願いを出す" not in shown
    outside = page(client, year, "unsubmitted", "kacho", department=year.jinjika.uuid)
    assert outside.status_code == 404
    Cycle.objects.filter(pk=year.cycle.pk).update(state="closed", closed_at=timezone.now())
    assert page(client, year, "unsubmitted", "kacho").status_code == 404


def test_filters_and_paper(client, year):
    shown = text(page(client, year, "unsubmitted", department=year.kakari_dept.uuid, state="drafting"))
    assert "小林 健" in shown
    assert "山﨑 美咲" not in shown
    waiting = text(page(client, year, "unsubmitted", what="confirm"))
    assert "𠮷田 由紀子" in waiting
    assert "山﨑 美咲" not in waiting
    # Who owes the confirmation: the 所属長 of the 係長, and the 部長 of the 課長.
    assert '<td data-label="確認する人">髙橋 誠一</td>' in waiting
    assert '<td data-label="確認する人">伊藤 正</td>' in waiting
    paper = text(page(client, year, "unsubmitted", all="1"))
    assert paper.index("情報政策係　2人") < paper.index("人事課　1人")
    assert paper.count("page-break") == 1


@pytest.mark.parametrize("name", ["cycle_progress", "unsubmitted", "reminders"])
def test_as_many_queries_for_six_as_for_thirty(client, year, name, django_assert_max_num_queries):
    # Signed in, and with the cells of the process read.
    page(client, year, name)
    address = reverse(f"assessments:{name}", args=[year.cycle.uuid])
    with django_assert_max_num_queries(15) as few:
        assert client.get(address).status_code == 200
    for number in range(24):
        staff = b.make_staff(year.city, f"職員 {number}")
        place = b.make_department(year.city, f"第{number}課", parent=year.bu)
        b.make_posting(staff, place)
        b.make_sheet(staff, year.cycle, place)
    with django_assert_max_num_queries(15) as many:
        client.get(address)
    assert len(many) == len(few)


def test_out_as_tables(year):
    actor = b.actor_of(year.jinji)
    rows = list(export_kinds()["progress"].table(actor, Wish(year.cycle)).rows())
    assert [row[2] for row in rows][:2] == ["政策経営部", "デジタル推進課"]
    assert rows[0][3:10] == [5, 1, 1, 0, 1, 1, 1]
    listed = export_kinds()["unsubmitted"].table(actor, Wish(year.cycle, state="sent_back"))
    assert [(row[4], row[7]) for row in listed.rows()] == [("森 健太", "差戻し")]
    mine = export_kinds()["unsubmitted"].table(b.actor_of(year.kacho), Wish(year.cycle))
    assert {row[4] for row in mine.rows()} == {"山﨑 美咲", "小林 健"}
    assert mine.count() == 2


def test_the_file_is_asked_for_as_the_page_was(client, year):
    shown = text(page(client, year, "unsubmitted", department=year.ka.uuid, state="drafting"))
    address = (
        f"/exports/unsubmitted/?cycle={year.cycle.uuid}&amp;department={year.ka.uuid}&amp;state=drafting"
    )
    assert address in shown
    form = client.get(address.replace("&amp;", "&")).content.decode()
    assert f'value="{year.ka.uuid}" selected' in form
    assert 'value="drafting" selected' in form
    assert client.get("/exports/unsubmitted/?department=nonsense").status_code == 200


def test_who_is_on_leave_is_not_late(client, year):
    Cycle.objects.filter(pk=year.cycle.pk).update(submit_by=TODAY - datetime.timedelta(days=1))
    year.cycle.refresh_from_db()
    b.make_leave(year.honnin)
    assert progress(year).below().overdue == 2
    assert "休職・育休中でまだ提出していない1人は" in text(page(client, year, "cycle_progress"))
    assert "未着手（休職・育休中）" in text(page(client, year, "unsubmitted"))


def test_somebody_of_a_second_posting_is_listed_where_the_line_leads(client, year):
    Posting.objects.filter(staff=year.dourei).update(department=year.jinjika)
    b.make_posting(year.dourei, year.kakari_dept, kind="additional")
    shown = text(page(client, year, "unsubmitted", "kacho", department=year.kakari_dept.uuid))
    assert "小林 健" in shown
    assert by_state(progress(year).below(year.jinjika.path)) == {"drafting": 1, "sent_back": 1}


def test_a_closed_year_is_for_hr_alone_as_a_file_too(year):
    Cycle.objects.filter(pk=year.cycle.pk).update(state="closed", closed_at=timezone.now())
    year.cycle.refresh_from_db()
    of = lambda who: export_kinds()["unsubmitted"].table(b.actor_of(who), Wish(year.cycle)).count()  # noqa: E731
    assert (of(year.kacho), of(year.jinji)) == (0, 3)


def test_counted_by_the_database_it_is_the_same_as_person_by_person(year):
    b.make_leave(year.honnin, start=TODAY)
    Posting.objects.filter(staff=year.dourei).update(department=year.jinjika)
    Posting.objects.filter(staff=year.henshu).delete()
    Staff.objects.filter(pk=year.kacho.pk).update(left_on=TODAY)
    yesterday = TODAY - datetime.timedelta(days=1)
    Cycle.objects.filter(pk=year.cycle.pk).update(submit_by=yesterday)
    year.cycle.refresh_from_db()
    named = progress(year)
    counted = counts_of(b.actor_of(year.jinji), year.cycle, deadlines_of(year.cycle))
    for path in ("", *named.places):
        assert counted.below(path) == named.below(path)
    assert (counted.away, counted.sentence()) == (named.away, named.sentence())
    assert counted.below().total == 5
    assert counted.away == 1
    assert [row.place for row in counted.table()] == [row.place for row in named.table()]
