"""確認者の基準日: from that day on those confirm who were the person's line on it, as far as they still see them."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from access.refusals import Conflict, Forbidden
from assessments.line import line_for, waiting_for
from assessments.line_rule import FIRST, HEAD, Lead, Leads, Line, of_record
from assessments.models import Confirmation, Cycle, Sheet
from assessments.own_page import by_record
from assessments.workflow.confirmation import asked_of, confirm_final, send_back
from audit.models import Event
from lib.paths import ancestors, child_path
from organization.models import Posting, Staff
from organization.models.position import LineRole
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, submitted
from tests.assessments.test_line_rule import PLACES, leads_lists

DATE = datetime.date(2026, 10, 1)
MOVE = datetime.date(2026, 11, 1)
TODAY = datetime.date(2026, 11, 25)
NOW = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def dated(world):
    """The year has a date in October; 人事課 has a 所属長 of its own, so that a move has somewhere to go."""
    Cycle.objects.filter(pk=world.cycle.pk).update(confirmer_date=DATE)
    world.newhead = b.make_staff(world.city, "村上 隆司", username="newhead")
    b.make_posting(world.newhead, world.jinjika, line_role=LineRole.HEAD)
    return world


def fresh(sheet):
    return Sheet.objects.select_related("cycle", "staff").get(pk=sheet.pk)


def move(staff, department, day=MOVE, **kwargs):
    """Give a person another 本務 from a day on."""
    Posting.objects.filter(staff=staff, kind="main", end=None).update(end=day)
    return b.make_posting(staff, department, start=day, **kwargs)


def names(ids):
    return set(Staff.objects.filter(pk__in=ids).values_list("username", flat=True))


def who(sheet, day=TODAY):
    line = line_for(fresh(sheet), day)
    return names(line.first), names(line.final)


# --- the rule itself

PERSON = 1


def places(lists=PLACES):
    return st.lists(st.sampled_from(lists), min_size=1, max_size=3)


@given(leads_lists, leads_lists, st.sampled_from(PLACES), places())
def test_whoever_confirms_leads_the_person_today_in_that_role(then_leads, now_leads, then_path, postings):
    now_of = Leads(now_leads)
    now = now_of.line_of(PERSON, postings[0])
    first, final = now_of.over(PERSON, postings, FIRST), now_of.over(PERSON, postings, HEAD)
    line, _ = of_record(Leads(then_leads).line_of(PERSON, then_path), now, first=first, final=final)
    sees = {
        lead.staff_id
        for lead in now_leads
        if lead.present and any(lead.path in ancestors(path) for path in postings)
    }
    assert {*line.first, *line.final} <= sees - {PERSON}
    assert not set(line.first) & set(line.final)
    assert line.to_hr == (not line.final)
    # Nobody is confirmed by someone they head: not a leader at or below a department headed by the person.
    for confirmer in line.final:
        mine = [lead.path for lead in now_leads if lead.staff_id == PERSON and lead.role == HEAD]
        held = [x.path for x in now_leads if x.staff_id == confirmer and x.role == HEAD and x.present]
        assert any(not any(at.startswith(own) for own in mine) or at not in _up(mine) for at in held)


def _up(paths):
    return {place for path in paths for place in ancestors(path)}


@given(leads_lists, st.sampled_from(PLACES))
def test_where_nothing_changed_the_date_changes_nothing(leads, path):
    of = Leads(leads)
    now = of.line_of(PERSON, path)
    first, final = of.over(PERSON, [path], FIRST), of.over(PERSON, [path], HEAD)
    assert of_record(now, now, first=first, final=final) == (now, frozenset())


@given(leads_lists, leads_lists, st.sampled_from(PLACES), places())
def test_the_step_is_never_left_to_hr_while_today_has_a_head(then_leads, now_leads, then_path, postings):
    now_of = Leads(now_leads)
    now = now_of.line_of(PERSON, postings[0])
    over = {role: now_of.over(PERSON, postings, role) for role in (FIRST, HEAD)}
    line, _ = of_record(
        Leads(then_leads).line_of(PERSON, then_path), now, first=over[FIRST], final=over[HEAD]
    )
    assert not (line.to_hr and now.final)


def test_only_the_step_that_lost_its_people_is_taken_over():
    then, now = Line((2,), (3,), False), Line((5,), (6,), False)
    assert of_record(then, now, first=set(), final={3, 6}) == (Line((5,), (3,), False), {FIRST})
    assert of_record(then, now, first={2}, final={6}) == (Line((2,), (6,), False), {HEAD})
    assert of_record(then, now, first={2}, final={3}) == (then, frozenset())
    assert of_record(then, now, first={5}, final={6}) == (now, {FIRST, HEAD})


def test_somebody_who_became_the_head_is_not_confirmed_by_who_sits_beside_or_below():
    ka = child_path(child_path("", 1), 2)
    kakari = child_path(ka, 3)
    leads = Leads([Lead(PERSON, ka, HEAD), Lead(2, ka, HEAD), Lead(3, kakari, HEAD), Lead(4, ka[:8], HEAD)])
    assert leads.over(PERSON, [ka], HEAD) == {4}
    assert leads.over(PERSON, [ka], FIRST) == set()


# --- from the database


def test_before_and_on_the_date_the_line_of_the_day_confirms(dated):
    submitted(dated.sheet)
    move(dated.kacho, dated.jinjika, DATE)
    move(dated.newhead, dated.ka, DATE, line_role=LineRole.HEAD)
    assert who(dated.sheet, DATE - DAY) == ({"kakari"}, {"kacho"})
    assert who(dated.sheet, DATE) == ({"kakari"}, {"newhead"})


def test_after_a_move_inside_the_division_the_head_of_the_date_and_the_new_chief_confirm(dated):
    submitted(dated.sheet)
    chief = b.make_staff(dated.city, "基盤 係長", username="chief")
    b.make_posting(chief, dated.kiban, line_role=LineRole.FIRST)
    move(dated.honnin, dated.kiban)
    assert who(dated.sheet) == ({"chief"}, {"kacho"})
    assert who(dated.sheet, MOVE - DAY) == ({"kakari"}, {"kacho"})


def test_who_no_longer_sees_the_person_confirms_nothing_and_the_new_line_does(dated):
    submitted(dated.sheet)
    move(dated.honnin, dated.jinjika)
    assert who(dated.sheet) == (set(), {"newhead"})
    sheet = fresh(dated.sheet)
    for name in ("kakari", "kacho"):
        with pytest.raises(Forbidden):
            asked_of(b.actor_of(getattr(dated, name), TODAY), sheet, "final")
        assert waiting_for(b.actor_of(getattr(dated, name), TODAY)).acts == {}
    assert waiting_for(b.actor_of(dated.newhead, TODAY)).acts == {sheet.pk: "final"}


def test_who_still_sees_the_person_by_a_second_posting_confirms(dated):
    """The reason for a date at all: the head who saw the year confirms it, while the person stays in sight."""
    submitted(dated.sheet)
    move(dated.honnin, dated.jinjika)
    b.make_posting(dated.honnin, dated.ka, kind=Posting.Kind.ADDITIONAL, start=MOVE)
    Sheet.objects.filter(pk=dated.sheet.pk).update(state="first_confirmed")
    assert who(dated.sheet) == (set(), {"kacho"})
    sheet = fresh(dated.sheet)
    assert waiting_for(b.actor_of(dated.kacho, TODAY)).acts == {sheet.pk: "final"}
    assert waiting_for(b.actor_of(dated.newhead, TODAY)).acts == {}
    with pytest.raises(Conflict):
        asked_of(b.actor_of(dated.newhead, TODAY), sheet, "final")
    confirmations(sheet, dated.kacho, "final")
    done = confirm_final(
        sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(dated.kacho, TODAY), now=NOW
    )
    assert done.state == "confirmed"
    assert Event.objects.get(action="sheet.confirm").data["line"] == "date"


def test_without_a_date_the_second_posting_gives_no_say(dated):
    Cycle.objects.filter(pk=dated.cycle.pk).update(confirmer_date=None)
    submitted(dated.sheet)
    move(dated.honnin, dated.jinjika)
    b.make_posting(dated.honnin, dated.ka, kind=Posting.Kind.ADDITIONAL, start=MOVE)
    assert who(dated.sheet) == (set(), {"newhead"})
    assert waiting_for(b.actor_of(dated.kacho, TODAY)).acts == {}


def test_who_came_after_the_date_has_the_line_of_today(dated):
    staff = b.make_staff(dated.city, "途中 採用")
    b.make_posting(staff, dated.kakari_dept, start=MOVE)
    sheet = submitted(b.make_sheet(staff, dated.cycle, dated.kakari_dept))
    assert who(sheet) == ({"kakari"}, {"kacho"})
    assert line_for(fresh(sheet), TODAY).record is None


def test_a_head_on_leave_today_is_replaced_by_the_line_of_today(dated):
    submitted(dated.sheet)
    b.make_leave(dated.kacho, start=MOVE)
    assert who(dated.sheet) == ({"kakari"}, {"bucho"})
    line = line_for(fresh(dated.sheet), TODAY)
    assert "異動などで確認できないため、いまの所属の上司が確認します。" in by_record(line, HEAD)


def test_the_superior_of_the_date_who_moved_away_is_replaced(dated):
    submitted(dated.sheet)
    move(dated.kacho, dated.soumu)
    assert who(dated.sheet) == ({"kakari"}, {"bucho"})


def test_send_back_belongs_to_the_confirmers_of_the_date_and_not_to_the_former_line(dated):
    submitted(dated.sheet)
    move(dated.honnin, dated.jinjika)
    b.make_posting(dated.honnin, dated.ka, kind=Posting.Kind.ADDITIONAL, start=MOVE)
    common = {"reason": "書き足してください。", "key": uuid.uuid4(), "now": NOW}
    with pytest.raises(Forbidden):
        send_back(sheet=fresh(dated.sheet), by=b.actor_of(dated.kakari, TODAY), version=1, **common)
    sheet = fresh(dated.sheet)
    sent = send_back(sheet=sheet, by=b.actor_of(dated.kacho, TODAY), version=sheet.version, **common)
    assert sent.state == "sent_back"


@pytest.mark.parametrize("name", ["kakari", "kacho", "bucho", "jinji", "newhead"])
def test_the_list_and_the_act_agree(dated, name):
    """Whoever finds a sheet in the list may act on it, and nobody else may."""
    people = [dated.honnin, dated.dourei, dated.kakari, dated.kacho, dated.betsuka]
    for staff in people[1:]:
        place = Posting.objects.get(staff=staff).department
        b.make_sheet(staff, dated.cycle, place)
    for sheet in Sheet.objects.filter(cycle=dated.cycle):
        submitted(sheet)
    move(dated.honnin, dated.jinjika)
    move(dated.dourei, dated.kiban)
    b.make_posting(dated.honnin, dated.kakari_dept, kind=Posting.Kind.CONCURRENT, start=MOVE)
    actor = b.actor_of(getattr(dated, name), TODAY)
    acts = waiting_for(actor).acts
    for sheet in Sheet.objects.filter(cycle=dated.cycle).select_related("cycle", "staff"):
        for level in ("first", "final"):
            try:
                asked_of(actor, sheet, level)
                may_act = True
            except (Conflict, Forbidden):
                may_act = False
            assert may_act == (acts.get(sheet.pk) == level), (sheet.staff.username, level)


@pytest.mark.parametrize("name", ["kakari", "kacho", "jinji"])
@pytest.mark.parametrize("people", [1, 12])
def test_a_date_costs_one_query_more_at_any_size(dated, django_assert_num_queries, name, people):
    for number in range(people):
        staff = b.make_staff(dated.city, f"職員 {number}")
        b.make_posting(staff, dated.kakari_dept)
        submitted(b.make_sheet(staff, dated.cycle, dated.kakari_dept))
        head_of_nobody = b.make_staff(dated.city, f"部外 {number}")
        b.make_posting(head_of_nobody, dated.soumu)
        submitted(b.make_sheet(head_of_nobody, dated.cycle, dated.soumu))
    actor = b.actor_of(getattr(dated, name), TODAY)
    with django_assert_num_queries(3):
        waiting_for(actor).count()
    with django_assert_num_queries(1):
        line_for(fresh_without_query(dated), TODAY)


def fresh_without_query(world):
    world.sheet.cycle.confirmer_date = DATE
    return world.sheet


def test_a_municipality_too_large_to_narrow_finds_the_same(dated, monkeypatch):
    submitted(dated.sheet)
    move(dated.honnin, dated.kiban)
    found = line_for(fresh(dated.sheet), TODAY)
    monkeypatch.setattr("assessments.line.MANY", 0)
    assert line_for(fresh(dated.sheet), TODAY) == found


# --- the department of record


def submit_on(world, day):
    from assessments.models import Draft
    from assessments.workflow.sheets import submit

    sheet = fresh(world.sheet)
    for cell in world.cells:
        Draft.objects.create(municipality=world.city, sheet=sheet, cell=cell, step=1, updated_at=NOW)
    by = b.actor_of(world.honnin, day)
    return submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=NOW)


@pytest.mark.parametrize(
    ("date", "day", "place"),
    [
        (None, TODAY, "jinjika"),
        (DATE, TODAY, "kakari_dept"),
        (DATE, MOVE - DAY, "kakari_dept"),
        (TODAY + DAY, TODAY, "jinjika"),
        (TODAY + DAY, MOVE - DAY, "kakari_dept"),
        # No 本務 on the date: that of today.
        (datetime.date(2020, 1, 1), TODAY, "jinjika"),
    ],
)
def test_the_department_of_record_is_that_of_the_date_once_it_has_come(dated, date, day, place):
    Cycle.objects.filter(pk=dated.cycle.pk).update(confirmer_date=date)
    move(dated.honnin, dated.jinjika, position="主任")
    done = submit_on(dated, day)
    assert done.department_path == getattr(dated, place).path
    assert done.position == ("主任" if place == "jinjika" else "")


# --- pages


def test_the_pages_say_who_confirms_and_why(dated, sign_in):
    Posting.objects.filter(staff=dated.honnin).update(start=datetime.date(2020, 4, 1))
    submitted(dated.sheet)
    today = timezone.localdate()
    Cycle.objects.filter(pk=dated.cycle.pk).update(confirmer_date=today - 2 * DAY)
    move(dated.honnin, dated.jinjika, today - DAY)
    url = reverse("assessments:sheet", args=[dated.sheet.uuid])
    said = "所属は情報政策係です。異動のため、いまの所属の上司が確認します。"
    assert said in sign_in("newhead").get(url).content.decode()
    assert said in sign_in("honnin").get(url).content.decode()
    assert sign_in("kacho").get(url).status_code == 404


def test_the_page_of_the_confirmer_keeps_to_fifteen_queries(dated, sign_in, django_assert_max_num_queries):
    sheet = in_state(dated.sheet, Sheet.State.FIRST_CONFIRMED, confirmer=dated.kakari)
    today = timezone.localdate()
    Cycle.objects.filter(pk=dated.cycle.pk).update(confirmer_date=today - 2 * DAY)
    Confirmation.objects.filter(revision_id=sheet.current_revision_id).update(comment="前の上司のことば")
    move(dated.honnin, dated.jinjika, today - DAY)
    for name, path in [
        ("newhead", reverse("assessments:sheet", args=[sheet.uuid])),
        ("newhead", "/review/"),
        ("newhead", "/"),
        ("jinji", reverse("assessments:sheet", args=[sheet.uuid])),
        ("jinji", "/review/"),
        ("honnin", "/"),
        ("honnin", reverse("assessments:sheet", args=[sheet.uuid])),
    ]:
        client = sign_in(name)
        with django_assert_max_num_queries(15):
            assert client.get(path).status_code == 200


def test_hr_sets_the_date_on_the_page_of_the_year(dated, sign_in):
    Cycle.objects.filter(pk=dated.cycle.pk).update(confirmer_date=None)
    cycle = Cycle.objects.get(pk=dated.cycle.pk)
    client = sign_in("jinji")
    url = reverse("assessments:cycle", args=[cycle.uuid])
    form = {
        "starts_on": "R8.4.1",
        "submit_by": "R8.12.11",
        "confirm_by": "R9.1.29",
        "version": cycle.version,
        "confirmer_date": "R9.1.30",
    }
    refused = client.post(url, form)
    assert refused.status_code == 422
    assert "基準日から確認の締切までの日にしてください" in refused.content.decode()
    assert client.post(url, form | {"confirmer_date": "令和8年12月1日"}).status_code == 302
    cycle.refresh_from_db()
    assert cycle.confirmer_date == datetime.date(2026, 12, 1)
    assert Event.objects.get(action="cycle.change").data["confirmer_date"] == "2026-12-01"
    # The next year is proposed with the same day.
    assert "令和9年12月1日" in client.get(reverse("assessments:cycle_new")).content.decode()
    assert client.post(url, form | {"confirmer_date": "", "version": cycle.version}).status_code == 302
    cycle.refresh_from_db()
    assert cycle.confirmer_date is None
