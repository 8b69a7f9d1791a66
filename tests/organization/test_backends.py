"""What opens a local account: each way in which a code has ended is looked at by itself."""

import datetime

import pytest
from django.utils import timezone

from organization.backends import StaffBackend
from organization.models import SignInCode
from organization.workflow import issue_codes
from tests import builders as b


@pytest.fixture
def slip(world):
    return issue_codes(people=[world.honnin], by=b.actor_of(world.jinji), now=timezone.now())[0]


def opened(username, password):
    return StaffBackend().authenticate(None, username=username, password=password)


def test_a_code_opens_the_account_it_was_issued_for_and_no_other(world, slip):
    assert opened("honnin", slip.code) == world.honnin
    assert opened("kacho", slip.code) is None


def test_a_code_of_somebody_else_that_is_newer_takes_no_ones_place(world, slip):
    issue_codes(people=[world.kacho], by=b.actor_of(world.jinji), now=timezone.now())
    assert opened("honnin", slip.code) == world.honnin


@pytest.mark.parametrize("how", ["used_at", "revoked_at", "valid_until"])
def test_a_code_that_has_ended_in_any_one_way_opens_nothing(world, slip, how):
    now = timezone.now()
    SignInCode.objects.update(**{how: now - datetime.timedelta(seconds=1)})
    assert opened("honnin", slip.code) is None


def test_a_code_ends_at_its_very_moment(world, slip, monkeypatch):
    now = timezone.now()
    SignInCode.objects.update(valid_until=now)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert opened("honnin", slip.code) is None


def test_the_right_password_opens_the_account_of_its_name_alone(world):
    for staff, password in ((world.honnin, b.PASSWORD), (world.kacho, "asagiri-no-nagai-hashi")):
        staff.set_password(password)
        staff.save(update_fields=["password"])
    assert opened("kacho", "asagiri-no-nagai-hashi") == world.kacho
    assert opened("honnin", "asagiri-no-nagai-hashi") is None


def test_a_closed_account_opens_neither_by_password_nor_by_code(world, slip):
    world.honnin.set_password(b.PASSWORD)
    world.honnin.is_active = False
    world.honnin.save(update_fields=["password", "is_active"])
    assert opened("honnin", b.PASSWORD) is None
    assert opened("honnin", slip.code) is None


@pytest.mark.parametrize(("username", "password"), [("honnin", None), (None, b.PASSWORD), (None, None)])
def test_half_of_what_is_needed_is_nobody_and_no_error(world, username, password):
    assert opened(username, password) is None
