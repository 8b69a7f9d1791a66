"""お願い: whom a wish reaches, mails through a real server, once a day at most, paper for the others (P33r)."""

import datetime
import re
import socketserver
import threading
import uuid

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Reminder, Sheet
from assessments.reminders import Ask, asked_by
from assessments.workflow.reminders import order_mails, send_mails
from audit.models import Event
from organization.jobs import run
from organization.models import Job, Posting, Staff
from tests import builders as b
from tests.assessments.sheets import in_state

BACKEND = "organization.backends.StaffBackend"
NOW = timezone.now()
TODAY = timezone.localdate()
State = Reminder.State


class _Smtp(socketserver.StreamRequestHandler):
    """Enough of SMTP to take mails; addresses that begin with "no" are refused."""

    def handle(self):
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            if word == "DATA":
                self.say("354 go on")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text)
                self.server.mails.append((self.to, b"".join(lines).decode()))
                self.say("250 taken")
            elif word == "RCPT":
                self.to = line.split("<")[1].split(">")[0]
                self.say("550 unknown" if self.to.startswith("no") else "250 ok")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def smtp(settings):
    """Run a mail server on this machine for a test; its `mails` are (address, text)."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.mails, server.daemon_threads = [], True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_TIMEOUT = 5
        yield server
        server.shutdown()


@pytest.fixture
def hr(client, world):
    """honnin, dourei and henshu have not handed in; two of them have a mailbox. kakari's sheet waits for kacho."""
    for name, address in (
        ("honnin", "honnin@example.lg.jp"),
        ("dourei", "no-such@example.lg.jp"),
        ("kacho", "kacho@example.lg.jp"),
    ):
        Staff.objects.filter(pk=getattr(world, name).pk).update(email=address)
    for name in ("dourei", "henshu"):
        b.make_sheet(getattr(world, name), world.cycle, world.kiban)
    in_state(b.make_sheet(world.kakari, world.cycle, world.kakari_dept), Sheet.State.SUBMITTED)
    client.force_login(world.jinji, backend=BACKEND)
    return client


def url(world, name="reminders"):
    return reverse(f"assessments:{name}", args=[world.cycle.uuid])


def fields(kind="submit", **changes):
    return {"kind": kind, "department": "", "again_after": "3", **changes}


def asked(world, kind="submit", **changes):
    return asked_by(b.actor_of(world.jinji), world.cycle, Ask(kind, **changes))


def text(answer):
    return answer.content.decode()


def slips(hr, world, **changes):
    """Return what the page of slips says that it shows."""
    shown = text(hr.get(url(world, "reminders_paper"), fields(**changes)))
    return re.search(r'name="printed" value="([^"]+)"', shown)[1]


def send(hr, world, **changes):
    """Order mails on the page and let the worker do it; return the job."""
    answer = hr.post(url(world), fields(**changes))
    assert answer.status_code == 302, text(answer)
    job = Job.objects.latest("pk")
    run(job.uuid)
    job.refresh_from_db()
    return job


def test_the_page_counts_and_shows_the_mail(hr, world, settings):
    settings.SITE_URL = "https://skill.example.lg.jp/"
    shown = text(hr.get(url(world)))
    assert "メールで2人、紙で1人にお願いできます。" in shown
    assert "https://skill.example.lg.jp/sheet/" in shown
    assert "山﨑" not in shown
    assert not mail.outbox
    confirm = text(hr.get(url(world), {"kind": "confirm"}))
    assert "メールで1人、紙で0人" in confirm
    assert "https://skill.example.lg.jp/review/" in confirm


def test_mails_go_out_once_a_day_and_say_nothing_of_anybody(hr, world, smtp):
    job = send(hr, world)
    assert job.state == Job.State.DONE, job.message
    assert job.message.startswith("1人に送りました。1人には送れませんでした。")
    [(address, content)] = smtp.mails
    assert address == "honnin@example.lg.jp"
    for word in ("山﨑", "美咲", world.honnin.staff_number, "下書き"):
        assert word not in content
    rows = dict(Reminder.objects.values_list("staff__username", "state"))
    assert rows == {"honnin": State.SENT, "dourei": State.FAILED}
    # Again: only the one that failed is tried.
    Staff.objects.filter(pk=world.dourei.pk).update(email="dourei@example.lg.jp")
    assert send(hr, world, again_after="0").message == "1人に送りました。"
    assert [address for address, _ in smtp.mails] == ["honnin@example.lg.jp", "dourei@example.lg.jp"]
    assert "今日、送れなかった人" not in text(hr.get(url(world)))
    events = Event.objects.filter(action="reminder.mail").order_by("pk")
    assert [(event.data["rows"], event.data["failed"]) for event in events] == [(1, 1), (1, 0)]
    assert "example.lg.jp" not in str(list(Event.objects.values_list("data", flat=True)))


def test_a_server_that_is_down_fails_every_mail_and_nothing_else(hr, world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    job = send(hr, world)
    assert (job.state, job.message[:8]) == (Job.State.DONE, "0人に送りました")
    assert set(Reminder.objects.values_list("state", flat=True)) == {State.FAILED}
    shown = text(hr.get(url(world)))
    assert "今日、送れなかった人　2人" in shown
    # They are asked again or on paper: nobody counts as reached.
    found = asked(world)
    assert (len(found.mail), len(found.failed), len(found.slips)) == (2, 2, 3)


def test_a_server_out_of_reach_is_given_up(hr, world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    for number in range(6):
        staff = b.make_staff(world.city, f"職員 {number}", email=f"s{number}@example.lg.jp")
        b.make_sheet(staff, world.cycle, world.kiban)
    job = send(hr, world)
    assert "途中でやめました。残りの5人には送っていません。" in job.message
    assert Reminder.objects.count() == 3


def test_a_run_that_was_killed_is_gone_on_with(hr, world):
    people = list(asked(world).mail)
    common = {"cycle": world.cycle, "ask": Ask("submit"), "people": people, "by": b.actor_of(world.jinji)}
    Reminder.objects.create(
        municipality=world.city, cycle=world.cycle, staff_id=people[0].staff_id, kind="submit", channel="mail",
        state=State.QUEUED, day=TODAY, asked_at=NOW,
    )  # fmt: skip
    # Another run has it in its hands.
    assert list(send_mails(**common, clock=lambda: NOW)) == ["", State.SENT]
    later = NOW + datetime.timedelta(minutes=11)
    assert list(send_mails(**common, clock=lambda: later)) == [State.SENT, ""]
    assert len(mail.outbox) == 2


def test_who_was_asked_lately_is_left_alone(hr, world):
    send(hr, world)
    assert [one.name for one in asked(world).lately] == ["山﨑 美咲", "小林 健"]
    # Once a day, whatever was chosen: the button says how many mails go out.
    assert asked(world, again_after=0).mail == []
    Reminder.objects.update(day=TODAY - datetime.timedelta(days=3))
    assert asked(world).lately == []
    assert len(asked(world, again_after=4).lately) == 2


def test_confirmers_are_asked_once_with_how_many(hr, world):
    found = asked(world, "confirm")
    assert [(one.name, one.count) for one in (*found.mail, *found.paper)] == [("髙橋 誠一", 1)]
    in_state(world.sheet, Sheet.State.SUBMITTED)
    found = asked(world, "confirm")
    # 山﨑's goes to the 係長 first.
    assert {(one.name, one.count) for one in (*found.mail, *found.paper)} == {
        ("髙橋 誠一", 1),
        ("𠮷田 由紀子", 1),
    }
    in_state(b.make_sheet(world.bucho, world.cycle, world.bu), Sheet.State.SUBMITTED)
    assert asked(world, "confirm").for_hr == 1
    # Without a 本務 nobody of the former line is asked.
    Posting.objects.filter(staff=world.kakari).delete()
    assert asked(world, "confirm").for_hr == 2
    assert "人事が確定する年度票" in text(hr.get(url(world), fields("confirm")))


def test_paper_for_those_without_a_mailbox(hr, world):
    shown = text(hr.get(url(world, "reminders_paper"), fields()))
    assert "石井 大輔様" in shown
    assert "山﨑" not in shown
    assert "山﨑 美咲様" in text(hr.get(url(world, "reminders_paper"), fields(everybody="1")))
    printed = slips(hr, world)
    # Whoever comes onto the list after the print has no slip.
    b.make_sheet(world.sysadmin, world.cycle, world.kiban)
    for _ in range(2):
        assert hr.post(url(world, "reminders_paper"), fields(printed=printed)).status_code == 302
    assert Reminder.objects.get().channel == Reminder.Channel.PAPER
    assert Event.objects.get(action="reminder.paper").data["rows"] == 1
    assert [one.name for one in asked(world).paper] == ["松本 圭"]
    assert [one.name for one in asked(world, again_after=0).paper] == ["松本 圭"]
    assert hr.post(url(world, "reminders_paper"), fields()).status_code == 422
    assert hr.post(url(world, "reminders_paper"), fields(printed="x")).status_code == 422


def test_without_a_server_all_is_paper(hr, world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    found = asked(world)
    assert (found.mail, len(found.paper)) == ([], 3)
    answer = hr.post(url(world), fields())
    assert answer.status_code == 422
    assert "メールのサーバーが設定されていないため" in text(answer)
    job = order_mails(cycle=world.cycle, ask=Ask("submit"), count=0, by=b.actor_of(world.jinji), now=NOW)
    run(job.uuid)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "サーバーが設定されていません" in job.message


def test_only_hr_and_only_in_an_open_year(client, world, hr):
    assert hr.get(url(world), fields(again_after="-1")).status_code == 422
    assert hr.get(url(world, "reminders_paper"), fields(kind="other")).status_code == 422
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=NOW)
    assert hr.get(url(world)).status_code == 409
    client.force_login(world.kacho, backend=BACKEND)
    assert client.post(url(world), fields()).status_code == 403
    assert client.get(reverse("assessments:reminders", args=[uuid.uuid4()])).status_code == 403


def test_a_department_alone(hr, world):
    found = asked(world, department=world.kakari_dept)
    assert [one.name for one in (*found.mail, *found.paper)] == ["山﨑 美咲", "小林 健"]


def test_who_is_on_leave_is_not_asked(hr, world):
    b.make_leave(world.honnin)
    found = asked(world)
    assert {one.name for one in (*found.mail, *found.paper)} == {"小林 健", "石井 大輔"}


def test_an_address_that_no_mail_can_be_built_for_stops_nobody_else(hr, world, smtp):
    Staff.objects.filter(pk=world.dourei.pk).update(email='"')
    job = send(hr, world)
    assert job.message.startswith("1人に送りました。1人には送れませんでした。")
