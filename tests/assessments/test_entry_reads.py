"""Entries with their parts, on either engine, by a constant number of queries."""

import datetime

import pytest

from assessments.entry_reads import cell_names, entries_of, named
from assessments.models import Attachment, Entry
from tests import builders as b


def attach(entry, label: str) -> Attachment:
    return Attachment.objects.create(
        municipality=entry.municipality, entry=entry, label=label, content_type="image/png", size=7,
        sha256="0" * 64, added_at=entry.created_at, added_by=entry.staff,
    )  # fmt: skip


def test_newest_first_with_all_parts(world):
    old = b.make_experience(
        world.honnin, "古い仕事", start=datetime.date(2020, 4, 1), cells=["internal-it.1"]
    )
    new = b.make_training(world.honnin, "新しい研修", start=datetime.date(2026, 6, 1))
    undated = b.make_certification(world.honnin, "いつか取った資格")
    file = attach(old, "報告書")
    attach(old, "取り消した写し")
    Attachment.objects.filter(label="取り消した写し").update(removed_at=old.created_at)

    shown = entries_of(world.honnin.pk)

    assert [one.entry.pk for one in shown] == [undated.pk, new.pk, old.pk]
    assert shown[2].cells == ("internal-it.1",)
    assert [(each.uuid, each.label, each.size) for each in shown[2].files] == [(file.uuid, "報告書", 7)]
    assert shown[1].detail.state == "finished"


def test_removed_and_others_entries_are_left_out(world):
    removed = b.make_experience(world.honnin)
    Entry.objects.filter(pk=removed.pk).update(removed_at=removed.created_at)
    b.make_experience(world.dourei)
    assert entries_of(world.honnin.pk) == []


@pytest.mark.parametrize("many", [1, 9])
def test_two_queries_however_many(world, many, django_assert_num_queries):
    for number in range(many):
        attach(b.make_experience(world.honnin, f"仕事{number}", cells=["internal-it.1"]), "写し")
    with django_assert_num_queries(2):
        shown = entries_of(world.honnin.pk)
    assert len(shown) == many
    assert all(one.detail.category == "other" for one in shown)


def test_cells_are_called_by_their_newest_name(world):
    names = cell_names(["internal-it.1"])
    assert named(["internal-it.1", "gone.9"], names) == [world.cells[1].full_name, "gone.9"]
