"""The register, the periods, the purpose and the report of a leak, as 人事, 監査 and everybody meet them."""

import dataclasses
import datetime
import io
import zipfile

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Sheet
from audit.models import Event, record
from organization.models import ApiToken
from privacy import leak, purposes
from privacy.management.commands.purge import NOT_YET
from privacy.models import Hold, Purpose, RetentionRun, RightsRequest
from privacy.workflow import erasure
from tests import builders as b
from tests.privacy.person import plant

BACKEND = "organization.backends.StaffBackend"


def of(staff) -> Client:
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


def ask(client, world, **changes):
    values = {
        "staff_number": world.honnin.staff_number, "kind": "disclosure", "number": "R8-1", "note": "すべて",
        "received_on": "令和8年4月1日", **changes,
    }  # fmt: skip
    return client.post(reverse("privacy:request_new"), values)


def test_a_request_is_due_in_thirty_days_and_handed_out_whole(world):
    client = of(world.jinji)
    assert ask(client, world).status_code == 302
    row = RightsRequest.objects.get()
    assert row.due_on == datetime.date(2026, 5, 1)
    assert "R8-1" in client.get(reverse("privacy:requests")).content.decode()
    answer = client.post(reverse("privacy:package", args=[row.uuid]))
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"記録.xlsx", "記録.json", "はじめに.html"} <= set(names)
    event = Event.objects.get(action="disclosure.export")
    assert (event.actor_uuid, event.subject_uuid) == (world.jinji.uuid, world.honnin.uuid)


def test_a_request_is_handled_once_and_needs_its_day(world):
    client = of(world.jinji)
    ask(client, world)
    row = RightsRequest.objects.get()
    url = reverse("privacy:request", args=[row.uuid])
    values = {"decision": "granted", "due_on": "2026-05-01", "version": 1}
    refused = client.post(url, values)
    assert refused.status_code == 422
    assert "決定日を入力してください" in refused.content.decode()
    values["decided_on"] = "2026-04-20"
    assert client.post(url, values).status_code == 302
    assert client.post(url, values).status_code == 409
    assert "全部に応じる" in client.get(reverse("privacy:requests")).content.decode()


def test_a_number_that_is_taken_and_nobody_are_refused_with_a_sentence(world):
    client = of(world.jinji)
    ask(client, world)
    assert "もう使われています" in ask(client, world).content.decode()
    assert "職員はいません" in ask(client, world, number="R8-2", staff_number="x").content.decode()


def test_two_officers_agree_and_the_command_deletes(world, second, capsys):
    plant(world, "canary")
    mine, others = of(world.jinji), of(second)
    mine.post(reverse("privacy:retention"), {"act": "propose"})
    run = RetentionRun.objects.get()
    page, act = reverse("privacy:run", args=[run.uuid]), reverse("privacy:run_act", args=[run.uuid])
    assert "同意できません" in mine.get(page).content.decode()
    assert mine.post(act, {"act": "agree"}).status_code == 409
    assert others.post(act, {"act": "agree"}).status_code == 302
    with pytest.raises(CommandError, match="30日"):
        call_command("purge", apply=True, municipality=world.city.code)
    RetentionRun.objects.update(due_at=timezone.now() - datetime.timedelta(minutes=1))
    call_command("purge", apply=True, municipality=world.city.code)
    assert "assessments.Rating 1" in capsys.readouterr().out
    assert not Sheet.objects.filter(fiscal_year=2015).exists()


@pytest.mark.parametrize("apply", [False, True])
def test_a_timer_that_finds_nothing_to_delete_has_not_failed(world, apply):
    """The usual day: nothing is past its period, no list is open."""
    with pytest.raises(CommandError) as refused:
        call_command("purge", apply=apply, municipality=world.city.code)
    assert refused.value.returncode == NOT_YET


def test_somebody_is_held_back_with_a_reason(world):
    staff, _ = plant(world, "canary")
    client = of(world.jinji)
    run = erasure.propose(municipality=world.city, by=None, now=timezone.now())
    act = reverse("privacy:run_act", args=[run.uuid])
    client.post(act, {"act": "hold", "staff": staff.uuid, "reason": ""})
    assert not Hold.objects.filter(ended_at=None).exists()
    client.post(act, {"act": "hold", "staff": staff.uuid, "reason": "訴訟"})
    assert "訴訟" in client.get(reverse("privacy:retention")).content.decode()
    client.post(act, {"act": "release", "staff": staff.uuid})
    assert not Hold.objects.filter(ended_at=None).exists()


def test_no_class_outlives_the_person(world):
    client = of(world.jinji)
    years = {"sheet": 10, "entry": 3, "wish": 3, "work": 1, "file": 1, "signin": 1, "staff": 5}
    assert client.post(reverse("privacy:retention"), years).status_code == 422
    assert client.post(reverse("privacy:retention"), years | {"staff": 10}).status_code == 302
    assert 'value="10"' in client.get(reverse("privacy:retention")).content.decode()


def test_the_purpose_is_shown_until_it_was_read_and_again_when_it_changes(world):
    client, home = of(world.honnin), reverse("assessments:home")
    assert "個人情報の利用目的" in client.get(home).content.decode()
    client.post(reverse("privacy:purpose"))
    assert "個人情報の利用目的" not in client.get(home).content.decode()
    of(world.jinji).post(reverse("privacy:purpose_edit"), {"text": "新しい目的", "line": "新しい1行"})
    assert Purpose.objects.get().number == 1
    assert "新しい目的" in client.get(home).content.decode()
    resume = client.get(reverse("assessments:resume", args=[world.honnin.uuid])).content.decode()
    assert "新しい1行" in resume
    client.post(reverse("privacy:purpose"))
    assert purposes.unread(world.honnin.pk, world.city.pk) == ""


def test_a_leak_names_whom_it_reached_and_which_fields(world, tmp_path):
    now = timezone.now()
    of(world.kacho).get(reverse("assessments:resume", args=[world.honnin.uuid]))
    record(by=b.actor_of(world.kacho), action="export.coverage", now=now, data={"rows": 3})
    # What the line leader of a stolen account did not touch stays out.
    of(world.jinji).get(reverse("assessments:resume", args=[world.dourei.uuid]))
    asked = {"how": "account", "what": world.kacho.staff_number, "since": timezone.localdate().isoformat()}
    page = of(world.kansa).get(reverse("privacy:leak"), asked).content.decode()
    assert "1人の情報に届きました" in page
    assert world.honnin.name in page
    assert world.dourei.name not in page
    assert "資格" in page
    assert "登録番号" in page
    assert "人を特定できない出力　1件" in page
    book = openpyxl.load_workbook(
        io.BytesIO(of(world.kansa).get(reverse("privacy:leak"), asked | {"file": 1}).content)
    )
    assert [row[1] for row in book["職員"].iter_rows(values_only=True)] == ["氏名", world.honnin.name]
    out = tmp_path / "leak.csv"
    call_command(
        "leak_scope", municipality=world.city.code, staff_number=world.kacho.staff_number,
        since=timezone.localdate(), output=out,
    )  # fmt: skip
    assert world.honnin.name in out.read_text(encoding="utf-8-sig")


def test_a_leak_finds_those_in_an_export_of_many(world):
    record(
        by=b.actor_of(world.jinji), action="export.records", now=timezone.now(), target=world.cycle,
        data={"department": world.ka.code, "rows": 1},
    )  # fmt: skip
    found = leak.scope_of(
        world.city,
        acts=leak.by_actors([world.jinji.uuid]),
        since=timezone.localdate(),
        until=None,
        now=timezone.now(),
    )
    assert [one.staff for one in found.people] == [world.honnin]
    assert leak.MANY == 100


def test_a_leak_by_the_machine_and_by_the_file(world):
    """Asked from the event itself: who sat at the machine is not known, what was opened there is."""
    today = timezone.localdate().isoformat()
    at_desk = Client(REMOTE_ADDR="192.0.2.15")
    at_desk.force_login(world.kacho, backend=BACKEND)
    at_desk.get(reverse("assessments:resume", args=[world.honnin.uuid]))
    of(world.jinji).get(reverse("assessments:resume", args=[world.dourei.uuid]))
    auditor = of(world.kansa)
    page = auditor.get(reverse("privacy:leak"), {"how": "address", "what": "192.0.2.15", "since": today})
    assert "1人の情報に届きました" in page.content.decode()
    assert world.honnin.name in page.content.decode()
    assert world.dourei.name not in page.content.decode()
    made = record(
        by=b.actor_of(world.jinji), action="export.records", now=timezone.now(), target=world.cycle,
        data={"department": world.ka.code, "rows": 1},
    )  # fmt: skip
    event = auditor.get(reverse("audit:event", args=[made.uuid]))
    (found,) = [address for words, address in event.context["leaks"] if "ファイル" in words]
    page = auditor.get(found).content.decode()
    assert "1人の情報に届きました" in page
    assert world.honnin.name in page
    # 人事 may read the event, and gets no such report.
    assert of(world.jinji).get(reverse("audit:event", args=[made.uuid])).context["leaks"] == []


@pytest.mark.parametrize(
    ("how", "what", "says"),
    [
        ("address", "みほん", "192.0.2.15 のような形"),
        ("file", "12", "番号の形が正しくありません"),
        ("file", "00000000-0000-4000-8000-000000000000", "この番号の操作の記録はありません"),
        ("account", "999999", "この職員番号の職員はいません"),
        ("token", "ないシステム", "連携トークンはありません"),
    ],
)
def test_what_got_out_is_refused_with_what_to_do(world, how, what, says):
    asked = {"how": how, "what": what, "since": timezone.localdate().isoformat()}
    page = of(world.kansa).get(reverse("privacy:leak"), asked)
    assert page.status_code == 422
    assert says in page.content.decode()


@pytest.mark.parametrize(
    ("since", "until", "status"),
    [("2026-04-01", "2020-01-01", 422), ("2099-01-01", "", 422), ("2020-01-01", "9999-12-31", 200)],
)
def test_days_that_cannot_be_meant_are_refused(world, since, until, status):
    asked = {"how": "account", "what": world.kacho.staff_number, "since": since, "until": until}
    assert of(world.kansa).get(reverse("privacy:leak"), asked).status_code == status


def test_a_token_that_was_issued_anew_is_asked_for_by_all_of_its_name(world):
    old, _ = b.make_token(world.jinji, name="人事給与")
    by = dataclasses.replace(b.actor_of(world.jinji), staff_uuid=old.uuid)
    record(by=by, action="resume.view", now=timezone.now(), subject_uuid=world.honnin.uuid)
    ApiToken.objects.update(revoked_at=timezone.now(), revoked_by=world.jinji)
    b.make_token(world.jinji, name="人事給与")
    asked = {"how": "token", "what": "人事給与", "since": timezone.localdate().isoformat()}
    assert "1人の情報に届きました" in of(world.kansa).get(reverse("privacy:leak"), asked).content.decode()


def test_a_file_is_found_whatever_day_was_asked_for(world):
    then = timezone.now() - datetime.timedelta(days=5)
    made = record(by=b.actor_of(world.jinji), action="assignments.export", now=then, data={"rows": 40})
    asked = {"how": "file", "what": str(made.uuid), "since": timezone.localdate().isoformat()}
    assert "人を特定できない出力　1件" in of(world.kansa).get(reverse("privacy:leak"), asked).content.decode()


def test_an_event_of_elsewhere_is_no_file_here(world):
    foreign = record(by=b.actor_of(world.yoso), action="export.records", now=timezone.now())
    asked = {"how": "file", "what": str(foreign.uuid), "since": timezone.localdate().isoformat()}
    assert of(world.kansa).get(reverse("privacy:leak"), asked).status_code == 422


def test_every_action_that_lays_something_open_is_known(world):
    assert all(leak.inventory.line_of(name) for tables in leak.TABLES.values() for name in tables)
