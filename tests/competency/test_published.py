"""What a process keeps of published versions, and what it does not keep of drafts."""

from competency.models import Cell, StepWording
from competency.published import cells_of, meanings_of
from tests import builders as b


def test_a_published_version_is_read_once(db, django_assert_num_queries):
    version = b.make_version()
    with django_assert_num_queries(2):
        cells, meanings = cells_of(version), meanings_of(version)
    assert list(cells) == list(Cell.objects.of_version(version.pk))
    assert meanings["security-policy.1"][3] == "策定管理の段階3"
    with django_assert_num_queries(0):
        assert cells_of(version) is cells
        assert meanings_of(version) is meanings
        assert {(cell.area.category.name, cell.stage.name) for cell in cells}


def test_a_draft_is_read_every_time(db):
    version = b.make_version(publish=False)
    assert {cell.example for cell in cells_of(version)} != {"別の例"}
    assert meanings_of(version)["communication.1"][3]
    Cell.objects.filter(version=version).update(example="別の例")
    StepWording.objects.filter(cell__version=version, step=3).update(text="別の段階")
    assert {cell.example for cell in cells_of(version)} == {"別の例"}
    assert meanings_of(version)["communication.1"][3] == "別の段階"


def test_two_versions_are_two(db):
    one, other = b.make_version(), b.make_version(name="2013")
    assert {cell.version_id for cell in cells_of(one)} == {one.pk}
    assert {cell.version_id for cell in cells_of(other)} == {other.pk}
