"""異動: at 00:00 in Tokyo of the effective day the new superior sees the record, and the former one sees nothing."""

import datetime
import uuid

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.routes import ROUTES
from assessments.confirm_page import remarks_on
from assessments.models import Confirmation, Draft, Remark, Sheet
from assessments.workflow.sheets import submit
from organization.models import Posting
from organization.models.position import LineRole
from tests import builders as b
from tests.assessments.sheets import answers, confirmations, in_state, last_year, submitted
from tests.routes import URLS, address

BACKEND = "organization.backends.StaffBackend"
DAY = datetime.date(2026, 12, 1)
TOKYO = datetime.timezone(datetime.timedelta(hours=9))
MIDNIGHT = datetime.datetime(2026, 12, 1, tzinfo=TOKYO)
SECOND = datetime.timedelta(seconds=1)
State = Sheet.State
# Objects that belong to a person.
PERSONAL = ("staff", "sheet", "entry", "file", "foreign_record")


@pytest.fixture
def moving(world):
    """honnin goes from 情報政策係 to 人事課 on DAY; 人事課 has a 所属長, newhead, and no 係長級."""
    world.newhead = b.make_staff(world.city, "村上 隆司", username="newhead")
    b.make_posting(world.newhead, world.jinjika, line_role=LineRole.HEAD)
    transfer(world.honnin, world.jinjika)
    return world


def transfer(staff, department, day=DAY):
    Posting.objects.filter(staff=staff, kind="main", end=None).update(end=day)
    return b.make_posting(staff, department, start=day, position="主任")


def client_of(staff):
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


def addresses(targets, kinds=PERSONAL):
    """Yield (view name, its route, URL of honnin's object, URL of a foreign one)."""
    for name, route in ROUTES.items():
        if route.target in kinds and name in URLS:
            ours, foreign = targets[route.target]
            yield name, route, address(name, ours), address(name, foreign)


@pytest.mark.parametrize("offset", [9, 0, -11], ids=["JST", "UTC", "Samoa"])
@pytest.mark.parametrize("name", ["kakari", "kacho", "bucho"])
def test_at_midnight_in_tokyo_everything_of_the_person_is_gone_for_the_former_line(
    moving, targets, clock, offset, name
):
    submitted(moving.sheet)
    zone = datetime.timezone(datetime.timedelta(hours=offset))
    clock((MIDNIGHT - SECOND).astimezone(zone))
    client = client_of(getattr(moving, name))
    # The same session goes on: nobody signs in again at midnight.
    seen = {
        route: client.get(ours).status_code
        for route, how, ours, _ in addresses(targets)
        if how.get and not route.endswith("_pdf")
    }
    assert {"assessments:sheet", "assessments:resume", "organization:person", "assessments:file"} <= {
        route for route, status in seen.items() if status == 200
    }
    clock(MIDNIGHT.astimezone(zone))
    for route, how, ours, foreign in addresses(targets):
        for method in [client.get] * bool(how.get) + [client.post] * bool(how.post):
            answer, elsewhere = method(ours), method(foreign)
            # The same as for somebody of another municipality, whom the actor never saw.
            assert answer.status_code == elsewhere.status_code in (403, 404), (route, method.__name__)
            assert _plain(answer) == _plain(elsewhere), route
            if method == client.get and seen.get(route) == 200:
                assert answer.status_code == 404, route


def _plain(response):
    """Return the page without what differs from one answer to the next."""
    return response.content.replace(response.headers.get("X-Request-ID", "-").encode(), b"")


@pytest.mark.parametrize("offset", [9, 0], ids=["JST", "UTC"])
def test_the_new_superior_sees_the_record_from_that_instant(moving, targets, clock, offset):
    submitted(moving.sheet)
    old = last_year(moving)
    zone = datetime.timezone(datetime.timedelta(hours=offset))
    pages = [
        reverse("organization:person", args=[moving.honnin.uuid]),
        reverse("assessments:resume", args=[moving.honnin.uuid]),
        reverse("assessments:sheet", args=[moving.sheet.uuid]),
        reverse("assessments:sheet", args=[old.uuid]),
        reverse("assessments:file", args=[targets["file"][0].uuid]),
    ]
    clock((MIDNIGHT - SECOND).astimezone(zone))
    client = client_of(moving.newhead)
    assert [client.get(page).status_code for page in pages] == [404] * len(pages)
    clock(MIDNIGHT.astimezone(zone))
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_pages_that_are_still_open_send_into_the_void(moving, clock):
    sheet = submitted(moving.sheet)
    clock(MIDNIGHT - SECOND)
    client = client_of(moving.kakari)
    assert client.get(reverse("assessments:sheet", args=[sheet.uuid])).status_code == 200
    clock(MIDNIGHT)
    before = Sheet.objects.values().get(pk=sheet.pk)
    for name, form in [
        ("assessments:sheet_confirm", answers(sheet, action="first")),
        ("assessments:sheet_confirm", answers(sheet, action="save")),
        (
            "assessments:sheet_send_back",
            {"reason": "間に合わない差戻し", "version": sheet.version, "key": str(uuid.uuid4())},
        ),
    ]:
        assert client.post(reverse(name, args=[sheet.uuid]), form).status_code == 404
    assert Sheet.objects.values().get(pk=sheet.pk) == before
    assert not Confirmation.objects.exists()
    assert not Remark.objects.exists()


def test_lists_change_hands_at_midnight(moving, clock):
    submitted(moving.sheet)
    clock(MIDNIGHT - SECOND)
    former, new = client_of(moving.kacho), client_of(moving.newhead)
    name = moving.honnin.name

    def lists(client):
        return [name in client.get(path).content.decode() for path in ("/people/", "/review/")]

    assert (lists(former), lists(new)) == ([True, True], [False, False])
    clock(MIDNIGHT)
    assert (lists(former), lists(new)) == ([False, False], [True, True])


# --- what the former line said


@pytest.fixture
def said(moving):
    """The old year is confirmed with comments; this year's sheet was sent back once and is first-confirmed."""
    before = MIDNIGHT - datetime.timedelta(days=20)
    old = last_year(moving)
    # The triggers keep a confirmed sheet; the comments of a year are written before its 確定.
    year = moving.cycle
    sheet = in_state(moving.sheet, State.SUBMITTED)
    confirmations(sheet, moving.kakari, "first", comment="係長の見える言葉")
    confirmations(sheet, moving.kacho, "final", comment="課長の下書きの言葉", visibility="memo")
    Confirmation.objects.filter(revision=sheet.current_revision_id).update(updated_at=before)
    Sheet.objects.filter(pk=sheet.pk).update(state=State.FIRST_CONFIRMED)
    Remark.objects.create(
        municipality=moving.city, revision_id=sheet.current_revision_id, kind="sent_back", text="前の差戻しの理由",
        author=moving.kakari, at=before,
    )  # fmt: skip
    moving.said = ("係長の見える言葉", "課長の下書きの言葉", "前の差戻しの理由")
    moving.year, moving.old = year, old
    moving.sheet.refresh_from_db()
    return moving


def test_the_new_line_reads_levels_and_not_what_the_former_line_said(said, clock):
    url = reverse("assessments:sheet", args=[said.sheet.uuid])
    clock(MIDNIGHT - SECOND)
    assert [words in client_of(said.kacho).get(url).content.decode() for words in said.said] == [True] * 3
    clock(MIDNIGHT)
    page = client_of(said.newhead).get(url)
    text = page.content.decode()
    assert not any(words in text for words in said.said)
    assert "一次確認" in text
    assert {row.steps.first for row in page.context["page"].rows} == {2}
    assert page.context["act"] == "final"
    # 人事 reads all of it, and the person what is for them.
    hr = client_of(said.jinji).get(url).content.decode()
    assert "係長の見える言葉" in hr
    assert "前の差戻しの理由" in hr


def test_what_the_new_line_confirms_is_said_by_the_new_line(said, clock):
    clock(MIDNIGHT)
    client = client_of(said.newhead)
    url = reverse("assessments:sheet", args=[said.sheet.uuid])
    client.get(url)
    form = answers(said.sheet, level="final", action="final")
    answer = client.post(reverse("assessments:sheet_confirm", args=[said.sheet.uuid]), form)
    assert answer.status_code == 302
    finals = Confirmation.objects.filter(level="final", revision=said.sheet.current_revision_id)
    assert set(finals.values_list("confirmer", "comment")) == {(said.newhead.pk, "")}
    firsts = Confirmation.objects.filter(level="first", revision=said.sheet.current_revision_id)
    # The first confirmation of the former 係長 stands, and the person reads what was meant for them.
    assert set(firsts.values_list("confirmer", flat=True)) == {said.kakari.pk}
    own = client_of(said.honnin).get(url).content.decode()
    assert "係長の見える言葉" in own
    assert "課長の下書きの言葉" not in own


def test_earlier_years_come_without_their_comments(moving, clock):
    cycle = b.make_cycle(moving.city, moving.version, fiscal_year=2025)
    sheet = submitted(b.make_sheet(moving.honnin, cycle, moving.kakari_dept))
    confirmations(sheet, moving.kacho, comment="昨年のコメント")
    when = datetime.datetime(2026, 1, 20, tzinfo=TOKYO)
    Confirmation.objects.update(updated_at=when)
    Sheet.objects.filter(pk=sheet.pk).update(state=State.CONFIRMED, confirmed_at=when)
    url = reverse("assessments:sheet", args=[sheet.uuid])
    clock(MIDNIGHT - SECOND)
    assert "昨年のコメント" in client_of(moving.kacho).get(url).content.decode()
    clock(MIDNIGHT)
    text = client_of(moving.newhead).get(url).content.decode()
    assert "昨年のコメント" not in text
    assert "2 支援があればできる" in text
    assert "昨年のコメント" in client_of(moving.jinji).get(url).content.decode()
    assert "昨年のコメント" in client_of(moving.honnin).get(url).content.decode()


def readable(actor, staff, at, author):
    """Say whether an actor reads a remark by an author at an instant."""
    sheet = Sheet.objects.get(staff=staff, fiscal_year=2026)
    with transaction.atomic():
        remark = Remark.objects.create(
            municipality=staff.municipality, revision_id=sheet.current_revision_id, kind="sent_back", text="言葉",
            author=author, at=at,
        )  # fmt: skip
        said = remark in remarks_on(sheet, actor)
        # What was said stands for good in the database; here it is only tried.
        transaction.set_rollback(True)
    return said


def test_a_move_inside_the_division_keeps_the_heads_words_for_the_head(world):
    """The 課長 has had the person in sight all along; the new 係長 has not."""
    submitted(world.sheet)
    transfer(world.honnin, world.kiban)
    chief = b.make_staff(world.city, "基盤 係長")
    b.make_posting(chief, world.kiban, line_role=LineRole.FIRST)
    before = MIDNIGHT - datetime.timedelta(days=9)
    head, new = b.actor_of(world.kacho, DAY), b.actor_of(chief, DAY)
    assert readable(head, world.honnin, before, world.kakari)
    assert not readable(new, world.honnin, before, world.kakari)
    assert not readable(new, world.honnin, MIDNIGHT - SECOND, world.kacho)
    assert readable(new, world.honnin, MIDNIGHT, world.kacho)
    assert readable(new, world.honnin, before, chief)


periods = st.lists(
    st.tuples(
        st.sampled_from(["kakari_dept", "kiban", "ka", "jinjika"]), st.integers(0, 9), st.integers(1, 5)
    ),
    max_size=5,
    unique_by=lambda one: one[:2],
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=periods, said=st.integers(0, 12), today=st.integers(0, 12))
def test_what_is_read_was_said_in_the_unbroken_run_up_to_today(world, history, said, today):
    first = datetime.date(2026, 4, 1)
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    if not sheet.current_revision_id:
        submitted(sheet)
    Posting.objects.filter(staff=world.honnin).delete()
    for department, start, days in history:
        begin = first + datetime.timedelta(days=start)
        b.make_posting(
            world.honnin, getattr(world, department), kind="additional", start=begin,
            end=begin + datetime.timedelta(days=days),
        )  # fmt: skip
    said = min(said, today)
    inside = {start + at for place, start, days in history if place != "jinjika" for at in range(days)}
    at = datetime.datetime.combine(first + datetime.timedelta(days=said), datetime.time(0, 0, 1), TOKYO)
    actor = b.actor_of(world.kacho, first + datetime.timedelta(days=today))
    expected = all(each in inside for each in range(said, today + 1))
    assert readable(actor, world.honnin, at, world.kakari) == expected


# --- in the middle of the year: the sheet goes along


@pytest.mark.parametrize("state", list(State))
def test_the_sheet_goes_along_with_its_state_and_nothing_typed_is_lost(moving, clock, state):
    sheet = in_state(moving.sheet, State.SUBMITTED if state == State.SENT_BACK else state, moving.kacho)
    if state == State.SENT_BACK:
        Sheet.objects.filter(pk=sheet.pk).update(state=state)
    drafts = list(Draft.objects.filter(sheet=sheet).values())
    clock(MIDNIGHT)
    moving.sheet.refresh_from_db()
    assert moving.sheet.state == state
    # Handed out or submitted as of then; the next submission takes the new place.
    assert moving.sheet.department == moving.kakari_dept
    assert list(Draft.objects.filter(sheet=sheet).values()) == drafts
    expected = {State.SUBMITTED: ["final"], State.FIRST_CONFIRMED: ["final"]}.get(state, [])
    page = client_of(moving.newhead).get("/review/")
    assert [row.act for row in page.context["rows"]] == expected
    assert client_of(moving.kakari).get("/review/").context["count"] == 0
    own = client_of(moving.honnin).get(reverse("assessments:sheet", args=[sheet.uuid]))
    assert own.status_code == (200 if state in (*Sheet.WAITING, State.CONFIRMED) else 302)
    readable = state in (*Sheet.WAITING, State.CONFIRMED)
    shown = client_of(moving.newhead).get(reverse("assessments:sheet", args=[sheet.uuid]))
    assert shown.status_code == 200
    assert shown.context["readable"] == readable
    assert "下書きの文章" not in shown.content.decode()


def test_what_is_submitted_after_the_move_carries_the_new_place(moving, clock):
    for cell in moving.cells:
        Draft.objects.create(
            municipality=moving.city, sheet=moving.sheet, cell=cell, step=1, updated_at=MIDNIGHT
        )
    clock(MIDNIGHT)
    by = b.actor_of(moving.honnin, DAY)
    done = submit(sheet=moving.sheet, version=moving.sheet.version, key=uuid.uuid4(), by=by, now=MIDNIGHT)
    assert (done.department, done.position) == (moving.jinjika, "主任")


def test_sent_back_by_the_former_line_the_person_still_reads_why(moving, clock):
    sheet = submitted(moving.sheet)
    Remark.objects.create(
        municipality=moving.city, revision_id=sheet.current_revision_id, kind="sent_back", text="根拠を足してください。",
        author=moving.kakari, at=MIDNIGHT - SECOND,
    )  # fmt: skip
    Sheet.objects.filter(pk=sheet.pk).update(state=State.SENT_BACK)
    clock(MIDNIGHT)
    page = client_of(moving.honnin).get(reverse("assessments:sheet_edit", args=[sheet.uuid]))
    assert "根拠を足してください。" in page.content.decode()


# --- who is about to go


def test_the_list_warns_of_who_is_about_to_leave_the_line(moving, clock, django_assert_max_num_queries):
    submitted(moving.sheet)
    stays = submitted(b.make_sheet(moving.dourei, moving.cycle, moving.kakari_dept))
    clock(MIDNIGHT - datetime.timedelta(days=6))
    client = client_of(moving.kakari)
    with django_assert_max_num_queries(15):
        text = client.get("/review/").content.decode()
    assert "12月1日に異動する人の確認が残っています" in text
    assert moving.honnin.name in text.split("異動する人の確認が残っています")[1].split("</div>")[0]
    # Whoever stays in sight is no reason to hurry.
    transfer(moving.dourei, moving.kakari_dept)
    assert client.get("/review/").content.decode().count("異動する人の確認") == 1
    Sheet.objects.filter(pk=moving.sheet.pk).update(state=State.DRAFTING, submitted_at=None)
    assert "異動する人の確認" not in client.get("/review/").content.decode()
    assert stays.pk
