"""COPY gives the rows of a queryset, for whoever asks, and nothing else."""

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lib import tenant
from lib.copy_out import can_copy, copied, copied_numbers
from organization.models import Staff
from tests import builders as b

postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="COPY is PostgreSQL's")


def people():
    return Staff.objects.order_by("pk").values_list("pk", "name", "kana", "left_on")


def test_only_postgresql_copies(db):
    assert can_copy(people()) is (connection.vendor == "postgresql")


@postgres
def test_the_lines_are_those_of_the_rows(world):
    odd = b.make_staff(world.city, 'a,"b"\n\\.c%s 𠮷')
    lines = copied(people().filter(pk__in=[odd.pk, world.honnin.pk], name__contains="%s"))
    assert lines == [f'{odd.pk},"a,""b""\n\\.c%s 𠮷","",'.encode()]
    assert [int(line.split(b",")[0]) for line in copied(people())] == [row[0] for row in people()]


@postgres
def test_numbers_come_as_columns(world):
    rows = Staff.objects.order_by("pk").values_list("pk", "municipality_id")
    columns = copied_numbers(rows, 2)
    assert [[int(each) for each in column] for column in columns] == [
        list(column) for column in zip(*rows, strict=True)
    ]
    assert copied_numbers(rows.filter(pk=0), 2) == copied_numbers(rows.filter(pk__in=[]), 2) == [[], []]


@postgres
def test_nothing_is_asked_where_nothing_can_be_found(world, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert copied(people().filter(pk__in=[])) == []


@postgres
def test_a_copy_is_counted_as_a_query(world):
    with CaptureQueriesContext(connection) as asked:
        copied(people())
    assert [each["sql"].split()[0] for each in asked if "organization_staff" in each["sql"]] == ["COPY"]


@postgres
def test_a_municipality_copies_its_own_rows_alone(world):
    with tenant.as_tenant(world.city.pk):
        mine = copied(Staff.objects.values_list("municipality_id"))
    assert set(mine) == {b"%d" % world.city.pk}
    with tenant.as_nobody():
        assert copied(people()) == []
    everybody = set(copied(Staff.objects.values_list("municipality_id")))
    assert everybody > set(mine)


@postgres
@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_a_municipality_copies_nothing(transactional_db):
    with tenant.as_tenant(1), connection.cursor() as cursor:
        with pytest.raises(psycopg2.NotSupportedError):
            cursor.copy_expert("COPY (SELECT 1) TO STDOUT", None)
        with transaction.atomic():
            assert copied(people()) == []


@postgres
def test_a_failure_is_one_of_django(world):
    broken = Staff.objects.extra(where=["1 / (municipality_id - municipality_id) = 1"])
    with pytest.raises(DatabaseError), transaction.atomic():
        copied(broken.values_list("pk"))
    assert copied(people())
