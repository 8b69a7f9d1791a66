"""The world that stands for many tests is each test's own: what one does to it, the next one does not find."""

import pytest
from django.db import connection, transaction

from organization.models import Municipality, Staff


@pytest.mark.parametrize("turn", [1, 2])
def test_nothing_of_the_test_before_is_left(world, turn):
    assert (world.honnin.name, Staff.objects.get(pk=world.honnin.pk).name) == ("山﨑 美咲",) * 2
    assert not Staff.objects.filter(username="new").exists()
    world.honnin.name = "別 の人"
    world.honnin.save(update_fields=["name"])
    Staff.objects.filter(pk=world.dourei.pk).update(username="new")


def test_what_is_handed_out_belongs_together(world):
    assert world.sheet.staff is world.honnin
    assert world.ka.parent is world.bu


def test_without_the_world_the_database_is_empty(db):
    assert not Municipality.objects.exists()


def test_a_durable_transaction_is_as_in_any_test(world):
    with transaction.atomic(durable=True):
        world.honnin.save(update_fields=["name"])


@pytest.mark.django_db(transaction=True)
def test_transactions_of_its_own_are_outermost(world):
    assert not connection.in_atomic_block
    assert Staff.objects.filter(pk=world.honnin.pk).exists()
