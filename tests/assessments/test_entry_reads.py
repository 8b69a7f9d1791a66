"""Entries with their parts, on either engine, by a constant number of queries."""

import datetime
import uuid

import pytest
from django.utils import timezone

from assessments.entry_reads import cell_names, entries_of, named, record_of
from assessments.models import Attachment, Entry, ForeignLevel, ForeignRecord
from competency.models import Area, Framework, FrameworkVersion
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
    names = cell_names(["internal-it.1"], b.actor_of(world.honnin))
    assert named(["internal-it.1", "gone.9"], names) == [world.cells[1].full_name, "gone.9"]


def test_entries_know_the_names_of_their_cells(world):
    b.make_experience(world.honnin, cells=["internal-it.1", "gone.9"])
    [shown] = entries_of(world.honnin.pk)
    assert shown.names == {"internal-it.1": world.cells[1].full_name, "gone.9": "gone.9"}


def test_names_come_from_the_newest_version_that_the_municipality_may_see(world):
    b.make_experience(world.honnin, cells=["internal-it.1"])
    for code, owner, words in [("newer", None, "新しい言い方"), ("theirs", world.other_city, "よその言い方")]:
        version = b.make_version(code=code, name=code, publish=False)
        type(version.framework).objects.filter(pk=version.framework_id).update(municipality=owner)
        version.cells.filter(code="internal-it.1").update(task=words)
        type(version).objects.filter(pk=version.pk).update(state="published", published_at=timezone.now())
    assert list(entries_of(world.honnin.pk)[0].names.values()) == ["庁内情報化｜新しい言い方"]


def foreign(staff, issued_at, *levels, **kwargs):
    record = ForeignRecord.objects.create(
        municipality=staff.municipality, staff=staff, issuer_name="となり市", public_key="z6Mk", sha256="0" * 64,
        record_id=uuid.uuid4(), issued_at=issued_at, imported_at=issued_at, **kwargs,
    )  # fmt: skip
    ForeignLevel.objects.bulk_create(
        ForeignLevel(
            record=record, fiscal_year=year, framework="LASDEC", cell_code="x.1", cell_name="よその言い方", step=3,
            confirmed_on=confirmed,
        )
        for year, confirmed in levels
    )  # fmt: skip
    return record


@pytest.mark.parametrize("entries", [0, 3])
def test_the_record_with_levels_from_elsewhere(world, django_assert_num_queries, entries):
    for number in range(entries):
        b.make_experience(world.honnin, f"仕事{number}", cells=["internal-it.1"])
    # Midnight of the office, the afternoon before in UTC.
    at = datetime.datetime(2026, 3, 31, 15, tzinfo=datetime.UTC)
    record = foreign(world.honnin, at, (2023, datetime.date(2024, 1, 20)), (2024, None))
    foreign(world.honnin, at, (2022, None), removed_at=at)
    foreign(world.dourei, at, (2022, None))
    with django_assert_num_queries(2):
        shown, brought = record_of(world.honnin.pk)
    assert len(shown) == entries
    [one] = brought
    assert (one.uuid, one.issuer, one.issued) == (record.uuid, "となり市", "令和8年4月1日")
    assert [(step.fiscal_year, step.words, step.confirmed) for step in one.steps] == [
        (2024, "3 独力でできる", ""),
        (2023, "3 独力でできる", "令和6年1月20日"),
    ]


def test_another_municipalitys_words_for_a_code_stay_there(world):
    theirs = b.make_version(code="theirs", publish=False)
    Framework.objects.filter(pk=theirs.framework_id).update(municipality=world.other_city)
    Area.objects.filter(version=theirs).update(name="よそのことば")
    FrameworkVersion.objects.filter(pk=theirs.pk).update(state="published", published_at=timezone.now())
    assert "よそのことば" in cell_names(["internal-it.1"], b.actor_of(world.yoso))["internal-it.1"]
    assert cell_names(["internal-it.1"], b.actor_of(world.honnin)) == {
        "internal-it.1": world.cells[1].full_name
    }
