"""Past years through /imports/: written whole, marked, repeatable, and never over what is there."""

import uuid

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.refusals import Conflict
from assessments.exports import wide_header, wide_rows
from assessments.models import Confirmation, Cycle, Entry, EntryCell, Rating, Revision, Sheet
from organization.models import ImportBatch
from organization.workflow.imports import apply_import, undo_import, upload_import
from tests import builders as b
from tests.assessments.past import NOW, TODAY, csv, entries_options, planned, ratings_options


def uploaded(world, kind, content, options, name="kako.csv"):
    return upload_import(
        by=b.actor_of(world.jinji, TODAY),
        kind=kind,
        file_name=name,
        content=content,
        options=options,
        now=NOW,
    )


def applied(world, kind, content, options):
    batch = uploaded(world, kind, content, options)
    assert batch.state == "previewed", batch.counts
    return apply_import(
        by=b.actor_of(world.jinji, TODAY), batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW
    )


def wide(world, *people, step="3"):
    header = ["職員番号", "氏名", *(cell.code for cell in world.cells)]
    return csv(header, *([one.staff_number, one.name, *[step] * len(world.cells)] for one in people))


def test_a_confirmed_year_is_written_closed_and_marked(world):
    applied(world, "ratings", wide(world, world.honnin, world.dourei), ratings_options(world))
    cycle = Cycle.objects.get(municipality=world.city, fiscal_year=2024)
    assert (cycle.state, cycle.framework_version) == ("closed", world.version)
    sheet = Sheet.objects.get(cycle=cycle, staff=world.honnin)
    assert (sheet.state, sheet.department, sheet.fiscal_year) == ("confirmed", world.kakari_dept, 2024)
    assert sheet.current_revision.kind == Revision.Kind.IMPORT
    assert Rating.objects.filter(revision=sheet.current_revision, step=3).count() == len(world.cells)
    final = Confirmation.objects.filter(revision=sheet.current_revision, level="final", step=3)
    assert set(final.values_list("confirmer", flat=True)) == {world.jinji.pk}
    assert final.count() == len(world.cells)
    call_command("verify")


def test_own_steps_alone_stay_unconfirmed(world):
    applied(world, "ratings", wide(world, world.honnin), ratings_options(world, level="own"))
    sheet = Sheet.objects.get(cycle__fiscal_year=2024, staff=world.honnin)
    assert (sheet.state, sheet.confirmed_at) == ("submitted", None)
    assert not Confirmation.objects.filter(revision=sheet.current_revision).exists()
    call_command("verify")


def test_the_same_file_again_changes_nothing(world):
    content = wide(world, world.honnin)
    applied(world, "ratings", content, ratings_options(world))
    again = applied(world, "ratings", content, ratings_options(world))
    assert again.counts["kinds"] == {"unchanged": 1}
    assert Revision.objects.filter(sheet__cycle__fiscal_year=2024).count() == 1


def test_another_step_is_refused_and_nothing_is_written(world):
    applied(world, "ratings", wide(world, world.honnin), ratings_options(world))
    batch = uploaded(
        world, "ratings", wide(world, world.dourei, world.honnin, step="4"), ratings_options(world)
    )
    assert batch.state == "refused"
    with pytest.raises(Conflict):
        apply_import(
            by=b.actor_of(world.jinji, TODAY), batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW
        )
    assert Sheet.objects.filter(cycle__fiscal_year=2024).count() == 1


def test_a_confirmed_past_is_not_taken_back(world):
    batch = applied(world, "ratings", wide(world, world.honnin), ratings_options(world))
    with pytest.raises(Conflict):
        undo_import(
            by=b.actor_of(world.jinji, TODAY), batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW
        )


@pytest.mark.parametrize("year", [2026, 2027])
def test_a_year_that_is_not_over_takes_nothing(world, year):
    batch = uploaded(world, "ratings", wide(world, world.honnin), ratings_options(world, year=year))
    assert batch.state == "refused"


def test_people_of_another_municipality_are_not_known(world):
    batch = uploaded(world, "ratings", wide(world, world.yoso), ratings_options(world))
    assert (batch.state, Sheet.objects.filter(cycle__fiscal_year=2024).count()) == ("refused", 0)


def test_what_the_exports_say_comes_back_equal(world):
    """A year that was taken in goes out in the wide form and is the same year when it comes back."""
    applied(world, "ratings", wide(world, world.honnin, step="2"), ratings_options(world))
    cycle = Cycle.objects.get(municipality=world.city, fiscal_year=2024)
    content = csv(wide_header(cycle), *wide_rows(Sheet.objects.filter(cycle=cycle), cycle))
    assert uploaded(world, "ratings", content, ratings_options(world)).counts["kinds"] == {"unchanged": 1}


WORKS = ["職員番号", "名称", "はじめ", "終わり", "区分", "役割", "示す項目"]


def works(world):
    row = ["令和5年4月", "令和6年3月", "更改", "主担当", world.cells[0].code]
    return csv(
        WORKS,
        [world.honnin.staff_number, "基幹系の更改", *row],
        [world.dourei.staff_number, "番号制度", *row],
    )


def test_entries_are_written_on_behalf_and_once(world):
    applied(world, "entries", works(world), entries_options(world))
    entry = Entry.objects.get(staff=world.honnin)
    assert (entry.kind, entry.title, entry.created_by) == ("experience", "基幹系の更改", world.jinji)
    assert entry.experience.role == "主担当"
    assert EntryCell.objects.get(entry=entry).cell_code == world.cells[0].code
    again = applied(world, "entries", works(world), entries_options(world))
    assert again.counts["kinds"] == {"unchanged": 2}
    assert Entry.objects.count() == 2
    call_command("verify")


def test_entries_are_taken_back_unless_somebody_built_on_them(world):
    actor = b.actor_of(world.jinji, TODAY)
    batch = applied(world, "entries", works(world), entries_options(world))
    Entry.objects.filter(staff=world.dourei).update(version=2)
    with pytest.raises(Conflict, match="1件"):
        undo_import(by=actor, batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW)
    assert Entry.objects.standing().count() == 2
    Entry.objects.filter(staff=world.dourei).update(version=1)
    undo_import(by=actor, batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW)
    assert Entry.objects.standing().count() == 0
    assert ImportBatch.objects.get(pk=batch.pk).state == "undone"
    applied(world, "entries", works(world), entries_options(world))
    assert Entry.objects.standing().count() == 2


def test_reading_takes_the_same_queries_at_any_size(world):
    few = wide(world, world.honnin)
    many = wide(world, *(b.make_staff(world.city, f"見本 {n}") for n in range(40)))
    counts = []
    for content in (few, many):
        with CaptureQueriesContext(connection) as queries:
            planned(world, "ratings", content, ratings_options(world))
        counts.append(len(queries))
    assert counts[0] == counts[1] > 0
