"""The person is told what somebody else did to their record, and nobody else is."""

import datetime

import pytest
from django.utils import timezone

from assessments.entry_notices import entries_on_behalf
from assessments.entry_values import ExperienceValues
from assessments.workflow.entries import add_entry, change_entry, remove_entry, restore_entry
from tests import builders as b

NOW = timezone.now()


def later(minutes):
    return NOW + datetime.timedelta(minutes=minutes)


def add(world, by, title="保守", at=NOW):
    return add_entry(staff=world.honnin, values=ExperienceValues(title=title), by=b.actor_of(by), now=at)


def change(world, entry, by, title, minutes):
    return change_entry(
        entry=entry, values=ExperienceValues(title=title), version=entry.version, by=b.actor_of(by), now=later(minutes)
    )  # fmt: skip


def told(world, staff=None, since=NOW):
    return [one.text for one in entries_on_behalf((staff or world.honnin).pk, since)]


def test_added_changed_and_removed_by_the_office(world):
    add(world, world.jinji, "足した")
    changed = change(world, add(world, world.honnin, "前の名前"), world.jinji, "変えた", 1)
    removed = add(world, world.honnin, "消した")
    remove_entry(entry=removed, version=1, by=b.actor_of(world.jinji), now=later(2))
    who = "大橋 香織さんが、あなたに代わって"
    assert told(world) == [
        f"{who}「消した」を取り消しました",
        f"{who}「変えた」を直しました",
        f"{who}「足した」を記録しました",
    ]
    assert entries_on_behalf(world.honnin.pk, NOW)[1].uuid == changed.uuid


def test_ones_own_acts_are_no_news(world):
    entry = add(world, world.honnin)
    change(world, entry, world.honnin, "自分で直した", 1)
    assert told(world) == []


def test_what_the_person_has_touched_since(world):
    entry = change(world, add(world, world.honnin), world.jinji, "人事が直した", 1)
    change(world, entry, world.honnin, "自分で直した", 2)
    assert told(world) == []
    removed = add(world, world.jinji, "足した")
    gone = remove_entry(entry=removed, version=1, by=b.actor_of(world.honnin), now=later(1))
    assert told(world) == ["大橋 香織さんが、あなたに代わって「足した」を記録しました"]
    restore_entry(entry=gone, version=2, by=b.actor_of(world.jinji), now=later(2))
    assert told(world) == ["大橋 香織さんが、あなたに代わって「足した」を直しました"]


def test_nobody_elses_and_nothing_of_before(world):
    add(world, world.jinji)
    assert told(world, world.dourei) == []
    assert told(world, since=later(1)) == []


@pytest.mark.parametrize("many", [1, 30])
def test_one_query(world, django_assert_num_queries, many):
    for number in range(many):
        add(world, world.jinji, f"仕事{number}")
    with django_assert_num_queries(1):
        assert len(told(world)) == min(many, 20)
