"""What a department says, as rows: once each, and shown plainly."""

import pytest
from django.db import IntegrityError, transaction

from gaps.models import CountingRule, ExternalCover, Need
from tests import builders as b
from tests.gaps.records import POLICY, external, need, rule


def test_each_is_said_once(world):
    for say in (
        lambda: need(world.ka, world.cycle, {POLICY: 1}),
        lambda: external(world.ka, world.cycle, {POLICY: 1}),
        lambda: rule(world.ka, world.cycle),
    ):
        say()
        with pytest.raises(IntegrityError), transaction.atomic():
            say()


def test_words(world):
    need(world.ka, world.cycle, {POLICY: 2})
    external(world.ka, world.cycle, {POLICY: 3})
    said = rule(world.ka, world.cycle)
    cell = Need.objects.get().cell_id
    assert str(Need.objects.get()) == f"{cell}: 2"
    assert str(ExternalCover.objects.get()) == f"{cell}: 3"
    assert str(CountingRule.objects.get()) == f"{said.department_id} {said.cycle_id}"


def test_another_municipality_sees_none(world):
    need(world.ka, world.cycle, {POLICY: 2})
    assert Need.objects.visible_to(b.actor_of(world.kacho)).count() == 1
    assert Need.objects.visible_to(b.actor_of(world.yoso)).count() == 0
