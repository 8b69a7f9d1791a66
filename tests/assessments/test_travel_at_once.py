"""Two at the same moment: one key, one record, no error."""

import pytest
from django.utils import timezone

from access.refusals import Conflict
from assessments.models import Entry, ForeignRecord, SigningKey
from assessments.travel.reading import read_record
from assessments.workflow.signing_keys import make_key, signer_of
from assessments.workflow.travel import import_record, remove_record
from tests import builders as b
from tests.assessments.test_at_once import at_once
from tests.assessments.travelling import raw, signed

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_first_uses_make_one_key(world):
    now = timezone.now()
    results = at_once(*[lambda: signer_of(world.city, by=None, now=now).key] * 3)
    assert results == [SigningKey.objects.get().public_key] * 3


def test_two_rotations_leave_one_key_in_use(world):
    now = timezone.now()
    at_once(*[lambda: make_key(municipality=world.city, by=None, now=now, anew=True)] * 3)
    assert SigningKey.objects.count() == 3
    assert SigningKey.objects.filter(retired_at__isnull=True).count() == 1


def test_two_clicks_take_a_record_in_once_and_back_once(world):
    now, actor = timezone.now(), b.actor_of(world.honnin)
    taken = read_record(raw(signed()), now=now)

    def take():
        return import_record(taken=taken, staff=world.honnin, confirmed_other_name=False, by=actor, now=now)

    results = at_once(take, take)
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "ForeignRecord"]
    assert Entry.objects.count() == 4
    foreign = ForeignRecord.objects.get()
    results = at_once(*[lambda: remove_record(foreign=foreign, by=actor, now=now)] * 2)
    assert sorted(str(one) for one in results if not isinstance(one, Conflict)) == ["4"]
    assert Entry.objects.standing().count() == 0
