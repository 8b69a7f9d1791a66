"""A query written once answers as the ORM does."""

import datetime

import pytest

from lib.prepared import Prepared
from organization.models import Posting
from tests import builders as b

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
