"""A second factor that somebody else resets: who may, and how the person learns of it."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import Event
from organization.models import Passkey, RecoveryCode
from organization.second_factor.reads import has_second_factor
from organization.workflow.factors import reset_factors
from tests import builders as b
from tests.organization.factors import (
    code_of,
    enrol,
    first_step,
    give_app,
    give_codes,
    shown_secret,
    with_password,
)

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def member(world):
    return with_password(world.honnin)


@pytest.mark.parametrize(
    ("who", "of", "status"),
    [
        ("sysadmin", "honnin", 302),
        ("sysadmin", "jinji", 302),
        ("sysadmin", "sysadmin", 403),
        ("sysadmin", "yoso", 404),
        ("jinji", "honnin", 302),
        ("jinji", "kansa", 403),
        ("kansa", "honnin", 403),
        ("kacho", "honnin", 403),
    ],
)
def test_who_resets_whose(world, client, who, of, status):
    person = getattr(world, of)
    give_app(person)
    give_codes(person)
    client.force_login(getattr(world, who), backend=BACKEND)
    assert client.post(f"/accounts/{person.uuid}/factors/", secure=True).status_code == status
    assert has_second_factor(person) is (status != 302)
    assert RecoveryCode.objects.filter(staff=person).exists() is (status != 302)
    assert Event.objects.filter(action="factor.reset", subject_uuid=person.uuid).exists() is (status == 302)


def test_reset_of_nothing_says_so(world, client):
    client.force_login(world.sysadmin, backend=BACKEND)
    assert client.post(f"/accounts/{world.honnin.uuid}/factors/", secure=True).status_code == 409


def test_the_account_page_offers_it_where_there_is_one(world, client):
    client.force_login(world.sysadmin, backend=BACKEND)
    url = f"/accounts/{world.honnin.uuid}/"
    assert "2段階認証を解除する" not in client.get(url).content.decode()
    give_app(world.honnin)
    assert "2段階認証を解除する" in client.get(url).content.decode()


def test_the_person_is_told_at_the_next_sign_in_and_once(world, client, member):
    first_step(client, member)
    give_app(member)
    reset_factors(staff=member, by=b.actor_of(world.sysadmin), now=timezone.now())
    client.post("/logout/", secure=True)
    sentence = "担当者が、あなたの2段階認証を解除しました"
    first_step(client, member)
    assert sentence in client.get("/jobs/", secure=True).content.decode()
    client.post("/logout/", secure=True)
    first_step(client, member)
    assert sentence not in client.get("/jobs/", secure=True).content.decode()


def test_the_person_is_told_by_mail(world, member, django_capture_on_commit_callbacks):
    member.email = "honnin@example.jp"
    member.save(update_fields=["email"])
    give_app(member)

    with django_capture_on_commit_callbacks(execute=True):
        reset_factors(staff=member, by=b.actor_of(world.sysadmin), now=timezone.now())
    (sent,) = mail.outbox
    assert sent.to == ["honnin@example.jp"]
    assert "解除されました" in sent.body
    assert member.name not in sent.body + sent.subject


def test_mail_that_fails_undoes_nothing(world, member, django_capture_on_commit_callbacks, settings):
    settings.EMAIL_BACKEND = "nowhere.Backend"
    member.email = "honnin@example.jp"
    give_app(member)

    with django_capture_on_commit_callbacks(execute=True):
        reset_factors(staff=member, by=b.actor_of(world.sysadmin), now=timezone.now())
    assert not has_second_factor(member)


def test_command(world, member, capsys):
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_second_factor", "honnin")
    with pytest.raises(CommandError, match="Nobody"):
        call_command("reset_second_factor", "nobody")
    give_app(member)
    b.make_passkey(member)
    call_command("reset_second_factor", "honnin")
    assert "2 removed" in capsys.readouterr().out
    event = Event.objects.get(action="factor.reset")
    assert (event.actor_uuid, event.subject_uuid, event.data) == (None, member.uuid, {"count": 2})


def test_no_event_holds_a_secret(world, client, member):
    first_step(client, member)
    secret = shown_secret(client)
    codes = client.post("/factors/app/", {"given": code_of(secret)}, secure=True).context["codes"]
    enrol(client)
    told = " ".join(str(event.content()) for event in Event.objects.all())
    for hidden in (secret, *codes, Passkey.objects.get().credential_id):
        assert hidden not in told


def test_sessions_end_with_the_reset(world, client, member):
    first_step(client, member)
    assert client.get("/jobs/", secure=True).status_code == 200
    give_app(member)
    reset_factors(staff=member, by=b.actor_of(world.sysadmin), now=timezone.now())
    assert client.get("/jobs/", secure=True).status_code == 302
