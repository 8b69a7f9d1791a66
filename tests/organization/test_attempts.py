"""Limits on trying to sign in: a wait that grows, for one name from one place, and never a lock."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Event
from organization import attempts
from organization.attempts import BURST, DRAIN, FREE, Held, drained, wait_after
from organization.models import Attempt, Staff
from organization.workflow import issue_codes
from tests import builders as b

PASSWORD = "ゆうやけ こやけで 2026"
OFFICE = "192.0.2.10"
NOW = timezone.now()


@pytest.fixture
def known(world):
    world.honnin.set_password(PASSWORD)
    world.honnin.save()
    return world


def sign_in(client: Client, name: str, password: str, address: str = OFFICE):
    return client.post("/login/", {"username": name, "password": password}, REMOTE_ADDR=address)


def fail(
    times: int, *, name: str = "honnin", client: Client | None = None, address: str = OFFICE
) -> list[int]:
    return [sign_in(client or Client(), name, "ちがう", address).status_code for _ in range(times)]


@given(st.integers(0, 10**9))
def test_the_wait_grows_and_ends(failures):
    wait = wait_after(failures)
    assert (wait == datetime.timedelta()) == (failures < FREE)
    assert wait <= attempts.LONGEST_WAIT
    assert wait_after(failures + 1) >= wait


@given(st.integers(0, 2 * BURST), st.lists(st.floats(0, 600), max_size=30))
def test_an_address_drains_the_same_however_often_it_is_asked(level, steps):
    at = now = NOW
    left = level
    for seconds in steps:
        now += datetime.timedelta(seconds=seconds)
        left, at = drained(left, at, now)
        assert left >= 0
    assert left == max(0, level - (now - NOW) // DRAIN)


def test_five_are_free_and_the_sixth_waits(known):
    assert fail(FREE) == [422] * FREE
    held = sign_in(Client(), "honnin", PASSWORD)
    assert held.status_code == 429
    assert 28 <= int(held["Retry-After"]) <= 31
    page = held.content.decode()
    assert "もう一度入力してください" in page
    assert "1回だけ使える番号" in page
    assert "ちがう" not in page
    # From another place it is another row.
    assert sign_in(Client(), "honnin", PASSWORD, "192.0.2.99").status_code == 302


def test_nothing_is_hashed_while_one_waits_and_waiting_adds_nothing(known, monkeypatch):
    fail(FREE)
    row = Attempt.objects.get(name_hash=attempts.name_tag("honnin"))
    monkeypatch.setattr(
        "organization.views.signin.authenticate", lambda *a, **k: pytest.fail("it was hashed")
    )
    assert fail(3) == [429] * 3
    again = Attempt.objects.get(pk=row.pk)
    assert (again.failures, again.held_until) == (row.failures, row.held_until)


def test_after_the_wait_the_right_password_opens_and_all_is_forgotten(known):
    fail(FREE)
    Attempt.objects.update(held_until=timezone.now() - datetime.timedelta(seconds=1))
    client = Client()
    assert sign_in(client, "honnin", PASSWORD).status_code == 302
    assert not Attempt.objects.filter(name_hash=attempts.name_tag("honnin")).exists()
    assert fail(FREE, client=Client()) == [422] * FREE


def test_a_known_device_is_held_up_by_its_own_failures_alone(known):
    mine = Client()
    sign_in(mine, "honnin", PASSWORD)
    mine.post("/logout/", REMOTE_ADDR=OFFICE)
    assert fail(FREE + 3)[-1] == 429
    assert sign_in(mine, "honnin", PASSWORD).status_code == 302
    mine.post("/logout/", REMOTE_ADDR=OFFICE)
    assert fail(FREE, client=mine) == [422] * FREE
    assert sign_in(mine, "honnin", PASSWORD).status_code == 429


def test_ones_own_device_opens_no_tries_at_anothers_name(known):
    known.dourei.set_password(PASSWORD)
    known.dourei.save()
    fail(FREE)
    for _ in range(3):
        fresh = Client()
        sign_in(fresh, "dourei", PASSWORD)
        fresh.post("/logout/", REMOTE_ADDR=OFFICE)
        assert sign_in(fresh, "honnin", "ちがう").status_code == 429


def test_a_forged_device_is_an_unknown_one(known):
    fail(FREE)
    forged = Client()
    forged.cookies["device"] = forged.cookies["__Host-device"] = "WyJ4IixbInkiXV0:1abc:forged"
    assert sign_in(forged, "honnin", PASSWORD).status_code == 429


@pytest.mark.parametrize("name", ["honnin", "だれでもない", "kacho", "taishoku"])
def test_no_name_is_told_from_another(known, name):
    """Right or wrong, with or without a password, left or unknown: the same answers, the same rows."""
    left = b.make_staff(known.city, "退職 済", username="taishoku")
    Staff.objects.filter(pk=left.pk).update(left_on=timezone.localdate())
    other = [fail(1, name="honnin", address="192.0.2.50") for _ in range(FREE + 1)]
    assert [fail(1, name=name) for _ in range(FREE + 1)] == other
    (row,) = Attempt.objects.filter(name_hash=attempts.name_tag(name)).exclude(failures=0)[:1]
    assert row.failures == FREE


@pytest.mark.parametrize("same", ["HONNIN", " honnin ", "ｈｏｎｎｉｎ"])
def test_spelling_a_name_otherwise_gives_no_new_tries(known, same):
    fail(FREE)
    assert fail(1, name=same) == [429]


def test_a_new_code_lets_one_try_at_once(known):
    fail(FREE)
    (slip,) = issue_codes(people=[known.honnin], by=b.actor_of(known.sysadmin), now=timezone.now())
    assert sign_in(Client(), "honnin", slip.code).status_code == 302


def test_a_day_forgets(known):
    fail(FREE - 1)
    Attempt.objects.update(last_at=timezone.now() - attempts.FORGOTTEN - datetime.timedelta(minutes=1))
    assert fail(FREE) == [422] * FREE


def test_an_office_is_never_locked_out(known):
    """Somebody sprays names from the office: from then on a name has one free try there, and the right one opens."""
    address_key = attempts._hash("address", OFFICE)
    Attempt.objects.create(key_hash=address_key, failures=BURST - 1, last_at=timezone.now())
    fail(1, name="spray-1")
    assert Event.objects.get(action="account.many_failures").address == OFFICE
    assert fail(2, name="spray-2") == [422, 429]
    assert sign_in(Client(), "honnin", PASSWORD).status_code == 302
    # What succeeded was taken back: five hundred who sign in at 8:30 fill nothing.
    assert Attempt.objects.get(key_hash=address_key).failures <= BURST + 1


def test_addresses_of_one_machine_are_one(known):
    """IPv6 hands out as many addresses as anybody likes: a /64 is one place."""
    for host in range(FREE):
        fail(1, address=f"2001:db8::{host + 1:x}")
    assert fail(1, address="2001:db8::ffff") == [429]
    assert fail(1, address="2001:db8:1::1") == [422]


def test_the_trail_says_so_without_a_name_that_nobody_has(known):
    fail(FREE)
    event = Event.objects.get(action="account.held")
    assert (event.subject_uuid, event.address, event.data) == (known.honnin.uuid, OFFICE, {"failures": FREE})
    assert event.municipality_id == known.city.pk
    fail(FREE, name="だれでもない")
    unknown = Event.objects.filter(action="account.held").latest("pk")
    assert (unknown.subject_uuid, unknown.municipality_id) == (None, None)
    assert "だれでもない" not in str(unknown.data)


def test_rows_hold_no_name_and_no_address(known):
    fail(1)
    kept = " ".join(str(value) for row in Attempt.objects.values_list() for value in row)
    assert "honnin" not in kept
    assert OFFICE not in kept


@pytest.mark.django_db
def test_the_second_step_is_counted_by_person():
    one, other = "8b1cf0a2-0000-4000-8000-000000000001", "8b1cf0a2-0000-4000-8000-000000000002"
    for _ in range(FREE):
        trial = attempts.begin_second_step(staff_uuid=one, name="one", now=NOW)
    assert trial.holds
    with pytest.raises(Held) as held:
        attempts.begin_second_step(staff_uuid=one, name="one", now=NOW)
    assert (
        datetime.timedelta() < held.value.until - NOW - attempts.FIRST_WAIT <= datetime.timedelta(seconds=1)
    )
    attempts.begin_second_step(staff_uuid=other, name="other", now=NOW)
    attempts.succeeded(trial, now=NOW)
    attempts.begin_second_step(staff_uuid=one, name="one", now=NOW)
