"""P26 and P29: who gives whom a way back in, for how long, what it opens; and how a leaver is put out, by whom, when."""

import datetime

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from audit.models import Event
from organization.models import Grant, SignInCode, Staff
from organization.workflow import issue_codes
from tests import builders as b
from tests.access.conditions import browser

SECOND = datetime.timedelta(seconds=1)
NEW = "kasumigaseki-4-go"


@pytest.fixture
def clock(monkeypatch):
    """Stop the clock."""

    def stop(instant):
        monkeypatch.setattr(timezone, "now", lambda: instant)

    return stop


def ask_code(client, staff):
    return client.post(reverse("organization:account_code", args=[staff.uuid]))


def enter(staff, word):
    client = Client()
    return client, client.post("/login/", {"username": staff.username, "password": word})


def chosen(world, who):
    """Return a persona, with one more role after a plus."""
    name, _, role = who.partition("+")
    if role:
        b.make_grant(getattr(world, name), Role(role))
    return getattr(world, name)


# Who resets a member of staff, and who somebody with a role.
RESETS = {
    "honnin": (False, False),
    "dourei": (False, False),
    "kakari": (False, False),
    "kacho": (False, False),
    "henshu": (False, False),
    "kansa": (False, False),
    "jinji": (True, False),
    "sysadmin": (True, True),
    "kacho+H": (True, False),
    "kacho+F": (False, False),
    "jinji+Y": (True, True),
    "sysadmin+A": (False, False),
}


@pytest.mark.parametrize("who", RESETS)
def test_p26_hr_resets_staff_and_the_administrator_everybody(world, who):
    client = browser(chosen(world, who))
    other = b.make_staff(world.city, "編集 二郎")
    grant = b.make_grant(other, Role.EDITOR)
    for staff, may in zip((world.betsuka, other), RESETS[who], strict=True):
        answer = ask_code(client, staff)
        assert answer.status_code == (200 if may else 403), staff
        assert SignInCode.objects.filter(staff=staff).exists() is may, staff
    # A role that was withdrawn makes a staff account again.
    Grant.objects.filter(pk=grant.pk).update(withdrawn_at=timezone.now())
    assert ask_code(client, other).status_code == (200 if RESETS[who][0] else 403)


@pytest.mark.parametrize("who", ["jinji", "sysadmin", "jinji+Y"])
def test_p26_nobody_prints_a_code_for_themselves_or_for_another_municipality(world, who):
    staff = chosen(world, who)
    client = browser(staff)
    assert ask_code(client, staff).status_code == 403
    assert ask_code(client, world.yoso).status_code == 404
    assert not SignInCode.objects.exists()


def test_p26_the_code_is_shown_once_without_mail_and_stands_in_no_event(world):
    client = browser(world.sysadmin)
    world.honnin.email = "honnin@example.lg.jp"
    world.honnin.save()
    answer = ask_code(client, world.honnin)
    code = answer.context["slips"][0].code
    assert code in answer.content.decode()
    assert mail.outbox == []
    pages = [
        reverse("organization:account", args=[world.honnin.uuid]),
        reverse("organization:accounts"),
        "/audit/",
    ]
    assert all(code not in client.get(page).content.decode() for page in pages)
    events = list(Event.objects.filter(action="account.code_issued"))
    assert [(one.actor_uuid, one.subject_uuid) for one in events] == [
        (world.sysadmin.uuid, world.honnin.uuid)
    ]
    assert code not in str([event.content() for event in events])


def test_p26_slips_for_a_department_leave_an_event_for_each_person(world):
    chosen_places = {"department": [str(world.kakari_dept.uuid)]}
    for who, status in (("kacho", 403), ("kansa", 403), ("henshu", 403), ("betsuka", 403), ("jinji", 200)):
        answer = browser(getattr(world, who)).post(reverse("organization:slips"), chosen_places)
        assert answer.status_code == status, who
    told = Event.objects.filter(action="account.code_issued").values_list("actor_uuid", "subject_uuid")
    people = (world.honnin, world.dourei, world.kakari)
    assert sorted(told, key=str) == sorted(((world.jinji.uuid, one.uuid) for one in people), key=str)


@pytest.mark.parametrize(
    ("after", "opens"), [(datetime.timedelta(days=14) - SECOND, True), (datetime.timedelta(days=14), False)]
)
def test_p26_a_code_opens_for_fourteen_days_to_the_second(world, clock, after, opens):
    (slip,) = issue_codes(people=[world.honnin], by=b.actor_of(world.jinji), now=timezone.now())
    clock(SignInCode.objects.get().issued_at + after)
    _, answer = enter(world.honnin, slip.code)
    assert answer.status_code == (302 if opens else 422)


def test_p26_before_a_new_password_nothing_else_opens_and_all_of_it_is_in_the_trail(world):
    (slip,) = issue_codes(people=[world.kacho], by=b.actor_of(world.jinji), now=timezone.now())
    client, answer = enter(world.kacho, slip.code)
    assert answer.status_code == 302
    pages = [
        "/", "/people/", reverse("assessments:resume", args=[world.honnin.uuid]),
        reverse("gaps:coverage_csv", args=[world.ka.uuid]),
    ]  # fmt: skip
    for page in pages:
        assert client.get(page)["Location"].endswith(reverse("organization:password")), page
        refused = client.post(page, headers={"Accept": "application/json"})
        assert refused.status_code == 403, page
    assert client.post("/password/", {"new_password": NEW, "repeated": NEW}).status_code == 302
    assert client.get(pages[2]).status_code == 200
    actions = set(Event.objects.filter(subject_uuid=world.kacho.uuid).values_list("action", flat=True))
    assert actions >= {"account.code_issued", "account.code_used", "account.password_changed"}


# --- P29 -------------------------------------------------------------------------------------------------

DISABLES = {
    "honnin": False, "kakari": False, "kacho": False, "bucho": False, "jinji": False, "henshu": False, "kansa": False,
    "sysadmin": True, "kacho+Y": True, "jinji+Y": True, "sysadmin+A": False,
}  # fmt: skip


@pytest.mark.parametrize("who", DISABLES)
def test_p29_the_administrator_alone_disables_and_both_sessions_end_at_once(world, who):
    leaver = b.make_staff(world.city, "去る 人", password=b.PASSWORD)
    b.make_posting(leaver, world.kakari_dept)
    sessions = [enter(leaver, b.PASSWORD)[0] for _ in range(2)]
    client = browser(chosen(world, who))
    version = Staff.objects.get(pk=leaver.pk).version
    url = reverse("organization:account_active", args=[leaver.uuid])
    answer = client.post(url, {"version": version, "active": "0"})
    closed = DISABLES[who]
    assert answer.status_code == (302 if closed else 403)
    for one in sessions:
        page = one.get(reverse("assessments:my_resume"), follow=False)
        assert page.headers.get("Location", "").startswith("/login/") is closed
        posted = one.post(reverse("organization:sessions"), {})
        assert (posted.status_code == 401) is closed
    assert (enter(leaver, b.PASSWORD)[1].status_code == 422) is closed
    assert Event.objects.filter(action="account.closed", subject_uuid=leaver.uuid).exists() is closed


def test_p29_hr_records_who_leaves_and_nobody_else_does_and_the_session_ends_at_once(world):
    """人事 writes the day; whoever leads the person, audits, or runs the system opens no such form."""
    url = reverse("organization:person_posting", args=[world.honnin.uuid])
    leaves = {"kind": "退職", "start": f"{timezone.localdate():%Y/%m/%d}", "version": world.honnin.version}
    leaver = browser(world.honnin)
    for who in ("honnin", "kacho", "henshu", "kansa", "sysadmin"):
        client = browser(getattr(world, who))
        assert client.get(url).status_code in (403, 404), who
        assert client.post(url, leaves).status_code in (403, 404), who
    assert leaver.get("/password/").status_code == 200
    assert browser(world.jinji).post(url, leaves).status_code == 302
    assert Staff.objects.get(pk=world.honnin.pk).left_on == timezone.localdate()
    assert leaver.get("/password/")["Location"].startswith("/login/")
    # 人事 records, and neither closes nor opens the account.
    active = reverse("organization:account_active", args=[world.honnin.uuid])
    assert browser(world.jinji).post(active, {"version": "2", "active": "1"}).status_code == 403


def test_p29_from_midnight_of_the_day_no_way_in_is_left(world, clock):
    """Session, password and printed code: all open one second before, none at 00:00."""
    day = timezone.localdate() + datetime.timedelta(days=1)
    midnight = datetime.datetime.combine(day, datetime.time(), timezone.get_current_timezone())
    people = []
    for _ in range(2):
        staff = b.make_staff(world.city, "去る 人", password=b.PASSWORD, left_on=day)
        b.make_posting(staff, world.kakari_dept)
        (slip,) = issue_codes(people=[staff], by=b.actor_of(world.jinji), now=timezone.now())
        people.append((staff, slip.code))
    (early, early_code), (late, late_code) = people
    clock(midnight - SECOND)
    session, answer = enter(early, b.PASSWORD)
    assert answer.status_code == 302
    assert session.get(reverse("assessments:my_resume")).status_code != 401
    assert enter(early, early_code)[1].status_code == 302
    session = browser(late)
    assert session.get("/password/").status_code == 200
    clock(midnight)
    assert session.get("/password/")["Location"].startswith("/login/")
    assert session.post("/password/", {}).status_code == 401
    assert enter(late, b.PASSWORD)[1].status_code == 422
    assert enter(late, late_code)[1].status_code == 422
