"""The trail as it stands in the database: signed when written, sealed soon, whole until somebody touches it."""

import datetime
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit import anchors
from audit.alarms import raise_alarms, tell
from audit.models import Alarm, ChainStart, Event, EventPayload, Seal, record
from audit.models.event import EventQuerySet
from audit.payloads import erase
from audit.retention import trim
from audit.sealing import seal
from audit.verification import breaches, chains, wall_breaches
from tests import builders as b

DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    settings.FILES_DIR = tmp_path


@pytest.fixture
def written(world):
    """Return three events of みほん市, one of them with values, and one of elsewhere."""
    now = timezone.now()
    record(by=b.actor_of(world.kacho), action="resume.view", now=now, subject_uuid=world.honnin.uuid)
    record(
        by=b.actor_of(world.jinji), action="staff.edit", now=now, subject_uuid=world.honnin.uuid,
        before={"name": "山﨑 美咲"}, after={"name": "大野 美咲"},
    )  # fmt: skip
    record(by=b.actor_of(world.kacho), action="resume.view", now=now, subject_uuid=world.dourei.uuid)
    record(by=b.actor_of(world.yoso), action="resume.view", now=now, subject_uuid=world.yoso.uuid)
    return world


def all_breaches():
    return [sentence for chain in chains() for sentence in breaches(chain)]


def test_sealed_once_in_order_and_found_whole(written):
    sealed = seal(now=timezone.now())
    assert len(sealed) == 4
    assert seal(now=timezone.now()) == []
    assert list(Seal.objects.of_chain(written.city.pk).values_list("number", flat=True)) == [1, 2, 3]
    anchors.note(chains(), timezone.now())
    assert all_breaches() == []
    assert list(wall_breaches()) == []


def test_an_event_that_was_passed_by_is_a_breach_and_is_sealed_by_looking_everywhere(written, monkeypatch):
    """Its transaction was there all along, and ended hours after later events had their seals."""
    old, honest = timezone.now() - 3 * DAY, EventQuerySet.unsealed
    record(by=b.actor_of(written.kacho), action="resume.view", now=old)
    record(by=b.actor_of(written.kacho), action="resume.view", now=timezone.now())
    with monkeypatch.context() as patched:
        patched.setattr(EventQuerySet, "unsealed", lambda self: honest(self).exclude(at=old))
        seal(now=timezone.now())
    anchors.note(chains(), timezone.now())
    assert any("封がありません" in sentence for sentence in all_breaches())
    assert seal(now=timezone.now()) == []
    assert len(seal(now=timezone.now(), everything=True)) == 1
    assert all_breaches() == []


def test_an_event_with_nothing_sealed_after_it_only_waits(written):
    """However old it says it is: the clock may have been set back."""
    seal(now=timezone.now())
    record(by=b.actor_of(written.kacho), action="resume.view", now=timezone.now() - 3 * DAY)
    anchors.note(chains(), timezone.now())
    assert all_breaches() == []
    assert len(seal(now=timezone.now())) == 1
    assert all_breaches() == []


def test_a_changed_event_is_never_sealed(written):
    Event.objects.bulk_create(
        [
            Event(
                at=timezone.now(), municipality_id=written.city.pk, kind="people", action="made.up", mac="a:b"
            )
        ]
    )
    assert len(seal(now=timezone.now())) == 4
    assert any("書き換え" in sentence for sentence in all_breaches())


def test_nothing_of_the_trail_can_be_changed_or_deleted(written):
    seal(now=timezone.now())
    for change in (
        lambda: Event.objects.update(action="x"),
        lambda: EventPayload.objects.update(salt="x"),
        lambda: Seal.objects.update(number=9),
        lambda: Seal.objects.all().delete(),
        lambda: EventPayload.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_erased_values_leave_the_chain_whole(written):
    seal(now=timezone.now())
    done = erase(
        staff_uuids=[written.honnin.uuid], municipality_id=written.city.pk, by=None, now=timezone.now()
    )
    assert done == 1
    assert not EventPayload.objects.exists()
    seal(now=timezone.now())
    anchors.note(chains(), timezone.now())
    assert all_breaches() == []
    assert list(wall_breaches()) == []


def test_what_is_too_old_goes_from_the_beginning_and_the_rest_stays_chained(written):
    seal(now=timezone.now())
    anchors.note(chains(), timezone.now())
    later = timezone.now() + 4 * 366 * DAY
    record(by=b.actor_of(written.kacho), action="resume.view", now=later)
    seal(now=later)
    assert trim(written.city.pk, years=3, now=later) == 3
    seal(now=later)
    anchors.note(chains(), later)
    assert ChainStart.objects.get().number == 3
    assert list(breaches(written.city.pk)) == []
    assert list(wall_breaches()) == []
    assert Event.objects.filter(municipality_id=written.city.pk).count() == 2
    with pytest.raises(ValueError, match="1年"):
        trim(written.city.pk, years=0, now=later)


def test_commands_seal_and_trim(written, settings):
    out = StringIO()
    call_command("seal_audit", stdout=out)
    assert "4件に封をしました" in out.getvalue()
    assert anchors.path().exists()
    call_command("trim_audit", stdout=out)
    assert "過ぎています" not in out.getvalue()
    with pytest.raises(CommandError, match="1年"):
        call_command("trim_audit", "--years", "0")
    assert all_breaches() == []


def test_many_refusals_raise_one_alarm_and_one_mail_without_names(written, settings):
    settings.AUDIT_ALARM_REFUSALS = 5
    written.kansa.email = "kansa@example.lg.jp"
    written.kansa.save(update_fields=["email"])
    for second in range(6):
        record(
            by=b.actor_of(written.honnin), action="access.refused",
            now=timezone.now() + datetime.timedelta(seconds=second), kind=Event.Kind.TECHNICAL,
        )  # fmt: skip
    sealed = seal(now=timezone.now())
    assert [alarm.kind for alarm in raise_alarms(sealed)] == [Alarm.Kind.REFUSALS]
    assert raise_alarms(sealed) == []
    assert tell(timezone.now()) == 1
    assert tell(timezone.now()) == 0
    assert mail.outbox[0].to == ["kansa@example.lg.jp"]
    assert written.honnin.name not in mail.outbox[0].body + mail.outbox[0].subject


def test_looking_at_many_people_raises_an_alarm_and_at_one_often_does_not(written, settings):
    settings.AUDIT_ALARM_PEOPLE = 4
    now = timezone.now()
    for _ in range(9):
        record(by=b.actor_of(written.kakari), action="resume.view", now=now, subject_uuid=written.honnin.uuid)
    for staff in (written.honnin, written.dourei, written.kakari, written.betsuka, written.henshu):
        record(by=b.actor_of(written.jinji), action="sheet.view", now=now, subject_uuid=staff.uuid)
    found = raise_alarms(seal(now=now))
    assert [(alarm.kind, alarm.actor_uuid, alarm.count) for alarm in found] == [
        (Alarm.Kind.READING, written.jinji.uuid, 5)
    ]


def test_refused_pages_are_in_the_trail(client, written):
    client.force_login(written.honnin, backend="organization.backends.StaffBackend")
    assert client.get("/audit/").status_code == 403
    assert client.get(f"/resume/{written.yoso.uuid}/").status_code == 404
    found = Event.objects.filter(action="access.refused").order_by("pk")
    assert [(event.data["status"], event.data["view"]) for event in found] == [
        (403, "audit:events"),
        (404, "assessments:resume"),
    ]
    assert found[0].address == "127.0.0.1"


def test_writing_an_event_costs_one_statement_and_two_with_values(world, django_assert_num_queries):
    actor = b.actor_of(world.kacho)
    with django_assert_num_queries(1):
        record(by=actor, action="resume.view", now=timezone.now())
    with django_assert_num_queries(2):
        record(by=actor, action="staff.edit", now=timezone.now(), after={"name": "名"})


def test_a_broken_trigger_is_told(world):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER guard_audit_event_update")
        else:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER guard_audit_event_update")
    assert any("guard_audit_event_update" in sentence for sentence in wall_breaches())
