"""Passkeys: added, as the second and as the only step, and every answer that is none."""

import json
import re
import time

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Event
from organization.models import Passkey, Staff
from organization.second_factor import passkeys
from tests import builders as b
from tests.authenticator import Device
from tests.organization.factors import (
    STEP,
    enrol,
    first_step,
    give_app,
    options_in,
    prove_now,
    send,
    with_password,
)

BACKEND = "organization.backends.StaffBackend"
ALONE = "/login/passkey/"


@pytest.fixture
def member(world):
    return with_password(world.honnin)


@pytest.fixture
def device(client, member):
    first_step(client, member)
    made = enrol(client)
    client.post("/logout/", secure=True)
    return made


def alone(client, device, **options):
    """Answer the page that asks for a passkey alone."""
    asked = options_in(client.get(ALONE, secure=True))
    return client.post(ALONE, {"given": device.prove(asked, **options)}, secure=True)


def second(client, member, device):
    """Send the password and prove the passkey."""
    first_step(client, member)
    return send(client, "passkey", device.prove(options_in(client.get(STEP, secure=True))))


def is_in(client) -> bool:
    return client.get("/password/", secure=True).status_code == 200


def test_added_passkey_is_kept_without_its_private_half(device, member):
    kept = Passkey.objects.get()
    assert (kept.staff, kept.name, kept.rp_id) == (member, "職場のパソコン", "testserver")
    assert (kept.sign_count, kept.transports) == (0, ["internal"])
    event = Event.objects.get(action="factor.add")
    assert (event.data, event.subject_uuid) == ({"factor": "passkey"}, member.uuid)


def test_as_the_second_step(client, member, device):
    assert second(client, member, device).status_code == 302
    assert is_in(client)
    event = Event.objects.filter(action="account.signed_in").latest("pk")
    assert event.data == {"how": "password", "second_factor": True, "by": "passkey"}
    assert Passkey.objects.get().sign_count == 1


def test_as_the_only_step(client, member, device):
    response = alone(client, device)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_in(client)
    event = Event.objects.filter(action="account.signed_in").latest("pk")
    assert event.data == {"how": "passkey", "second_factor": True, "by": "passkey"}


def test_as_the_only_step_in_another_municipality(client, world):
    first_step(client, with_password(world.yoso))
    device = enrol(client)
    client.post("/logout/", secure=True)
    assert alone(client, device).status_code == 302
    assert int(client.session["_auth_user_id"]) == world.yoso.pk


def test_alone_it_must_know_its_person(client, member, device):
    device.verifies = False
    assert alone(client, device).status_code == 422
    assert second(client, member, device).status_code == 302


def test_the_answer_opens_no_second_time(client, member, device):
    asked = options_in(client.get(ALONE, secure=True))
    answer = device.prove(asked)
    kept = dict(client.session)
    assert client.post(ALONE, {"given": answer}, secure=True).status_code == 302
    other = Client()
    other.get(ALONE, secure=True)
    session = other.session
    session[passkeys.ASKED] = kept[passkeys.ASKED]
    session.save()
    # Even in a session that was asked the very same: the device has counted on.
    assert other.post(ALONE, {"given": answer}, secure=True).status_code == 422
    assert not is_in(other)


def test_the_question_is_used_up_by_a_wrong_answer(client, member, device):
    asked = options_in(client.get(ALONE, secure=True))
    right = device.prove(asked)
    assert client.post(ALONE, {"given": "{}"}, secure=True).status_code == 422
    assert client.post(ALONE, {"given": right}, secure=True).status_code == 422


def test_answer_to_another_browser_is_refused(client, member, device):
    theirs = options_in(Client().get(ALONE, secure=True))
    client.get(ALONE, secure=True)
    assert client.post(ALONE, {"given": device.prove(theirs)}, secure=True).status_code == 422


def test_answer_to_another_question_is_refused(client, member, device):
    """What was asked as the second step serves not as the only one, where the device must know its person."""
    first_step(client, member)
    answer = device.prove(options_in(client.get(STEP, secure=True)))
    assert client.post(ALONE, {"given": answer}, secure=True).status_code == 422
    assert not is_in(client)


def test_stale_answer_is_refused(client, member, device, monkeypatch):
    asked = options_in(client.get(ALONE, secure=True))
    late = time.time() + passkeys.LIFETIME + 5
    monkeypatch.setattr("organization.second_factor.passkeys.time.time", lambda: late)
    assert client.post(ALONE, {"given": device.prove(asked)}, secure=True).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://testserver.example"},
        {"origin": "http://testserver"},
        {"origin": "https://testserver:8443"},
        {"rp_id": "example"},
        {"key": Device().key},
        {"credential_id": b"x" * 32},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_foreign_origin_host_and_key_are_refused(client, member, device, wrong):
    for name, value in wrong.items():
        setattr(device, name, value)
    assert alone(client, device).status_code == 422
    assert second(client, member, device).status_code == 422
    assert not is_in(client)


def test_count_that_goes_back_is_refused(client, member, device):
    device.count = 7
    assert alone(client, device).status_code == 302
    client.post("/logout/", secure=True)
    device.count = 4
    assert alone(client, device).status_code == 422
    device.count = 8
    assert alone(client, device).status_code == 302


def test_device_that_counts_nothing_opens_each_time(client, member, device):
    device.counts = False
    for _ in range(2):
        assert alone(client, device).status_code == 302
        client.post("/logout/", secure=True)


def test_whom_the_device_names_must_be_whose_key_it_is(client, member, device, world):
    assert alone(client, device, user=world.dourei.uuid.bytes).status_code == 422
    assert alone(client, device, user=b"").status_code == 422


def test_passkey_of_somebody_else_is_no_second_step(client, member, device, world):
    other = with_password(world.dourei)
    give_app(other)
    first_step(client, other)
    prove_now(client)
    b.make_passkey(other)
    asked = options_in(client.get(STEP, secure=True))
    assert send(client, "passkey", device.prove(asked)).status_code == 422


def test_passkey_of_another_municipality_is_no_second_step(client, member, device, world):
    foreign = with_password(world.yoso)
    b.make_passkey(foreign)
    first_step(client, foreign)
    asked = options_in(client.get(STEP, secure=True))
    assert send(client, "passkey", device.prove(asked)).status_code == 422


@pytest.mark.parametrize("close", ["left_on", "is_active"])
def test_closed_account_opens_by_no_passkey(client, member, device, close):
    Staff.objects.filter(pk=member.pk).update(
        **{close: timezone.localdate() if close == "left_on" else False}
    )
    assert alone(client, device).status_code == 422


def test_local_sign_in_that_is_closed_is_closed_for_passkeys_too(client, member, device, settings, world):
    settings.LOCAL_SIGNIN = False
    assert alone(client, device).status_code == 422
    b.make_grant(member, b.Role.SYSADMIN)
    assert alone(client, device).status_code == 302


def test_refusals_read_the_same(client, member, device):
    """Nobody learns from the page whether a key is known, its account closed, or its answer wrong."""
    unknown = alone(client, Device(user=member.uuid.bytes)).content.decode()
    Staff.objects.filter(pk=member.pk).update(is_active=False)
    closed = alone(client, device).content.decode()
    # What is asked, and the token, are new each time.
    plain = [re.sub(r'data-options="[^"]*"|value="[A-Za-z0-9]{64}"', "", page) for page in (unknown, closed)]
    assert plain[0] == plain[1]


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"response": 1}',
        '{"id": 1, "response": {}}',
        "[" * 9000,
        '{"id":"a","response":{}}',
    ],
)
def test_what_is_no_answer_is_no_error(client, member, device, given):
    client.get(ALONE, secure=True)
    assert client.post(ALONE, {"given": given}, secure=True).status_code == 422
    first_step(client, member)
    client.get(STEP, secure=True)
    assert send(client, "passkey", given).status_code == 422


def test_every_broken_byte_is_refused(client, member, device):
    asked = options_in(client.get(ALONE, secure=True))
    answer = json.loads(device.prove(asked))
    session = dict(client.session)
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        text = answer["response"][name]
        for at in range(0, len(text), 17):
            letter = "A" if text[at] != "A" else "B"
            broken = {**answer, "response": {**answer["response"], name: text[:at] + letter + text[at + 1 :]}}
            again = client.session
            again[passkeys.ASKED] = session[passkeys.ASKED]
            again.save()
            response = client.post(ALONE, {"given": json.dumps(broken)}, secure=True)
            assert response.status_code == 422, (name, at)


def test_the_same_device_is_added_once(client, member):
    first_step(client, member)
    device = enrol(client)
    page = client.get("/factors/passkeys/", secure=True)
    asked = options_in(page)
    assert json.loads(asked)["excludeCredentials"][0]["transports"] == ["internal"]
    again = client.post("/factors/passkeys/", {"name": "同じ", "given": device.make(asked)}, secure=True)
    assert again.status_code == 409
    assert Passkey.objects.count() == 1


def test_adding_asks_the_device_to_know_its_person(client, member):
    first_step(client, member)
    asked = options_in(client.get("/factors/passkeys/", secure=True))
    answer = Device(verifies=False).make(asked)
    response = client.post("/factors/passkeys/", {"name": "鍵", "given": answer}, secure=True)
    assert response.status_code == 422
    assert not Passkey.objects.exists()


@pytest.mark.parametrize(
    ("host", "secure", "offered"),
    [
        ("testserver", True, True),
        ("testserver", False, False),
        ("localhost", False, True),
        ("localhost:8000", False, True),
        ("127.0.0.1", False, False),
        ("127.0.0.1:8000", True, False),
        ("[::1]:8000", True, False),
    ],
)
def test_where_passkeys_are_offered(client, member, settings, host, secure, offered):
    settings.ALLOWED_HOSTS = ["*"]
    page = client.get("/login/", secure=secure, headers={"Host": host}).content.decode()
    assert ("data-passkey-link" in page) is offered
    asked = client.get(ALONE, secure=secure, headers={"Host": host}).content.decode()
    assert ("data-options" in asked) is offered
    assert ("IPアドレスではなくホスト名で" in asked) is not offered


@pytest.mark.parametrize(
    ("rp_id", "host", "place"),
    [
        ("city.example", "skill.city.example", "city.example"),
        ("city.example", "city.example", "city.example"),
        ("city.example", "evilcity.example", None),
        ("", "skill.city.example:8443", "skill.city.example"),
    ],
)
def test_host_that_keys_are_kept_for(rf, settings, rp_id, host, place):
    settings.ALLOWED_HOSTS, settings.PASSKEY_RP_ID = ["*"], rp_id
    found = passkeys.place_of(rf.get("/", secure=True, headers={"Host": host}))
    assert (found.rp_id if found else None) == place
    assert found is None or found.origin == f"https://{host}"


def test_who_has_keys_under_another_host_is_told(client, member):
    b.make_passkey(member, rp_id="skill.example")
    first_step(client, member)
    page = client.get(STEP, secure=True).content.decode()
    assert "登録したときのアドレスで開いたときだけ使えます" in page
    assert "data-options" not in page
