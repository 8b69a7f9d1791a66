"""A query written once answers as the ORM does."""

import datetime
import uuid

import pytest
from django.db.models import Exists, OuterRef, Subquery

from assessments.models import Proxy, Sheet
from lib import prepared
from lib.prepared import Prepared, PreparedObjects
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import in_state

DAY = datetime.date(2026, 4, 1)
STAND_INS = {"on": datetime.date(1900, 1, 2), "place": 9000001}


def postings(on, place):
    return (
        Posting.objects.active_on(on)
        .filter(department_id=place)
        .order_by("pk")
        .values_list("pk", "line_role")
    )


def test_it_answers_as_the_orm_does(world, django_assert_num_queries):
    b.make_posting(world.betsuka, world.kiban, kind="additional", start=DAY)
    ask = Prepared(postings(**STAND_INS), STAND_INS)
    for day in (DAY, DAY - datetime.timedelta(days=1)):
        for place in (world.kiban.pk, world.ka.pk, 0):
            expected = list(postings(day, place))
            with django_assert_num_queries(1):
                assert ask.rows({"on": day, "place": place}) == expected
    assert len(ask.rows({"on": DAY, "place": world.kiban.pk})) == 3


def test_a_value_that_is_not_given_is_an_error(world):
    ask = Prepared(postings(**STAND_INS), STAND_INS)
    with pytest.raises(KeyError):
        ask.rows({"on": DAY})


@pytest.mark.parametrize("wrong", [STAND_INS | {"other": 77}, STAND_INS | {"other": 9000001}])
def test_a_stand_in_has_to_stand_in_the_query_alone(world, wrong):
    with pytest.raises(ValueError, match="stand-in"):
        Prepared(postings(**STAND_INS), wrong)


KEY = uuid.UUID(int=9000003)


def sheets(key):
    """Return a read with every kind of value that a driver gives otherwise: uuids, dates, JSON, nothing."""
    proxies = Proxy.objects.filter(sheet=OuterRef("pk"))
    return (
        Sheet.objects.filter(uuid=key)
        .select_related(
            "cycle__framework_version__framework", "staff", "current_revision", "framework_version"
        )
        .annotate(by_proxy=Exists(proxies), opened=Subquery(proxies.values("opened_at")[:1]))
    )


def test_objects_are_those_of_the_orm(world, django_assert_num_queries):
    in_state(world.sheet, "confirmed", confirmer=world.kacho)
    ask = PreparedObjects(sheets(KEY), {"uuid": KEY})
    name = world.honnin.name
    with django_assert_num_queries(1):
        (found,) = ask.objects({"uuid": world.sheet.uuid})
        assert found.staff.name == name
        assert found.cycle.framework_version.framework.code == "lasdec"
        assert found.current_revision.number == 1
        assert found.framework_version is None
    expected = sheets(world.sheet.uuid).get()
    for one, other in ((found, expected), (found.cycle, expected.cycle), (found.staff, expected.staff)):
        assert vars(one).keys() - {"_state"} == vars(other).keys() - {"_state"}
        for field in one._meta.concrete_fields:
            value = getattr(one, field.attname)
            assert value == getattr(other, field.attname)
            assert type(value) is type(getattr(other, field.attname))
    assert (found.by_proxy, found.opened) == (False, None)
    assert not found._state.adding
    assert found._state.db == "default"


def test_each_answer_is_its_own(world):
    other = b.make_sheet(world.dourei, world.cycle, world.kiban)
    ask = PreparedObjects(sheets(KEY), {"uuid": KEY})
    first = ask.objects({"uuid": world.sheet.uuid})
    assert [each.pk for each in ask.objects({"uuid": other.uuid})] == [other.pk]
    assert [each.pk for each in first] == [world.sheet.pk]
    assert ask.objects({"uuid": uuid.uuid4()}) == []


def test_where_to_read_is_asked_each_time(world, monkeypatch):
    """A report that was written while the replica was read is asked of the primary inside a transaction."""
    ask = Prepared(postings(**STAND_INS), STAND_INS)
    asked = []
    monkeypatch.setattr(
        prepared.router, "db_for_read", lambda model, **hints: asked.append(model) or "default"
    )
    ask.rows({"on": DAY, "place": world.kiban.pk})
    assert asked == [Posting]
