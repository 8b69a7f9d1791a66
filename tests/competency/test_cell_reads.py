"""Cells of a published version are read once; whoever changes what they were given changes nobody else's."""

from competency.cell_reads import cells_of, known_cells
from competency.models import Cell
from tests import builders as b


def test_a_published_version_is_read_once(world, django_assert_num_queries):
    first = cells_of(world.version)
    assert first == list(Cell.objects.of_version(world.version.pk))
    with django_assert_num_queries(0):
        again = cells_of(world.version)
        assert [(cell.code, cell.area.category.name, cell.stage.name) for cell in again]
    again[0].label = "他の名前"
    assert cells_of(world.version)[0].label == first[0].label != "他の名前"


def test_a_draft_is_read_each_time(world):
    draft = b.make_version(name="下書き", publish=False, code="own", municipality=world.city)
    assert len(cells_of(draft)) == 6
    Cell.objects.filter(version=draft).update(label="変えた名前")
    assert {cell.label for cell in cells_of(draft)} == {"変えた名前"}


def test_a_retired_cell_is_none(world):
    draft = b.make_version(name="下書き", publish=False, code="own", municipality=world.city)
    Cell.objects.filter(version=draft, code="communication.1").update(in_use=False)
    assert "communication.1" not in {cell.code for cell in cells_of(draft)}


def test_cells_are_known_by_their_keys_and_asked_for_once(world, django_assert_num_queries):
    other = b.make_version(code="other", municipality=world.city)
    mine, theirs = world.version.cells.first(), other.cells.last()
    with django_assert_num_queries(1):
        found = known_cells(world.version, {mine.pk, theirs.pk})
        assert found[mine.pk] == (mine.code, world.version.pk)
        assert found[theirs.pk] == (theirs.code, other.pk)
    with django_assert_num_queries(0):
        known_cells(world.version, {mine.pk, theirs.pk})
        known_cells(world.version, ())
